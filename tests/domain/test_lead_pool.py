"""Which lead now: the likely one, not before its better hour, and each in the end."""

import random

import pytest

from telephony.domain.lead_order.contact_rate import Features, Propensity, Reply, cell_at
from telephony.domain.lead_order.plan import Hour, RetryLimits
from telephony.domain.lead_order.pool import LeadPool

MORNING, EVENING = cell_at(10), cell_at(19)
WORKER, HOME, NEVER = Features("mobile", "a"), Features("landline", "b"), Features("mobile", "c")
TRUE = {
    (WORKER, MORNING): 0.15,
    (WORKER, EVENING): 0.5,
    (HOME, MORNING): 0.12,
    (HOME, EVENING): 0.12,
    (NEVER, MORNING): 0.01,
    (NEVER, EVENING): 0.01,
}


@pytest.fixture(scope="module")
def learned() -> Propensity:
    dice, made = random.Random(1), Propensity()
    for _ in range(6000):
        features, cell = dice.choice(list(TRUE))
        answered = dice.random() < TRUE[features, cell]
        made.observe(features, cell, Reply.PERSON if answered else Reply.NOBODY)
    return made


COURSE = RetryLimits(4, 4 * 3600.0)


def hours(*cells: int) -> list[Hour]:
    return [Hour(3600.0 * n, cell) for n, cell in enumerate(cells)]


def pool(learned: Propensity, ahead: tuple[int, ...], room: float = 20.0) -> LeadPool[int]:
    made = LeadPool[int](learned, COURSE)
    for lead in range(30):
        made.put(lead, (WORKER, HOME, NEVER)[lead % 3])
    made.look(hours(*ahead), room)
    return made


def test_a_better_hour_to_come_is_waited_for_while_it_can_come(learned: Propensity):
    waits, last = pool(learned, (MORNING, EVENING)), pool(learned, (MORNING,))
    taken = [waits.take(0.0) for _ in range(20)]
    assert WORKER not in [choice[1] for choice in taken if choice is not None]
    assert last.take(0.0) == (0, WORKER)


def test_every_lead_is_tried_before_the_dials_run_out(learned: Propensity):
    made = pool(learned, (MORNING,), room=60)
    tried: set[int] = set()
    for dial in range(60):
        taken = made.take(float(dial))
        assert taken is not None
        lead, features = taken
        tried.add(lead)
        made.put(lead, features._replace(tries=()).after(EVENING, Reply.NOBODY), float(dial))
    assert tried == set(range(30))


def test_a_postponed_lead_is_not_taken_before_its_moment(learned: Propensity):
    made = LeadPool[int](learned, COURSE)
    made.put(1, HOME, not_before=100.0)
    made.look(hours(MORNING), 10)
    assert (made.take(99.0), made.due(99.0), len(made)) == (None, 0, 1)
    assert made.take(100.0) == (1, HOME)
    assert (made.take(101.0), len(made)) == (None, 0)


def test_equal_leads_are_taken_in_the_lists_order(learned: Propensity):
    made = LeadPool[int](learned, COURSE)
    for lead in range(5):
        made.put(lead, HOME)
    made.look(hours(MORNING), 10)
    assert [made.take(0.0) for _ in range(6)] == [*((lead, HOME) for lead in range(5)), None]


def test_what_is_learned_meanwhile_changes_the_choice():
    propensity = Propensity()
    made = LeadPool[int](propensity, COURSE)
    for lead in range(2000):
        made.put(lead, (WORKER, HOME)[lead % 2])
    made.look(hours(MORNING), 1e9)
    taken = []
    for _ in range(1000):
        choice = made.take(0.0)
        assert choice is not None
        lead, features = choice
        taken.append(features)
        propensity.observe(features, MORNING, Reply.PERSON if features == HOME and lead % 3 == 0 else Reply.NOBODY)
    assert taken[-300:].count(HOME) > 290
