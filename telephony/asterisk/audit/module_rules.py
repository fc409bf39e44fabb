"""Rules about modules that must not be there: listed, loaded by Asterisk itself, or running. Pure."""

import fnmatch
import re
from collections.abc import Iterator, Mapping
from typing import Final

from telephony.asterisk.audit.conf import is_yes, read_configuration
from telephony.asterisk.audit.evidence import Departure, Instance, Role
from telephony.asterisk.audit.holes import Hole

FORBIDDEN: Final[Mapping[str, tuple[Hole, ...]]] = {
    "res_pjsip_refer": (Hole.REFER, Hole.INVITE_REPLACES),
    "res_pjsip_messaging": (Hole.MESSAGE,),
    "app_transfer": (Hole.REFER,),
    "res_pjsip_endpoint_identifier_anonymous": (Hole.ANONYMOUS_CALLER,),
    "app_attended_transfer": (Hole.SECOND_EXIT,),
    "app_blind_transfer": (Hole.SECOND_EXIT,),
    "app_directory": (Hole.SECOND_EXIT,),
    "app_sla": (Hole.SECOND_EXIT,),
    "app_broadcast": (Hole.CALL_JOINED,),
    "app_audiosocket": (Hole.AUDIO_ELSEWHERE,),
    "res_audiosocket": (Hole.AUDIO_ELSEWHERE,),
    "app_jack": (Hole.AUDIO_ELSEWHERE,),
    "res_rtp_multicast": (Hole.AUDIO_ELSEWHERE,),
    "res_websocket_client": (Hole.AUDIO_ELSEWHERE,),
    "res_xmpp": (Hole.OTHER_CHANNEL_DRIVER,),
    "app_directed_pickup": (Hole.PICKUP,),
    "res_features_pickup": (Hole.PICKUP,),
    "res_pjsip_one_touch_record_info": (Hole.FEATURE_CODES, Hole.RECORDING_STOPPABLE),
    "res_parking": (Hole.PARKING,),
    "app_disa": (Hole.DISA,),
    "app_followme": (Hole.FOLLOW_ME,),
    "app_queue": (Hole.QUEUE,),
    "app_agent_pool": (Hole.QUEUE,),
    "app_voicemail*": (Hole.CALL_FORWARDING,),
    "app_minivm": (Hole.SHELL,),
    "app_channelredirect": (Hole.FEATURE_CODES,),
    "app_bridgeaddchan": (Hole.SECOND_EXIT,),
    "app_page": (Hole.SECOND_EXIT,),
    "app_originate": (Hole.HIDDEN_ORIGINATE,),
    "res_calendar*": (Hole.HIDDEN_ORIGINATE,),
    "res_manager_*state": (Hole.MANAGER_REDIRECTS,),
    "res_clioriginate": (Hole.CONSOLE_DIALS,),
    "res_clialiases": (Hole.CLI_ALIASES,),
    "pbx_spool": (Hole.CALL_FILES,),
    "pbx_dundi": (Hole.DUNDI,),
    "pbx_realtime": (Hole.REALTIME, Hole.HIDDEN_DIALPLAN),
    "pbx_ael": (Hole.HIDDEN_DIALPLAN,),
    "pbx_lua": (Hole.HIDDEN_DIALPLAN,),
    "pbx_loopback": (Hole.HIDDEN_DIALPLAN,),
    "res_config_*": (Hole.REALTIME,),
    "res_realtime": (Hole.REALTIME,),
    "res_sorcery_realtime": (Hole.REALTIME,),
    "res_odbc*": (Hole.REALTIME,),
    "func_odbc": (Hole.REALTIME,),
    "func_realtime": (Hole.REALTIME,),
    "res_pjsip_config_wizard": (Hole.UNREAD_CONFIGURATION,),
    "func_shell": (Hole.SHELL,),
    "app_system": (Hole.SHELL,),
    "app_externalivr": (Hole.SHELL,),
    "app_mp3": (Hole.SHELL,),
    "res_ari*": (Hole.ARI,),
    "res_stasis*": (Hole.ARI,),
    "app_stasis": (Hole.ARI,),
    "res_http*": (Hole.HTTP,),
    "res_phoneprov": (Hole.HTTP,),
    "res_prometheus": (Hole.HTTP,),
    "res_pjsip_transport_websocket": (Hole.HTTP,),
    "chan_iax2": (Hole.OTHER_CHANNEL_DRIVER,),
    "chan_[!pb]*": (Hole.OTHER_CHANNEL_DRIVER,),
    "bridge_native_rtp": (Hole.DIRECT_MEDIA,),
    "res_fax*": (Hole.FAX,),
    "res_pjsip_t38": (Hole.FAX,),
}
"""Name without ``.so``, as a pattern: what it opens at either instance."""

FORBIDDEN_AT: Final[Mapping[Role, Mapping[str, tuple[Hole, ...]]]] = {
    Role.PBX: {
        "app_chanspy": (Hole.CALL_JOINED,),
        "res_pjsip_outbound_registration": (Hole.TRUNK_ON_PBX,),
    },
    Role.GATE: {
        "res_pjsip_registrar": (Hole.OPERATORS_AT_GATE, Hole.CONTACT_ELSEWHERE),
        "res_pjsip_endpoint_identifier_user": (Hole.TRUNK_IMPERSONATED,),
        "res_mutestream": (Hole.RECORDING_STOPPABLE,),
        "func_frame_drop": (Hole.FRAME_DROP,),
        "app_confbridge": (Hole.OPERATORS_AT_GATE,),
        "app_senddtmf": (Hole.KEYS_TO_CARRIER,),
        "app_meetme": (Hole.OPERATORS_AT_GATE,),
    },
}
CALL_RECORDS: Final = ("cdr_csv", "cdr_custom", "cdr_sqlite3_custom", "cdr_pgsql", "cdr_adaptive_odbc", "cdr_odbc")
_SHOWN: Final = re.compile(r"^(\S+\.so)\s.*\bRunning\b", re.MULTILINE)


def module_departures(instance: Instance) -> Iterator[Departure]:
    """Yield the modules that must not be there."""
    listed = listed_modules(instance)
    running = running_modules(instance)
    table = {**FORBIDDEN, **FORBIDDEN_AT[instance.role]}
    for pattern, holes in table.items():
        for hole in holes:
            for name, where in listed.items():
                if fnmatch.fnmatchcase(name, pattern):
                    yield instance.departure(hole, f"{where} {name}.so", "is loaded")
            for name in running - set(listed):
                if fnmatch.fnmatchcase(name, pattern):
                    yield instance.departure(hole, f"running: module {name}.so", "is loaded")
    yield from _by_itself(instance, table)
    if (
        instance.role is Role.GATE
        and not (set(listed) | running) & set(CALL_RECORDS)
        and not loads_by_itself(instance)[0]
    ):
        yield instance.departure(Hole.NO_CALL_RECORDS, "modules.conf", "no module that writes call records is loaded")


def listed_modules(instance: Instance) -> dict[str, str]:
    """Return the modules that ``modules.conf`` loads by name, without ``.so``, with the place."""
    section = read_configuration(instance.files, "modules.conf").named("modules")
    found: dict[str, str] = {}
    for entry in [] if section is None else section.entries:
        name = entry.value.removesuffix(".so")
        if entry.key in {"load", "preload", "require", "preload-require"}:
            found[name] = entry.where
        elif entry.key == "noload":
            found.pop(name, None)
    return found


def running_modules(instance: Instance) -> set[str]:
    """Return the modules the console shows running, without ``.so``."""
    text = "" if instance.running is None else instance.running.modules
    return {name.removesuffix(".so") for name in _SHOWN.findall(text)}


def loads_by_itself(instance: Instance) -> tuple[bool, str]:
    """Tell whether ``autoload`` is on, and where that stands."""
    section = read_configuration(instance.files, "modules.conf").named("modules")
    if section is None:
        return False, "modules.conf"
    # Without the word Asterisk loads nothing by itself.
    return is_yes(section.value("autoload", "no")), section.place("autoload")


def _by_itself(instance: Instance, table: Mapping[str, tuple[Hole, ...]]) -> Iterator[Departure]:
    """Say what ``autoload = yes`` brings, unless the running instance shows what it brought."""
    is_on, where = loads_by_itself(instance)
    if not is_on or running_modules(instance):
        return
    section = read_configuration(instance.files, "modules.conf").named("modules")
    kept_out = [entry.value.removesuffix(".so") for entry in (section.all("noload") if section else [])]
    for pattern, holes in table.items():
        if pattern not in kept_out:
            for hole in holes:
                yield instance.departure(
                    hole, f"{where} {pattern}", "autoload = yes loads it", "autoload = no, and list what is needed"
                )
