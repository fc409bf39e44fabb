"""The composition root: started in order, stopped in order, and no loop dies in silence."""

import asyncio

import pytest

from telephony.app.wiring.parts import build
from telephony.domain.calls.attempts import CallState
from telephony.domain.calls.operators import OperatorState
from telephony.errors import ControllerLockLostError, StoreError, SwitchError
from telephony.ids import ChannelId
from telephony.ports.calls.switch import AgiCall
from telephony.services.rules.readiness import SingleController
from telephony.workshop.bench.unblocked import HeldLock
from tests.doubles.store import FakeStore
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles, settings
from tests.virtual_time import passes, until, virtual


@virtual
async def test_the_gate_gets_answers_before_the_links_are_up_and_nothing_is_dialled_before_both_are():
    async with controller_on_doubles(leads=3, pacer=Fixed(1), is_started=False) as site:
        order: list[str] = []
        exchange = site.exchange
        for part, name in ((exchange.desk, "agi"), (exchange.switch, "pbx"), (exchange.gate, "gate")):
            begin = part.start

            async def noted(*args: object, name: str = name, begin: object = begin) -> None:
                order.append(name)
                await begin(*args)  # type: ignore[operator]

            part.start = noted  # type: ignore[method-assign,assignment]
        await site.start()
        await site.dials(1)
        assert order == ["agi", "pbx", "gate"]
        assert site.journal.index("permits.void_unused") < site.journal.index("originate")


@virtual
async def test_a_stop_leaves_conversations_up_and_writes_everything_down():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        await site.stop()
        assert permit.attempt_id in site.exchange.switch.live
        assert site.attempt(permit.attempt_id).state is CallState.CONNECTED
        assert not site.exchange.desk.is_listening
        await site.start()
        await until("taken over", lambda: site.state(1) is OperatorState.TALKING)


@virtual
async def test_a_loop_that_ends_fails_the_controller():
    async with controller_on_doubles() as site:
        controller = site.controller
        assert controller is not None

        def broken(*_: object) -> None:
            raise RuntimeError("made to fail")

        site.parts.calls.trunks.on_call = broken  # type: ignore[method-assign]
        site.parts.calls.recording_room.look = broken  # type: ignore[method-assign]
        await asyncio.wait((controller.failed,), timeout=5)  # virtual; a loop that ended unseen fails just below
        assert isinstance(controller.failed.exception(), RuntimeError)
        site.controller = None
        await controller.stop()


@virtual
async def test_a_database_that_is_away_stops_the_start():
    async with controller_on_doubles(leads=1, is_started=False) as site:
        site.watched.is_away = True
        with pytest.raises(StoreError):
            await site.start()
        await site.crash()
        site.watched.is_away = False
        await site.start()


@virtual
async def test_an_address_that_is_taken_stops_the_start():
    async with controller_on_doubles(leads=1, pacer=Fixed(1), is_started=False) as site:

        async def taken(_: object) -> None:
            raise SwitchError("127.0.0.1:4573 is taken")

        start, site.exchange.desk.start = site.exchange.desk.start, taken  # type: ignore[method-assign,assignment]
        with pytest.raises(SwitchError, match="taken"):
            await site.start()
        await passes(5)
        assert site.dialled == []
        await site.crash()
        site.exchange.desk.start = start  # type: ignore[method-assign]


def test_building_a_real_site_starts_nothing():
    async def run() -> None:
        parts = build(settings(), FakeStore().store, None, SingleController(HeldLock()))
        assert not parts.calls.exchanges.pbx.is_connected
        assert not parts.calls.exchanges.gate.is_connected
        assert parts.calls.blockers.site() is not None

    asyncio.run(run())


@virtual
async def test_a_controller_that_lost_the_sole_lock_ends_at_once_and_touches_nothing_more():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        await passes(1)
        controller = site.controller
        assert controller is not None
        site.lock.is_held = False
        await asyncio.wait((controller.failed,), timeout=5)  # virtual
        assert isinstance(controller.failed.exception(), ControllerLockLostError)
        before, live = len(site.journal), set(site.exchange.switch.live)
        await passes(30)
        await controller.stop()
        site.controller = None
        assert site.journal[before:] == []
        assert set(site.exchange.switch.live) == live, "the other controller's calls go on"


@virtual
async def test_an_orderly_stop_enters_the_refusals_that_were_only_counted():
    forged = AgiCall("verdict", "127.0.0.1", ChannelId("gate-1.1"), "PJSIP/pbx-1", "p" + "1" * 36, {})
    async with controller_on_doubles() as site:
        for _ in range(3):
            await site.parts.gate.verdict(forged)
            await passes(0.1)
        assert counts(site) == [1]
        assert site.controller is not None
        await site.controller.stop()
        site.controller = None
        assert counts(site) == [1, 2]


def counts(site: ControllerOnDoubles) -> list[object]:
    return [entry.note.body["count"] for entry in site.tables.ledger if entry.note.kind == "permit_refused"]
