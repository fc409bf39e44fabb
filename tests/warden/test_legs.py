"""The console's list of channels, read: what is a trunk leg, and that no number is kept."""

from telephony.warden.legs import Leg, legs_of

LISTING = """\
PJSIP/pbx-00000000!gate!p369509728202514780749852933213689281!34!Up!Dial!PJSIP/33199008500@carrier,15,irb(record^s^1)!33199000000!!!3!0!628d1bbb!gate-1795361834.0
PJSIP/carrier-00000001!void!!1!Up!AppDial!(Outgoing Line)!33199008500!!!3!0!628d1bbb!gate-1795361834.1
PJSIP/carrier-00000002!void!!1!Ring!AppDial!(Outgoing! Line)!33199008501!!!3!0!!gate-1795361834.3
Local/33199008500@void-1!void!!1!Down!!!!!!3!0!!gate-1795361834.4
PJSIP/pbx-evil!x
"""


def test_every_channel_but_the_pbx_legs_is_a_trunk_leg():
    assert legs_of(LISTING, "pbx") == [
        Leg("gate-1795361834.0", "PJSIP/pbx-00000000", is_trunk=False, is_up=True),
        Leg("gate-1795361834.1", "PJSIP/carrier-00000001", is_trunk=True, is_up=True),
        Leg("gate-1795361834.3", "PJSIP/carrier-00000002", is_trunk=True, is_up=False),
        Leg("gate-1795361834.4", "Local/33199008500@void-1", is_trunk=True, is_up=False),
    ]


def test_a_name_that_would_be_another_command_is_left_out():
    line = "PJSIP/carrier-1 all\x1b!void!!1!Up!AppDial!x!33199008500!!!3!0!b!gate-1.1\n"
    assert legs_of(line, "pbx") == []
    assert legs_of("", "pbx") == []
