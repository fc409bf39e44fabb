"""The doubles behave as the dialplan does: no call without a verdict, no seat without a route."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from telephony.domain.calls.permits import DialPermit, PermitRequest, give_permit
from telephony.ids import AttemptId, CampaignId, LeadId, ListId, Number, RecordingId
from telephony.ports.calls.switch import (
    AgiCall,
    LegAnswered,
    LegBridged,
    LegEnded,
    LinkRestored,
    SwitchFact,
    TrunkLegStarted,
)
from telephony.workshop.bench.memory_exchange import MemoryExchange

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)
NUMBER = "33199001234"


class Book:
    """Routes as small as can be; ``verdicts`` and ``seats`` say what they answer."""

    def __init__(self) -> None:
        self.is_allowed = True
        self.seat = "1"

    async def verdict(self, call: AgiCall) -> Mapping[str, str]:
        if not self.is_allowed:
            return {}
        proof = f"OK-{call.channel}-{call.extension}-{NUMBER}"
        return {"CANON": NUMBER, "TRUNK": "carrier", "CLI": NUMBER, "RECUUID": "a" * 36, "RINGS": "25"} | {
            "VERDICT": proof
        }

    async def route(self, call: AgiCall) -> Mapping[str, str]:
        return {"SEAT": self.seat, "VERDICT": f"SEAT-{call.channel}-{self.seat}"} if self.seat else {}

    async def login(self, call: AgiCall) -> Mapping[str, str]:
        return {"SEAT": "1", "VERDICT": f"LOGIN-{call.channel}-1"}


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
async def exchange(book: Book) -> MemoryExchange:
    made = MemoryExchange(lambda: NOW)
    await made.desk.start({"verdict": book.verdict, "route": book.route, "login": book.login})
    await made.switch.start(lambda _: None)
    await made.gate.start(lambda _: None)
    return made


def a_permit() -> DialPermit:
    request = PermitRequest(
        AttemptId(str(uuid.uuid4())),
        RecordingId(str(uuid.uuid4())),
        CampaignId(1),
        ListId(1),
        LeadId(1),
        Number(NUMBER),
        "33199000000",
        "carrier",
        "gate",
    )
    return give_permit(request, "4" * 36, NOW, timedelta(seconds=10))


def kinds(facts: list[SwitchFact]) -> list[str]:
    return [type(fact).__name__ for fact in facts[1:]]


async def test_an_answered_call_is_joined_to_the_seat_the_route_named(exchange: MemoryExchange):
    permit = a_permit()
    assert await exchange.log_in(1)
    await exchange.switch.originate(permit, timedelta(seconds=30))
    await exchange.settle()
    exchange.ring(permit.attempt_id)
    call = await exchange.answer(permit.attempt_id)
    assert call.seat == 1
    exchange.hang_up(permit.attempt_id)
    assert kinds(exchange.switch.told)[2:] == ["LegRang", "LegAnswered", "LegBridged", "LegUnbridged", "LegEnded"]
    assert kinds(exchange.gate.told) == [
        "TrunkLegStarted",
        "LegRang",
        "LegAnswered",
        "LegAnswered",
        "LegEnded",
        "LegEnded",
    ]
    assert exchange.gate.live == {}


async def test_without_a_verdict_no_trunk_leg_is_made(exchange: MemoryExchange, book: Book):
    book.is_allowed = False
    permit = a_permit()
    await exchange.switch.originate(permit, timedelta(seconds=30))
    await exchange.settle()
    assert not any(isinstance(fact, TrunkLegStarted) for fact in exchange.gate.told)
    assert kinds(exchange.switch.told) == ["OriginateFailed", "LegEnded"]


async def test_with_nobody_listening_no_trunk_leg_is_made(exchange: MemoryExchange):
    await exchange.desk.stop()
    await exchange.switch.originate(a_permit(), timedelta(seconds=30))
    await exchange.settle()
    assert not any(isinstance(fact, TrunkLegStarted) for fact in exchange.gate.told)


async def test_without_a_seat_the_answered_call_is_abandoned(exchange: MemoryExchange, book: Book):
    book.seat = ""
    permit = a_permit()
    await exchange.switch.originate(permit, timedelta(seconds=30))
    call = await exchange.answer(permit.attempt_id)
    assert call.seat is None
    assert kinds(exchange.switch.told) == ["LegAnswered", "LegEnded"]
    assert exchange.gate.live == {}


async def test_hanging_up_on_the_pbx_ends_the_trunk_leg(exchange: MemoryExchange):
    permit = a_permit()
    await exchange.switch.originate(permit, timedelta(seconds=30))
    await exchange.answer(permit.attempt_id)
    await exchange.switch.hang_up(exchange.calls[permit.attempt_id].inbound)  # not the pbx's: nothing happens
    assert exchange.gate.live
    leg = next(fact.channel for fact in exchange.switch.told if isinstance(fact, LegAnswered))
    await exchange.switch.hang_up(leg)
    assert exchange.gate.live == {}


async def test_a_call_goes_on_while_the_link_is_lost_and_is_listed_after(exchange: MemoryExchange):
    permit = a_permit()
    await exchange.switch.originate(permit, timedelta(seconds=30))
    await exchange.settle()
    exchange.switch.lose_link()
    await exchange.answer(permit.attempt_id)
    exchange.switch.restore_link()
    assert not any(isinstance(fact, LegBridged | LegEnded) for fact in exchange.switch.told)
    restored = exchange.switch.told[-1]
    assert isinstance(restored, LinkRestored)
    (leg,) = restored.channels
    assert (leg.channel, leg.is_up, leg.bridge) == (permit.attempt_id, True, "bridge-1")
