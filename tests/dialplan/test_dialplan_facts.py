"""The exchange in memory and the dialplan do the same with the controller's answers: one table, read against both."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.asterisk.rendering import render_gate, render_pbx
from telephony.workshop.bench.dialplan_facts import BUSY, LOGIN, NO_ANSWER, QUESTIONS, ROUTE, VERDICT, Question
from tests.dialplan.test_rendering import settings

CASES = [(node, question) for node, questions in QUESTIONS.items() for question in questions]
PARTS = ["channel", "extension", *VERDICT.checks, *ROUTE.checks]
IN_DIALPLAN = {name: f"${{{name}}}" for name in PARTS} | {"channel": "${UNIQUEID}", "extension": "${EXTEN}"}


def dialplan(node: str) -> str:
    render = {"gate": render_gate, "pbx": render_pbx}[node]
    return render(settings())["extensions.conf"]


def after_question(node: str, question: Question) -> str:
    """The lines from the question on, to the end of its context."""
    _, script, rest = dialplan(node).partition(f"/{question.route}")
    assert script
    return re.split(r"^\[", rest, maxsplit=1, flags=re.MULTILINE)[0]


@pytest.mark.parametrize(("node", "question"), CASES, ids=lambda part: getattr(part, "route", part))
def test_the_dialplan_checks_what_the_table_says(node: str, question: Question):
    lines = after_question(node, question)
    for name, pattern in question.checks.items():
        assert f'GotoIf($[${{REGEX("{pattern}" ${{{name}}})}} = 0]?' in lines
    assert f'GotoIf($["${{AGISTATUS}}/${{VERDICT}}" = "SUCCESS/{question.proof.format_map(IN_DIALPLAN)}"]?' in lines
    checked = set(re.findall(r'REGEX\("[^"]*" \$\{(\w+)\}\)\} = 0', lines)) - {"VERDICT"}
    assert checked == set(question.checks), "the dialplan checks more than the table says"


@pytest.mark.parametrize(("node", "question"), CASES, ids=lambda part: getattr(part, "route", part))
def test_an_answer_that_does_not_hold_ends_the_call_as_the_table_says(node: str, question: Question):
    refused = re.search(r"\((?:refused|nobody)\),(.*?)Hangup\((\d+)\)", after_question(node, question), re.DOTALL)
    assert refused is not None
    assert int(refused[2]) == question.cause


def test_every_question_of_the_dialplan_is_in_the_table():
    for node, questions in QUESTIONS.items():
        scripts = re.findall(r"AGI\([^)]*?/([a-z]+)[,)]", re.sub(r"agi://[^/]*", "", dialplan(node)))
        assert sorted(scripts) == sorted(question.route for question in questions)


def test_an_answer_holds_for_its_own_channel_extension_and_values_alone():
    answer = {"CANON": "33199001234", "CLI": "33199000000", "TRUNK": "carrier", "RECUUID": "a" * 36, "RINGS": "25"}
    answer |= {"VERDICT": "OK-7.1-p1-33199001234"}
    assert VERDICT.accepts(answer, "7.1", "p1")
    assert not VERDICT.accepts(answer, "7.2", "p1")
    assert not VERDICT.accepts(answer, "7.1", "p2")
    for name in VERDICT.checks:
        assert not VERDICT.accepts(answer | {name: ""}, "7.1", "p1")
        assert not VERDICT.accepts(answer | {name: answer[name] + ","}, "7.1", "p1")
    assert not LOGIN.accepts({"SEAT": "1000", "VERDICT": "LOGIN-7.1-1000"}, "7.1")
    assert not ROUTE.accepts({}, "7.1")


def test_a_table_that_parts_from_the_dialplan_is_found():
    with pytest.raises(AssertionError):
        test_the_dialplan_checks_what_the_table_says("pbx", replace(LOGIN, proof="LOGIN-{channel}"))


@pytest.mark.parametrize(("cause", "sip"), [BUSY, NO_ANSWER, (VERDICT.cause, VERDICT.tech_cause)])
def test_causes_are_those_that_were_measured(cause: int, sip: str):
    measured = Path("docs/dialplan.md").read_text(encoding="utf-8")
    assert f"{cause} / {sip.removeprefix('SIP ')}" in measured
