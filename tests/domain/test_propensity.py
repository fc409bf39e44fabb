"""The chance that a person answers: calibrated, drawn towards what is known more generally, honestly unsure."""

import json
import random
from datetime import datetime

import pytest

from telephony.domain.lead_order.contact_rate import CELLS, Features, Propensity, Reply, cell_at, cell_of
from telephony.domain.numbers.numbering_plan import kind_of
from telephony.domain.numbers.ranges import NumberKind
from telephony.ids import Number

MORNING, EVENING = cell_at(10), cell_at(19)
GOOD, POOR = Features("mobile", "customers"), Features("mobile", "bought")
TRUE = {(GOOD, MORNING): 0.10, (GOOD, EVENING): 0.40, (POOR, MORNING): 0.03, (POOR, EVENING): 0.12}


def taught(tries: int, seed: int = 1) -> Propensity:
    dice = random.Random(seed)
    made = Propensity()
    for _ in range(tries):
        features, cell = dice.choice(list(TRUE))
        answered = dice.random() < TRUE[features, cell]
        made.observe(features, cell, Reply.PERSON if answered else Reply.NOBODY)
    return made


def test_chances_come_to_what_was_seen():
    made = taught(8000)
    for (features, cell), true in TRUE.items():
        chance = made.chance(features, cell)
        assert chance.mean == pytest.approx(true, abs=0.03)


def test_of_those_given_a_chance_so_many_answer():
    dice = random.Random(2)
    made = taught(1000)
    answers: dict[bool, list[tuple[float, bool]]] = {False: [], True: []}
    for _ in range(8000):
        features, cell = dice.choice(list(TRUE))
        chance, answered = made.chance(features, cell).mean, dice.random() < TRUE[features, cell]
        answers[chance > 0.2].append((chance, answered))
        made.observe(features, cell, Reply.PERSON if answered else Reply.NOBODY)
    for pairs in answers.values():
        assert len(pairs) > 500
        said, came = (sum(column) / len(pairs) for column in zip(*pairs, strict=True))
        assert said == pytest.approx(came, abs=0.02)


def test_it_grows_surer_with_what_it_sees():
    sds = [taught(tries).chance(GOOD, EVENING).sd for tries in (0, 300, 8000)]
    assert sds[0] > 1.5 * sds[1] > 3 * sds[2]


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    held = [
        abs(made.chance(*which).mean - true) < 2 * made.chance(*which).sd
        for seed in range(25)
        for made in [taught(300, seed)]
        for which, true in TRUE.items()
    ]
    assert sum(held) / len(held) > 0.85


def test_a_group_of_few_leads_believes_what_its_source_and_hour_do():
    made = taught(6000)
    fresh = made.chance(Features("landline", "customers"), EVENING)
    assert fresh.mean > 2 * made.chance(Features("landline", "bought"), MORNING).mean
    assert fresh.sd > made.chance(GOOD, EVENING).sd
    for _ in range(5):
        made.observe(Features("landline", "customers"), EVENING, Reply.NOBODY)
    assert 0.6 * fresh.mean < made.chance(Features("landline", "customers"), EVENING).mean < fresh.mean


def test_a_lead_unanswered_in_the_evening_is_less_likely_then():
    dice, made = random.Random(3), Propensity()
    for _ in range(6000):  # half never answer, half do in the evening
        is_there, features = dice.random() < 0.5, GOOD
        for cell in dice.choices((MORNING, EVENING), k=2):
            answered = is_there and dice.random() < (0.6 if cell == EVENING else 0.1)
            made.observe(features, cell, Reply.PERSON if answered else Reply.NOBODY)
            if answered:
                break
            features = features.after(cell, Reply.NOBODY)
    untried = made.chance(GOOD, EVENING).mean
    after_evening = made.chance(GOOD.after(EVENING, Reply.NOBODY), EVENING).mean
    after_morning = made.chance(GOOD.after(MORNING, Reply.NOBODY), EVENING).mean
    assert untried == pytest.approx(0.3, abs=0.03)
    assert after_evening == pytest.approx(0.6 * 0.5 * 0.4 / 0.7, abs=0.04)
    assert after_morning == pytest.approx(0.3 * 0.9 / 0.95, abs=0.04)


def test_a_number_that_failed_is_believed_out_of_service():
    made = Propensity()
    assert made.chance(GOOD.after(MORNING, Reply.FAILURE), EVENING).mean < 0.5 * made.chance(GOOD, EVENING).mean


def test_what_it_learned_survives_as_json():
    made = taught(500)
    read = Propensity.of(json.loads(json.dumps(made.as_data())))
    assert read.seen == made.seen
    tried = GOOD.after(MORNING, Reply.NOBODY)
    assert read.chances(tried, range(CELLS)) == made.chances(tried, range(CELLS))
    assert Propensity.of([["of another version", 1, 2.0, 3.0]]).chance(GOOD, 0) == Propensity().chance(GOOD, 0)


def test_kinds_of_number_by_their_first_digits():
    kinds = {
        "33639980001": NumberKind.MOBILE,
        "33199000001": NumberKind.LANDLINE,
        "33973000001": NumberKind.NON_GEOGRAPHIC,
        "262692000001": NumberKind.OVERSEAS,
        "3227000001": NumberKind.FOREIGN,
    }
    assert {text: kind_of(Number(text)) for text in kinds} == kinds


def test_cells_are_parts_of_working_days_and_of_weekends():
    saturday = datetime(2026, 11, 21, 19, 30)  # noqa: DTZ001 - the lead's own clock
    assert cell_of(saturday) == cell_at(19.5, is_weekend=True) != cell_at(19.5)
    assert {cell_at(hour, is_weekend=weekend) for hour in range(24) for weekend in (False, True)} == set(range(CELLS))
