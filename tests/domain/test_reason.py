"""Every reason has its words in every language, and no French text stands in the code."""

import ast
import re
import string
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import telephony
from telephony import words
from telephony.domain.leads.waiting_causes import Cause
from telephony.domain.numbers.ranges import NumberKind
from telephony.domain.text.reason import Reason
from telephony.words import LANGUAGES, Table, english, reason_json, say, table

CODE = Path(telephony.__file__).parent
FAMILIES: dict[str, Iterable[str]] = {"held.cause.": Cause, "order.kind.": NumberKind}
"""Codes that are made of a value, by what stands before it."""
PLURAL = re.compile(r"\.(zero|one|two|few|many|other)$")
OF_LISTS = {
    "domain/law/table_fr": "references of French texts",
    "domain/leads/persons": "what lists write for nothing",
    "domain/leads/shown_name": "titles and particles of names",
    "domain/rules/standard": "names of territories",
    "services/lists/columns": "headers of lists",
    "services/lists/records": "what lists write for nothing",
    "services/lists/consent": "headers of lists",
}
"""Modules that hold French which is data, and what it is."""
FRENCH = re.compile(
    r"[\u202f«»]|\b(le|la|les|des|une|est|pas|pour|dans|sont|sur|du|au|aux|qui|appels?|aucun|aucune|liste|numéro|"
    r"personne|campagne|poste|fiche)\b",
    re.IGNORECASE,
)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(CODE.rglob("*.py")):
        yield str(path.relative_to(CODE).with_suffix("")), ast.parse(path.read_text())


def given() -> Iterator[tuple[str, ast.expr, frozenset[str]]]:
    """Yield every reason that is made: where, its code, the names of its parameters."""
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason":
                yield name, node.args[0], frozenset(str(keyword.arg) for keyword in node.keywords)


def codes_of(code: ast.expr) -> set[str]:
    if isinstance(code, ast.IfExp):
        return codes_of(code.body) | codes_of(code.orelse)
    if isinstance(code, ast.Constant):
        return {str(code.value)}
    assert isinstance(code, ast.JoinedStr), ast.unparse(code)
    before = code.values[0]
    assert isinstance(before, ast.Constant)
    return {f"{before.value}{value}" for value in FAMILIES[str(before.value)]}


def texts_of(code: str, words_of: Table) -> list[str]:
    forms = [text for key, text in words_of.texts.items() if PLURAL.sub("", key) == code and key != code]
    return forms or [words_of.texts[code]]


def params_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_reason_has_its_words_in_every_language_with_the_parameters_it_is_given() -> None:
    reasons = list(given())
    assert len(reasons) > 200
    for where, code, params in reasons:
        for name in codes_of(code):
            for language in LANGUAGES:
                for text in texts_of(name, table(language)):
                    assert params_of(text) <= params, (where, name, language)


def test_no_words_are_left_over() -> None:
    codes = {name for _, code, _ in given() for name in codes_of(code)}
    for language in LANGUAGES:
        keys = set(table(language).texts)
        assert {key for key in keys if key not in codes and PLURAL.sub("", key) not in codes} == set()


def test_the_languages_have_the_same_codes_and_forms_and_put_in_the_same_parameters() -> None:
    codes = {PLURAL.sub("", key) for key in table("en").texts}
    for language in LANGUAGES:
        mine = table(language)
        assert {PLURAL.sub("", key) for key in mine.texts} == codes
        assert set(mine.form) == set(table("en").form)
        for code in codes:
            for text in texts_of(code, mine):
                assert params_of(text) == params_of(texts_of(code, table("en"))[0]), (language, code)


def test_french_is_set_as_french() -> None:
    for code, text in table("fr").texts.items():
        plain = re.sub(r"{[\w:]+}", "x", text)
        assert "'" not in plain, code
        assert not re.search(r"[^\u202f0-9x][:;?!%»]|«[^\u202f]", plain), code
        assert not re.search(r"[ \u00a0][:;?!%»]", plain), code


def test_no_sentence_in_french_stands_in_the_code() -> None:
    sentences = set()
    for name, tree in modules():
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
                hits = {hit.lower() for hit in FRENCH.findall(node.value)}
                if len(hits) > 1 or re.search(r"\w\u202f[:;?!%]|«\u202f", node.value):
                    sentences.add((name, node.value))
    assert sorted((name, text) for name, text in sentences if name not in OF_LISTS) == []


def test_a_language_more_is_a_file_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    german = (words.FOLDER / "en.toml").read_text()
    german = german.replace('locale = "en_GB"', 'locale = "de"').replace(
        "calls per free seat", "Anrufe je freiem Platz"
    )
    (tmp_path / "de.toml").write_text(german)
    monkeypatch.setattr(words, "FOLDER", tmp_path)
    assert say(Reason("pace.ratio", ratio=1.5), "de") == "1,5 Anrufe je freiem Platz."


def test_dates_times_and_figures_are_written_as_the_language_writes_them() -> None:
    at = datetime(2026, 11, 2, 8, 5, tzinfo=UTC)
    before = Reason("nobody.before", at=at, why=Reason("law.no.weekday", day=date(2026, 11, 1)))
    assert english(before) == "Nobody to call before Monday 2 November 2026 at 08:05 (UTC). No calls on a Sunday."
    assert say(before, "fr") == (
        "Personne à appeler avant lundi 2 novembre 2026 à 08\u00a0h\u00a005 (UTC). Pas d’appel le dimanche."
    )
    cap = Reason("law.no.abandon_cap", share=0.025)
    assert "2.5%" in english(cap)
    assert "2,5\u202f%" in say(cap, "fr")
    assert english(Reason("held.at_least", people=20_000)) == "20,000 or more"
    assert say(Reason("held.at_least", people=1_000_000), "fr") == "1\u202f000\u202f000 ou plus"


def test_a_count_is_said_in_the_languages_own_form() -> None:
    mobiles = Reason("order.kind.mobile")
    assert english(Reason("order.tried", kind=mobiles, n=1)) == "mobiles tried 1 time"
    assert english(Reason("order.tried", kind=mobiles, n=2)) == "mobiles tried 2 times"
    assert say(Reason("order.tried", kind=mobiles, n=1_000_000), "fr").startswith("mobiles essayés 1"), "no form many"


def test_a_reason_is_a_value_and_json_has_its_code() -> None:
    reason = Reason("nobody.before", why=Reason("pace.not_running"), at=datetime(2026, 11, 2, 8, 5, tzinfo=UTC))
    assert reason == Reason("nobody.before", at=datetime(2026, 11, 2, 8, 5, tzinfo=UTC), why=Reason("pace.not_running"))
    assert len({reason, reason}) == 1
    assert reason_json(reason) == {
        "code": "nobody.before",
        "params": {"at": "2026-11-02T08:05:00+00:00", "why": {"code": "pace.not_running", "params": {}}},
        "en": say(reason, "en"),
        "fr": say(reason, "fr"),
    }
