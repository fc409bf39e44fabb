"""The composition root: started in order, stopped in order, and no loop dies in silence."""

import asyncio

import pytest

from telephony.app.wiring import build
from telephony.bench.unblocked import HeldLock
from telephony.domain.attempts import CallState
from telephony.domain.operators import OperatorState
from telephony.errors import SoleLostError, StoreError, SwitchError
from telephony.ids import ChannelId
from telephony.ports.switch import AgiCall
from telephony.services.readiness import SingleController
from tests.services.fake_store import FakeStore
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, settings, site


@virtual
async def test_the_gate_gets_answers_before_the_links_are_up_and_nothing_is_dialled_before_both_are():
    async with site(leads=3, pacer=Fixed(1), is_started=False) as house:
        order: list[str] = []
        exchange = house.exchange
        for part, name in ((exchange.desk, "agi"), (exchange.switch, "pbx"), (exchange.gate, "gate")):
            begin = part.start

            async def noted(*args: object, name: str = name, begin: object = begin) -> None:
                order.append(name)
                await begin(*args)  # type: ignore[operator]

            part.start = noted  # type: ignore[method-assign,assignment]
        await house.start()
        await house.dials(1)
        assert order == ["agi", "pbx", "gate"]
        assert house.journal.index("permits.void_unused") < house.journal.index("originate")


@virtual
async def test_a_stop_leaves_conversations_up_and_writes_everything_down():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        await house.stop()
        assert permit.attempt_id in house.exchange.switch.live
        assert house.attempt(permit.attempt_id).state is CallState.CONNECTED
        assert not house.exchange.desk.is_listening
        await house.start()
        await until("taken over", lambda: house.state(1) is OperatorState.TALKING)


@virtual
async def test_a_loop_that_ends_fails_the_controller():
    async with site() as house:
        controller = house.controller
        assert controller is not None

        def broken(*_: object) -> None:
            raise RuntimeError("made to fail")

        house.parts.shared.trunks.on_call = broken  # type: ignore[method-assign]
        house.parts.shared.room.look = broken  # type: ignore[method-assign]
        await asyncio.wait((controller.failed,), timeout=5)  # virtual; a loop that ended unseen fails just below
        assert isinstance(controller.failed.exception(), RuntimeError)
        house.controller = None
        await controller.stop()


@virtual
async def test_a_database_that_is_away_stops_the_start():
    async with site(leads=1, is_started=False) as house:
        house.watched.is_away = True
        with pytest.raises(StoreError):
            await house.start()
        await house.crash()
        house.watched.is_away = False
        await house.start()


@virtual
async def test_an_address_that_is_taken_stops_the_start():
    async with site(leads=1, pacer=Fixed(1), is_started=False) as house:

        async def taken(_: object) -> None:
            raise SwitchError("127.0.0.1:4573 is taken")

        start, house.exchange.desk.start = house.exchange.desk.start, taken  # type: ignore[method-assign,assignment]
        with pytest.raises(SwitchError, match="taken"):
            await house.start()
        await passes(5)
        assert house.dialled == []
        await house.crash()
        house.exchange.desk.start = start  # type: ignore[method-assign]


def test_building_a_real_site_starts_nothing():
    async def run() -> None:
        parts = build(settings(), FakeStore().store, None, SingleController(HeldLock()))
        assert not parts.shared.exchanges.pbx.is_connected
        assert not parts.shared.exchanges.gate.is_connected
        assert parts.shared.blockers.site() is not None

    asyncio.run(run())


@virtual
async def test_a_controller_that_lost_the_sole_lock_ends_at_once_and_touches_nothing_more():
    async with site(leads=1, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.exchange.answer(permit.attempt_id)
        await passes(1)
        controller = house.controller
        assert controller is not None
        house.lock.is_held = False
        await asyncio.wait((controller.failed,), timeout=5)  # virtual
        assert isinstance(controller.failed.exception(), SoleLostError)
        before, live = len(house.journal), set(house.exchange.switch.live)
        await passes(30)
        await controller.stop()
        house.controller = None
        assert house.journal[before:] == []
        assert set(house.exchange.switch.live) == live, "the other controller's calls go on"


@virtual
async def test_an_orderly_stop_enters_the_refusals_that_were_only_counted():
    forged = AgiCall("verdict", "127.0.0.1", ChannelId("gate-1.1"), "PJSIP/pbx-1", "p" + "1" * 36, {})
    async with site() as house:
        for _ in range(3):
            await house.parts.gate.verdict(forged)
            await passes(0.1)
        assert counts(house) == [1]
        assert house.controller is not None
        await house.controller.stop()
        house.controller = None
        assert counts(house) == [1, 2]


def counts(house: Site) -> list[object]:
    return [one.note.body["count"] for one in house.tables.ledger if one.note.kind == "permit_refused"]
