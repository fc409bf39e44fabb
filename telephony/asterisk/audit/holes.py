"""The holes an audit looks for, each with a short name; ``holes.toml`` describes the risk and the fix of each.

The list is the threat table of the two-instance lock. The rule modules find the holes in a configuration; ``UNSEEN``
lists what no configuration shows.
"""

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final


class Hole(StrEnum):
    """Short name of a hole."""

    # who decides
    AGI_FAILS_OPEN = "agi-fails-open"
    AGI_UNBOUNDED = "agi-unbounded"
    NO_PERMIT = "no-permit"
    HEADER_AS_PROOF = "header-as-proof"
    GATE_PATTERN = "gate-pattern"
    # recording
    NO_RECORDING = "no-recording"
    RECORDING_UNPROVED = "recording-unproved"
    RECORDING_LATE = "recording-late"
    RECORDING_NAME = "recording-name"
    RECORDING_STOPPABLE = "recording-stoppable"
    EARLY_MEDIA = "early-media"
    # outbound calls
    SECOND_EXIT = "second-exit"
    NO_PRE_DIAL = "no-pre-dial"
    DESTINATION_UNPROVED = "destination-unproved"
    DIALLED_TEXT = "dialled-text"
    OPEN_PATTERN = "open-pattern"
    INCLUDES = "includes"
    OPERATOR_DIALS = "operator-dials"
    TRUNK_ON_PBX = "trunk-on-pbx"
    CALL_UNBOUNDED = "call-unbounded"
    HIDDEN_DIALPLAN = "hidden-dialplan"
    UNREAD_CONFIGURATION = "unread-configuration"
    # signalling
    REFER = "refer"
    INVITE_REPLACES = "invite-replaces"
    REDIRECT_FOLLOWED = "redirect-followed"
    CONTACT_ELSEWHERE = "contact-elsewhere"
    SECOND_REGISTRATION = "second-registration"
    MESSAGE = "message-runs-dialplan"
    TRUNK_IMPERSONATED = "trunk-impersonated"
    ANONYMOUS_CALLER = "anonymous-caller"
    CARRIER_CALLS_IN = "carrier-calls-in"
    NUMBER_ON_PBX = "number-on-pbx"
    OPERATORS_AT_GATE = "operators-at-gate"
    DIVERSION_UNSEEN = "diversion-unseen"
    STRANGERS_TEXT = "strangers-text"
    # features
    FEATURE_CODES = "feature-codes"
    PICKUP = "pickup"
    PARKING = "parking"
    DISA = "disa"
    FOLLOW_ME = "follow-me"
    QUEUE = "queue"
    CALL_FORWARDING = "call-forwarding"
    CALL_JOINED = "call-joined"
    # the manager interface
    MANAGER_ORIGINATES = "manager-originates"
    MANAGER_REDIRECTS = "manager-redirects"
    MANAGER_COMMANDS = "manager-commands"
    MANAGER_SECRETS = "manager-secrets"
    MANAGER_ANYWHERE = "manager-anywhere"
    WEAK_SECRET = "weak-secret"  # noqa: S105 - the name of a hole
    # other entry points
    CALL_FILES = "call-files"
    CONSOLE_DIALS = "console-dials"
    HIDDEN_ORIGINATE = "hidden-originate"
    CONTROL_SOCKET = "control-socket"
    ARI = "ari"
    HTTP = "http"
    OTHER_CHANNEL_DRIVER = "other-channel-driver"
    DUNDI = "dundi"
    REALTIME = "realtime"
    SHELL = "shell"
    CLI_ALIASES = "cli-aliases"
    # media
    DIRECT_MEDIA = "direct-media"
    FAX = "fax"
    OTHER_CODECS = "other-codecs"
    KEYS_TO_CALLEE = "keys-to-callee"
    KEYS_TO_CARRIER = "keys-to-carrier"
    FRAME_DROP = "frame-drop"
    MEDIA_STEERED = "media-steered"
    STRAY_AUDIO = "stray-audio"
    AUDIO_ELSEWHERE = "audio-elsewhere"
    # endings
    DEAD_PEER = "dead-peer"
    CARRIER_LEG_SURVIVES = "carrier-leg-survives"
    # the host
    SECRETS_READABLE = "secrets-readable"
    WRONG_USER = "wrong-user"
    NO_CALL_RECORDS = "no-call-records"
    FILES_CHANGED = "files-changed"
    RUNNING_DIFFERS = "running-differs"
    FIREWALL_CARRIER = "firewall-carrier"
    FIREWALL_MANAGER = "firewall-manager"
    FIREWALL_PERMITS = "firewall-permits"
    FIREWALL_MEDIA = "firewall-media"
    FIREWALL_IMPOSTOR = "firewall-impostor"
    FIREWALL_ELSEWHERE = "firewall-elsewhere"
    NEXT_BOOT = "next-boot"


@dataclass(frozen=True, slots=True)
class About:
    """Description of a hole.

    Attributes:
        lets: what somebody can do through it.
        mend: the fix.
    """

    lets: str
    mend: str


HOLES: Final = {
    Hole(code): About(**texts)
    for code, texts in tomllib.loads(Path(__file__).with_name("holes.toml").read_text(encoding="utf-8")).items()
}
UNSEEN: Final = (
    "control characters in manager actions (refused by the controller, not by Asterisk)",
    "a disk that fills in mid-call (the recorder's watch, not the configuration)",
    "tones an operator plays in the audio (looked for in the recording)",
    "whether the carrier accepts the gate's address only",
    "whether the way between controller and gate is theirs alone: whoever answers there commands the gate",
    "whether the phones' network leads anywhere else",
    "whether the controller gives permits rightly",
)
"""What no configuration shows; printed with every audit."""
