"""The threat table, row by row: each hole is found in the naive pair, and in the generated pair none.

The rows are those of docs/attacks.md and of what was seen on real Asterisk (docs/dialplan.md). What a configuration
cannot show names the entry of ``UNSEEN`` that says so. Single flaws are ``test_audit_holes``'s.
"""

import functools

import pytest

from telephony.asterisk.audit import UNSEEN, Departure, Hole, audit_pair, network_departures
from telephony.asterisk.firewall import render_firewall
from telephony.asterisk.rendering import render_gate, render_pbx
from tests.dialplan.test_audit_holes import CLOSED, RUNNING_ONLY, naive, pair
from tests.dialplan.test_rendering import settings

ROWS: dict[str, set[Hole]] = {
    # ---- FastAGI fails open
    "the FastAGI server refuses, closes, resets, talks garbage, dies half-way": {Hole.AGI_FAILS_OPEN},
    "the FastAGI server accepts and never answers": {Hole.AGI_UNBOUNDED},
    "nobody is asked at all": {Hole.NO_PERMIT},
    # ---- recording fails open
    "MixMonitorStart with an impossible path, a full or read-only disk": {Hole.RECORDING_UNPROVED},
    "no recording": {Hole.NO_RECORDING},
    "file names: ../, an existing name, a comma that runs a shell command": {Hole.RECORDING_NAME},
    "StopMixMonitor, keys that stop or start a recording": {Hole.RECORDING_STOPPABLE, Hole.MANAGER_REDIRECTS},
    "early media both ways, unrecorded, when recording starts at the answer": {Hole.EARLY_MEDIA, Hole.RECORDING_LATE},
    # ---- the choke point
    "a jump straight to the Dial priority, nothing on the trunk channel before its INVITE": {Hole.NO_PRE_DIAL},
    "a second Dial to a trunk": {Hole.SECOND_EXIT, Hole.TRUNK_ON_PBX},
    # ---- holes
    "an operator dials a number, _X. in its context, includes": {
        Hole.OPERATOR_DIALS,
        Hole.OPEN_PATTERN,
        Hole.INCLUDES,
    },
    "& / , %40 in the user part, ;ext=, other digits": {Hole.DIALLED_TEXT, Hole.OPEN_PATTERN},
    "REFER from operator or carrier, with Replaces": {Hole.REFER},
    "INVITE with Replaces by another phone": {Hole.INVITE_REPLACES},
    "302 from carrier or phone": {Hole.REDIRECT_FOLLOWED},
    "REGISTER with Contact: sip:NUMBER@carrier": {Hole.CONTACT_ELSEWHERE},
    "a second registration with the same password": {Hole.SECOND_REGISTRATION},
    "MESSAGE runs the dialplan": {Hole.MESSAGE},
    "an INVITE without password, From: trunk": {Hole.TRUNK_IMPERSONATED, Hole.ANONYMOUS_CALLER},
    "the carrier calls in": {Hole.CARRIER_CALLS_IN},
    "feature codes": {Hole.FEATURE_CODES},
    "pickup": {Hole.PICKUP},
    "parking": {Hole.PARKING},
    "DISA": {Hole.DISA},
    "FollowMe": {Hole.FOLLOW_ME},
    "Queue": {Hole.QUEUE},
    "call forwarding": {Hole.CALL_FORWARDING},
    "AMI originate": {Hole.MANAGER_ORIGINATES},
    "AMI call: Redirect, BlindTransfer, priority jump, StopMixMonitor, Setvar": {Hole.MANAGER_REDIRECTS},
    "AMI command, system: dialplan add, shell": {Hole.MANAGER_COMMANDS},
    "AMI config: all secrets": {Hole.MANAGER_SECRETS, Hole.WEAK_SECRET},
    "a header or variable as the proof": {Hole.HEADER_AS_PROOF},
    "blank line or CR/LF in an AMI value": set(),
    "line breaks in a name or number that a stranger wrote": {Hole.STRANGERS_TEXT},
    "call files": {Hole.CALL_FILES},
    "CLI": {Hole.CONTROL_SOCKET, Hole.CONSOLE_DIALS, Hole.CLI_ALIASES},
    "ARI": {Hole.ARI},
    "HTTP": {Hole.HTTP},
    "IAX2": {Hole.OTHER_CHANNEL_DRIVER},
    "DUNDi": {Hole.DUNDI},
    "ODBC, realtime": {Hole.REALTIME, Hole.HIDDEN_DIALPLAN},
    "func_shell": {Hole.SHELL},
    "an Originate by an application or a service": {Hole.HIDDEN_ORIGINATE},
    "direct media": {Hole.DIRECT_MEDIA},
    "T.38": {Hole.FAX},
    "video, codecs that are not recorded": {Hole.OTHER_CODECS},
    "the called party forwards or conferences": {Hole.DIVERSION_UNSEEN},
    "keys from the operator to the called party": {Hole.KEYS_TO_CALLEE},
    "FRAME_DROP(TX) on the trunk": {Hole.FRAME_DROP},
    # ---- the two-instance gate
    "the number appears on the pbx": {Hole.NUMBER_ON_PBX},
    "a number, not a permit, at the gate": {Hole.GATE_PATTERN},
    "the trunk channel's real destination": {Hole.DESTINATION_UNPROVED},
    "AMI on the pbx: PJSIP/gate/sip:NUM@carrier": {Hole.FIREWALL_CARRIER},
    "operators known at the gate": {Hole.OPERATORS_AT_GATE},
    "controller gone: calls go on for ever": {Hole.CALL_UNBOUNDED},
    "the disk fills in mid-call": set(),
    "pbx killed": {Hole.DEAD_PEER},
    "gate killed: the carrier's leg stays": {Hole.CARRIER_LEG_SURVIVES},
    "the gate keeps no records of its own": {Hole.NO_CALL_RECORDS},
    # ---- what an attack on the pair found
    "in-band tones from the operator": {Hole.KEYS_TO_CALLEE},
    "a stolen pbx sends keys to the carrier": {Hole.KEYS_TO_CARRIER},
    "a stolen AMI account joins a second phone to a call": {
        Hole.CALL_JOINED,
        Hole.MANAGER_ANYWHERE,
        Hole.FIREWALL_MANAGER,
    },
    "a stolen pbx steers its media into another call": {Hole.MEDIA_STEERED, Hole.FIREWALL_MEDIA, Hole.STRAY_AUDIO},
    "any user asks for verdicts, or answers in the controller's place": {
        Hole.FIREWALL_PERMITS,
        Hole.FIREWALL_IMPOSTOR,
    },
    "another telephone service, a phone's audio to a listener": {Hole.FIREWALL_ELSEWHERE, Hole.AUDIO_ELSEWHERE},
    "a reload flushes the network rules, or the next boot loads others": {Hole.NEXT_BOOT},
    "another user of the machine reads the secrets": {Hole.SECRETS_READABLE},
}
"""A hole, and what ``telephony check`` must call it."""
SAID: dict[str, str] = {
    "blank line or CR/LF in an AMI value": "control characters in manager actions",
    "the disk fills in mid-call": "a disk that fills in mid-call",
}
"""Rows that no configuration shows, and the words that say so beside every audit."""
NOT_OF_THE_TABLE = {Hole.UNREAD_CONFIGURATION, Hole.WRONG_USER} | RUNNING_ONLY
"""What is wrong with a site whatever hole there is: what could not be read, and what changed since."""


@functools.cache
def generated() -> list[Departure]:
    site = settings()
    rules = render_firewall(site)
    departures = audit_pair(*pair(render_pbx(site), render_gate(site), CLOSED))
    return [*departures, *network_departures(rules, rules, site.firewall.table)]


@pytest.mark.parametrize("row", [row for row, holes in ROWS.items() if holes])
def test_the_row_is_found_in_the_naive_pair_and_not_in_the_generated_one(row: str):
    assert ROWS[row] - {departure.hole for departure in naive()} == set()
    assert ROWS[row] & {departure.hole for departure in generated()} == set()


@pytest.mark.parametrize("row", [row for row, holes in ROWS.items() if not holes])
def test_a_row_that_no_configuration_shows_is_said(row: str):
    assert any(SAID[row] in sentence for sentence in UNSEEN)


def test_every_hole_belongs_to_a_row():
    assert set().union(*ROWS.values()) == set(Hole) - NOT_OF_THE_TABLE
