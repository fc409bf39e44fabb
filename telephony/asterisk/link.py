"""One supervised manager connection: reports facts in order, starting with a list of the existing channels.

After every login, once Asterisk has booted, the channels are listed and reported as ``LinkRestored``; events received
meanwhile follow in order. ``switch`` defines the requests to the instance.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from telephony.asterisk.ami import AmiAccount, AmiClient, AmiHooks, AmiTiming, refused
from telephony.asterisk.ami_protocol import ListShape
from telephony.asterisk.faults import described
from telephony.asterisk.switch_facts import WANTED, Clock, LegTranslator, channel_facts
from telephony.errors import SwitchError, SwitchUnavailableError
from telephony.ports.calls.switch import ChannelFact, LinkLost, LinkRestored, OnFact, SwitchFact
from telephony.wire.ami import AmiMessage

log = structlog.get_logger(__name__)

CHANNELS: Final = ListShape("CoreShowChannel", "CoreShowChannelsComplete", 20_000)
"""The channel list: needs AMI class reporting (or system); event filters do not apply to it."""
HELD_MOST: Final = 100_000
"""Maximum number of events held back while the channels are listed."""
ALIVE: Final = "alive"
"""The address record that the probe qualifies, at both instances; nothing calls it."""
LOOK_S: Final = 0.04
LOOKS: Final = 10
"""Polls of the round-trip time before the next OPTIONS: by chance, two round trips can take equally long."""


class AmiLink:
    """A supervised connection that reports facts in order, the list of channels first.

    Args:
        node: ``pbx`` or ``gate``; names the instance in facts.
        account: manager address and account.
        clock: the current time, aware UTC.
        translator: translates its events to facts.
        timing: time-outs and pauses.
        peer: PJSIP endpoint of the other instance on this one.
    """

    def __init__(
        self,
        node: str,
        account: AmiAccount,
        clock: Clock,
        translator: LegTranslator,
        timing: AmiTiming | None,
        peer: str,
    ) -> None:
        self._node = node
        self._peer = peer
        self._account = account
        self._clock = clock
        self._translator = translator
        self._held: list[AmiMessage] | None = []
        self._has_booted = asyncio.Event()
        self._boot_wait_s = (timing or AmiTiming()).action.total_seconds()
        self._on_fact: OnFact | None = None
        self._client = AmiClient(account, WANTED, AmiHooks(self._take, self._restore, self._lose), timing)

    @property
    def node(self) -> str:
        """``pbx`` or ``gate``."""
        return self._node

    @property
    def is_connected(self) -> bool:
        """True if facts are being received now."""
        return self._held is None and self._client.is_logged_in

    @property
    def last_error(self) -> SwitchError | None:
        """The reason why there is no connection now, or None."""
        return self._client.last_error

    async def start(self, on_fact: OnFact) -> None:
        """Connect in the background and reconnect with back-off; returns at once."""
        self._on_fact = on_fact
        await self._client.start()

    async def stop(self) -> None:
        """Disconnect permanently; no fact is reported afterwards."""
        self._on_fact = None
        await self._client.stop()
        self._has_booted.clear()
        self._held = []

    async def channels(self) -> Sequence[ChannelFact]:
        """List every channel that exists now.

        Raises:
            SwitchError: not connected, or no answer in time.
        """
        return channel_facts(await self._client.request_list("CoreShowChannels", (), CHANNELS))

    async def probe(self) -> None:
        """List the channels, then qualify the link's contact (OPTIONS) until a new answer arrives.

        ``PJSIPQualify`` returns at once and proves nothing. The contact stores the round-trip time of the last answer,
        which is read back (class reporting, like the list): a different value means a new answer.

        Raises:
            SwitchError: not connected, refused, or the instance was not rendered for this.
        """
        await self.channels()
        contact = await self._variable(f"PJSIP_AOR({ALIVE},contact)")
        if not contact:
            raise SwitchError(
                f"{self._node} has no contact {ALIVE} to qualify: render its configuration again "
                "(telephony configuration write) and restart it"
            )
        before = await self._variable(f"PJSIP_CONTACT({contact},rtt)")
        while True:
            response = await self._client.request("PJSIPQualify", (("Endpoint", self._peer),))
            if response.is_error:
                raise refused(self._account, "PJSIPQualify", response)
            for _ in range(LOOKS):
                await asyncio.sleep(LOOK_S)
                now = await self._variable(f"PJSIP_CONTACT({contact},rtt)")
                if now not in {before, "", "0"}:
                    return

    async def _variable(self, name: str) -> str:
        response = await self._client.request("Getvar", (("Variable", name),))
        if response.is_error:
            raise refused(self._account, "Getvar", response)
        return response.get("Value").strip()

    def _take(self, message: AmiMessage) -> None:
        if message.event == "FullyBooted":
            self._has_booted.set()
        elif self._held is None:
            self._report(message)
        elif len(self._held) < HELD_MOST:
            self._held.append(message)

    async def _restore(self) -> None:
        await self._await_boot()
        channels = await self.channels()
        held = self._held or []
        if len(held) >= HELD_MOST:
            raise SwitchError(f"{self._node} sent more than {HELD_MOST} events while its channels were listed")
        self._held = None
        self._translator.resume(channels)
        self._tell(LinkRestored(self._node, self._clock(), channels))
        for message in held:
            self._report(message)

    async def _await_boot(self) -> None:
        """Wait until Asterisk is ready: it accepts logins before its dialplan is loaded, but refuses originates."""
        try:
            async with asyncio.timeout(self._boot_wait_s):
                await self._has_booted.wait()
        except TimeoutError as error:
            raise SwitchUnavailableError(
                f"Asterisk at {self._account.place} has not finished starting, or account {self._account.user} may not "
                "see it: grant read = system in manager.conf and let FullyBooted through its event filter"
            ) from error

    def _lose(self) -> None:
        self._has_booted.clear()
        was_told, self._held = self._held is None, []
        if was_told:
            self._tell(LinkLost(self._node, self._clock()))

    def _report(self, message: AmiMessage) -> None:
        for fact in self._translator.translate(message):
            self._tell(fact)

    def _tell(self, fact: SwitchFact) -> None:
        if self._on_fact is None:
            return
        try:
            self._on_fact(fact)
        except Exception as error:  # noqa: BLE001 - a listener's error must not lose the following facts
            log.error("fact_listener_failed", node=self._node, on=type(fact).__name__, fault=described(error))
