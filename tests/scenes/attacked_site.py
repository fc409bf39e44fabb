"""A site under attack: one lab (naive or generated), a hostile carrier and hostile phones."""

import asyncio
import contextlib
import functools
import os
from pathlib import Path
from typing import Final

from telephony.settings import Settings, load_settings
from telephony.workshop.lab import Lab, LabOptions, lab_down, lab_up, launch, stop_instance
from telephony.workshop.lab.console import command
from telephony.workshop.lab.tree import find_asterisk
from tests.attacks.judgement import Judge
from tests.attacks.naive.configuration import write_naive
from tests.attacks.peers.controller import Controller, Manager
from tests.attacks.peers.message import Address, Message
from tests.attacks.peers.peer import Call, SipPeer, answer
from tests.waiting import until

CALLED: Final = "33199000001"
"""The number of a permitted conversation."""
WANTED: Final = "33639980042"
"""The number an attacker wants to reach; nobody ever gives a permit for it."""
OPERATOR_HZ: Final = 437.5
CARRIER_HZ: Final = 1000.0

_GIVES_WAY_S: Final = 6.0
_PORT: Final = 26090
_INSTANCES: Final = ("pbx", "gate")


class Conversation:
    """An operator and a called person, talking under a permit (naive site: because the phone dialled)."""

    def __init__(self, operator: Call, called: Call) -> None:
        self.operator = operator
        self.called = called


class AttackedSite(Judge):
    """See the module; ``carrier`` and ``elsewhere`` are hostile peers at addresses of the carrier's side."""

    def __init__(self, name: str, lab: Lab, settings: Settings, carrier: SipPeer, elsewhere: SipPeer) -> None:
        super().__init__(name)
        self.lab = lab
        self.settings = settings
        self.carrier = carrier
        self.elsewhere = elsewhere
        self.controller = Controller((lab.controller_host, lab.agi_port), lab.caller_ids[0], lab.trunk)
        self.allowed: set[str] = set()
        self._phones: dict[int, SipPeer] = {}
        self._others: list[SipPeer] = []

    @property
    def pbx(self) -> Address:
        """Where phones talk to the pbx."""
        return self.lab.pbx.address("sip")

    @property
    def gate(self) -> Address:
        """The gate's inner side."""
        return self.lab.gate.address("sip")

    @property
    def trunk(self) -> Address:
        """The gate's outer side."""
        return self.lab.gate.address("trunk")

    def pid(self, name: str) -> int:
        """Return the process id of an instance, restarted or not."""
        return max(launch.processes(self.lab.folder, (name,)))

    def host(self, last: int) -> str:
        """Return an address of the lab's network; 20 and more are free for attackers."""
        return f"{self.lab.network.rpartition('.')[0]}.{last}"

    def account(self, seat: int) -> tuple[str, str]:
        """Return user and secret of a seat's phone."""
        own = self.lab.seats[seat - 1]
        return own.user, own.secret

    # ---- parties

    async def phone(self, seat: int) -> SipPeer:
        """Return the phone of a seat, registered again."""
        if seat not in self._phones:
            self._phones[seat] = await SipPeer.open(self.host(20 + seat))
        phone = self._phones[seat]
        final = await phone.register(self.pbx, self.account(seat))
        assert final.status == 200, final.start
        return phone

    async def peer(self, host: str, port: int = 0) -> SipPeer:
        """Return one more peer, closed after the test."""
        self._others.append(await SipPeer.open(host, port))
        return self._others[-1]

    async def dial(self, seat: int, user: str, headers: list[str] | None = None) -> Call:
        """Let a seat's phone dial; return after a final answer, or after a short ring."""
        uri = f"sip:{user}@{self.pbx[0]}:{self.pbx[1]}"
        return await self.call(await self.phone(seat), uri, self.pbx, self.account(seat), headers)

    async def call(
        self,
        peer: SipPeer,
        uri: str,
        to: Address,
        auth: tuple[str, str] | None = None,
        headers: list[str] | None = None,
        *,
        sender: str = "",
        wait_s: float = 2.5,
    ) -> Call:
        """Let a peer call; return after the final answer, or after ``wait_s`` without one."""
        audio = await peer.new_audio()
        call, task = peer.start_call(uri, to, audio, auth=auth, headers=headers, sender=sender)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), wait_s)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return call

    async def stolen_pbx(self) -> SipPeer:
        """Return a peer at the pbx's own address, as after a takeover of that host."""
        return await self.peer(self.pbx[0])

    @property
    def link(self) -> tuple[str, str]:
        """User and secret the pbx proves itself with at the gate."""
        return "pbx", self.settings.gate.sip_secret.get_secret_value()

    def at_gate(self, user: str) -> str:
        """Return the URI of ``user`` at the gate's inner side."""
        return f"sip:{user}@{self.gate[0]}:{self.gate[1]}"

    async def converse(self, seat: int = 1, number: str = CALLED) -> Conversation:
        """Put an operator and a called person in conversation, tones both ways."""
        self.allowed.add(number)
        if self.is_naive:
            operator = await self.dial(seat, number)
        else:
            operator = await self.dial(seat, "login")
            self.controller.seat = str(seat)
            await self.originate(f"PJSIP/{self.controller.allow(number)}@gate")
        assert operator.status == 200, operator.final and operator.final.start
        called = await self.called(number)
        operator.audio.speak(OPERATOR_HZ)
        called.audio.speak(CARRIER_HZ)
        await until(lambda: called.audio.hears(OPERATOR_HZ) and operator.audio.hears(CARRIER_HZ), 8)
        self.mark()
        return Conversation(operator, called)

    async def called(self, number: str) -> Call:
        """Return the carrier's newest call to a number, once it is there."""

        def newest() -> Call | None:
            calls = [call for call in self.carrier.calls if call.invite and call.invite.number == number]
            return calls[-1] if calls else None

        await until(lambda: newest() is not None, _GIVES_WAY_S)
        call = newest()
        assert call is not None
        return call

    async def originate(self, channel: str, **more: str) -> dict[str, str]:
        """Originate as the controller's account of the pbx does; returns the response."""
        fields = {"Context": "answered", "Exten": "conf", "Priority": "1"} | more
        async with self.manager("pbx") as manager:
            return await manager.ask(Action="Originate", Channel=channel, Timeout="6000", Async="true", **fields)

    def manager(self, name: str) -> "contextlib.AbstractAsyncContextManager[Manager]":
        """Return a session with an instance's manager interface, under the controller's account."""
        instance = self.lab.instance(name)
        return Manager.session(instance.address("ami"), instance.ami_user, instance.ami_secret)

    # ---- judgement

    def unauthorised(self) -> list[Message]:
        """Return the INVITEs of new calls that reached the carrier's side without permission."""
        messages = [*self.carrier.requests, *self.elsewhere.requests]
        return [
            message
            for message in messages
            if message.method == "INVITE" and not message.tag("to") and message.number not in self.allowed
        ]

    async def is_quiet(self) -> bool:
        """Return True if neither instance has a channel."""
        return await asyncio.to_thread(lambda: not any(self.channels(name) for name in _INSTANCES))

    def channels(self, name: str) -> list[str]:
        """Return the names of the channels an instance has now."""
        lines = command(self.lab.instance(name).control, "core show channels concise").splitlines()
        return [line.split("!")[0] for line in lines if line.startswith(("PJSIP/", "Local/"))]

    async def _hung_up(self) -> bool:
        """Ask for the end of every channel; return True if there was none. A call being set up may need a second."""
        for name in _INSTANCES:
            await asyncio.to_thread(command, self.lab.instance(name).control, "channel request hangup all")
        return await self.is_quiet()

    # ---- before and after

    async def tidy(self) -> None:
        """End what the test left: calls, behaviours, permits, peers."""
        self.controller.end_conversations()
        try:
            await until(self._hung_up, 10)
        except TimeoutError:
            left = {name: command(self.lab.instance(name).control, "core show channels concise") for name in _INSTANCES}
            raise AssertionError(f"channels that do not end: {left}") from None
        peers = [self.carrier, self.elsewhere, *self._phones.values()]
        for peer in [*peers, *self._others]:
            for call in peer.calls:
                call.audio.hush()
        for peer in self._others:
            peer.close()
        self._others.clear()
        for peer in peers:
            peer.forget()
        self.controller.reset()
        self.allowed.clear()

    async def end(self) -> None:
        """End the site permanently."""
        for peer in (self.carrier, self.elsewhere, *self._phones.values(), *self._others):
            peer.close()
        await self.controller.stop()
        await asyncio.to_thread(lab_down, self.lab.lab_id)


async def open_attacked_site(name: str) -> AttackedSite:
    """Bring a site up: its carrier first, because the gate's rules name it."""
    last = (os.getpid() % 200) + 10
    carrier = await SipPeer.open(f"127.60.{last}.{5 if name == 'naive' else 6}", _PORT)
    elsewhere = await SipPeer.open(f"127.60.{last}.{7 if name == 'naive' else 8}", _PORT)
    carrier.default = elsewhere.default = answer
    address = f"{carrier.address[0]}:{carrier.address[1]}"
    options = LabOptions(seats=6, carrier=address, is_firewalled=name != "naive")
    lab = await asyncio.to_thread(lab_up, options)
    try:
        settings = load_settings(lab.settings, environment={})
        await asyncio.to_thread(_prepare, lab, settings, name == "naive")
        attacked_site = AttackedSite(name, lab, settings, carrier, elsewhere)
        await attacked_site.controller.start()
    except BaseException:
        await asyncio.to_thread(lab_down, lab.lab_id)
        raise
    return attacked_site


def _prepare(lab: Lab, settings: Settings, is_naive: bool) -> None:
    """Send the lab's own phones away: ours take their places. Then put the naive configuration in, if asked."""
    command(lab.world.control, "pjsip send unregister *all")
    launch.await_fact("no phone registered", lambda: not _contacts(lab), 10)
    stop_instance(lab, "world", is_killed=True)
    if not is_naive:
        return
    for name in _INSTANCES:
        stop_instance(lab, name, is_killed=True)
        lab.instance(name).log.unlink(missing_ok=True)
        lab.instance(name).control.unlink(missing_ok=True)
        # Contacts live there, and the last second's changes may not have been written.
        (lab.instance(name).folder / "lib" / "astdb.sqlite3").unlink(missing_ok=True)
    write_naive(settings)
    tree = find_asterisk(lambda _: None)
    for name in ("gate", "pbx"):
        launch.start(tree, lab.folder, name, lab.instance(name).user_id)
    for name in ("gate", "pbx"):
        launch.await_fact(f"{name} has booted", functools.partial(_has_booted, lab.instance(name).control), 30)


def _contacts(lab: Lab) -> list[str]:
    lines = command(lab.pbx.control, "pjsip show contacts").splitlines()
    return [line for line in lines if "/sip:seat" in line]


def _has_booted(control: Path) -> bool:
    """Unlike the lab's own check, this ignores the warnings of a configuration that loads everything."""
    with contextlib.suppress(Exception):
        return control.exists() and "fully booted" in command(control, "core waitfullybooted", 20)
    return False
