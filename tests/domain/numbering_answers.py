"""What every range of numbers is answered, one line for each run of neighbours with equal answers.

``python -m tests.domain.numbering_answers`` writes ``numbering_plan.csv`` again, after a change of the numbering plan
that was meant.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

from telephony.domain.law.places import place_of, prefix_of
from telephony.domain.numbers.errors import NumberError
from telephony.domain.numbers.numbering_plan import kind_of
from telephony.domain.numbers.numbers import canonical, forms
from telephony.domain.rules.standard import INSTALLATION, SINCE, STANDARD_RULES
from telephony.domain.rules.whitelist import Denied, NumberRule, RuleSet
from telephony.ids import CampaignId, Number, RuleId

FILE: Final = Path(__file__).with_name("numbering_plan.csv")
NOW: Final = SINCE + timedelta(days=330)
RULES: Final = RuleSet(
    [NumberRule(RuleId(at), rule, SINCE, INSTALLATION, SINCE) for at, rule in enumerate(STANDARD_RULES, start=1)]
)
PREFIXES: Final = [f"{prefix:04d}" for prefix in range(10_000)]

Row = tuple[str, str, str, str]
"""Section, first and last digits of a run, and the answer all of it has."""


def number_answer(number: Number) -> str:
    """Return place, kind and verdict of a number in E.164 without plus."""
    place = place_of(number)
    zones = "+".join(zone.rpartition("/")[2] for zone in place.zones) or "-"
    verdict = RULES.verdict(number, trunk="north", campaign_id=CampaignId(7), now=NOW)
    door = "closed" if isinstance(verdict, Denied) else "open"
    return f"{place.jurisdiction} {place.territory} {zones} {prefix_of(number) or '-'} {kind_of(number)} {door}"


def written_answer(text: str) -> str:
    """Return how a text is read: its code with the codes of its other forms, or why it is refused."""
    try:
        number = canonical(text)
    except NumberError as error:
        return f"refused {error.reason}"
    codes = [form[: -9 if len(form) > 9 else 3] for form in forms(number)]
    return f"{'='.join(codes)} {number_answer(number)}"


def runs(section: str, texts: Iterable[str], answer: Callable[[str], str]) -> Iterator[Row]:
    """Return one row for each run of neighbours with equal answers."""
    for said, run in groupby(((text, answer(text)) for text in texts), key=lambda pair: pair[1]):
        digits = [text for text, _ in run]
        yield section, digits[0], digits[-1], said


def answers() -> Iterator[Row]:
    """Return the answers to a number of every prefix, as people write it and as it is stored, and the shipped rules."""
    for rule in STANDARD_RULES:
        yield rule.author, rule.digits, str(rule.length or "any"), f"{rule.effect} {rule.kind} {rule.reason}"
    yield from runs("national", (f"0{prefix}" for prefix in PREFIXES), lambda text: written_answer(text + "14725"))
    yield from runs("international", PREFIXES, lambda text: written_answer(f"+{text}1472583"))
    yield from runs("bare", PREFIXES, lambda text: written_answer(f"{text}1472583"))
    yield from runs("stored", PREFIXES, lambda text: number_answer(Number(text + "1472583")))
    for code in ("33", "262", "590", "594", "596"):
        texts = [code + prefix for prefix in PREFIXES]
        yield from runs(f"+{code}", texts, lambda text: written_answer(f"+{text}14725"))
        yield from runs(f"stored {code}", texts, lambda text: number_answer(Number(text + "14725")))
    short = [*(f"{digits}" for digits in range(10, 10_000)), *(f"11{digits}" for digits in range(1_000, 10_000))]
    yield from runs("short", short, written_answer)
    yield from runs("short", short, lambda text: written_answer("+33" + text))
    yield from runs("stored short", short, lambda text: number_answer(Number("33" + text)))
    near_fiction = [f"0{start}{rest:02d}" for start in (199, 261, 353, 465, 536, 639) for rest in range(100)]
    yield from runs("near fiction", near_fiction, lambda text: written_answer(text + "4127"))
    for length in (5, 8, 9, 11, 12, 15):
        texts = [f"{prefix:03d}" for prefix in range(100, 1000)]
        filled = dict(zip(texts, (text.ljust(length, "5") for text in texts), strict=True))
        yield from runs(f"{length} digits", texts, lambda text: number_answer(Number(filled[text])))  # noqa: B023
        yield from runs(f"+{length} digits", texts, lambda text: written_answer("+" + filled[text]))  # noqa: B023


def stored() -> list[Row]:
    """Return the answers as they are on record."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [(section, first, last, answer) for section, first, last, answer in csv.reader(file)]


if __name__ == "__main__":
    with FILE.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(answers())
