"""Every reassuring message of the desk follows from a fact, and disappears with it."""

from datetime import UTC, datetime
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.domain.calls.operators import OperatorState
from telephony.domain.floor.operator_desk import RECORDER_S, Assurance, SiteFacts, assurance, lead_of
from telephony.domain.floor.snapshot import SeatView
from telephony.domain.text.reason import Reason
from telephony.ids import OperatorId, SeatNumber
from telephony.web.i18n.messages import words

AT = datetime(2026, 11, 30, 14, 2, tzinfo=UTC)
LOCKED = Reason("blocked.database")
REASSURING = {
    Assurance.RECORDED: lambda facts: not facts.lost_links and facts.recorder_age_s <= RECORDER_S,
    Assurance.NEXT_CALL: lambda facts: facts.nothing_comes is None and not facts.is_lead,
    Assurance.NEXT_LEAD: lambda facts: facts.nothing_comes is None and facts.is_lead,
}
"""Each sentence that reassures, and the fact it stands on; the others say what is missing."""
PROMISES = ("est enregistré.", "is being recorded.", "arrive tout", "automatically", "reprennent", "resume")

facts = st.builds(
    SiteFacts,
    lost_links=st.sampled_from([(), ("gate",), ("pbx",), ("pbx", "gate")]),
    recorder_age_s=st.sampled_from([0.0, RECORDER_S, RECORDER_S + 0.01, inf]),
    nothing_comes=st.sampled_from([None, LOCKED]),
    is_lead=st.booleans(),
)


@given(state=st.sampled_from(OperatorState), known=facts)
def test_a_reassuring_sentence_stands_only_on_its_fact(state: OperatorState, known: SiteFacts) -> None:
    said = assurance(state, known)
    if said in REASSURING:
        assert REASSURING[said](known)
    if state is OperatorState.TALKING and not REASSURING[Assurance.RECORDED](known):
        assert said in (Assurance.UNPROVED, Assurance.LINK_LOST)
    if state is OperatorState.READY and known.nothing_comes is not None:
        assert said is Assurance.NOTHING_COMES


@pytest.mark.parametrize("language", ["fr", "en"])
def test_no_sentence_but_those_with_a_fact_promises_a_recording_or_a_call(language: str) -> None:
    t = words(language)  # type: ignore[arg-type]
    promising = {
        word
        for word in (*Assurance, *OperatorState, "calling")
        if t.has(f"desk.lead.{word}") and any(promise in t(f"desk.lead.{word}") for promise in PROMISES)
    }
    assert promising == set(REASSURING)


def test_every_state_has_a_sentence() -> None:
    for state in OperatorState:
        seat = SeatView(SeatNumber(1), OperatorId(1), "Claire", state, AT, "")
        assert words("fr").has(f"desk.lead.{lead_of(seat, SiteFacts())}")
