"""The shape of every setting, with its unit, default and reason.

Each setting has a docstring below it; ``config/telephony.example.toml`` repeats them and is tested against these
classes. Carriers are in ``trunks``, the site's own rules in ``rules``, previews in ``previews``. ``load`` reads the
file and the environment.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from telephony.settings.part import Name, Part, Port, Secret, UserId
from telephony.settings.previews import PreviewSettings
from telephony.settings.rules import RulesSettings
from telephony.settings.trunks import BreakerSettings, TrunkSettings
from telephony.words import LANGUAGES


class SiteSettings(Part):
    """The site: a code, never a name (the place appears in no title, file name or message)."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{1,8}$")] = "R1"
    """Short code of the site, shown wherever a site is named."""
    language: str = "fr"
    """Language of pages and command-line texts when the person has not chosen one."""
    timezone: str = "Europe/Paris"
    """IANA time zone of the site: days of reports and of the abandon budget begin at its midnight."""

    @field_validator("language")
    @classmethod
    def _language_is_known(cls, value: str) -> str:
        if value not in LANGUAGES:
            raise ValueError(f"unknown language {value!r}; there are: {', '.join(LANGUAGES)}")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"unknown time zone {value!r}; use an IANA name such as Europe/Paris") from error
        if value == "localtime":  # it depends on the host: the days of reports would change with it
            raise ValueError("localtime is not a time zone; use an IANA name such as Europe/Paris")
        return value


class DatabaseSettings(Part):
    """Where the state lives: SQLite (embedded default) or PostgreSQL."""

    url: str = "sqlite:////var/lib/telephony/telephony.db"
    """``sqlite:////absolute/path.db`` or ``postgresql://user:password@host/name``; the drivers are fixed."""

    @field_validator("url")
    @classmethod
    def _known_kind(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value


class ControllerSettings(Part):
    """The service's own addresses and identity."""

    agi_host: IPv4Address = IPv4Address("127.0.0.1")
    """Address the FastAGI server listens on; only the pbx and the gate may reach it."""
    agi_port: Port = 4573
    """TCP port of the FastAGI server."""
    user_id: UserId | None = None
    """Numeric Unix user of the controller; only it reaches the AMI ports. None: the user who runs the rendering."""


class WebSettings(Part):
    """The pages and the API."""

    host: IPv4Address = IPv4Address("127.0.0.1")
    """Address to listen on."""
    port: Port = 8080
    """TCP port to listen on."""
    session_hours: Annotated[int, Field(ge=1, le=24)] = 12
    """Hours after which a sign-in ends by itself; sessions are on the server and can be revoked earlier."""
    secure_cookies: bool = False
    """True behind HTTPS: the session cookie is then sent over HTTPS only."""
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks (CIDR) of the proxies in front of the pages; only their ``X-Forwarded-For`` is trusted."""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_proxies(cls, networks: tuple[IPv4Network | IPv6Network, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
        if wide := [str(network) for network in networks if network.prefixlen < (8 if network.version == 4 else 32)]:
            raise ValueError(f"{wide[0]} trusts anybody's header; name only the proxies, such as 127.0.0.1/32")
        return networks


class AsteriskSettings(Part):
    """What both Asterisk instances have in common."""

    etc: Path
    """Folder the rendered configuration is written to (``astetcdir``)."""
    lib: Path
    """Folder for its own data (``astvarlibdir``)."""
    spool: Path
    """Folder for spool files; the gate records below ``spool/monitor``."""
    run: Path
    """Folder for the pid file and control socket."""
    log: Path
    """Folder for logs and call detail records."""
    user_id: UserId
    """Numeric Unix user the instance runs as; the network rules name it, so the two instances' must differ."""
    ami_host: IPv4Address
    """Address its manager interface listens on."""
    ami_port: Port
    """TCP port of its manager interface."""
    ami_user: Name = "controller"
    """Manager account of the controller."""
    ami_secret: Secret
    """Secret of that account."""
    rtp_start: Annotated[int, Field(ge=1024, le=65534)]
    """First RTP port; two ports per leg, so size the range to the calls."""
    rtp_end: Annotated[int, Field(ge=1025, le=65535)]
    """Last RTP port."""

    @model_validator(mode="after")
    def _range(self) -> "AsteriskSettings":
        if self.rtp_end - self.rtp_start < 15:
            raise ValueError("rtp_end must be at least 15 above rtp_start: two ports per leg")
        return self


class PbxSettings(AsteriskSettings):
    """The operators' side: phones, seats, no number, no route except to the gate."""

    sip_host: IPv4Address
    """Address that phones register at and that calls the gate."""
    sip_port: Port = 5060
    """UDP port of that address."""
    phones: IPv4Network = IPv4Network("127.0.0.0/8")
    """Network (CIDR) that operators' phones register from; the pbx sends only to it and to the gate."""

    @field_validator("phones")
    @classmethod
    def _is_a_site(cls, network: IPv4Network) -> IPv4Network:
        if network.prefixlen < 8:
            raise ValueError("name only the phones' network, such as 192.0.2.0/24: the pbx may send to all of it")
        return network


class GateSettings(AsteriskSettings):
    """The carrier's side: the trunk and the recorder; no operators, no account that can originate."""

    sip_host: IPv4Address
    """Address that the pbx calls; it answers nobody else."""
    sip_port: Port = 5070
    """UDP port of that address."""
    sip_secret: Secret
    """Digest secret by which the pbx authenticates."""
    trunk_host: IPv4Address
    """Address the carrier sees; differs from ``sip_host`` so that network rules can tell the two sides apart."""
    trunk_port: Port = 5080
    """UDP port of that address."""


class FirewallSettings(Part):
    """The network rules of the lock: an nftables table that confines this host's pbx and gate."""

    table: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")] = "telephony"
    """Name of the table; use another one where several sites share a host, as labs do."""
    file: Path = Path("/etc/telephony/firewall.nft")
    """The same rules as a file: ``configuration write --firewall`` writes and loads it, and every boot loads it."""
    required: bool = True
    """No call leaves while the rules are not in force; the warden tests them every 5 s. False only on a host without
    nftables: nobody then notices that they are missing; ``telephony check`` reports it."""


class SeatSettings(Part):
    """One operator's place: a phone account on the pbx."""

    number: Annotated[int, Field(ge=1, le=999)]
    """Number of the seat, as painted on the desk."""
    secret: Secret
    """SIP secret of its phone; the account is named ``seat`` and the number, e.g. ``seat7``."""


class RecordingSettings(Part):
    """Where finished recordings live."""

    archive: Path = Path("/var/lib/telephony/recordings")
    """Folder of finished recordings; named by id only, below year/month/day."""
    keep_raw: bool = False
    """Keep the gate's raw files after the finished recording has been read back and verified."""
    minimum_free_mib: Annotated[int, Field(ge=1)] = 512
    """Least free space, MiB, on the gate's spool and on the archive; with less no call leaves."""


class DialingSettings(Part):
    """Limits of every call."""

    ring_timeout_s: Annotated[int, Field(ge=15, le=60)] = 25
    """Seconds a call rings before it counts as no answer; never under 15 (US TSR, Ofcom)."""
    permit_life_s: Annotated[int, Field(ge=2, le=60)] = 10
    """Seconds a permit can be used after it was given."""
    route_wait_s: Annotated[float, Field(gt=0, le=2.0)] = 2.0
    """Seconds an answered call may wait for an operator before it is abandoned; the law's limit is 2."""
    maximum_call_s: Annotated[int, Field(ge=60, le=14400)] = 3600
    """Seconds after which any call is ended."""
    poll_s: Annotated[float, Field(gt=0, le=5)] = 0.5
    """Seconds between polls of campaigns, which the command line may change."""


class CampaignDefaults(Part):
    """Defaults of a new campaign."""

    abandon_cap: Annotated[float, Field(ge=0, le=0.03)] = 0.03
    """Share of answered calls that may be abandoned per day."""
    wrap_up_s: Annotated[int, Field(ge=0, le=600)] = 40
    """Seconds shown to the operator for choosing a result; 0: nothing is chosen, the seat just gets no call."""
    callback_kept_min: Annotated[int, Field(ge=0, le=10_080)] = 30
    """Minutes after its time that a callback waits for the operator who promised it; 0: anyone makes it at once."""


class WatchSettings(Part):
    """Limits of the watch: how long anything may go on without supervision."""

    controller_gone_s: Annotated[float, Field(ge=3, le=120)] = 30.0
    """Seconds without an answer from the controller after which the warden ends every call at the gate."""
    stall_s: Annotated[float, Field(ge=3, le=10)] = 3.0
    """Seconds a recording may stop growing before its call is ended; data reaches the disk in blocks of about 2 s."""
    warden_gone_s: Annotated[float, Field(ge=2, le=60)] = 5.0
    """Seconds without a message from the warden after which no call leaves and conversations are ended."""


class ProofSettings(Part):
    """The daily proof and the ledger's head outside the database."""

    key: Path = Path("/var/lib/telephony/proof.key")
    """Private key that proofs are signed with (Ed25519, mode 0600); made at its first use."""
    head: Path = Path("/var/lib/telephony/ledger_head.json")
    """Where the ledger's newest sequence and hash are kept outside the database, so that a missing end is detected."""
    folder: Path = Path("/var/lib/telephony/proofs")
    """Folder of signed proofs; copy them to another host."""


class Settings(Part):
    """All settings of one site."""

    site: SiteSettings = SiteSettings()
    database: DatabaseSettings = DatabaseSettings()
    controller: ControllerSettings = ControllerSettings()
    web: WebSettings = WebSettings()
    pbx: PbxSettings
    gate: GateSettings
    trunks: Annotated[tuple[TrunkSettings, ...], Field(min_length=1)]
    breaker: BreakerSettings = BreakerSettings()
    firewall: FirewallSettings = FirewallSettings()
    seats: tuple[SeatSettings, ...] = ()
    recording: RecordingSettings = RecordingSettings()
    dialing: DialingSettings = DialingSettings()
    campaign: CampaignDefaults = CampaignDefaults()
    preview: PreviewSettings = PreviewSettings()
    rules: RulesSettings = RulesSettings()
    watch: WatchSettings = WatchSettings()
    proof: ProofSettings = ProofSettings()

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        if self.pbx.user_id == self.gate.user_id:
            raise ValueError("pbx.user_id and gate.user_id must differ: the network rules tell the two apart by user")
        if self.gate.sip_host == self.gate.trunk_host:
            raise ValueError("gate.sip_host and gate.trunk_host must differ: one side for the pbx, one for the carrier")
        numbers = [seat.number for seat in self.seats]
        if len(set(numbers)) != len(numbers):
            raise ValueError("seats: two seats have the same number")
        names = [trunk.name for trunk in self.trunks]
        if len(set(names)) != len(names):
            raise ValueError("trunks: two trunks have the same name")
        return self

    @model_validator(mode="after")
    def _media_is_the_carriers(self) -> "Settings":
        """Refuse a media network that contains an address of ours: the rules close it to all but the gate."""
        ours = {
            "pbx.phones": self.pbx.phones,
            "pbx.sip_host": self.pbx.sip_host,
            "pbx.ami_host": self.pbx.ami_host,
            "gate.sip_host": self.gate.sip_host,
            "gate.ami_host": self.gate.ami_host,
            "controller.agi_host": self.controller.agi_host,
            "web.host": self.web.host,
        }
        for network in (network for trunk in self.trunks for network in trunk.media):
            for name, own in ours.items():
                if network.overlaps(IPv4Network(own)):
                    raise ValueError(f"trunks: media {network} holds {name} ({own}); name only the carrier's networks")
        return self
