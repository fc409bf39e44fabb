"""What recorded events of real calls mean, and that no number passes."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telephony.asterisk.switch_facts import (
    GateTranslator,
    LegTranslator,
    PbxTranslator,
    channel_facts,
    endpoint_of,
    tech_cause_of,
)
from telephony.ports.calls.switch import (
    LegAnswered,
    LegBridged,
    LegEnded,
    LegRang,
    LegUnbridged,
    OriginateFailed,
    SwitchFact,
    TrunkLegStarted,
    TrunkMediaEarly,
)
from telephony.wire.ami import AmiMessage, AmiParser

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
TRANSCRIPTS = Path(__file__).parent / "ami_transcripts"
NUMBER = re.compile(r"33199[0-9]{6}")


def now() -> datetime:
    return NOW


def messages(name: str) -> list[AmiMessage]:
    text = (TRANSCRIPTS / f"{name}.txt").read_text()
    parser = AmiParser()
    parser.feed(b"Asterisk Call Manager/11.0.0\r\n" + text.replace("\n", "\r\n").encode() + b"\r\n")
    return list(parser.messages())


def facts(name: str) -> list[SwitchFact]:
    translator: LegTranslator = GateTranslator(now) if name.endswith("gate") else PbxTranslator(now)
    return [fact for message in messages(name) for fact in translator.translate(message)]


def kinds(switch_facts: list[SwitchFact]) -> list[str]:
    return [type(fact).__name__ for fact in switch_facts]


def event(event: str, **fields: str) -> AmiMessage:
    return AmiMessage(event, {"Event": event, **fields})


def test_an_answered_call_on_the_pbx():
    switch_facts = facts("answered_pbx")
    assert kinds(switch_facts) == ["LegRang", "LegAnswered", "LegBridged", "LegUnbridged", "LegEnded"]
    attempt = switch_facts[0].channel if isinstance(switch_facts[0], LegRang) else ""
    bridge = switch_facts[2].bridge if isinstance(switch_facts[2], LegBridged) else ""
    assert re.fullmatch("[0-9a-f-]{36}", attempt)
    assert switch_facts == [
        LegRang(attempt, NOW),
        LegAnswered(attempt, NOW),
        LegBridged(attempt, bridge, NOW, "gate"),
        LegUnbridged(attempt, bridge, NOW),
        LegEnded(attempt, 16, "", "gate", NOW),
    ]


def test_an_answered_call_at_the_gate_tells_the_permit_before_anything_else_of_the_trunk_leg():
    switch_facts = facts("answered_gate")
    started = switch_facts[0]
    assert isinstance(started, TrunkLegStarted)
    assert (started.trunk, started.permit_id[0], len(started.permit_id)) == ("carrier", "p", 37)
    of_trunk = [fact for fact in switch_facts if getattr(fact, "channel", "") == started.channel]
    assert kinds(of_trunk) == ["TrunkLegStarted", "LegRang", "LegAnswered", "LegBridged", "LegUnbridged", "LegEnded"]
    assert isinstance(of_trunk[-1], LegEnded)
    assert of_trunk[-1].endpoint == "carrier"
    assert any(isinstance(fact, LegEnded) and fact.channel == started.inbound for fact in switch_facts)


def test_a_busy_call():
    pbx, gate = facts("busy_pbx"), facts("busy_gate")
    assert set(kinds(pbx)) == {"LegRang", "OriginateFailed", "LegEnded"}
    ended = next(fact for fact in pbx if isinstance(fact, LegEnded))
    failed = next(fact for fact in pbx if isinstance(fact, OriginateFailed))
    assert (ended.cause, ended.channel) == (17, failed.attempt_id)
    trunk_end = next(fact for fact in gate if isinstance(fact, LegEnded) and fact.endpoint == "carrier")
    assert (trunk_end.cause, trunk_end.tech_cause) == (17, "SIP 486")


def test_a_call_that_rings_out():
    pbx, gate = facts("ring_out_pbx"), facts("ring_out_gate")
    assert kinds(pbx) == ["LegRang", "OriginateFailed", "LegEnded"]
    assert kinds(gate)[:2] == ["TrunkLegStarted", "LegRang"]
    assert {fact.cause for fact in [*pbx, *gate] if isinstance(fact, LegEnded)} == {19}


def test_a_refused_permit_makes_no_trunk_leg():
    assert kinds(facts("refused_gate")) == ["LegEnded"]
    assert sorted(kinds(facts("refused_pbx"))) == ["LegEnded", "OriginateFailed"]


def test_early_media_is_told_before_the_answer():
    switch_facts = facts("early_media_gate")
    assert kinds(switch_facts)[:3] == ["TrunkLegStarted", "TrunkMediaEarly", "LegAnswered"]
    assert isinstance(switch_facts[1], TrunkMediaEarly)
    assert isinstance(switch_facts[0], TrunkLegStarted)
    assert switch_facts[1].channel == switch_facts[0].channel


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.txt")), ids=lambda path: path.stem)
def test_no_number_leaves_in_a_fact(path: Path):
    if path.stem.endswith("gate") and path.stem != "refused_gate":
        assert NUMBER.search(path.read_text()), "the recording itself must hold a number, or this test shows nothing"
    listed = channel_facts([message for message in messages(path.stem) if message.event == "CoreShowChannel"])
    assert not NUMBER.search(repr(facts(path.stem)) + repr(listed))


def test_a_listed_trunk_leg_shows_the_permit_of_the_leg_it_hangs_on():
    listed = channel_facts([message for message in messages("answered_gate") if message.event == "CoreShowChannel"])
    assert {fact.endpoint for fact in listed} == {"pbx", "carrier"}
    assert len({fact.extension for fact in listed}) == 1
    assert all(fact.is_up and fact.bridge for fact in listed)


@pytest.mark.parametrize(
    ("name", "endpoint"),
    [
        ("PJSIP/seat7-0000001a", "seat7"),
        ("PJSIP/my-trunk-00000001", "my-trunk"),
        ("CBAnn/seat-7-00000001;2", "CBAnn/seat-7"),
        ("Local/33199000102@x-00000001;1", ""),
        ("", ""),
    ],
)
def test_the_endpoint_in_a_channel_name(name: str, endpoint: str):
    assert endpoint_of(name) == endpoint


@pytest.mark.parametrize(
    ("text", "shown"),
    [("486", "SIP 486"), ("SIP 486 33199000102 is busy", "SIP 486"), ("", ""), ("33199000102", ""), ("busy", "")],
)
def test_of_the_carriers_word_only_the_code_is_kept(text: str, shown: str):
    assert tech_cause_of(text) == shown


def test_a_number_in_a_listed_channel_is_not_shown():
    (fact,) = channel_facts(
        [event("CoreShowChannel", Channel="Local/33199000102@x-1;1", Uniqueid="1", Exten="33199000102")]
    )
    assert "33199" not in repr(fact)


def permit(digit: str) -> str:
    return "p" + digit * 36


def created(channel: str, name: str, linked: str = "", exten: str = "s") -> AmiMessage:
    return event("Newchannel", Channel=name, Uniqueid=channel, Linkedid=linked or channel, Exten=exten)


def test_a_trunk_channel_of_nobodys_is_told_at_once_without_a_permit():
    gate = GateTranslator(now)
    assert gate.translate(created("9", "PJSIP/carrier-1")) == [TrunkLegStarted("", "9", "", "carrier", NOW)]


@pytest.mark.parametrize("name", ["Local/x@y-1;1", "IAX2/carrier-1", "PJSIP/other-1"])
def test_any_channel_that_is_not_the_pbxs_is_a_trunk_leg(name: str):
    assert kinds(GateTranslator(now).translate(created("9", name))) == ["TrunkLegStarted"]


def test_a_leg_from_the_pbx_without_a_permit_covers_no_trunk_channel():
    gate = GateTranslator(now)
    assert gate.translate(created("1", "PJSIP/pbx-1", exten="33199000102")) == []
    assert gate.translate(created("2", "PJSIP/carrier-2", "1")) == [TrunkLegStarted("", "2", "1", "carrier", NOW)]


def test_a_trunk_channel_whose_recording_could_not_be_proved_is_told_when_it_ends():
    gate = GateTranslator(now)
    gate.translate(created("1", "PJSIP/pbx-1", exten=permit("4")))
    assert gate.translate(created("2", "PJSIP/carrier-2", "1")) == []
    switch_facts = gate.translate(event("Hangup", Channel="PJSIP/carrier-2", Uniqueid="2", Cause="38"))
    assert switch_facts == [
        TrunkLegStarted(permit("4"), "2", "1", "carrier", NOW),
        LegEnded("2", 38, "", "carrier", NOW),
    ]


def test_a_trunk_channel_that_rings_without_having_been_dialled_is_told_first():
    gate = GateTranslator(now)
    gate.translate(created("1", "PJSIP/pbx-1", exten=permit("4")))
    gate.translate(created("2", "PJSIP/carrier-2", "1"))
    switch_facts = gate.translate(event("Newstate", Channel="PJSIP/carrier-2", Uniqueid="2", ChannelState="5"))
    assert kinds(switch_facts) == ["TrunkLegStarted", "LegRang"]


def test_after_a_resynchronisation_the_permits_of_living_legs_are_known():
    first, second = GateTranslator(now), GateTranslator(now)
    first.translate(created("1", "PJSIP/pbx-1", exten=permit("4")))
    listed = channel_facts([event("CoreShowChannel", Channel="PJSIP/pbx-1", Uniqueid="1", Exten=permit("4"))])
    second.resume(listed)
    assert second.translate(created("2", "PJSIP/carrier-2", "1")) == []
    first.resume([])
    assert kinds(first.translate(created("2", "PJSIP/carrier-2", "1"))) == ["TrunkLegStarted"]


@pytest.mark.parametrize("cause", ["", "x", "-1", "99999999999"])
def test_a_cause_that_is_no_cause_is_zero(cause: str):
    (fact,) = PbxTranslator(now).translate(event("Hangup", Channel="PJSIP/gate-1", Uniqueid="1", Cause=cause))
    assert isinstance(fact, LegEnded)
    assert fact.cause == 0


def test_only_our_own_failed_originates_are_told():
    pbx = PbxTranslator(now)
    assert pbx.translate(event("OriginateResponse", ActionID="other/1", Response="Failure")) == []
    assert pbx.translate(event("OriginateResponse", ActionID="originate/1", Response="Success")) == []
    assert pbx.translate(event("OriginateResponse", ActionID="originate/1", Response="Failure")) == [
        OriginateFailed("1", NOW)
    ]


def test_unbridging_names_the_bridge():
    assert LegTranslator(now).translate(event("BridgeLeave", Uniqueid="1", BridgeUniqueid="b")) == [
        LegUnbridged("1", "b", NOW)
    ]
