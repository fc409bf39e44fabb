"""Pbx, gate and archive of the crowd benchmark, in memory: hundreds of operators and called people without a phone.

They behave as the dialplan makes the real ones behave, as far as the controller sees: an originate asks ``verdict``, an
answered call asks ``route``, both are timed. What people do (ring, answer, talk) follows PACING's model at random from
a seed. Measuring is left to ``crowd``.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from telephony.domain.permits import DialPermit
from telephony.domain.recordings import RecordingTag, StoredFile
from telephony.errors import SwitchUnavailableError
from telephony.ids import AttemptId, ChannelId, RecordingId
from telephony.ports.archive import RawState
from telephony.ports.switch import (
    AgiCall,
    AgiRoute,
    ChannelFact,
    LegAnswered,
    LegBridged,
    LegEnded,
    LegRang,
    LegUnbridged,
    LinkRestored,
    OnFact,
    OriginateFailed,
    TrunkLegStarted,
)
from telephony.wire.watch import ROUTE, WatchQuestion, WatchState, question_headers

RUN = "00112233aabbccdd"
WATCH_S = 0.25
NO_CHANNEL = ChannelId("")


@dataclass(frozen=True, slots=True)
class People:
    """How called people behave; the model of docs/simulation.md.

    Attributes:
        answer_rate: share of dials that a person answers.
        fail_rate: share of the others that fail within seconds.
        ring_s: mean ring before an answer, gamma of shape 3.
        talk_s: mean talk, seconds, log-normal with a coefficient of variation of 0.9.
        ring_timeout_s: how long the others ring.
    """

    answer_rate: float
    fail_rate: float = 0.1
    ring_s: float = 11.0
    talk_s: float = 60.0
    ring_timeout_s: float = 25.0


class _Link:
    """A manager connection that is always up."""

    def __init__(self, node: str) -> None:
        self._node = node
        self.live: dict[ChannelId, ChannelFact] = {}
        self._on_fact: OnFact | None = None
        self._made = 0

    @property
    def node(self) -> str:
        return self._node

    @property
    def is_connected(self) -> bool:
        return self._on_fact is not None

    async def start(self, on_fact: OnFact) -> None:
        self._on_fact = on_fact
        self.tell(LinkRestored(self._node, now(), tuple(self.live.values())))

    async def stop(self) -> None:
        self._on_fact = None

    async def channels(self) -> Sequence[ChannelFact]:
        if self._on_fact is None:
            raise SwitchUnavailableError(f"{self._node} is not connected; nothing was sent")
        return tuple(self.live.values())

    async def probe(self) -> None:
        """Work, for as long as this is connected."""
        await self.channels()

    def tell(self, fact: object) -> None:
        if self._on_fact is not None:
            self._on_fact(fact)  # type: ignore[arg-type]  # every caller below makes a SwitchFact

    def add(self, endpoint: str, extension: str, channel: str = "") -> ChannelId:
        self._made += 1
        made = ChannelId(channel or f"{self._node}-{self._made}")
        name = f"PJSIP/{endpoint}-{self._made:08x}"
        self.live[made] = ChannelFact(made, name, endpoint, is_up=False, bridge="", extension=extension)
        return made

    def pick_up(self, channel: ChannelId) -> None:
        self.live[channel] = replace(self.live[channel], is_up=True)
        self.tell(LegAnswered(channel, now()))

    def bridge(self, channel: ChannelId, bridge: str) -> None:
        self.live[channel] = replace(self.live[channel], bridge=bridge)
        self.tell(LegBridged(channel, bridge, now(), self.live[channel].endpoint))

    def end(self, channel: ChannelId, cause: int, tech_cause: str = "") -> None:
        fact = self.live.pop(channel, None)
        if fact is None:
            return
        if fact.bridge:
            self.tell(LegUnbridged(channel, fact.bridge, now()))
        self.tell(LegEnded(channel, cause, tech_cause, fact.endpoint, now()))


class CrowdPbx(_Link):
    """Implements ``Switch``."""

    def __init__(self, take: Callable[[DialPermit], None], ended: Callable[[AttemptId, int], None]) -> None:
        super().__init__("pbx")
        self._take = take
        self._ended = ended

    async def originate(self, permit: DialPermit, timeout: timedelta, *, detects_machines: bool = False) -> None:
        """Take the order."""
        del timeout, detects_machines
        self.add("gate", "s", permit.attempt_id)
        self._take(permit)

    async def hang_up(self, channel: ChannelId, cause: int = 16) -> None:
        """End a leg."""
        self._ended(AttemptId(channel), cause)

    async def play_key(self, channel: ChannelId, key: str) -> None:
        """Take a key: nobody presses any here."""


class CrowdDesk:
    """Implements ``AgiDesk``; ``ask`` is the dialplan, and notes how long each answer took."""

    def __init__(self) -> None:
        self._routes: Mapping[str, AgiRoute] = {}
        self.waits_ms: dict[str, list[float]] = {"verdict": [], "route": []}

    async def start(self, routes: Mapping[str, AgiRoute]) -> None:
        """Listen."""
        self._routes = routes

    async def stop(self) -> None:
        """Stop listening."""
        self._routes = {}

    async def ask(self, route: str, channel: ChannelId, name: str, extension: str) -> Mapping[str, str]:
        """Ask one question."""
        if route not in self._routes:
            return {}
        began = asyncio.get_running_loop().time()
        answer = await self._routes[route](AgiCall(route, "127.0.0.1", channel, name, extension, {}))
        self.waits_ms.setdefault(route, []).append((asyncio.get_running_loop().time() - began) * 1000)
        return answer

    async def watch(self, key: str) -> None:
        """Be the warden that sees every recording grow, until cancelled."""
        number = 0
        while True:
            await asyncio.sleep(WATCH_S)
            if ROUTE in self._routes:
                number += 1
                question = WatchQuestion(RUN, number, round(now().timestamp() * 1000), WatchState.OK, 0, ())
                headers = question_headers(question, key)
                channel = ChannelId(headers["agi_uniqueid"])
                await self._routes[ROUTE](AgiCall(ROUTE, "127.0.0.1", channel, "warden", "", headers))


class CrowdArchive:
    """Implements ``Archive`` without a file: recordings are whole as soon as their call is over."""

    def __init__(self) -> None:
        self._made: set[RecordingId] = set()

    def begin(self, recording_id: RecordingId) -> None:
        """A recording was begun."""
        self._made.add(recording_id)

    async def raw_state(self, recording_id: RecordingId) -> RawState:
        """Say that it is closed."""
        is_there = recording_id in self._made
        return RawState(is_present=is_there, is_closed=is_there, length_s=5.0, size=1)

    async def finish(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        """Pretend to have made the file."""
        del early_media_at
        if tag.answered_at is None:
            return None
        length_s = (tag.ended_at - tag.answered_at).total_seconds()
        return StoredFile(f"{tag.recording_id}.flac", length_s, 0.0, "ab" * 32, 1, 2)

    async def salvage(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        """Pretend to have made the file."""
        return await self.finish(tag, early_media_at)

    async def discard_raw(self, recording_id: RecordingId) -> None:
        """Forget it."""
        self._made.discard(recording_id)

    async def verify(self, file: StoredFile) -> bool:
        """Say that it is intact."""
        return bool(file.path)

    def location(self, file: StoredFile) -> Path:
        """Name a file that is not there."""
        return Path("/nonexistent") / file.path

    async def read_tag(self, file: StoredFile) -> dict[str, str]:
        """Return nothing."""
        del file
        return {}

    async def peaks(self, file: StoredFile, points: int) -> tuple[list[float], list[float]]:
        """Return silence."""
        del file
        return [0.0] * points, [0.0] * points

    async def key_tones(self, file: StoredFile) -> tuple[float, ...]:
        """Return none."""
        del file
        return ()

    async def free_mib(self) -> tuple[float, float]:
        """Return room enough."""
        return 100_000.0, 100_000.0


@dataclass(slots=True)
class _Call:
    permit: DialPermit
    inbound: ChannelId = NO_CHANNEL
    trunk: ChannelId = NO_CHANNEL


class CrowdExchange:
    """The two instances and everybody behind them."""

    def __init__(self, people: People, seed: int) -> None:
        self._people = people
        self._dice = random.Random(seed)  # noqa: S311  people's behaviour, not a secret
        self._calls: dict[AttemptId, _Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.desk = CrowdDesk()
        self.archive = CrowdArchive()
        self.gate = _Link("gate")
        self.pbx = CrowdPbx(self._take, self._end)
        self.most_calls = 0
        """Most calls under way at once."""

    async def log_in(self, seat: int) -> None:
        """A seat's phone dials ``login`` and is nailed up."""
        channel = self.pbx.add(f"seat{seat}", "login")
        answer = await self.desk.ask("login", channel, self.pbx.live[channel].name, "login")
        if answer.get("SEAT") != str(seat):
            raise SwitchUnavailableError(f"seat {seat} was not let in")
        self.pbx.pick_up(channel)
        self.pbx.bridge(channel, f"bridge-{seat}")

    def stop(self) -> None:
        """End everybody."""
        for task in self._tasks:
            task.cancel()

    def _take(self, permit: DialPermit) -> None:
        self._calls[permit.attempt_id] = _Call(permit)
        self.most_calls = max(self.most_calls, len(self._calls))
        task = asyncio.create_task(self._live(permit.attempt_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self, attempt_id: AttemptId) -> None:
        """Live through one call."""
        call, dice, people = self._calls[attempt_id], self._dice, self._people
        if not await self._let_out(call):
            return
        await asyncio.sleep(dice.uniform(1.0, 3.0))
        if dice.random() < people.answer_rate:
            self._ring(attempt_id)
            await asyncio.sleep(min(people.ring_timeout_s - 1, dice.gammavariate(3, people.ring_s / 3)))
            await self._answer(attempt_id)
        elif dice.random() < people.fail_rate:
            await asyncio.sleep(dice.uniform(0.5, 2.0))
            self._end(attempt_id, 17, "SIP 486")
        else:
            self._ring(attempt_id)
            await asyncio.sleep(people.ring_timeout_s)
            self._end(attempt_id, 19, "SIP 480")

    async def _let_out(self, call: _Call) -> bool:
        permit = call.permit
        call.inbound = self.gate.add("pbx", permit.permit_id)
        name = self.gate.live[call.inbound].name
        answer = await self.desk.ask("verdict", call.inbound, name, permit.permit_id)
        if not answer.get("VERDICT", "").startswith(f"OK-{call.inbound}-{permit.permit_id}-"):
            self._end(permit.attempt_id, 29, "SIP 501")
            return False
        call.trunk = self.gate.add(permit.trunk, permit.permit_id)
        self.archive.begin(permit.recording_id)
        self.gate.tell(TrunkLegStarted(permit.permit_id, call.trunk, call.inbound, permit.trunk, now()))
        return True

    def _ring(self, attempt_id: AttemptId) -> None:
        call = self._calls.get(attempt_id)
        if call is not None:
            self.gate.tell(LegRang(call.trunk, now()))
            self.pbx.tell(LegRang(ChannelId(attempt_id), now()))

    async def _answer(self, attempt_id: AttemptId) -> None:
        call, leg = self._calls.get(attempt_id), ChannelId(attempt_id)
        if call is None:
            return
        self.gate.pick_up(call.trunk)
        self.gate.pick_up(call.inbound)
        self.pbx.pick_up(leg)
        answer = await self.desk.ask("route", leg, self.pbx.live[leg].name, "conf")
        if not answer.get("SEAT") or leg not in self.pbx.live:
            self._end(attempt_id, 16)
            return
        self.pbx.bridge(leg, f"bridge-{answer['SEAT']}")
        sigma2 = 0.593  # ln(1 + 0.9²): a coefficient of variation of 0.9
        talk_s = self._people.talk_s * self._dice.lognormvariate(-sigma2 / 2, sigma2**0.5)
        await asyncio.sleep(talk_s)
        self._end(attempt_id, 16)

    def _end(self, attempt_id: AttemptId, cause: int, tech_cause: str = "") -> None:
        call, leg = self._calls.pop(attempt_id, None), ChannelId(attempt_id)
        if call is None:
            self.pbx.end(leg, cause, tech_cause)
            return
        self.gate.end(call.trunk, cause, tech_cause)
        self.gate.end(call.inbound, cause, tech_cause)
        if leg in self.pbx.live and not self.pbx.live[leg].is_up:
            self.pbx.tell(OriginateFailed(attempt_id, now()))
        self.pbx.end(leg, cause, tech_cause)


def now() -> datetime:
    """Return the present moment, aware UTC."""
    return datetime.now(UTC)
