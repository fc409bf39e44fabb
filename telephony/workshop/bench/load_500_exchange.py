"""The exchange of the benchmark of 500 operators: operators and called people without a phone, in memory.

What people do (ring, answer, talk) follows docs/simulation.md at random from a seed, and questions are timed.
``load_500`` measures.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from telephony.domain.evidence.recordings import RecordingTag, StoredFile
from telephony.errors import SwitchUnavailableError
from telephony.ids import ChannelId, RecordingId
from telephony.ports.calls.switch import AgiCall
from telephony.ports.evidence.archive import RawState
from telephony.wire.watch import ROUTE, WatchQuestion, WatchState, question_headers
from telephony.workshop.bench.memory_agi import MemoryAgi
from telephony.workshop.bench.memory_exchange import MemoryCall, MemoryExchange
from telephony.workshop.bench.memory_switch import utc_now

RUN = "00112233aabbccdd"
WATCH_S = 0.25


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


class TimedAgi(MemoryAgi):
    """The FastAGI server, noting how long each answer took."""

    def __init__(self) -> None:
        super().__init__()
        self.forget()

    def forget(self) -> None:
        """Reset the figures."""
        self.waits_ms: dict[str, list[float]] = {"verdict": [], "route": [], "login": []}

    async def ask(
        self,
        route: str,
        channel: str,
        extension: str = "",
        *,
        name: str = "PJSIP/x-1",
        peer: str = "127.0.0.1",
        arguments: Sequence[str] = (),
    ) -> Mapping[str, str]:
        """Ask one question, timed."""
        began = asyncio.get_running_loop().time()
        answer = await super().ask(route, channel, extension, name=name, peer=peer, arguments=arguments)
        self.waits_ms[route].append((asyncio.get_running_loop().time() - began) * 1000)
        return answer

    async def watch(self, key: str) -> None:
        """Report as the warden that every recording grows, until cancelled."""
        number = 0
        while True:
            await asyncio.sleep(WATCH_S)
            if ROUTE in self.routes:
                number += 1
                question = WatchQuestion(RUN, number, round(utc_now().timestamp() * 1000), WatchState.OK, 0, ())
                headers = question_headers(question, key)
                channel = ChannelId(headers["agi_uniqueid"])
                await self.routes[ROUTE](AgiCall(ROUTE, "127.0.0.1", channel, "warden", "", headers))


class MemoryArchive:
    """Implements ``Archive`` without a file: recordings are whole as soon as their call is over."""

    def __init__(self) -> None:
        self._made: set[RecordingId] = set()

    def begin(self, recording_id: RecordingId) -> None:
        """Register a recording."""
        self._made.add(recording_id)

    async def raw_state(self, recording_id: RecordingId) -> RawState:
        """Return that the file is closed."""
        is_there = recording_id in self._made
        return RawState(is_present=is_there, is_closed=is_there, length_s=5.0, size=1)

    async def finish(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        """Return a file that was never written."""
        del early_media_at
        if tag.answered_at is None:
            return None
        length_s = (tag.ended_at - tag.answered_at).total_seconds()
        return StoredFile(f"{tag.recording_id}.flac", length_s, 0.0, "ab" * 32, 1, 2)

    async def salvage(self, tag: RecordingTag, early_media_at: datetime | None) -> StoredFile | None:
        """Return a file that was never written."""
        return await self.finish(tag, early_media_at)

    async def discard_raw(self, recording_id: RecordingId) -> None:
        """Remove the recording."""
        self._made.discard(recording_id)

    async def verify(self, file: StoredFile) -> bool:
        """Return True: nothing can be damaged."""
        return bool(file.path)

    def location(self, file: StoredFile) -> Path:
        """Return a path that does not exist."""
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


class LoadedExchange:
    """The two instances and everybody behind them."""

    def __init__(self, people: People, seed: int) -> None:
        self._people = people
        self._dice = random.Random(seed)  # noqa: S311  people's behaviour, not a secret
        self._tasks: set[asyncio.Task[None]] = set()
        self._seats = 0
        self.agi = TimedAgi()
        self.archive = MemoryArchive()
        self.exchange = MemoryExchange(desk=self.agi)
        self.exchange.on_call = self._take
        self.most_calls = 0
        """Most calls under way at once."""

    async def log_in(self, seat: int) -> None:
        """Log a seat's phone in; its line stays up."""
        if await self.exchange.log_in(seat) is None:
            raise SwitchUnavailableError(f"seat {seat} was refused at login")
        self._seats += 1

    def stop(self) -> None:
        """Cancel every call's task."""
        for task in self._tasks:
            task.cancel()

    def _take(self, call: MemoryCall) -> None:
        self.most_calls = max(self.most_calls, len(self.exchange.switch.live) - self._seats)
        task = asyncio.create_task(self._live(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _live(self, call: MemoryCall) -> None:
        """Play one call; it may be hung up meanwhile."""
        exchange, dice, people, attempt = self.exchange, self._dice, self._people, call.permit.attempt_id
        if not await exchange.decide(call):
            return
        self.archive.begin(call.permit.recording_id)
        await asyncio.sleep(dice.uniform(1.0, 3.0))
        if dice.random() < people.answer_rate:
            self._ring(call)
            await asyncio.sleep(min(people.ring_timeout_s - 1, dice.gammavariate(3, people.ring_s / 3)))
            if ChannelId(attempt) not in exchange.switch.live:
                return
            await exchange.answer(attempt)
            sigma2 = 0.593  # ln(1 + 0.9²): a coefficient of variation of 0.9
            if call.seat is not None:
                await asyncio.sleep(people.talk_s * dice.lognormvariate(-sigma2 / 2, sigma2**0.5))
                exchange.hang_up(attempt)
        elif dice.random() < people.fail_rate:
            await asyncio.sleep(dice.uniform(0.5, 2.0))
            exchange.busy(attempt)
        else:
            self._ring(call)
            await asyncio.sleep(people.ring_timeout_s)
            exchange.no_answer(attempt)

    def _ring(self, call: MemoryCall) -> None:
        if ChannelId(call.permit.attempt_id) in self.exchange.switch.live:
            self.exchange.ring(call.permit.attempt_id)
