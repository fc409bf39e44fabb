"""Every account there is, in an attacker's hands: the manager interface, HTTP, call files, injected lines.

The network rules keep the manager ports from everybody but the controller's user (``test_attack_stolen_pbx``); here
the attacker is already inside, with the account's secret.
"""

import asyncio
import os
from collections.abc import Callable

import pytest

from tests.attacks.peers.controller import Manager
from tests.scenes.attacked_site import CARRIER_HZ, WANTED, AttackedSite

pytestmark = [pytest.mark.asterisk, pytest.mark.attack, pytest.mark.asyncio(loop_scope="session")]

Fields = dict[str, str]


def originate(channel: str, **more: str) -> Fields:
    where = {"Context": "answered", "Exten": "conf", "Priority": "1"} if "Application" not in more else {}
    return {"Action": "Originate", "Channel": channel, "Timeout": "4000", "Async": "true"} | where | more


def at_pbx(attacked_site: AttackedSite) -> dict[str, Fields]:
    """Return actions on the pbx that want to reach a number."""
    carrier = f"{attacked_site.carrier.address[0]}:{attacked_site.carrier.address[1]}"
    gate = f"{attacked_site.gate[0]}:{attacked_site.gate[1]}"
    other = f"{attacked_site.elsewhere.address[0]}:{attacked_site.elsewhere.address[1]}"
    header = "PJSIP_HEADER(add,X-Number)=" + WANTED
    return {
        "number_at_gate": originate(f"PJSIP/{WANTED}@gate"),
        "number_at_carrier_endpoint": originate(f"PJSIP/{WANTED}@carrier"),
        "uri_at_carrier": originate(f"PJSIP/gate/sip:{WANTED}@{carrier}"),
        "uri_at_carrier_by_phone": originate(f"PJSIP/seat1/sip:{WANTED}@{carrier}"),
        "uri_at_another_provider": originate(f"PJSIP/gate/sip:{WANTED}@{other}"),
        "uri_at_another_provider_by_phone": originate(f"PJSIP/seat1/sip:{WANTED}@{other}"),
        "uri_number_at_gate": originate(f"PJSIP/gate/sip:{WANTED}@{gate}"),
        "uri_number_in_parameter": originate(f"PJSIP/gate/sip:p{'1' * 36}@{gate};x={WANTED}"),
        "two_channels": originate(f"PJSIP/p{'1' * 36}@gate&PJSIP/{WANTED}@gate"),
        "local_number": originate(f"Local/{WANTED}@operators/n"),
        "local_at_phones": originate(f"Local/{WANTED}@phones/n"),
        "header_as_proof": originate(f"PJSIP/p{'1' * 36}@gate", Variable=header),
        "header_and_canon": originate(f"PJSIP/p{'1' * 36}@gate", Variable=f"CANON={WANTED},__CANON={WANTED},{header}"),
        "variable_of_many": originate(f"PJSIP/p{'1' * 36}@gate", Variable=f"__HOST={carrier},__CANON={WANTED}"),
        "application_dial": originate("PJSIP/seat1", Application="Dial", Data=f"PJSIP/{WANTED}@gate"),
        "application_dial_uri": originate("PJSIP/seat1", Application="Dial", Data=f"PJSIP/gate/sip:{WANTED}@{carrier}"),
        "application_originate": originate(
            "PJSIP/seat1", Application="Originate", Data=f"PJSIP/{WANTED}@gate,app,Echo"
        ),
        "application_transfer": originate("PJSIP/seat1", Application="Transfer", Data=f"PJSIP/sip:{WANTED}@{carrier}"),
        "application_agi": originate(
            "PJSIP/seat1",
            Application="AGI",
            Data=f"agi://{attacked_site.lab.controller_host}:{attacked_site.lab.agi_port}/verdict",
        ),
        "application_exec": originate("PJSIP/seat1", Application="Exec", Data=f"Dial(PJSIP/{WANTED}@gate)"),
        "forward": originate("PJSIP/seat1", Variable=f"FORWARD_CONTEXT=operators,CALLFORWARD={WANTED}"),
        "extension_number": originate("PJSIP/seat1", Context="operators", Exten=WANTED),
        "extension_in_phones": originate("PJSIP/seat1", Context="phones", Exten=WANTED),
        "command_originate": {
            "Action": "Command",
            "Command": f"channel originate PJSIP/{WANTED}@gate application Echo",
        },
        "play_dtmf": {"Action": "PlayDTMF", "Channel": "PJSIP/gate-00000001", "Digit": "1"},
        "message_send": {"Action": "MessageSend", "To": f"pjsip:gate/sip:{WANTED}@{carrier}", "Body": "x"},
        "pjsip_notify": {"Action": "PJSIPNotify", "URI": f"sip:{WANTED}@{carrier}", "Variable": "Event=x"},
        "pjsip_qualify": {"Action": "PJSIPQualify", "Endpoint": "gate"},
    }


NAIVE_OPEN = {
    *("number_at_gate", "uri_at_carrier", "uri_at_carrier_by_phone", "uri_number_at_gate", "local_number"),
    *("uri_at_another_provider", "uri_at_another_provider_by_phone"),
    *("header_as_proof", "header_and_canon", "application_dial", "application_dial_uri", "application_originate"),
    *("application_exec", "extension_number", "command_originate"),
}
PBX_ACTIONS = (
    *("number_at_gate", "number_at_carrier_endpoint", "uri_at_carrier", "uri_at_carrier_by_phone"),
    *("uri_at_another_provider", "uri_at_another_provider_by_phone"),
    *("uri_number_at_gate", "uri_number_in_parameter", "two_channels", "local_number", "local_at_phones"),
    *("header_as_proof", "header_and_canon", "variable_of_many", "application_dial", "application_dial_uri"),
    *("application_originate", "application_transfer", "application_agi", "application_exec", "forward"),
    *("extension_number", "extension_in_phones", "command_originate", "play_dtmf", "message_send", "pjsip_notify"),
    "pjsip_qualify",
)


@pytest.mark.parametrize("name", PBX_ACTIONS)
async def test_the_pbxs_account_asks_for(name: str, attacked_site: AttackedSite):
    actions = at_pbx(attacked_site)
    assert set(actions) == set(PBX_ACTIONS)
    await attacked_site.phone(1)
    async with attacked_site.manager("pbx") as manager:
        await manager.ask(**actions[name])
        await attacked_site.judge(attacked_site.unauthorised, naive="open" if name in NAIVE_OPEN else "closed")


POWERS: dict[str, Fields] = {
    "originate": originate(f"PJSIP/{WANTED}@carrier", Application="Echo", Data=""),
    "originate_local": originate(f"Local/{WANTED}@from-pbx/n", Application="Echo", Data=""),
    "originate_dial": originate("PJSIP/pbx", Application="Dial", Data=f"PJSIP/{WANTED}@carrier"),
    "command": {"Action": "Command", "Command": "core show version"},
    "module_load": {"Action": "ModuleLoad", "Module": "app_milliwatt.so", "LoadType": "unload"},
    "get_config": {"Action": "GetConfig", "Filename": "pjsip.conf"},
    "update_config": {"Action": "UpdateConfig", "SrcFilename": "extensions.conf", "DstFilename": "attack.conf"},
    "create_config": {"Action": "CreateConfig", "Filename": "attack2.conf"},
    "setvar": {"Action": "Setvar", "Variable": "ATTACKED", "Value": "yes"},
    "dialplan_add": {
        "Action": "DialplanExtensionAdd",
        "Context": "void",
        "Extension": "_X.",
        "Priority": "1",
        "Application": "NoOp",
    },
    "db_put": {"Action": "DBPut", "Family": "CFIM", "Key": "1", "Val": WANTED},
    "reload": {"Action": "Reload", "Module": "cdr"},
    "user_event": {"Action": "UserEvent", "UserEvent": "x"},
}


SECRETS_READ = ("FILE({etc}/manager.conf)", "FILE({etc}/pjsip.conf)", "SHELL(cat {etc}/manager.conf)")


@pytest.mark.parametrize("function", SECRETS_READ)
async def test_the_gates_account_reads_a_file_through_a_function(function: str, attacked_site: AttackedSite):
    """``Getvar`` is a reporting action, and functions read files: ``live_dangerously`` is what keeps them."""
    async with attacked_site.manager("gate") as manager:
        answer = await manager.ask(Action="Getvar", Variable=function.format(etc=attacked_site.settings.gate.etc))
    secrets = (attacked_site.lab.gate.ami_secret, attacked_site.link[1])
    await attacked_site.judge(lambda: any(secret in str(answer) for secret in secrets))


@pytest.mark.parametrize("name", POWERS)
async def test_the_gates_account_asks_for(name: str, attacked_site: AttackedSite):
    async with attacked_site.manager("gate") as manager:
        answer = await manager.ask(**POWERS[name])
    await attacked_site.judge(lambda: attacked_site.unauthorised() or answer["Response"] == "Success")


PBX_MAY = {"originate", "originate_local", "originate_dial", "setvar"}
"""Queued or set, and leading nowhere: ``test_the_pbxs_account_asks_for`` looks at what comes of it."""


@pytest.mark.parametrize("name", sorted(set(POWERS) - PBX_MAY))
async def test_the_pbxs_account_asks_for_more_than_calls(name: str, attacked_site: AttackedSite):
    async with attacked_site.manager("pbx") as manager:
        answer = await manager.ask(**POWERS[name])
    await attacked_site.judge(lambda: answer["Response"] == "Success")


TALK_ACTIONS: dict[str, Callable[[str], Fields]] = {
    "redirect_to_number": lambda channel: redirect(channel, "operators", WANTED),
    "redirect_to_gate_context": lambda channel: redirect(channel, "from-pbx", WANTED),
    "redirect_past_the_verdict": lambda channel: redirect(channel, "gate", "p" + "1" * 36, "known"),
    "redirect_past_the_check": lambda channel: redirect(channel, "seat", "conf", "join"),
    "blind_transfer": lambda channel: {
        "Action": "BlindTransfer",
        "Channel": channel,
        "Context": "operators",
        "Exten": WANTED,
    },
    "attended_transfer": lambda channel: {
        "Action": "Atxfer",
        "Channel": channel,
        "Context": "operators",
        "Exten": WANTED,
    },
    "agi_dial": lambda channel: {
        "Action": "AGI",
        "Channel": channel,
        "Command": f"EXEC Dial PJSIP/{WANTED}@gate",
        "CommandID": "1",
    },
}
TALK_OPEN = {"redirect_to_number", "blind_transfer"}


def redirect(channel: str, context: str, extension: str, priority: str = "1") -> Fields:
    where = {"Context": context, "Exten": extension, "Priority": priority}
    return {"Action": "Redirect", "Channel": channel} | where


@pytest.mark.parametrize("name", TALK_ACTIONS)
async def test_the_pbxs_account_moves_a_call(name: str, attacked_site: AttackedSite):
    await attacked_site.converse()
    async with attacked_site.manager("pbx") as manager:
        for channel in attacked_site.channels("pbx"):
            await manager.ask(**TALK_ACTIONS[name](channel))
        await attacked_site.judge(attacked_site.unauthorised, naive="open" if name in TALK_OPEN else "closed")


@pytest.mark.parametrize("name", ["StopMixMonitor", "PauseMonitor", "MuteAudio", "Hangup", "Redirect", "Setvar"])
async def test_the_gates_account_touches_a_recorded_call(name: str, attacked_site: AttackedSite):
    await attacked_site.converse()
    async with attacked_site.manager("gate") as manager:
        answers = [
            await manager.ask(
                Action=name, Channel=channel, Direction="all", State="on", Variable="CANON", Value=WANTED,
                Context="from-pbx", Exten=WANTED, Priority="1",
            )
            for channel in attacked_site.channels("gate")
        ]  # fmt: skip
    naive = "closed" if name == "PauseMonitor" else "open"
    await attacked_site.judge(lambda: any(answer["Response"] == "Success" for answer in answers), naive=naive)


IN_A_CALL: dict[str, Fields] = {
    "confbridge_record_with_a_command": {
        "Action": "ConfbridgeStartRecord",
        "Conference": "seat-1",
        "RecordFile": "{spool}/attack.wav,,touch {spool}/attacked",
    },
    "mixmonitor_with_a_command": {
        "Action": "MixMonitor",
        "File": "{spool}/attack.wav",
        "Command": "touch {spool}/attacked",
    },
    "getvar_shell": {"Action": "Getvar", "Variable": "SHELL(touch {spool}/attacked)"},
    "setvar_file": {"Action": "Setvar", "Variable": "FILE({spool}/attacked)", "Value": "x"},
    "setvar_records_a_conference": {
        "Action": "Setvar",
        "Variable": "CONFBRIDGE(bridge,record_command)",
        "Value": "touch {spool}/attacked",
    },
    "originate_a_program": originate("PJSIP/seat2", Application="AGI", Data="/bin/touch,{spool}/attacked"),
    "originate_the_shell": originate("PJSIP/seat2", Application="System", Data="touch {spool}/attacked"),
    "originate_a_recording": originate("PJSIP/seat2", Application="Record", Data="{spool}/attacked:wav"),
}
NAIVE_RUNS = set(IN_A_CALL) - {"confbridge_record_with_a_command"}
"""The other one needs a conference that is up, and the naive pbx has none: its phones dial."""


@pytest.mark.parametrize("name", IN_A_CALL)
async def test_the_pbxs_account_runs_a_program_or_writes_a_file(name: str, attacked_site: AttackedSite):
    await attacked_site.converse()
    await attacked_site.phone(2)
    spool = attacked_site.lab.pbx.spool
    fields = {key: value.format(spool=spool) for key, value in IN_A_CALL[name].items()}
    for left in spool.glob("attack*"):
        left.unlink()  # an earlier attack's, which may end only when its site is tidied
    async with attacked_site.manager("pbx") as manager:
        answers = [await manager.ask(**({"Channel": channel} | fields)) for channel in attacked_site.channels("pbx")]
        assert answers
        # Who may set it has won: the command runs when a conference of that profile is next recorded.
        is_set = name.startswith("setvar_records") and any(answer["Response"] == "Success" for answer in answers)
        if name.startswith("mixmonitor"):
            await manager.ask(Action="StopMixMonitor", Channel=attacked_site.channels("pbx")[0])
        naive = "open" if name in NAIVE_RUNS else "closed"
        await attacked_site.judge(lambda: is_set or list(spool.glob("attack*")), naive=naive)


LISTENING = {
    "chanspy_whisper": ("ChanSpy", "PJSIP/,qw"),
    "chanspy_barge": ("ChanSpy", "PJSIP/,qB"),
}


@pytest.mark.parametrize("name", LISTENING)
async def test_the_pbxs_account_lets_another_phone_into_a_call(name: str, attacked_site: AttackedSite):
    await attacked_site.converse(1)
    thief = await attacked_site.phone(3)
    application, data = LISTENING[name]
    await attacked_site.originate("PJSIP/seat3", Application=application, Data=data)
    await attacked_site.judge(lambda: any(call.audio.hears(CARRIER_HZ) for call in thief.calls))


async def test_a_line_break_in_a_value_makes_a_second_action(attacked_site: AttackedSite):
    text = (
        f"Action: Originate\r\nChannel: PJSIP/p{'1' * 36}@gate\r\nContext: answered\r\nExten: conf\r\nPriority: 1\r\n"
        f"Async: true\r\nCallerID: x\r\n\r\nAction: Originate\r\nChannel: PJSIP/{WANTED}@gate\r\n"
        "Context: answered\r\nExten: conf\r\nPriority: 1\r\nAsync: true\r\n\r\n"
    )
    async with attacked_site.manager("pbx") as manager:
        await manager.send(text)
        await attacked_site.judge(attacked_site.unauthorised)


@pytest.mark.parametrize("name", ["pbx", "gate"])
@pytest.mark.parametrize("account", ["monitor:monitor", "admin:admin", "admin:amp111", "operator-desktop:operator"])
async def test_a_guessed_account_logs_in(name: str, account: str, attacked_site: AttackedSite):
    user, secret = account.split(":")
    try:
        async with Manager.session(attacked_site.lab.instance(name).address("ami"), user, secret):
            is_in = True
    except PermissionError:
        is_in = False
    await attacked_site.judge(lambda: is_in, naive="open" if user == "monitor" else "closed")


@pytest.mark.parametrize("name", ["pbx", "gate"])
async def test_a_number_is_dialled_over_http(name: str, attacked_site: AttackedSite):
    host, port = attacked_site.lab.instance(name).address("ami")
    trunk = "gate" if name == "pbx" else "carrier"
    query = f"endpoint=PJSIP/{WANTED}@{trunk}&app=x&api_key=operator-desktop:operator"
    request = f"POST /ari/channels?{query} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n"
    for own in (port + 1000, 8088, 8089):
        try:
            _, writer = await asyncio.open_connection(host, own)
        except OSError:
            continue
        writer.write(request.encode())
        await writer.drain()
        await attacked_site.judge(attacked_site.unauthorised)
        writer.close()
        return
    assert not attacked_site.is_naive


@pytest.mark.parametrize("name", ["pbx", "gate"])
async def test_a_call_file_is_dropped_in_the_spool(name: str, attacked_site: AttackedSite):
    instance = attacked_site.lab.instance(name)
    folder = instance.spool / "outgoing"
    folder.mkdir(exist_ok=True)
    os.chown(folder, instance.user_id, instance.user_id)
    trunk = "gate" if name == "pbx" else "carrier"
    file = instance.spool / "attack.call"
    file.write_text(f"Channel: PJSIP/{WANTED}@{trunk}\nApplication: Echo\n")
    os.chown(file, instance.user_id, instance.user_id)
    file.rename(folder / "attack.call")
    await attacked_site.judge(attacked_site.unauthorised)
    (folder / "attack.call").unlink(missing_ok=True)
