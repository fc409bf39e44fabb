"""The gate service alone, as a process of its own: database, tracker, gate and FastAGI server, no Asterisk.

``python -m telephony.workshop.bench.gate_service URL FIRST LAST`` prints ``ready PORT``; each line ``give N`` on its
input then makes permits for N random leads from FIRST to LAST (stored as the dialer does) and prints their ids as
JSON. With ``floor`` instead of a URL it is a bare asyncio server that answers every request alike. It ends with its
input.
"""

import asyncio
import gc
import json
import secrets
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final

import structlog

from telephony.app.wiring.system import SystemClock, SystemDice
from telephony.asterisk.agi import FastAgiServer
from telephony.domain.calls.attempts import AttemptStart
from telephony.domain.calls.permits import PERMIT_DIGITS, PermitRequest, give_permit
from telephony.domain.law.facts import DialingPolicy
from telephony.ids import AttemptId, LeadId, PermitId, RecordingId
from telephony.ports.store import Store
from telephony.services.calls.tracker import Tracker
from telephony.services.evidence.refusals import Refusals
from telephony.services.rules.permits import GATE, Gate
from telephony.services.rules.rule_facts import RuleFacts
from telephony.storage import open_store
from telephony.wire.agi import encode_variables
from telephony.workshop.bench.unblocked import EveryoneWaits, NoKeys, unblocked

HOST: Final = "127.0.0.1"
TRUNK: Final = "bench"
CALLER_ID: Final = "33199000000"
LIFE: Final = timedelta(minutes=15)
"""Longer than in production: all permits of a run are made before it, so that only decisions are timed."""
FLOOR: Final = (("CANON", "999000000000"), ("TRUNK", TRUNK), ("CLI", CALLER_ID), ("RECUUID", "0"), ("RINGS", "15"))


async def main(url: str, first: int, last: int) -> None:
    """Serve until the input ends."""
    if url == "floor":
        await _floor()
        return
    async with await open_store(url) as opened:
        store, clock = opened.store, SystemClock()
        tracker = Tracker(store.attempts, clock)
        facts = RuleFacts({TRUNK: frozenset({CALLER_ID})}, DialingPolicy(ring_s=15), unblocked(), clock)
        refusals = Refusals(store.ledger, clock)
        gate = Gate(store, tracker, clock, facts, NoKeys(), EveryoneWaits(), refusals)
        agi = FastAgiServer(HOST, 0, {HOST})
        await agi.start({"verdict": gate.verdict})
        writing = asyncio.create_task(tracker.run())
        gc.freeze()  # as in production
        _say(f"ready {agi.port}")
        async for line in _lines():
            _say(json.dumps(await _give(store, tracker, int(line.split()[1]), first, last)))
        writing.cancel()
        await asyncio.wait((writing,))
        await agi.stop()


async def _give(store: Store, tracker: Tracker, count: int, first: int, last: int) -> list[PermitId]:
    """Make permits for random leads: pages of the database that are not cached."""
    clock, dice, starts = SystemClock(), SystemDice(), []
    for _ in range(count):
        lead = await store.leads.get(LeadId(first + secrets.randbelow(last - first + 1)))
        request = PermitRequest(
            attempt_id=AttemptId(dice.uuid()),
            recording_id=RecordingId(dice.uuid()),
            campaign_id=lead.campaign_id,
            list_id=lead.list_id,
            lead_id=lead.lead_id,
            number=lead.number,
            caller_id=CALLER_ID,
            trunk=TRUNK,
            gate=GATE,
        )
        now = clock.now()
        starts.append(AttemptStart(give_permit(request, dice.digits(PERMIT_DIGITS), now, LIFE), now))
    held = await store.attempts.begin(starts, [])
    for start in held:
        tracker.begin(await store.attempts.get(start.permit.attempt_id))
    return [start.permit.permit_id for start in held]


async def _floor() -> None:
    commands = encode_variables({**dict(FLOOR), "VERDICT": "OK"})

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\n\n")
        for command in commands:
            writer.write(command)
            await reader.readline()
        writer.close()

    server = await asyncio.start_server(answer, HOST, 0)
    _say(f"ready {server.sockets[0].getsockname()[1]}")
    async for _ in _lines():
        pass
    server.close()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


async def _lines() -> AsyncIterator[str]:
    while line := await asyncio.to_thread(sys.stdin.readline):
        yield line


if __name__ == "__main__":
    # Refusals are logged as in production; standard output belongs to the benchmark.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
