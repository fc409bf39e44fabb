"""The settings of carriers: trunks, the caller information each is sent, and when a failing trunk is not used."""

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated

from pydantic import Field, SecretStr, field_validator, model_validator

from telephony.settings.part import Name, Part, Port


class TrunkSettings(Part):
    """One carrier."""

    name: Name
    """Its name in configuration, permits and screens."""
    host: IPv4Address
    """The carrier's signalling address; media from elsewhere is refused unless ``media`` lists it."""
    port: Port = 5060
    """UDP port of that address."""
    media: tuple[IPv4Network, ...] = ()
    """Networks (CIDR) the carrier's audio comes from and goes to besides ``host``; empty: ``host`` only."""
    username: str | None = None
    """Digest user, if the carrier requires one."""
    secret: SecretStr | None = None
    """Digest secret, if the carrier requires one."""
    from_user: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+~-]{0,64}$")] = ""
    """User part of From: ``caller_id``, ``account`` (``username``), or the carrier's own name; left out: the account if
    there is one, else the caller ID. Carriers differ: some read the caller ID in From, some only in a header."""
    from_domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]{0,255}$")] = ""
    """Domain of From and of the identity header, if the carrier requires its own; left out: our address."""
    send_pai: bool = True
    """Send the caller ID in P-Asserted-Identity."""
    send_rpid: bool = False
    """Send the caller ID in Remote-Party-ID, for carriers that read that header."""
    rtp_timeout_s: Annotated[int, Field(ge=5, le=3600)] = 20
    """Seconds without any audio from the called side after which a call is ended. A carrier or phone that sends nothing
    in silence (silence suppression, mute, hold) needs more. The risk: when the carrier's side fails silently,
    operator and line stay occupied that much longer. Remaining limits: the operator hangs up, the SIP session timer
    (90 s), ``dialing.maximum_call_s``; and the recording, which must grow, audio or not (``watch.stall_s``)."""
    caller_ids: tuple[Annotated[str, Field(pattern=r"^[1-9][0-9]{5,14}$")], ...]
    """Caller IDs the carrier's contract allows, E.164 without plus; a campaign uses one of them."""
    channels: Annotated[int, Field(ge=1, le=2000)] = 30
    """Most simultaneous calls."""
    calls_per_second: Annotated[float, Field(gt=0, le=500)] = 5.0
    """Most new calls per second."""

    @property
    def sender(self) -> str:
        """User part of From, or "" when it is each call's caller ID."""
        if self.from_user == "caller_id":
            return ""
        return self.username or "" if self.from_user in {"", "account"} else self.from_user

    @model_validator(mode="after")
    def _caller_id_is_sent(self) -> "TrunkSettings":
        if self.from_user == "account" and self.username is None:
            raise ValueError('from_user = "account" needs username, the name of the account; set it')
        if self.sender and not (self.send_pai or self.send_rpid):
            raise ValueError(
                "neither From nor a header carries the caller ID: set send_pai or send_rpid, or from_user = caller_id"
            )
        return self

    @field_validator("media")
    @classmethod
    def _are_a_carriers(cls, networks: tuple[IPv4Network, ...]) -> tuple[IPv4Network, ...]:
        if wide := [str(network) for network in networks if network.prefixlen < 16]:
            raise ValueError(f"{wide[0]} is wider than a carrier's media; name its own networks, /16 or smaller")
        return networks


class BreakerSettings(Part):
    """When a trunk with a failing carrier is not used, and for how long."""

    calls: Annotated[int, Field(ge=1, le=1000)] = 20
    """Number of latest calls of a trunk that are counted, one per lead."""
    faults: Annotated[int, Field(ge=2, le=1000)] = 5
    """Least number of carrier faults among them: 5xx, no answer to the INVITE, our account refused."""
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Least share of faults among them."""
    in_a_row: Annotated[int, Field(ge=5, le=1000)] = 20
    """Calls in a row of which none rang, was busy or was answered: they count like faults, whatever the reason."""
    pause_s: Annotated[float, Field(ge=1, le=3600)] = 30.0
    """Seconds without a call before one test call; doubled by every test call that fails."""
    longest_pause_s: Annotated[float, Field(ge=1, le=3600)] = 300.0
    """Most seconds between test calls."""
