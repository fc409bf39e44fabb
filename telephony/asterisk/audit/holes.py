"""The holes an audit looks for: one short name each, what it lets happen, and how it is closed.

The list is the threat table of the two-instance lock. Finding a hole in a configuration is left to the rule modules;
what cannot be seen in a configuration is said in ``UNSEEN``.
"""

from dataclasses import dataclass
from enum import StrEnum
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
    # the way out
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
    # other doors
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
    # the machine
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
    """What a hole is.

    Attributes:
        lets: what somebody can do through it.
        mend: how it is closed.
    """

    lets: str
    mend: str


HOLES: Final[dict[Hole, About]] = {
    Hole.AGI_FAILS_OPEN: About(
        "FastAGI that dies or talks nonsense leaves AGISTATUS=SUCCESS and the call goes on",
        'clear the verdict before, go on only if "${AGISTATUS}/${VERDICT}" = "SUCCESS/OK-${UNIQUEID}-…"',
    ),
    Hole.AGI_UNBOUNDED: About(
        "a FastAGI server that hangs holds the call for ever",
        "Set(AGIEXITONHANGUP=yes) and Set(TIMEOUT(absolute)=3) before AGI()",
    ),
    Hole.NO_PERMIT: About("a trunk call without anybody having decided", "ask for a permit before Dial()"),
    Hole.HEADER_AS_PROOF: About(
        "whoever originates writes headers and variables", "look a single-use permit up instead of reading a header"
    ),
    Hole.GATE_PATTERN: About(
        "the gate takes something else than a permit", "leave _p and 36 X as the gate's only extension"
    ),
    Hole.NO_RECORDING: About(
        "a trunk call that is not recorded", "MixMonitor() in the b() handler of the trunk's Dial"
    ),
    Hole.RECORDING_UNPROVED: About(
        "MixMonitor reports success with an impossible path or a full disk",
        "after MixMonitor, let nothing but STAT(s,file) > 0 reach Return()",
    ),
    Hole.RECORDING_LATE: About(
        "speech before the recording starts", "start MixMonitor in b(), on the trunk channel before its INVITE"
    ),
    Hole.RECORDING_NAME: About(
        "a comma in the file's name runs a shell command, ../ and an existing name destroy other recordings",
        "name the file by an id checked against ^[a-f0-9-]+$",
    ),
    Hole.RECORDING_STOPPABLE: About("somebody stops a recording", "leave StopMixMonitor and mixing keys out"),
    Hole.EARLY_MEDIA: About("both sides hear each other before the answer", "give Dial the option r"),
    Hole.SECOND_EXIT: About("a call leaves beside the gate's one Dial", "remove it: only the gate dials a trunk"),
    Hole.NO_PRE_DIAL: About("nothing stands between Dial and the INVITE", "give Dial a b() handler with the proofs"),
    Hole.DESTINATION_UNPROVED: About(
        "the trunk channel goes to another number than its permit's",
        "in b(), compare ${CHANNEL(pjsip,target_uri)} with the permit's number",
    ),
    Hole.DIALLED_TEXT: About(
        "& / , ; and %40 in what was dialled add numbers, digits and hosts",
        "dial only what the controller answered, checked by an anchored REGEX",
    ),
    Hole.OPEN_PATTERN: About("any text matches, & / , included", "remove the pattern, or bound it with X"),
    Hole.INCLUDES: About("extensions of elsewhere are reachable here", "remove the include"),
    Hole.OPERATOR_DIALS: About("an operator dials a number", "leave one literal login extension to phones"),
    Hole.TRUNK_ON_PBX: About("the pbx reaches a carrier without the gate", "move the trunk to the gate"),
    Hole.CALL_UNBOUNDED: About(
        "with the controller gone a call goes on for ever", "Set(TIMEOUT(absolute)=3600) before Dial()"
    ),
    Hole.HIDDEN_DIALPLAN: About("dialplan that this check cannot read", "remove it, and keep all in extensions.conf"),
    Hole.UNREAD_CONFIGURATION: About("configuration that this check cannot read", "put it where it can be read"),
    Hole.REFER: About("REFER transfers a call anywhere", "noload res_pjsip_refer.so (restart) and allow_transfer = no"),
    Hole.INVITE_REPLACES: About(
        "another phone takes over a call with INVITE and Replaces", "noload res_pjsip_refer.so (restart)"
    ),
    Hole.REDIRECT_FOLLOWED: About("a 302 calls another number", "Dial option i and redirect_method = user"),
    Hole.CONTACT_ELSEWHERE: About(
        "a phone registers sip:NUMBER@carrier and is rung there",
        "contact_deny/contact_permit, deny/permit and rewrite_contact = yes on every phone",
    ),
    Hole.SECOND_REGISTRATION: About(
        "a second device with the same password", "max_contacts = 1 and remove_existing = no; change the secret"
    ),
    Hole.MESSAGE: About(
        "a MESSAGE runs the dialplan, Dial included", "noload res_pjsip_messaging.so and message_context = an empty one"
    ),
    Hole.TRUNK_IMPERSONATED: About("a caller that writes From: trunk is taken for it", "identify_by = ip"),
    Hole.ANONYMOUS_CALLER: About("a call without account or password", "remove the endpoint, ask for auth"),
    Hole.CARRIER_CALLS_IN: About("the carrier's side runs dialplan", "point its context to an empty one"),
    Hole.NUMBER_ON_PBX: About(
        "the called number appears on the pbx",
        "trust_id_outbound, send_pai, send_rpid, send_connected_line = no towards the pbx",
    ),
    Hole.OPERATORS_AT_GATE: About("the gate knows phones", "keep phones and registrations on the pbx"),
    Hole.DIVERSION_UNSEEN: About(
        "a called party that forwards raises no alarm",
        "U() of the trunk's Dial: CALLERID(num) set to the digits of PJSIP_RESPONSE_HEADER(read,P-Asserted-Identity)",
    ),
    Hole.STRANGERS_TEXT: About(
        "a name or number with line breaks writes manager events and tears console lines",
        "trust_id_inbound = no on the trunk, and callerid = on every endpoint that calls",
    ),
    Hole.FEATURE_CODES: About(
        "a key transfers, records or hangs up", "no tTkKwWxXhH in Dial, and an empty [featuremap] in features.conf"
    ),
    Hole.PICKUP: About("a phone takes a call that rings elsewhere", "no pickup module, application or group"),
    Hole.PARKING: About("a call is parked and fetched from anywhere", "noload res_parking.so"),
    Hole.DISA: About("an outside caller gets dial tone", "noload app_disa.so"),
    Hole.FOLLOW_ME: About("a call follows to a number of the operator's choice", "noload app_followme.so"),
    Hole.QUEUE: About("a queue's member is any number", "noload app_queue.so"),
    Hole.CALL_FORWARDING: About("a call goes where a database entry says", "never dial what a database holds"),
    Hole.CALL_JOINED: About("a second person joins or whispers into a call", "noload app_chanspy.so on the pbx"),
    Hole.MANAGER_ORIGINATES: About("a manager account calls a trunk with no dialplan", "remove the class originate"),
    Hole.MANAGER_REDIRECTS: About(
        "a manager account redirects, transfers, stops recordings, sets variables", "remove the class call"
    ),
    Hole.MANAGER_COMMANDS: About("a manager account adds dialplan and runs a shell", "remove command and system"),
    Hole.MANAGER_SECRETS: About("a manager account reads and writes every file", "remove the class config"),
    Hole.MANAGER_ANYWHERE: About(
        "the manager interface answers strangers", "bindaddr of one address; deny all and permit one in every account"
    ),
    Hole.WEAK_SECRET: About("a secret that is guessed", "draw 16 characters or more"),
    Hole.CALL_FILES: About("a file in a folder makes a call", "noload pbx_spool.so"),
    Hole.CONSOLE_DIALS: About("the console makes calls", "noload res_clioriginate.so"),
    Hole.HIDDEN_ORIGINATE: About("a call made by an application or a service", "do not load the module or application"),
    Hole.CONTROL_SOCKET: About("another user reaches the console", "astctlpermissions = 0600"),
    Hole.ARI: About("calls are made over ARI", "noload res_ari*.so and res_stasis*.so, no ari.conf"),
    Hole.HTTP: About("an HTTP server inside Asterisk", "enabled = no in http.conf, webenabled = no in manager.conf"),
    Hole.OTHER_CHANNEL_DRIVER: About("another protocol leads out", "load chan_pjsip.so alone"),
    Hole.DUNDI: About("peers route calls", "noload pbx_dundi.so"),
    Hole.REALTIME: About(
        "dialplan or accounts come from a database", "do not load ODBC, realtime or res_config modules"
    ),
    Hole.SHELL: About("dialplan runs programs", "noload func_shell.so, app_system.so; live_dangerously = no"),
    Hole.CLI_ALIASES: About("console words mean something else than they say", "noload res_clialiases.so"),
    Hole.DIRECT_MEDIA: About("audio passes beside the recorder", "direct_media = no on every endpoint"),
    Hole.FAX: About("a fax passes, unrecorded", "t38_udptl = no, noload res_fax.so"),
    Hole.OTHER_CODECS: About("video or a codec that is not recorded", "disallow = all and allow = alaw,ulaw"),
    Hole.KEYS_TO_CALLEE: About(
        "keys pressed by an operator reach the called party",
        "dtmf_mode = inband on phones, dtmf_passthrough = no in the conference",
    ),
    Hole.KEYS_TO_CARRIER: About(
        "a stolen pbx sends keys to the carrier",
        "dtmf_mode = none on the gate's trunk; PJSIP_DTMF_MODE only behind a word of the verdict",
    ),
    Hole.FRAME_DROP: About(
        "FRAME_DROP(TX) on a trunk: one key press and SIP stops answering", "never use FRAME_DROP(TX)"
    ),
    Hole.MEDIA_STEERED: About(
        "a stolen pbx steers its audio into another call",
        "two transports at the gate with two addresses, one for the pbx and one for carriers",
    ),
    Hole.AUDIO_ELSEWHERE: About(
        "a conversation is sent to a server beside the carrier",
        "noload app_audiosocket.so, app_jack.so, res_rtp_multicast.so, res_websocket_client.so",
    ),
    Hole.STRAY_AUDIO: About("audio from strangers enters a call", "strictrtp = yes in rtp.conf"),
    Hole.DEAD_PEER: About("a call whose peer died goes on, unheard", "rtp_timeout = 20 on the endpoint"),
    Hole.CARRIER_LEG_SURVIVES: About(
        "after a gate's crash the carrier's leg stays up", "timers = yes and timers_sess_expires = 90 on the trunk"
    ),
    Hole.SECRETS_READABLE: About("another user of the machine reads the secrets", "chmod o-rwx"),
    Hole.WRONG_USER: About(
        "the network rules cannot tell who sends", "run pbx and gate as two users of their own, neither root"
    ),
    Hole.NO_CALL_RECORDS: About(
        "the gate's calls leave no record of its own", "enable = yes and unanswered = yes in cdr.conf, load cdr_csv.so"
    ),
    Hole.FILES_CHANGED: About(
        "the files are not what the settings say",
        "find out who changed it, then render it again: telephony configuration write",
    ),
    Hole.RUNNING_DIFFERS: About(
        "what runs is not what the files say", "find out who changed it, then restart the instance"
    ),
    Hole.FIREWALL_CARRIER: About(
        "whoever takes over the pbx reaches the carrier directly", "telephony configuration write --firewall"
    ),
    Hole.FIREWALL_MANAGER: About(
        "any user of the machine reaches the manager ports", "telephony configuration write --firewall"
    ),
    Hole.FIREWALL_PERMITS: About(
        "any user of the machine asks for verdicts and seats", "telephony configuration write --firewall"
    ),
    Hole.FIREWALL_IMPOSTOR: About(
        "any user of the machine answers in the place of a dead controller", "telephony configuration write --firewall"
    ),
    Hole.FIREWALL_MEDIA: About(
        "a stolen pbx steers audio into another call or to the carrier", "telephony configuration write --firewall"
    ),
    Hole.FIREWALL_ELSEWHERE: About(
        "a stolen pbx calls through another telephone service, a phone's audio goes to a listener",
        "telephony configuration write --firewall",
    ),
    Hole.NEXT_BOOT: About(
        "after the next boot other network rules are loaded than the settings say, or none",
        "telephony configuration write --firewall",
    ),
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
"""What no configuration shows, to be said beside every audit."""
