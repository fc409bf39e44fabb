"""Buckets: what an attempt showed, stored with the lead in a form that is read back unchanged."""

from datetime import UTC, datetime, timedelta

import pytest

from telephony.domain.calls.attempts import Result
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.law.basis import NO_TERMS
from telephony.domain.law.calling_zone import CallingZone
from telephony.domain.lead_order.buckets import (
    bucket_after,
    features_of,
    fresh_bucket,
    is_fresh,
    local_cell,
    reply_of,
    zone_of,
)
from telephony.domain.lead_order.contact_rate import Features, Reply, cell_at
from telephony.domain.leads.retries import Try
from telephony.ids import ListId, Number

MAYOTTE, MOBILE = Number("262639980001"), Number("33639980001")
MORNING = datetime(2026, 3, 24, 9, 30, tzinfo=UTC)
"""A Tuesday, 10:30 in Paris and 12:30 in Mayotte."""


@pytest.mark.parametrize(
    ("outcome", "result", "reply"),
    [
        (Outcome.ANSWERED, None, Reply.PERSON),
        (Outcome.ANSWERED, Result.COMPLETE, Reply.PERSON),
        (Outcome.ANSWERED, Result.MACHINE, Reply.NOBODY),
        (Outcome.ABANDONED, None, Reply.PERSON),
        (Outcome.NO_ANSWER, None, Reply.NOBODY),
        (Outcome.MACHINE, None, Reply.NOBODY),
        (Outcome.BUSY, None, Reply.NOBODY),
        (Outcome.FAILED, None, Reply.FAILURE),
        (Outcome.WITHDRAWN, None, None),
        (Outcome.CARRIER_FAILED, None, None),
        (Outcome.INTERRUPTED, None, None),
        (Outcome.REFUSED, None, None),
    ],
)
def test_what_an_attempt_tells_of_the_person(outcome: Outcome, result: Result | None, reply: Reply | None):
    assert reply_of(outcome, result) is reply


def test_a_bucket_is_read_back_as_it_was_written():
    tries = [
        Try(Outcome.NO_ANSWER, None, MORNING + timedelta(hours=8)),
        Try(Outcome.WITHDRAWN, None, MORNING),
        Try(Outcome.FAILED, None, MORNING),
        Try(Outcome.MACHINE, None, MORNING),
    ]
    bucket = bucket_after(MOBILE, "33", tries)
    evening = (cell_at(18.5), Reply.NOBODY)
    expected = Features("mobile", "4", ((0, Reply.NOBODY), (0, Reply.FAILURE), evening))
    assert features_of(bucket, ListId(4)) == expected
    assert not is_fresh(bucket)


def test_what_a_newer_version_wrote_is_left_out():
    assert features_of("mobile 2n 3z xx", ListId(4)) == Features("mobile", "4", ((2, Reply.NOBODY),))
    assert features_of("", ListId(4)) == Features("", "4")


def test_parts_of_the_day_are_the_leads_own():
    words = [CallingZone.of(number, NO_TERMS).word for number in (MOBILE, MAYOTTE)]
    assert [local_cell(word, MORNING) for word in words] == [cell_at(10.5), cell_at(12.5)]
    assert local_cell("33|Indian/Mayotte", MORNING) == cell_at(12.5)
    assert local_cell("", MORNING) == cell_at(10.5)
    assert (fresh_bucket(MAYOTTE), is_fresh(fresh_bucket(MOBILE))) == ("overseas", True)


@pytest.mark.parametrize(
    ("word", "zone"),
    [("33", "Europe/Paris"), ("262", "Indian/Reunion"), ("33|Indian/Reunion", "Indian/Reunion"), ("", "Europe/Paris")],
)
def test_the_zone_the_list_names_wins_over_that_of_the_number(word: str, zone: str):
    assert zone_of(word).key == zone
