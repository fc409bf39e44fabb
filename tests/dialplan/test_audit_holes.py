"""The auditor finds each single hole alone, and none in ours.

Files alone: no server. The threat table row by row is ``test_threat_table``'s, what runs
``tests/asterisk/test_audit_running.py``'s.
"""

import functools
import re
from pathlib import Path, PurePath

import pytest

from telephony.asterisk.audit import (
    HOLES,
    Departure,
    Hole,
    Instance,
    Role,
    audit_pair,
    file_departures,
    network_departures,
)
from telephony.asterisk.audit.reading import gate_addresses, list_network_rules
from telephony.asterisk.firewall import render_firewall
from telephony.asterisk.rendering import render_gate, render_pbx
from tests.attacks.naive.configuration import naive_gate, naive_pbx
from tests.dialplan.test_rendering import settings

pytestmark = pytest.mark.slow

CLOSED = {"": 0o750}
OPEN = {"": 0o755, "pjsip.conf": 0o644, "manager.conf": 0o644}


def pair(pbx: dict[str, str], gate: dict[str, str], modes: dict[str, int]) -> tuple[Instance, Instance]:
    guard = Instance(Role.GATE, gate, modes)
    return Instance(Role.PBX, pbx, modes, gate_addresses(guard)), guard


def ours() -> dict[Role, dict[str, str]]:
    return {Role.PBX: render_pbx(settings()), Role.GATE: render_gate(settings())}


def holes(departures: list[Departure]) -> set[Hole]:
    return {departure.hole for departure in departures}


@functools.cache
def naive() -> list[Departure]:
    site = settings()
    expected = render_firewall(site)
    return [
        *audit_pair(*pair(naive_pbx(site), naive_gate(site), OPEN)),
        *network_departures(expected, "", "telephony"),
        *file_departures(expected, "", PurePath("/etc/telephony/firewall.nft")),
    ]


def test_the_rendered_pair_has_no_hole():
    files = ours()
    assert audit_pair(*pair(files[Role.PBX], files[Role.GATE], CLOSED)) == []


def test_each_departure_names_the_thing_the_hole_and_the_mend():
    for departure in naive():
        assert departure.where
        assert departure.says
        assert departure.remedy
        assert departure.lets
    places = [departure.where for departure in naive() if departure.role is not None]
    named = [where for where in places if re.match(r"[a-z_]+\.conf(:\d+)?", where)]
    assert len(named) == len(places)


PBX, GATE = Role.PBX, Role.GATE
DIAL = "Dial(PJSIP/${CANON}@${TRUNK},${RINGS},irb(record^s^1))"
PROVED = (
    "GotoIf($[0${STAT(s,${FILE}.wav)} > 0 & 0${STAT(s,${FILE}-rx.wav)} > 0 & 0${STAT(s,${FILE}-tx.wav)} > 0]?proved)"
)
VERDICT = 'GotoIf($["${AGISTATUS}/${VERDICT}" = "SUCCESS/OK-${UNIQUEID}-${EXTEN}-${CANON}"]?known)'
FLAWS: list[tuple[Hole, Role, str, str, str]] = [
    # who decides
    (Hole.AGI_FAILS_OPEN, GATE, "extensions.conf", VERDICT, 'GotoIf($["${AGISTATUS}" = "SUCCESS"]?known)'),
    (Hole.AGI_FAILS_OPEN, GATE, "extensions.conf", VERDICT, 'GotoIf($["${VERDICT}" != ""]?known)'),
    (Hole.AGI_FAILS_OPEN, GATE, "extensions.conf", "Hangup(29)\n ; one of our trunks", "NoOp()\n ; one of our trunks"),
    (Hole.AGI_FAILS_OPEN, GATE, "extensions.conf", "1,Set(VERDICT=)", "1,NoOp()"),
    (Hole.AGI_FAILS_OPEN, PBX, "extensions.conf", "(nobody),Set(TIMEOUT(absolute)=20)", "(nobody),Goto(join)"),
    (Hole.AGI_UNBOUNDED, GATE, "extensions.conf", "Set(TIMEOUT(absolute)=3) ", "NoOp() "),
    (Hole.AGI_UNBOUNDED, PBX, "extensions.conf", "Set(AGIEXITONHANGUP=yes)", "NoOp()"),
    (Hole.NO_PERMIT, GATE, "extensions.conf", "[void]", f"[void]\nexten => 1,1,{DIAL}"),
    (Hole.HEADER_AS_PROOF, GATE, "extensions.conf", "Set(TRUNK=)", "Set(TRUNK=${PJSIP_HEADER(read,X-Trunk)})"),
    (Hole.GATE_PATTERN, GATE, "extensions.conf", "exten => T,1", "exten => _0X,1,Playback(x)\nexten => T,1"),
    # recording
    (Hole.NO_RECORDING, GATE, "extensions.conf", "MixMonitor(", "NoOp("),
    (Hole.NO_RECORDING, GATE, "extensions.conf", "exten => s,1,", "exten => s,1,Return()\nexten => s,2,"),
    (Hole.RECORDING_UNPROVED, GATE, "extensions.conf", PROVED, "GotoIf($[${TRIES} > 10]?proved)"),
    (Hole.RECORDING_UNPROVED, GATE, "extensions.conf", "Hangup(27)\n", "NoOp()\n"),
    (Hole.RECORDING_LATE, GATE, "extensions.conf", "irb(record^s^1)U(named)", "irU(record)"),
    (Hole.RECORDING_NAME, GATE, "extensions.conf", "[a-f0-9-]{36}", ".+"),
    (Hole.RECORDING_STOPPABLE, GATE, "extensions.conf", "Set(TRIES=0)", "StopMixMonitor()"),
    (Hole.RECORDING_STOPPABLE, GATE, "pjsip.conf", "send_pai = no", "one_touch_recording = yes"),
    (Hole.EARLY_MEDIA, GATE, "extensions.conf", "irb(", "ib("),
    # a route past the gate
    (Hole.SECOND_EXIT, GATE, "extensions.conf", "(silent),", f"(silent),{DIAL}\n same => n,"),
    (Hole.SECOND_EXIT, PBX, "extensions.conf", "Playback(", "Dial(PJSIP/trunk/sip:x@y,20,irb(a^s^1)),("),
    (Hole.SECOND_EXIT, PBX, "extensions.conf", "Playback(", "Page(PJSIP/seat1&"),
    *(
        (Hole.SECOND_EXIT, PBX, "extensions.conf", "(nobody),", f"(nobody),{line}\n same => n,")
        for line in (
            *("RetryDial(x,1,1,PJSIP/1@trunk)", "ExecIf($[1]?Dial(PJSIP/1@trunk))", "Exec(Dial(PJSIP/1@trunk))"),
            *("ExecIfTime(*,*,*,*?Dial(PJSIP/1@trunk))", "ExecIf($[1]?TryExec(Dial(PJSIP/1@trunk)))"),
            *("AttendedTransfer(1)", "BlindTransfer(1,seat)", "Directory(seat)", "SLAStation(x)", "SLATrunk(x)"),
        )
    ),
    (Hole.HIDDEN_ORIGINATE, GATE, "extensions.conf", "Set(TRIES=0)", "Set(X=${PERIODIC_HOOK(gate,s,1)})"),
    (Hole.CALL_FORWARDING, PBX, "extensions.conf", "Playback(", "VoiceMailMain("),
    (Hole.QUEUE, PBX, "extensions.conf", "Playback(", "AddQueueMember("),
    (Hole.FAX, GATE, "extensions.conf", "Set(TRIES=0)", "SendFAX(x.tif)"),
    (Hole.NO_PRE_DIAL, GATE, "extensions.conf", "irb(record^s^1)", "irb(gone^s^1)"),
    (Hole.DESTINATION_UNPROVED, GATE, "extensions.conf", '"sip:${CANON}@${HOST}"]?fresh', '"x" | 1]?proved'),
    (Hole.DESTINATION_UNPROVED, GATE, "extensions.conf", "${CHANNEL(pjsip,target_uri)}", "${CHANNEL(name)}"),
    (Hole.DIALLED_TEXT, GATE, "extensions.conf", "Dial(PJSIP/${CANON}@", "Dial(PJSIP/${CALLERID(dnid)}@"),
    (Hole.DIALLED_TEXT, GATE, "extensions.conf", '"^[1-9][0-9]{5,14}$" ${CANON}', '"^.+$" ${CANON}'),
    (Hole.OPEN_PATTERN, PBX, "extensions.conf", "exten => login,", "exten => _X.,"),
    (Hole.INCLUDES, PBX, "extensions.conf", "[phones]", "[phones]\ninclude => seat"),
    (Hole.OPERATOR_DIALS, PBX, "extensions.conf", "Goto(seat,conf,1)", "Dial(PJSIP/1@gate,20,i)"),
    (Hole.TRUNK_ON_PBX, PBX, "pjsip.conf", "contact = sip:10.2.0.2:5070", "contact = sip:192.0.2.10"),
    (Hole.TRUNK_ON_PBX, PBX, "pjsip.conf", "[system]", "[x]\ntype = registration\n[system]"),
    (Hole.CALL_UNBOUNDED, GATE, "extensions.conf", "Set(TIMEOUT(absolute)=3600)", "Set(TIMEOUT(absolute)=0)"),
    (Hole.HIDDEN_DIALPLAN, PBX, "extensions.conf", "[phones]", "[phones]\nswitch => Realtime/x@y"),
    (Hole.HIDDEN_DIALPLAN, PBX, "modules.conf", "pbx_config.so", "pbx_config.so\nload = pbx_ael.so"),
    (Hole.UNREAD_CONFIGURATION, PBX, "pjsip.conf", "[system]", "#include /srv/elsewhere/pjsip.conf\n[system]"),
    (Hole.UNREAD_CONFIGURATION, GATE, "modules.conf", "[modules]", "[modules]\nload = res_pjsip_config_wizard.so"),
    (Hole.HIDDEN_DIALPLAN, PBX, "extensions.conf", "Goto(seat,conf,1)", "Goto(${DB(a/b)},1)"),
    (Hole.HIDDEN_DIALPLAN, GATE, "extensions.conf", "Set(TRIES=0)", "Exec(${X}(y))"),
    (Hole.TRUNK_ON_PBX, PBX, "pjsip.conf", "redirect_method = user", "outbound_proxy = sip:192.0.2.10"),
    # signalling
    (Hole.REFER, PBX, "pjsip.conf", "allow_transfer = no", "allow_transfer = yes"),
    (Hole.INVITE_REPLACES, GATE, "modules.conf", "res_agi.so", "res_agi.so\nload => res_pjsip_refer.so"),
    (Hole.INVITE_REPLACES, PBX, "pjsip.conf", "allow_subscribe = no", ""),
    (Hole.REDIRECT_FOLLOWED, GATE, "extensions.conf", "irb(", "rb("),
    (Hole.REDIRECT_FOLLOWED, GATE, "pjsip.conf", "redirect_method = user", "redirect_method = uri_pjsip"),
    (Hole.CONTACT_ELSEWHERE, PBX, "pjsip.conf", "rewrite_contact = yes", "rewrite_contact = no"),
    (Hole.CONTACT_ELSEWHERE, PBX, "pjsip.conf", "contact_deny = 0.0.0.0/0.0.0.0", "contact_x ="),
    (Hole.SECOND_REGISTRATION, PBX, "pjsip.conf", "max_contacts = 1", "max_contacts = 2"),
    (Hole.SECOND_REGISTRATION, PBX, "pjsip.conf", "remove_existing = no", "remove_existing = yes"),
    (Hole.MESSAGE, PBX, "pjsip.conf", "message_context = void", "message_context = phones"),
    (Hole.MESSAGE, GATE, "pjsip.conf", "message_context = void", ""),
    (Hole.TRUNK_IMPERSONATED, GATE, "pjsip.conf", "identify_by = ip", "identify_by = ip,username"),
    (Hole.TRUNK_IMPERSONATED, PBX, "pjsip.conf", "identify_by = ip ", "identify_by = username "),
    (Hole.TRUNK_IMPERSONATED, GATE, "pjsip.conf", "match = 192.0.2.10", "match_header = X-Trunk: north"),
    (Hole.ANONYMOUS_CALLER, PBX, "pjsip.conf", "auth = seat1\n", "\n"),
    (Hole.ANONYMOUS_CALLER, GATE, "pjsip.conf", "auth = pbx\n", "\n"),
    (Hole.CARRIER_CALLS_IN, GATE, "pjsip.conf", "context = void  ", "context = gate  "),
    (Hole.NUMBER_ON_PBX, GATE, "pjsip.conf", "trust_id_outbound = no", "trust_id_outbound = yes"),
    (Hole.NUMBER_ON_PBX, GATE, "pjsip.conf", "send_connected_line = no", ""),
    (Hole.NUMBER_ON_PBX, PBX, "pjsip.conf", "trust_id_inbound = no", "trust_id_inbound = yes"),
    (Hole.OPERATORS_AT_GATE, GATE, "modules.conf", "res_agi.so", "res_agi.so\nload = res_pjsip_registrar.so"),
    (Hole.DIVERSION_UNSEEN, GATE, "extensions.conf", "U(named)", ""),
    (Hole.DIVERSION_UNSEEN, GATE, "extensions.conf", "Set(CALLERID(num)=${NAMED:0:30})", "NoOp()"),
    (Hole.STRANGERS_TEXT, GATE, "pjsip.conf", "trust_id_inbound = no     ", "trust_id_inbound = yes ; "),
    (Hole.STRANGERS_TEXT, GATE, "pjsip.conf", "callerid = pbx <0>", ""),
    (Hole.STRANGERS_TEXT, PBX, "pjsip.conf", "callerid = seat 1 <1>", ""),
    # features
    *((Hole.FEATURE_CODES, GATE, "extensions.conf", "irb(", f"ir{key}b(") for key in "tTkKwWxXhH"),
    (Hole.FEATURE_CODES, PBX, "pjsip.conf", "message_context = void", "set_var = DYNAMIC_FEATURES=out"),
    (Hole.FEATURE_CODES, GATE, "extensions.conf", "TRANSFER_CONTEXT=void", "DYNAMIC_FEATURES=out"),
    (Hole.CARRIER_CALLS_IN, GATE, "extensions.conf", "irb(", "irF(gate^1^1)b("),
    (Hole.CARRIER_CALLS_IN, GATE, "pjsip.conf", "context = void  ", "auth = pbx\ncontext = gate  "),
    (Hole.FEATURE_CODES, PBX, "features.conf", "[featuremap]", "[featuremap]\natxfer => *2"),
    (Hole.PICKUP, PBX, "pjsip.conf", "rewrite_contact = yes", "rewrite_contact = yes\nnamed_pickup_group = a"),
    (Hole.PICKUP, PBX, "extensions.conf", "Playback(", "Pickup("),
    (Hole.PARKING, PBX, "modules.conf", "res_agi.so", "res_agi.so\nload = res_parking.so"),
    (Hole.DISA, PBX, "extensions.conf", "Playback(", "DISA("),
    (Hole.FOLLOW_ME, PBX, "modules.conf", "res_agi.so", "res_agi.so\nload = app_followme.so"),
    (Hole.QUEUE, PBX, "extensions.conf", "Playback(", "Queue("),
    (Hole.CALL_FORWARDING, PBX, "extensions.conf", "Playback(", "Dial(PJSIP/${DB(CFIM/1)}@gate,20,i),("),
    (Hole.CALL_JOINED, PBX, "modules.conf", "res_agi.so", "res_agi.so\nload = app_chanspy.so"),
    (Hole.CALL_JOINED, PBX, "extensions.conf", "Playback(", "ChanSpy("),
    # the manager interface
    (Hole.MANAGER_ORIGINATES, GATE, "manager.conf", "write = reporting", "write = originate"),
    (Hole.MANAGER_REDIRECTS, GATE, "manager.conf", "write = reporting", "write = call"),
    (Hole.MANAGER_COMMANDS, PBX, "manager.conf", "write = originate,", "write = command,"),
    (Hole.MANAGER_COMMANDS, PBX, "manager.conf", "write = originate,", "write = system,"),
    (Hole.MANAGER_SECRETS, PBX, "manager.conf", "write = originate,", "write = config,"),
    (Hole.MANAGER_ANYWHERE, PBX, "manager.conf", "bindaddr = 127.0.0.1", "bindaddr = 0.0.0.0"),
    (Hole.MANAGER_ANYWHERE, PBX, "manager.conf", "bindaddr = 127.0.0.1", ""),
    (Hole.MANAGER_ANYWHERE, PBX, "manager.conf", "permit = 127.0.0.0/8", "permit = 0.0.0.0/0.0.0.0"),
    (Hole.MANAGER_ANYWHERE, GATE, "manager.conf", "deny = 0.0.0.0/0.0.0.0", ""),
    (Hole.MANAGER_ANYWHERE, GATE, "manager.conf", "webenabled = no", "tlsenable = yes"),
    (Hole.WEAK_SECRET, GATE, "manager.conf", "secret = ami-secret-of-gate", "secret = gate"),
    (Hole.WEAK_SECRET, PBX, "pjsip.conf", "password = secret-of-seat-01", "password = 1"),
    # other doors
    (Hole.CALL_FILES, GATE, "modules.conf", "res_agi.so", "res_agi.so\nload = pbx_spool.so"),
    (Hole.CONSOLE_DIALS, GATE, "modules.conf", "res_agi.so", "res_agi.so\nload = res_clioriginate.so"),
    (Hole.HIDDEN_ORIGINATE, PBX, "extensions.conf", "Playback(", "Originate("),
    (Hole.CONTROL_SOCKET, PBX, "asterisk.conf", "astctlpermissions = 0600", "astctlpermissions = 0660"),
    (Hole.CONTROL_SOCKET, PBX, "asterisk.conf", "astctlpermissions = 0600", ""),
    (Hole.ARI, PBX, "modules.conf", "res_agi.so", "res_agi.so\nload = res_ari_channels.so"),
    (Hole.HTTP, PBX, "manager.conf", "webenabled = no", "webenabled = yes"),
    (Hole.OTHER_CHANNEL_DRIVER, GATE, "modules.conf", "res_agi.so", "res_agi.so\nload = chan_iax2.so"),
    (Hole.OTHER_CHANNEL_DRIVER, PBX, "extensions.conf", "Playback(", "Dial(DAHDI/g1/5,20,irb(a^s^1)),("),
    (Hole.DUNDI, GATE, "modules.conf", "res_agi.so", "res_agi.so\nload = pbx_dundi.so"),
    (Hole.REALTIME, GATE, "modules.conf", "res_agi.so", "res_agi.so\nload = func_odbc.so"),
    (Hole.SHELL, GATE, "extensions.conf", "Set(TRIES=0)", "Set(X=${SHELL(id)})"),
    (Hole.SHELL, PBX, "extensions.conf", "Playback(", "System("),
    (Hole.SHELL, PBX, "asterisk.conf", "live_dangerously = no", "live_dangerously = yes"),
    (Hole.CLI_ALIASES, GATE, "modules.conf", "res_agi.so", "res_agi.so\nload = res_clialiases.so"),
    # media
    (Hole.DIRECT_MEDIA, GATE, "pjsip.conf", "direct_media = no", ""),
    (Hole.FAX, PBX, "pjsip.conf", "allow_overlap = no", "t38_udptl = yes"),
    (Hole.OTHER_CODECS, PBX, "pjsip.conf", "allow = alaw,ulaw", "allow = alaw,ulaw,h264"),
    (Hole.OTHER_CODECS, GATE, "pjsip.conf", "allow = alaw,ulaw", "allow = !all,g722"),
    (Hole.KEYS_TO_CALLEE, PBX, "pjsip.conf", "dtmf_mode = inband", "dtmf_mode = auto"),
    (Hole.KEYS_TO_CALLEE, PBX, "confbridge.conf", "dtmf_passthrough = no", "dtmf_passthrough = yes"),
    (Hole.KEYS_TO_CARRIER, GATE, "pjsip.conf", "dtmf_mode = none  ", "dtmf_mode = rfc4733  "),
    (Hole.KEYS_TO_CARRIER, GATE, "extensions.conf", "same => n,Set(KEYS=)", "same => n,NoOp()"),
    (Hole.KEYS_TO_CARRIER, GATE, "extensions.conf", "Set(TRIES=0)", "Set(KEYS=allowed)"),
    (Hole.KEYS_TO_CARRIER, GATE, "extensions.conf", "Set(TRIES=0)", "Set(PJSIP_DTMF_MODE()=auto)"),
    (Hole.KEYS_TO_CARRIER, GATE, "extensions.conf", '"${KEYS}" = "allowed"', '"${KEYS}" != "denied"'),
    (Hole.KEYS_TO_CARRIER, GATE, "modules.conf", "res_agi.so", "res_agi.so\nload = app_senddtmf.so"),
    (Hole.KEYS_TO_CALLEE, PBX, "extensions.conf", "Playback(", "SendDTMF("),
    (Hole.KEYS_TO_CALLEE, PBX, "extensions.conf", "ConfBridge(", "Set(CONFBRIDGE(user,dtmf_passthrough)=yes),("),
    (Hole.FRAME_DROP, GATE, "extensions.conf", "Set(TRIES=0)", "Set(FRAME_DROP(TX)=DTMF_BEGIN)"),
    (Hole.MEDIA_STEERED, GATE, "pjsip.conf", "transport = outside", "transport = inside"),
    (Hole.MEDIA_STEERED, GATE, "pjsip.conf", "bind = 203.0.113.2:5080", "bind = 10.2.0.2:5080"),
    (Hole.AUDIO_ELSEWHERE, PBX, "modules.conf", "res_agi.so", "res_agi.so\nload = res_audiosocket.so"),
    (Hole.AUDIO_ELSEWHERE, PBX, "extensions.conf", "Playback(", "AudioSocket("),
    (Hole.STRAY_AUDIO, GATE, "rtp.conf", "strictrtp = yes", "strictrtp = no"),
    # endings and the host
    (Hole.DEAD_PEER, PBX, "pjsip.conf", "rtp_timeout = 20", ""),
    (Hole.CARRIER_LEG_SURVIVES, GATE, "pjsip.conf", "timers_sess_expires = 90  ", "timers_sess_expires = 7200  "),
    (Hole.WRONG_USER, PBX, "asterisk.conf", "systemname = pbx", "systemname = pbx\nrunuser = root"),
    (Hole.NO_CALL_RECORDS, GATE, "cdr.conf", "enable = yes", "enable = no"),
    (Hole.NO_CALL_RECORDS, GATE, "modules.conf", "load = cdr_csv.so", ""),
]  # fmt: skip
"""Hole, instance, file, what stands there, what somebody made of it."""


@pytest.mark.parametrize(("hole", "role", "file", "old", "new"), FLAWS)
def test_one_flaw_in_our_configuration_is_found(hole: Hole, role: Role, file: str, old: str, new: str):
    files = ours()
    assert old in files[role][file], "the flaw no longer applies to what is rendered"
    files[role][file] = files[role][file].replace(old, new)
    departures = audit_pair(*pair(files[Role.PBX], files[Role.GATE], CLOSED))
    named = [departure for departure in departures if departure.hole is hole]
    assert named, holes(departures)
    assert {departure.role for departure in named} == {role}


def test_files_open_to_everybody_are_found():
    files = ours()
    departures = audit_pair(*pair(files[PBX], files[GATE], OPEN))
    assert holes(departures) == {Hole.SECRETS_READABLE}
    assert {departure.where for departure in departures} == {"pjsip.conf", "manager.conf"}


@pytest.mark.parametrize(
    ("name", "hole"),
    [
        ("pjsip_wizard.conf", Hole.UNREAD_CONFIGURATION),
        ("sorcery.conf", Hole.UNREAD_CONFIGURATION),
        ("extconfig.conf", Hole.REALTIME),
        ("cli.conf", Hole.CONSOLE_DIALS),
        ("extensions.ael", Hole.HIDDEN_DIALPLAN),
        ("http.conf", Hole.HTTP),
        ("ari.conf", Hole.ARI),
        ("users.conf", Hole.MANAGER_COMMANDS),
    ],
)
def test_a_file_that_somebody_added_is_found(name: str, hole: Hole):
    files = ours()
    files[PBX][name] = "[general]\nenabled = yes\n[x]\nenabled = yes\nhasmanager = yes\nendpoint = realtime,x\n"
    assert holes(audit_pair(*pair(files[PBX], files[GATE], CLOSED))) == {hole}


RUNNING_ONLY = {Hole.RUNNING_DIFFERS, Hole.FILES_CHANGED}


def test_no_hole_is_named_that_no_test_finds():
    shown = holes(naive()) | {flaw[0] for flaw in FLAWS} | RUNNING_ONLY
    assert shown == set(Hole) == set(HOLES)


def test_an_existing_pbx_with_its_own_phones_and_a_carrier_is_judged():
    """Nothing the product wrote: internal ringing is no route out, the trunk is."""
    files = {
        "modules.conf": "[modules]\nautoload = no\nload = pbx_config.so\nload = chan_pjsip.so\n",
        "pjsip.conf": """
[desk](!)
type = endpoint
context = inside
[101](desk)
auth = 101
aors = 101
[101]
type = auth
password = 0123456789abcdef
[101]
type = aor
max_contacts = 1
#include trunk.conf
""",
        "trunk.conf": "[carrier]\ntype = endpoint\naors = carrier\n[carrier]\ntype = aor\ncontact = sip:192.0.2.10\n",
        "extensions.conf": """
[inside]
exten => _1XX,1,Dial(PJSIP/${EXTEN},20,i)
exten => _0XXXXXXXXX,1,Dial(PJSIP/${EXTEN}@carrier,60,i)
""",
    }
    departures = audit_pair(Instance(Role.PBX, files), None)
    assert [departure.where for departure in departures if departure.hole is Hole.SECOND_EXIT] == ["extensions.conf:4"]
    assert [departure.where for departure in departures if departure.hole is Hole.TRUNK_ON_PBX] == [
        "trunk.conf:1 endpoint carrier"
    ]
    assert Hole.DIALLED_TEXT not in holes(departures)


def test_network_rules_are_compared_one_by_one():
    expected = render_firewall(settings())
    loaded = re.sub(r"\breject$", "reject with icmp 3", expected, flags=re.MULTILINE).replace(
        "l4proto udp", "l4proto 17"
    )
    assert list(network_departures(expected, loaded, "telephony")) == []
    less = "\n".join(line for line in loaded.splitlines() if "dport 5039" not in line)
    (departure,) = network_departures(expected, less, "telephony")
    assert departure.hole is Hole.FIREWALL_MANAGER
    assert "5039" in departure.says
    other_user = loaded.replace("!= 902", "!= 903")
    assert {network_departure.hole for network_departure in network_departures(expected, other_user, "telephony")} == {
        Hole.FIREWALL_CARRIER,
        Hole.FIREWALL_IMPOSTOR,
    }
    let_by = loaded.replace("policy accept;\n", "policy accept;\n        meta skuid 901 accept\n")
    assert len(list(network_departures(expected, let_by, "telephony"))) == expected.count("reject")
    unhooked = loaded.replace("hook output", "hook input").replace("hook forward", "hook input")
    assert len(list(network_departures(expected, unhooked, "telephony"))) == expected.count("reject")


def test_a_table_that_sleeps_holds_nothing():
    expected = render_firewall(settings())
    asleep = expected.replace("    chain output", "    flags dormant\n    chain output")
    assert len(list(network_departures(expected, asleep, "telephony"))) == expected.count("reject")
    awake = expected.replace("    chain output", "    # flags dormant: never here\n    chain output")
    assert list(network_departures(expected, awake, "telephony")) == []


def test_a_rule_in_the_other_chain_is_not_there():
    expected = render_firewall(settings())
    swapped = (
        expected.replace("hook output", "hook x")
        .replace("hook forward", "hook output")
        .replace("hook x", "hook forward")
    )
    assert len(list(network_departures(expected, swapped, "telephony"))) == expected.count("reject")


def test_rules_nobody_can_see_are_a_doubt_that_says_what_it_leaves_open(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    listed = list_network_rules("telephony")
    assert listed is None
    departures = list(network_departures(render_firewall(settings()), listed, "telephony"))
    assert all(departure.is_doubt and departure.lets for departure in departures)
    assert {departure.hole for departure in departures} == {hole for hole in Hole if hole.startswith("firewall-")}


@pytest.mark.parametrize(
    ("written", "says"),
    [("", "missing"), ("flush ruleset", "not as the settings say"), (None, "cannot be read"), ("wanted", None)],
)
def test_the_file_of_the_next_boot_is_compared_like_the_table(written: str | None, says: str | None):
    expected = render_firewall(settings())
    departures = list(file_departures(expected, expected if written == "wanted" else written, PurePath("/etc/x.nft")))
    assert [departure.hole for departure in departures] == ([] if says is None else [Hole.NEXT_BOOT])
    assert all(says in departure.says and departure.is_doubt == (written is None) for departure in departures)
