"""Rules about forbidden modules: listed, loaded automatically, or running. Pure."""

import fnmatch
import re
from collections.abc import Iterator, Mapping
from typing import Final

from telephony.asterisk.audit.conf import is_yes, read_configuration
from telephony.asterisk.audit.evidence import Breach, Instance, Role
from telephony.asterisk.audit.holes import Hole

FORBIDDEN: Final[Mapping[Hole, str]] = {
    Hole.REFER: "res_pjsip_refer app_transfer",
    Hole.INVITE_REPLACES: "res_pjsip_refer",
    Hole.MESSAGE: "res_pjsip_messaging",
    Hole.ANONYMOUS_CALLER: "res_pjsip_endpoint_identifier_anonymous",
    Hole.SECOND_EXIT: "app_attended_transfer app_blind_transfer app_directory app_sla app_bridgeaddchan app_page",
    Hole.CALL_JOINED: "app_broadcast",
    Hole.AUDIO_ELSEWHERE: "app_audiosocket res_audiosocket app_jack res_rtp_multicast res_websocket_client",
    Hole.OTHER_CHANNEL_DRIVER: "res_xmpp chan_iax2 chan_[!pb]*",
    Hole.PICKUP: "app_directed_pickup res_features_pickup",
    Hole.FEATURE_CODES: "res_pjsip_one_touch_record_info app_channelredirect",
    Hole.RECORDING_STOPPABLE: "res_pjsip_one_touch_record_info",
    Hole.PARKING: "res_parking",
    Hole.DISA: "app_disa",
    Hole.FOLLOW_ME: "app_followme",
    Hole.QUEUE: "app_queue app_agent_pool",
    Hole.CALL_FORWARDING: "app_voicemail*",
    Hole.SHELL: "app_minivm func_shell app_system app_externalivr app_mp3",
    Hole.HIDDEN_ORIGINATE: "app_originate res_calendar*",
    Hole.MANAGER_REDIRECTS: "res_manager_*state",
    Hole.CONSOLE_DIALS: "res_clioriginate",
    Hole.CLI_ALIASES: "res_clialiases",
    Hole.CALL_FILES: "pbx_spool",
    Hole.DUNDI: "pbx_dundi",
    Hole.REALTIME: "pbx_realtime res_config_* res_realtime res_sorcery_realtime res_odbc* func_odbc func_realtime",
    Hole.HIDDEN_DIALPLAN: "pbx_realtime pbx_ael pbx_lua pbx_loopback",
    Hole.UNREAD_CONFIGURATION: "res_pjsip_config_wizard",
    Hole.ARI: "res_ari* res_stasis* app_stasis",
    Hole.HTTP: "res_http* res_phoneprov res_prometheus res_pjsip_transport_websocket",
    Hole.DIRECT_MEDIA: "bridge_native_rtp",
    Hole.FAX: "res_fax* res_pjsip_t38",
}
"""The holes that modules open on both instances; names without ``.so``, as patterns."""

FORBIDDEN_AT: Final[Mapping[Role, Mapping[Hole, str]]] = {
    Role.PBX: {
        Hole.CALL_JOINED: "app_chanspy",
        Hole.TRUNK_ON_PBX: "res_pjsip_outbound_registration",
    },
    Role.GATE: {
        Hole.OPERATORS_AT_GATE: "res_pjsip_registrar app_confbridge app_meetme",
        Hole.CONTACT_ELSEWHERE: "res_pjsip_registrar",
        Hole.TRUNK_IMPERSONATED: "res_pjsip_endpoint_identifier_user",
        Hole.RECORDING_STOPPABLE: "res_mutestream",
        Hole.FRAME_DROP: "func_frame_drop",
        Hole.KEYS_TO_CARRIER: "app_senddtmf",
    },
}
CALL_RECORDS: Final = ("cdr_csv", "cdr_custom", "cdr_sqlite3_custom", "cdr_pgsql", "cdr_adaptive_odbc", "cdr_odbc")
_SHOWN: Final = re.compile(r"^(\S+\.so)\s.*\bRunning\b", re.MULTILINE)


def check_modules(instance: Instance) -> Iterator[Breach]:
    """Yield forbidden modules, and those that ``autoload`` loads unless the console shows which ones run."""
    listed, running = listed_modules(instance), running_modules(instance)
    loads_all, where = loads_by_itself(instance)
    section = read_configuration(instance.files, "modules.conf").named("modules")
    kept_out = {entry.value.removesuffix(".so") for entry in (section.all("noload") if section else [])}
    places = {name: f"{place} {name}.so" for name, place in listed.items()}
    places |= {name: f"running: module {name}.so" for name in running - set(listed)}
    for hole, pattern in _forbidden(instance.role):
        for name in fnmatch.filter(places, pattern):
            yield hole, places[name], "is loaded"
        if loads_all and not running and pattern not in kept_out:
            yield hole, f"{where} {pattern}", "autoload = yes loads it", "autoload = no, and list what is needed"
    if instance.role is Role.GATE and not set(places) & set(CALL_RECORDS) and not loads_all:
        yield Hole.NO_CALL_RECORDS, "modules.conf", "no module that writes call records is loaded"


def _forbidden(role: Role) -> Iterator[tuple[Hole, str]]:
    for table in (FORBIDDEN, FORBIDDEN_AT[role]):
        for hole, patterns in table.items():
            for pattern in patterns.split():
                yield hole, pattern


def listed_modules(instance: Instance) -> dict[str, str]:
    """Return the modules that ``modules.conf`` loads by name, without ``.so``, with their place."""
    section = read_configuration(instance.files, "modules.conf").named("modules")
    modules: dict[str, str] = {}
    for entry in [] if section is None else section.entries:
        name = entry.value.removesuffix(".so")
        if entry.key in {"load", "preload", "require", "preload-require"}:
            modules[name] = entry.where
        elif entry.key == "noload":
            modules.pop(name, None)
    return modules


def running_modules(instance: Instance) -> set[str]:
    """Return the modules that the console shows as running, without ``.so``."""
    text = "" if instance.running is None else instance.running.modules
    return {name.removesuffix(".so") for name in _SHOWN.findall(text)}


def loads_by_itself(instance: Instance) -> tuple[bool, str]:
    """Return whether ``autoload`` is on, and the place of the option."""
    section = read_configuration(instance.files, "modules.conf").named("modules")
    if section is None:
        return False, "modules.conf"
    # Without the option Asterisk loads nothing automatically.
    return is_yes(section.value("autoload", "no")), section.place("autoload")
