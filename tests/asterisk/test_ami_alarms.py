"""Diversions and pressed keys, as Asterisk 22 reports them; which number, and which key, is never passed on."""

from datetime import UTC, datetime

import pytest

from telephony.asterisk.switch_facts import GateTranslator, PbxTranslator
from telephony.ids import ChannelId
from telephony.ports.calls.switch import ChannelFact, DtmfPressed, SwitchFact, TrunkLegStarted, TrunkPartyChanged
from telephony.wire.ami import AmiMessage

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
DIALLED = "33199008500"
PERMIT = "p" + "3" * 36
TRUNK = ChannelId("gate-1795361834.1")


def message(**fields: str) -> AmiMessage:
    return AmiMessage(fields["Event"], fields)


def named(number: str, channel: str = "PJSIP/carrier-00000001", unique_id: str = TRUNK) -> AmiMessage:
    return message(Event="NewCallerid", Channel=channel, CallerIDNum=number, Uniqueid=unique_id)


@pytest.fixture
def gate() -> GateTranslator:
    made = GateTranslator(lambda: NOW)
    begun = message(
        Event="DialBegin",
        Uniqueid="gate-1795361834.0",
        Exten=PERMIT,
        DestUniqueid=TRUNK,
        DestChannel="PJSIP/carrier-00000001",
        DialString=f"{DIALLED}@carrier",
    )
    assert [type(fact) for fact in made.translate(begun)] == [TrunkLegStarted]
    return made


@pytest.mark.parametrize("spelling", [DIALLED, "+33199008500", "0199008500", "0033199008500", PERMIT, "", "anonymous"])
def test_the_party_called_is_no_diversion_however_it_is_spelled(gate: GateTranslator, spelling: str):
    assert gate.translate(named(spelling)) == []


@pytest.mark.parametrize("other", ["33199009999", "+33199009999", "0199009999", "118"])
def test_another_party_is_a_diversion_and_its_number_is_told_to_nobody(gate: GateTranslator, other: str):
    facts: list[SwitchFact] = gate.translate(named(other))
    assert facts == [TrunkPartyChanged(TRUNK, NOW)]
    assert other.lstrip("+0") not in repr(facts)
    assert gate.translate(named(other)) == []  # reported once


def test_what_the_pbx_leg_is_called_says_nothing(gate: GateTranslator):
    assert gate.translate(named("33199009999", channel="PJSIP/pbx-00000000", unique_id="gate-1795361834.0")) == []


def test_after_a_reconnection_the_first_party_named_is_the_one_called(gate: GateTranslator):
    leg = ChannelFact(TRUNK, "PJSIP/carrier-00000001", "carrier", True, "b", PERMIT)
    gate.resume([leg])
    assert gate.translate(named("33199009999")) == []
    assert gate.translate(named(DIALLED)) == [TrunkPartyChanged(TRUNK, NOW)]


def test_a_leg_that_ended_is_forgotten(gate: GateTranslator):
    gate.translate(message(Event="Hangup", Uniqueid=TRUNK, Channel="PJSIP/carrier-00000001", Cause="16"))
    assert gate.translate(named("33199009999")) == []


@pytest.mark.parametrize("event", ["DTMFBegin", "DTMFEnd"])
def test_which_key_is_told_when_it_is_let_go_of(event: str):
    event_message = message(
        Event=event, Channel="PJSIP/seat1-00000001", Uniqueid="pbx-1.7", Digit="5", Direction="Received"
    )
    facts = PbxTranslator(lambda: NOW).translate(event_message)
    key = "5" if event == "DTMFEnd" else ""  # only when it is let go of, and only for a campaign that may use keys
    assert facts == [DtmfPressed(ChannelId("pbx-1.7"), NOW, key)]


def test_a_key_that_asterisk_itself_sends_is_no_news():
    sent = message(Event="DTMFBegin", Uniqueid="pbx-1.7", Digit="5", Direction="Sent")
    assert PbxTranslator(lambda: NOW).translate(sent) == []
