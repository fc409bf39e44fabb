"""Tables of options with forbidden values: in files, manager, endpoints and address records. Pure.

A row is one option: the hole, Asterisk's default, and the values that open the hole. ``endpoint_rules``, ``host_rules``
and ``manager_rules`` check combinations of options.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from telephony.asterisk.audit.accounts import Kind
from telephony.asterisk.audit.conf import Section, is_yes
from telephony.asterisk.audit.evidence import Breach, Role
from telephony.asterisk.audit.holes import Hole

EVERYWHERE: Final = frozenset({"0.0.0.0/0.0.0.0", "0.0.0.0/0", "0.0.0.0", "::/0", "::"})
LONGEST_SESSION_S: Final = 300


def is_no(value: str) -> bool:
    """Return True if Asterisk reads the value as false."""
    return not is_yes(value)


def is_missing(value: str) -> bool:
    """Return True if there is no value."""
    return not value


def is_other_than(*allowed: str) -> Callable[[str], bool]:
    """Return a test that is true for every value but these."""
    return lambda value: value not in allowed


@dataclass(frozen=True, slots=True)
class Option:
    """One option that opens a hole.

    Attributes:
        key: its name.
        hole: the hole it opens.
        default: Asterisk's default.
        opens: returns True for lower-case values that open the hole.
        says: text of the finding.
        mend: the fix; "" for the hole's own.
    """

    key: str
    hole: Hole
    default: str = ""
    opens: Callable[[str], bool] = is_yes
    says: str = "{key} = {value}"
    mend: str = ""


def check_options(options: Iterable[Option], section: Section, thing: str = "") -> Iterator[Breach]:
    """Yield the options of one section that open a hole; ``thing`` follows the place."""
    for option in options:
        value = section.value(option.key, option.default)
        if option.opens(value):
            says = option.says.format(key=option.key, value=value)
            yield option.hole, f"{section.place(option.key)} {thing}".strip(), says, option.mend


FILES: Final[Mapping[tuple[str, str], tuple[Option, ...]]] = {
    ("asterisk.conf", "options"): (
        Option("live_dangerously", Hole.SHELL, says="{key} = yes"),
        Option("execincludes", Hole.SHELL, says="{key} = yes"),
        Option("runuser", Hole.WRONG_USER, "", {"root", "0"}.__contains__, "runs as root"),
    ),
    ("asterisk.conf", "files"): (
        Option("astctlpermissions", Hole.CONTROL_SOCKET, "", is_missing, "{key} is not set"),
        Option("astctlpermissions", Hole.CONTROL_SOCKET, "", lambda mode: bool(mode[-2:].strip("0"))),
    ),
    ("http.conf", "general"): (Option("enabled", Hole.HTTP, says="enabled = yes"),),
    ("ari.conf", "general"): (Option("enabled", Hole.ARI, says="enabled = yes"),),
    ("rtp.conf", "general"): (
        Option("strictrtp", Hole.STRAY_AUDIO, "yes", lambda value: is_no(value) and value != "seqno"),
    ),
}
"""Options by file and section."""
GATE_RECORDS: Final = (
    Option("enable", Hole.NO_CALL_RECORDS, "yes", is_no, "enable = no"),
    Option("unanswered", Hole.NO_CALL_RECORDS, "no", is_no, "unanswered = no"),
)
_ON_EVERY_ADDRESS: Final = "the manager port listens on every address"
_SECOND_PORT: Final = "tlsenable = yes: a second manager port, which the network rules do not know"
CONFERENCE: Final = (Option("dtmf_passthrough", Hole.KEYS_TO_CALLEE, says="{key} = yes"),)
MANAGER: Final = (
    Option("bindaddr", Hole.MANAGER_ANYWHERE, "0.0.0.0", EVERYWHERE.__contains__, _ON_EVERY_ADDRESS),
    Option("tlsenable", Hole.MANAGER_ANYWHERE, says=_SECOND_PORT, mend="tlsenable = no"),
    Option("webenabled", Hole.HTTP, says="webenabled = yes"),
)

EVERY_ENDPOINT: Final = (
    Option("allow_transfer", Hole.REFER, "yes"),
    Option("direct_media", Hole.DIRECT_MEDIA, "yes"),
    Option("allow_subscribe", Hole.INVITE_REPLACES, "yes"),
    Option("t38_udptl", Hole.FAX),
    Option("fax_detect", Hole.FAX),
    Option("one_touch_recording", Hole.RECORDING_STOPPABLE),
    Option("call_group", Hole.PICKUP, "", bool),
    Option("pickup_group", Hole.PICKUP, "", bool),
    Option("named_call_group", Hole.PICKUP, "", bool),
    Option("named_pickup_group", Hole.PICKUP, "", bool),
    Option("redirect_method", Hole.REDIRECT_FOLLOWED, "user", is_other_than("user")),
    Option("rtp_timeout", Hole.DEAD_PEER, "0", {"0"}.__contains__, "no rtp_timeout"),
)
_BELIEVED: Final = "no callerid: what the caller writes is believed"
_NO_AUTH: Final = Option("auth", Hole.ANONYMOUS_CALLER, "", is_missing, "no auth: a call without a password")
_NO_NAME: Final = Option("callerid", Hole.STRANGERS_TEXT, "", is_missing, _BELIEVED)
"""The caller's From becomes a caller number; line breaks in it would become lines of manager events."""
TRUNK_OF_GATE: Final = (
    Option("dtmf_mode", Hole.KEYS_TO_CARRIER, "rfc4733", is_other_than("none")),
    Option("trust_id_inbound", Hole.STRANGERS_TEXT, says="{key} = yes"),
)
CALLER_OF_GATE: Final = (_NO_AUTH,)
LINK: Final[Mapping[Role, tuple[Option, ...]]] = {
    Role.PBX: (Option("trust_id_inbound", Hole.NUMBER_ON_PBX, says="{key} = yes"),),
    Role.GATE: (
        Option("trust_id_outbound", Hole.NUMBER_ON_PBX, says="{key} = yes"),
        Option("send_pai", Hole.NUMBER_ON_PBX, says="{key} = yes"),
        Option("send_rpid", Hole.NUMBER_ON_PBX, says="{key} = yes"),
        Option("send_connected_line", Hole.NUMBER_ON_PBX, "yes", says="{key} = yes"),
    ),
}
BY_KIND: Final[Mapping[Kind, tuple[Option, ...]]] = {
    Kind.PHONE: (
        Option("rewrite_contact", Hole.CONTACT_ELSEWHERE, "no", is_no, "rewrite_contact = no"),
        Option("dtmf_mode", Hole.KEYS_TO_CALLEE, "rfc4733", is_other_than("inband")),
        _NO_AUTH,
        _NO_NAME,
    ),
    Kind.CALLER: (_NO_AUTH, _NO_NAME),
}
_TAKES_OVER: Final = "{key} = yes: a second registration takes the seat over"
PHONE_AOR: Final = (
    Option("max_contacts", Hole.SECOND_REGISTRATION, "0", is_other_than("0", "1")),
    Option("remove_existing", Hole.SECOND_REGISTRATION, says=_TAKES_OVER),
    Option("remove_unavailable", Hole.SECOND_REGISTRATION, says=_TAKES_OVER),
    Option("support_path", Hole.CONTACT_ELSEWHERE, says="support_path = yes"),
)
