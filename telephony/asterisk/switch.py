"""The pbx and the gate for services: ``PbxSwitch`` and ``GateEvents``, each with its own ``AmiLink``.

Only a permit id is sent to the pbx, and no phone number leaves the gate's side of this module. Services interpret the
facts.
"""

import re
from datetime import timedelta
from typing import Final

from telephony.asterisk.ami import AmiAccount, AmiTiming, refused
from telephony.asterisk.link import AmiLink
from telephony.asterisk.switch_facts import ORIGINATE, Clock, GateTranslator, PbxTranslator
from telephony.domain.calls.permits import DialPermit
from telephony.domain.security.dtmf import KEYS
from telephony.errors import ForbiddenTextError, SwitchUnavailableError
from telephony.ids import ChannelId, is_permit_id, is_uuid

KEY_MS: Final = 160
"""Duration of a played key: long enough for every menu, short enough to type."""
_CHANNEL_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,149}")


class PbxSwitch(AmiLink):
    """The pbx: originate under a permit, hang up.

    Args:
        host: address of its manager interface.
        port: TCP port of it.
        user: account with read = system,call and write = originate,call,reporting.
        secret: secret of the account.
        clock: the present moment, aware UTC.
        node: name of the instance in facts.
        gate_endpoint: PJSIP endpoint of the gate on the pbx.
        timing: time-outs and pauses.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        clock: Clock,
        *,
        node: str = "pbx",
        gate_endpoint: str = "gate",
        timing: AmiTiming | None = None,
    ) -> None:
        super().__init__(node, AmiAccount(host, port, user, secret), clock, PbxTranslator(clock), timing, gate_endpoint)
        self._gate = gate_endpoint

    async def originate(self, permit: DialPermit, timeout: timedelta, *, detects_machines: bool = False) -> None:
        """Ask for one call to the gate; returns when the pbx has taken the order. Never sent twice.

        Args:
            permit: the only thing that can be dialled; of it only permit id and attempt id are sent.
            timeout: how long the pbx waits for an answer.
            detects_machines: the answered call is listened to first, at most 1.7 s.

        Raises:
            SwitchUnavailableError: not connected, nothing was sent; or lost before the answer.
            SwitchTimeoutError: no answer in time; read the attempt's fate back from ``channels``.
            SwitchError: the pbx refused.
        """
        if not is_permit_id(permit.permit_id) or not is_uuid(permit.attempt_id):
            raise ForbiddenTextError("a permit id is p and 36 digits, an attempt id a UUID; nothing was sent")
        if not self.is_connected:
            raise SwitchUnavailableError(f"{self._node} at {self._account.place} is not connected; nothing was sent")
        fields = (
            ("ActionID", ORIGINATE + permit.attempt_id),
            ("Channel", f"PJSIP/{permit.permit_id}@{self._gate}"),
            ("Context", "answered"),
            ("Exten", "detect" if detects_machines else "conf"),
            ("Priority", "1"),
            ("Timeout", str(round(timeout.total_seconds() * 1000))),
            ("ChannelId", permit.attempt_id),
            ("Async", "true"),
        )
        response = await self._client.request("Originate", fields)
        if response.is_error:
            raise refused(self._account, "Originate", response)

    async def hang_up(self, channel: ChannelId, cause: int = 16) -> None:
        """End a channel by unique id (Asterisk looks it up by name, then by unique id); gone already is fine.

        Args:
            channel: unique id.
            cause: Q.850 cause told to the other side.

        Raises:
            SwitchError: not connected, refused, or no answer in time.
        """
        if _CHANNEL_ID.fullmatch(channel) is None:  # a leading slash would be a pattern over all channels
            raise ForbiddenTextError("a channel's unique id is letters, digits, dot, dash and underscore")
        response = await self._client.request("Hangup", (("Channel", channel), ("Cause", str(cause))))
        if response.is_error and response.get("Message") != "No such channel":
            raise refused(self._account, "Hangup", response)

    async def play_key(self, channel: ChannelId, key: str) -> None:
        """Send one key to the far end of a channel; the pbx plays it for ``KEY_MS`` and answers then.

        Raises:
            SwitchError: not connected, no such channel, refused, or no answer in time.
        """
        if _CHANNEL_ID.fullmatch(channel) is None or key not in KEYS:
            raise ForbiddenTextError("a key is one of 0 to 9, * and #, for a channel's unique id; nothing was sent")
        fields = (("Channel", channel), ("Digit", key), ("Duration", str(KEY_MS)))
        response = await self._client.request("PlayDTMF", fields)
        if response.is_error:
            raise refused(self._account, "PlayDTMF", response)


class GateEvents(AmiLink):
    """The gate, read only.

    Args:
        host: address of its manager interface.
        port: TCP port of it.
        user: account with read = system,call and write = reporting.
        secret: secret of the account.
        clock: the present moment, aware UTC.
        node: name of the instance in facts.
        pbx_endpoint: PJSIP endpoint of the pbx at the gate; every other channel is a trunk leg.
        timing: time-outs and pauses.
    """

    def __init__(
        self,
        host: str,
        port: int,
        user: str,
        secret: str,
        clock: Clock,
        *,
        node: str = "gate",
        pbx_endpoint: str = "pbx",
        timing: AmiTiming | None = None,
    ) -> None:
        super().__init__(
            node, AmiAccount(host, port, user, secret), clock, GateTranslator(clock, pbx_endpoint), timing, pbx_endpoint
        )
