"""The console's list of channels, read: what is a trunk leg, that no number is kept, and that no line is guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telephony.errors import PeerProtocolError
from telephony.warden.legs import Leg, legs_of, recording_of
from tests.effort import cases

LISTING = """\
PJSIP/pbx-00000000!gate!p369509728202514780749852933213689281!34!Up!Dial!PJSIP/33199008500@carrier,15,irb(record^s^1)!33199000000!!!3!0!628d1bbb!gate-1795361834.0
PJSIP/carrier-00000001!void!!1!Up!AppDial!(Outgoing Line)!33199008500!!!3!0!628d1bbb!gate-1795361834.1
PJSIP/carrier-00000002!void!!1!Ring!AppDial!(Outgoing! Line)!33199008501!!!3!0!!gate-1795361834.3
Local/33199008500@void-1!void!!1!Down!(None)!!!!!3!0!!gate-1795361834.4
"""
LEGS = [
    Leg("gate-1795361834.0", "PJSIP/pbx-00000000", is_trunk=False, is_up=True),
    Leg("gate-1795361834.1", "PJSIP/carrier-00000001", is_trunk=True, is_up=True),
    Leg("gate-1795361834.3", "PJSIP/carrier-00000002", is_trunk=True, is_up=False),
    Leg("gate-1795361834.4", "Local/33199008500@void-1", is_trunk=True, is_up=False),
]
ANSWERED = "PJSIP/carrier-00000001!void!!1!Up!AppDial!(Outgoing Line)!{number}!!!3!0!628d1bbb!gate-1795361834.1\n"


def test_every_channel_but_the_pbx_legs_is_a_trunk_leg():
    assert legs_of(LISTING, "pbx") == LEGS
    assert legs_of("", "pbx") == []
    assert legs_of("\n", "pbx") == []


@pytest.mark.parametrize(
    "line",
    [
        "PJSIP/carrier-1 all\x1b!void!!1!Up!AppDial!x!33199008500!!!3!0!b!gate-1.1\n",
        "PJSIP/pbx-evil!x\n",
        "Asterisk ending (0).\n",
        ANSWERED.format(number="33199000001\nUniqueid: gate-99.7"),
        ANSWERED.format(number="33199000001\n"),
        ANSWERED.format(number="\nPJSIP/pbx-00000009!a!b!1!Up!c"),
        ANSWERED.format(number="1!!!3!0!!gate-7.7\nPJSIP/carrier-00000001!!!1!Up!!x!1"),
        ANSWERED.format(number="1!!!3!0!!gate-1795361834.1\nPJSIP/pbx-00000001!!!1!Up!!x!1"),
        LISTING.splitlines()[1] + "\n" + LISTING.splitlines()[1],
    ],
)
def test_a_line_that_is_no_channel_is_an_error_and_never_nothing(line: str):
    with pytest.raises(PeerProtocolError):
        legs_of(line, "pbx")
    with pytest.raises(PeerProtocolError):
        legs_of(LISTING.splitlines()[0] + "\n" + line, "pbx")


@given(number=st.text(alphabet=st.sampled_from("0123456789+!\nPJSIP/-abc: "), max_size=79))
@settings(max_examples=cases(100, long=5000))
def test_whatever_number_a_stranger_has_his_leg_is_seen_or_the_list_is_not_believed(number: str):
    try:
        legs = legs_of(ANSWERED.format(number=number), "pbx")
    except PeerProtocolError:
        return
    assert Leg("gate-1795361834.1", "PJSIP/carrier-00000001", is_trunk=True, is_up=True) in legs


LEG = LEGS[1]
SHOWN = " -- General --\n           Name: {0.name}\n           Type: PJSIP\n       UniqueID: {0.channel}\n"
TEXT = SHOWN.format(LEG) + "      Caller ID: {}\n      Variables:\nRECUUID={}\n_RECUUID={}\n"
ONE, OTHER = "e6553c96-bd17-42ed-9d8b-6786347f1f52", "11111111-bd17-42ed-9d8b-6786347f1f52"


def test_the_recording_of_a_channel_is_its_own_and_only_one():
    assert recording_of(TEXT.format("33199000001", ONE, ONE), LEG) == ONE
    assert recording_of(SHOWN.format(LEG), LEG) == ""
    assert recording_of("PJSIP/carrier-00000001 is not a known channel\n", LEG) == ""
    for shown in (
        TEXT.format("33199000001", ONE, OTHER),
        TEXT.format(f"1\nRECUUID={OTHER}", ONE, ONE),
        SHOWN.format(LEGS[2]),
        TEXT.format("1", ONE, ONE).replace("UniqueID", "Unique"),
    ):
        with pytest.raises(PeerProtocolError):
            recording_of(shown, LEG)
