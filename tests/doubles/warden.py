"""A warden in memory: asks the controller's watch route as the real one does, reports what a test sets."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from telephony.ids import AttemptId, ChannelId
from telephony.ports.calls.switch import AgiCall
from telephony.wire.watch import Fault, WatchAnswer, WatchQuestion, WatchState, key_of, question_headers, read_answer
from telephony.workshop.bench.memory_exchange import MemoryExchange

RUN = "00112233aabbccdd"


class FakeWarden:
    """``run`` it; set ``is_alive``, ``state`` and ``faults`` to play fate."""

    def __init__(self, exchange: MemoryExchange, ami_secret: str, clock: Callable[[], datetime]) -> None:
        self._exchange = exchange
        self._key = key_of(ami_secret)
        self._clock = clock
        self._number = 0
        self.is_alive = True
        self.state = WatchState.OK
        self.hangups: list[str] = []
        """Every channel it was told to end, in order."""

    async def run(self) -> None:
        while True:
            if not self.is_alive or await self.ask() is None:
                await asyncio.sleep(0.25)  # the pace at which the real one asks again; virtual time

    def question(self, *faults: Fault) -> WatchQuestion:
        self._number += 1
        return WatchQuestion(RUN, self._number, round(self._clock().timestamp() * 1000), self.state, 0, faults)

    async def ask(self, *faults: Fault) -> WatchAnswer | None:
        """Ask once; None when there is no answer."""
        return await self.put(self.question(*faults), self._key)

    async def put(self, question: WatchQuestion, key: str) -> WatchAnswer | None:
        desk = self._exchange.desk
        if not desk.is_listening:
            return None
        headers = question_headers(question, key)
        call = AgiCall("watch", "127.0.0.1", ChannelId(headers["agi_uniqueid"]), "warden", "", headers)
        variables = await desk.routes["watch"](call)
        if not variables:
            return None
        answer = read_answer(variables, question, key)
        for channel in answer.hangups:
            self.hangups.append(channel)
            self.end(channel)
        return answer

    def end(self, channel: str) -> None:
        for attempt_id, call in self._exchange.calls.items():
            if call.trunk == channel:
                self._exchange.end(AttemptId(attempt_id), 16)
                return
        self._exchange.gate.end(ChannelId(channel))
