"""A French page speaks French where something is wrong, and no page names an option of the command line."""

import ast
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import telephony
from telephony.domain.evidence.day_facts import GapKind
from telephony.domain.floor.snapshot import IncidentView
from telephony.domain.security.locks import Lock, LockScope
from telephony.errors import InputError
from telephony.ports.evidence.ledger import Incident
from telephony.services.security.watch import _RECORDER, _STATES
from telephony.web.i18n import translations as saying
from telephony.web.i18n.messages import words
from telephony.web.i18n.translations import FILE, gap, gap_label, has_french, incident, looked_up, plain, why
from telephony.wire.watch import FaultKind, WatchState
from telephony.words import english
from tests.scenes.pages import NOW, Pages
from tests.web.conftest import Visit

CODE = Path(telephony.__file__).parent
FRENCH, ENGLISH = words("fr"), words("en")
REACH_A_PAGE = (
    "services/campaigns/campaigns services/lists/importer services/evidence/incidents services/evidence/proofs "
    "services/evidence/daily_proof services/evidence/signing services/evidence/chain services/recordings/playback "
    "services/floor/operator_desk services/calls/seats services/security/locks services/recordings/recorder "
    "services/rules/whitelist services/rules/second_person services/rules/do_not_call domain/leads/callbacks "
    "domain/pacing/modes domain/ledger_reason services/calls/results_due services/rules/callback_promises "
    "services/calls/own_call domain/calls/attempts domain/security/locks services/preview/desk "
    "domain/rules/decision domain/evidence/proof_document storage/rules/whitelist storage/evidence/ledger "
    "storage/rules/do_not_call storage/campaigns/campaigns archive/local "
)
"""Modules whose sentences a page can come to show."""
SAID_OTHERWISE = frozenset(
    {"NotFoundError", "ListFileError", "SignInRefusedError", "TooManyTriesError", "IllegalOperatorEventError"}
)
"""Errors for which a page has a sentence of its own, or that carry both languages."""
ENGLISH_WORDS = re.compile(
    r"\b(the|is|are|was|were|has|have|and|or|of|that|this|with|which|not|no|nobody|from|by|to|it|its|cannot|does|"
    r"must|been|already|write|such|day|call|calls|list|lead|seat|room|nothing)\b",
    re.IGNORECASE,
)
OPTION = re.compile(r"(?<![\w-])--[a-z]|\btelephony [a-z]")


def raised(module: str) -> Iterator[str]:
    """Give every sentence a module raises or refuses with, each value in it as a number."""
    tree = ast.parse((CODE / f"{module}.py").read_text())
    tables = {
        ast.unparse(node.target): node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict)
    }
    for node in ast.walk(tree):
        call = node.exc if isinstance(node, ast.Raise) else node
        if not isinstance(call, ast.Call) or not call.args:
            continue
        name = ast.unparse(call.func)
        if isinstance(node, ast.Raise) and name.endswith("Error") and name not in SAID_OTHERWISE | {"ValueError"}:
            text = call.args[0]
            table = tables.get(ast.unparse(text.value)) if isinstance(text, ast.Subscript) else None
            yield from map(filled, [text] if table is None else table.values)
        elif name == "Refused" and len(call.args) == 2:  # the others carry French
            yield filled(call.args[1])


def filled(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return ""


def test_every_sentence_that_can_reach_a_page_is_known_in_french() -> None:
    said = [(module, text) for module in REACH_A_PAGE.split() for text in raised(module)]
    assert len(said) > 60
    unknown = [
        sentence for sentence in said if re.search(r"[a-z]{2}", sentence[1]) and looked_up(FRENCH, sentence[1]) is None
    ]
    assert unknown == [], "add them to telephony/web/words/sentences.toml"


def test_no_sentence_of_a_page_names_an_option_of_the_command_line() -> None:
    table = tomllib.loads(FILE.read_text())
    shown = [sentence["fr"] for sentence in table["sentence"]] + [
        sentence.get("en", sentence["said"]) for sentence in table["sentence"]
    ]
    shown += [*table["incident"].values(), *table["gap"].values()]
    of_incidents = ("Trunk {name} fails", "Campaign {id} was paused")  # an incident in English says all there is
    assert [text for text in shown if OPTION.search(text) and not text.startswith(of_incidents)] == []


def test_the_french_of_what_is_wrong_is_french_and_set_as_french() -> None:
    table = tomllib.loads(FILE.read_text())
    french = [sentence["fr"] for sentence in table["sentence"]] + [*table["incident"].values(), *table["gap"].values()]
    for text in french:
        plain_text = re.sub(r"{\w+}", "", text)
        assert not ENGLISH_WORDS.search(plain_text.replace("incident", "")), text
        assert not re.search(r"[^\u202f0-9][:;?!%»]|«[^\u202f]", text), text
        assert "'" not in text, text


def test_values_are_the_same_in_every_language_of_a_sentence() -> None:
    for load in tomllib.loads(FILE.read_text())["sentence"]:
        known = set(re.findall(r"{(\w+)}", load["said"]))
        assert set(re.findall(r"{(\w+)}", load["fr"] + load.get("en", ""))) <= known, load


OPENS = re.compile(r"(^|\.)Incident$|_incidents\.note$|\._incident$")
COMPUTED = {
    "f'recording_{fault.kind}'": {f"recording_{kind}" for kind in FaultKind},
    "kind": {"recorder_unusable", "network_rules_gone"}
    | set(re.findall(r"\"((?:second_)?trunk_leg_[a-z_]+)\"", (CODE / "services/security/tripwire.py").read_text())),
}
"""Kinds that are not written where an incident is opened, by how they are written there."""


def written_kinds() -> Iterator[str]:
    """Give the kind of each incident as it is written where it is opened; that of a constant as its value."""
    for path in CODE.rglob("*.py"):
        tree = ast.parse(path.read_text())
        constants = {
            ast.unparse(node.target): node.value.value
            for node in tree.body
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and len(node.args) > 2 and OPENS.search(ast.unparse(node.func)):
                kind = node.args[0]
                written = kind.value if isinstance(kind, ast.Constant) else ast.unparse(kind)
                yield str(constants.get(str(written), written))


def incident_kinds() -> set[str]:
    """Return every kind of incident the services open."""
    return {kind for written in written_kinds() for kind in COMPUTED.get(written, {written})}


def test_every_kind_of_incident_and_gap_has_a_french_sentence() -> None:
    kinds = incident_kinds()
    assert {"recorder_unusable", "trunk_leg_without_permit", "network_rules_gone", "warden_gone"} <= kinds
    assert {"unreadable_row", "loop_stopped", "trunk_failing", "recording_unseen"} <= kinds
    assert [kind for kind in kinds if not re.fullmatch("[a-z_]+", kind)] == [], "say in COMPUTED which kinds it may be"
    assert [kind for kind in sorted(kinds) if not has_french("incident", kind)] == []
    assert set(tomllib.loads(FILE.read_text())["incident"]) - {"unknown"} == kinds, "no sentence of what nobody opens"
    assert [kind for kind in GapKind if not has_french("gap", kind) or gap_label(FRENCH, kind) == kind] == []


def test_a_watch_that_sees_nothing_is_not_told_as_a_full_disk() -> None:
    text = f"{english(_STATES[WatchState.BLIND])} {_RECORDER[1]}"
    assert "disque" not in incident(FRENCH, IncidentView(_RECORDER[0], "gate", text))


def test_a_sentence_nobody_translated_is_never_shown_to_who_reads_french() -> None:
    assert plain(FRENCH, "the frobnicator is out of order") == FRENCH("problem.unknown_why")
    assert plain(ENGLISH, "the frobnicator is out of order") == "the frobnicator is out of order"
    incident_view = IncidentView("frobnicator_lost", "seat 3", "The frobnicator is lost.")
    assert incident(FRENCH, incident_view) == (
        "Un incident est ouvert\u202f: frobnicator_lost, poste 3. L’administration en trouve le détail dans le journal."
    )
    assert incident(ENGLISH, incident_view) == "The frobnicator is lost."
    assert gap(FRENCH, "new_kind", "x", "English") == "Écart new_kind\u202f: x."


def test_the_values_of_a_sentence_are_kept_and_our_own_words_in_it_translated() -> None:
    error = InputError(
        "s.martin may not close incidents; those who may: supervisor, compliance, with an active account"
    )
    assert why(FRENCH, error).endswith("un compte actif\u202f: superviseure ou superviseur, responsable conformité")
    assert why(FRENCH, InputError("campaign 3 is running; what may follow is paused, stopped")).startswith(
        "la campagne 3 est dans l’état «\u202fEn cours\u202f»"
    )
    assert why(FRENCH, InputError(FRENCH("desk.choose"))) == FRENCH("desk.choose"), "a page's own sentence is kept"


def test_a_french_value_does_not_make_an_english_sentence_french() -> None:
    assert saying.plain(FRENCH, "list 3 was approved by Hélène already: nothing to do") == (
        "la liste 3 est déjà approuvée, par Hélène\u202f: il n’y a rien à faire"
    )


MARKUP = re.compile(
    r"<(script|style|head)\b.*?</\1>|<code\b.*?</code>|<[^>]*lang=\"en\"[^>]*>[^<]*<|<[^>]+>", re.DOTALL
)


def read(page: str) -> str:
    """Return what a page shows, codes and the button to English left out."""
    return " ".join(MARKUP.sub(" ", page).split())


@pytest.mark.slow
async def test_every_page_speaks_french_where_something_is_wrong(pages: Pages, visit: Visit) -> None:
    store = pages.store
    kinds = sorted(incident_kinds())
    for kind in kinds[:20]:
        await store.ledger.open_incident(Incident(kind, "seat 3", "The thing is wrong and must be mended.", NOW))
    views = tuple(IncidentView(kind, "seat 3", "The thing is wrong and must be mended.") for kind in kinds)
    text = "The recording of attempt 7 was removed while the call was up: the call was ended."
    watch = Lock(LockScope.SITE, "", "watch", NOW, text)
    view = pages.floor.view()
    await pages.floor.draw(
        type(view)(**{**{n: getattr(view, n) for n in view.__slots__}, "incidents": views, "locks": (watch,)})
    )
    tomorrow = (NOW + timedelta(days=200)).date().isoformat()
    requests: list[tuple[str, str, str, dict[str, str]]] = [
        ("supervisor", "GET", "/floor", {}),
        ("supervisor", "GET", "/incidents", {}),
        ("supervisor", "POST", "/unlock", {"scope": "site", "reason": ""}),
        ("supervisor", "POST", "/unlock", {"scope": "galaxy", "reason": "x"}),
        ("supervisor", "POST", "/unlock", {"scope": "site", "reason": "x" * 400}),
        ("supervisor", "POST", "/lock", {"reason": "x" * 400}),
        ("supervisor", "POST", "/lock/calls", {"scope": "seat", "target": "3"}),
        ("supervisor", "POST", "/incidents/1/close", {"reason": "0199001234 a appelé"}),
        ("supervisor", "POST", "/incidents/1/close", {"reason": "x" * 400}),
        ("supervisor", "POST", "/incidents/1/approve", {"cause": ""}),
        ("supervisor", "POST", "/incidents/999/close", {"reason": "parce que"}),
        ("compliance", "POST", "/proofs", {"day": tomorrow}),
        ("compliance", "POST", "/proofs", {"day": ""}),
        ("compliance", "POST", "/proofs", {"day": "0199"}),
        ("compliance", "GET", f"/proofs/2026-11-01/{'a' * 64}", {}),
        ("manager", "POST", f"/campaigns/{pages.campaign.campaign_id}/start", {}),
        ("manager", "POST", f"/campaigns/{pages.campaign.campaign_id}/pause", {}),
        ("manager", "POST", f"/campaigns/{pages.campaign.campaign_id}/mode", {"mode": "fast"}),
        ("manager", "POST", f"/campaigns/{pages.campaign.campaign_id}/mode", {"mode": "power", "ratio": "9"}),
        ("manager", "POST", f"/campaigns/{pages.campaign.campaign_id}/withdraw-dials", {"after_s": "3"}),
        ("manager", "POST", "/campaigns/999/start", {}),
        ("claire", "POST", "/desk/result", {"result": "call_back", "callback_at": "2020-01-01T03:00"}),
        ("claire", "POST", "/desk/result", {"result": "nonsense"}),
        ("claire", "POST", "/desk/ready", {}),
        ("claire", "GET", "/floor", {}),
    ]
    visitors = {}
    for username, method, path, fields in requests:
        if username not in visitors:
            visitors[username] = await visit()
            await visitors[username].sign_in(username)
        visitor = visitors[username]
        answer = await (visitor.get(path) if method == "GET" else visitor.send(path, **fields))
        shown = read(answer.text)
        assert not ENGLISH_WORDS.search(shown.replace("English", "")), (path, fields, shown)
        assert not OPTION.search(shown), (path, fields, shown)
        assert FRENCH("problem.unknown_why") not in shown, (path, fields)
