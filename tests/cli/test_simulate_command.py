"""``telephony simulate`` and ``telephony bench pacing``."""

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import EXAMPLES, Telephony

SMALL = ("--processes", "1", "--hours", "10-11", "--days", "2", "--runs", "1", "--pacer", "progressive")


def test_the_same_question_gets_the_same_answer(telephony: Telephony, tmp_path: Path):
    plot = tmp_path / "answer.html"
    command = ("simulate", "--operators", "8", "--leads", "400", "--talk", "95", *SMALL)
    done = telephony(*command, "--json", "--plot", str(plot))
    assert done.status == 0
    assert plot.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert done.json["scenario"]["leads"] == 400
    assert [answer["pacer"] for answer in done.json["answers"]] == ["progressive"]
    assert telephony(*command, "--json").out == done.out
    shown = telephony(*command)
    assert f"{100 * done.json['answers'][0]['utilisation']:.1f}" in shown.out
    assert "8 operators, 400 leads" in shown.out


@pytest.mark.parametrize(("name", "begins"), [("a.png", b"\x89PNG\r\n"), ("A.PNG", b"\x89PNG"), ("a.svg", b"<svg ")])
def test_the_picture_is_written_as_its_name_says(telephony: Telephony, tmp_path: Path, name: str, begins: bytes):
    command = ("simulate", "--operators", "8", "--leads", "400", "--talk", "95", *SMALL)
    assert telephony(*command, "--plot", str(tmp_path / name)).status == 0
    assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_picture_that_cannot_be_written_costs_no_answer(telephony: Telephony, tmp_path: Path):
    command = ("simulate", "--operators", "8", "--leads", "400", "--talk", "95", *SMALL)
    (tmp_path / "taken.png").mkdir()
    done = telephony(*command, "--plot", str(tmp_path / "taken.png"))
    assert "8 operators, 400 leads" in done.out
    assert "cannot be written" in done.err


def test_without_the_extra_a_plot_is_refused_before_anything_is_simulated(
    telephony: Telephony, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "telephony[plots]" in telephony("simulate", *SMALL, "--plot", str(tmp_path / "a.svg")).one_sentence()
    assert telephony("simulate", *SMALL).status == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--talk", "long"), "--talk long"),
        (("--talk", "0.1"), "1 to 7200"),
        (("--hours", "noon"), "10-13,14-20"),
        (("--plot", "answer.pdf"), "give a .html, .png or .svg file"),
        (("--plot", "/nowhere/answer.svg"), "does not exist"),
        (("--pacer", "magic"), "no pacer is called 'magic'"),
    ],
)
def test_a_question_that_cannot_be_asked_is_one_sentence(telephony: Telephony, words: tuple[str, ...], says: str):
    assert says in telephony("simulate", *words).one_sentence()


def test_the_benchmark_refuses_a_pacer_that_is_not_there(telephony: Telephony):
    assert "no pacer is called 'magic'" in telephony("bench", "pacing", "--pacer", "magic").one_sentence()


def test_a_campaign_lends_its_waiting_leads_and_its_cap(installed: Telephony):
    assert "no lead is waiting" in installed("simulate", "--campaign", "Fibre", *SMALL).one_sentence()
    assert installed("list", "import", EXAMPLES / "leads-300.csv", "--campaign", "Fibre").status == 0
    done = installed("simulate", "--campaign", "Fibre", *SMALL, "--json").json
    assert done["scenario"]["leads"] == 300
    assert done["scenario"]["limit"] == 0.03
    assert done["scenario"]["answer_rate"] == 0.25
    assert (
        installed("simulate", "--campaign", "Fibre", "--leads", "50", *SMALL, "--json").json["scenario"]["leads"] == 50
    )
