"""The floor: its snapshot agrees with the store, its versions grow, a slow watcher gets the latest only."""

from telephony.domain.calls.attempts import Result
from telephony.domain.floor.snapshot import FloorView
from telephony.ids import AttemptId
from telephony.words import english
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles
from tests.virtual_time import passes, until, virtual


async def play(site: ControllerOnDoubles, count: int, seats: int) -> None:
    """Dial everything; every other call is busy, the others talk."""
    for turn in range(count):
        permit = (await site.dials(turn + 1))[turn]
        await until("at the gate", lambda p=permit: site.exchange.calls[p.attempt_id].trunk)
        if turn % 2:
            site.exchange.busy(permit.attempt_id)
        else:
            call = await site.exchange.answer(permit.attempt_id)
            await passes(1)
            site.exchange.hang_up(permit.attempt_id)
            assert call.seat is not None
            await passes(0.3)
            await site.parts.screens.desk.choose_result(site.operator(call.seat), Result.COMPLETE)


@virtual
async def test_the_picture_agrees_with_the_store():
    async with controller_on_doubles(leads=6, seats=1) as site:
        await site.log_in(1)
        await play(site, 6, 1)
        await passes(5)
        (shown,) = site.parts.screens.floor.view().campaigns
        stored = await site.fake.store.campaigns.progress(shown.campaign_id)
        assert (shown.leads, shown.waiting, shown.done) == (stored.leads, stored.waiting, stored.done) == (6, 0, 6)
        assert {word: count for word, count in shown.outcomes.items() if count} == stored.outcomes
        assert stored.outcomes == {"answered": 3, "busy": 3}
        assert (shown.answered, shown.abandoned, shown.lines, shown.talking) == (3, 0, 0, 0)
        assert shown.calls_per_minute == 6
        await passes(61)
        assert site.parts.screens.floor.view().campaigns[0].calls_per_minute == 0


@virtual
async def test_the_picture_is_the_same_after_a_crash():
    async with controller_on_doubles(leads=4, seats=1) as site:
        await site.log_in(1)
        await play(site, 4, 1)
        await passes(3)
        (before,) = site.parts.screens.floor.view().campaigns
        await site.crash()
        await site.start()
        await passes(3)
        (after,) = site.parts.screens.floor.view().campaigns
        assert (after.outcomes, after.done, after.answered) == (before.outcomes, before.done, before.answered)


@virtual
async def test_lines_and_talking_are_counted_while_they_last():
    async with controller_on_doubles(leads=3, seats=3) as site:
        await site.log_in(1, 2, 3)
        permits = await site.dials(3)
        await site.exchange.answer(permits[0].attempt_id)
        await passes(0.5)
        view = site.parts.screens.floor.view()
        assert (view.campaigns[0].lines, view.campaigns[0].talking) == (2, 1)
        assert [seat.state for seat in view.seats].count("talking") == 1
        talking = next(seat for seat in view.seats if seat.state == "talking")
        assert talking.campaign == "Survey"


@virtual
async def test_versions_grow_and_a_slow_watcher_gets_the_latest_only():
    async with controller_on_doubles(leads=20, pacer=Fixed(1)) as site:
        seen: list[FloorView] = []
        changes = site.parts.screens.floor.changes(0)
        seen.append(await anext(changes))
        for turn in range(5):
            permit = (await site.dials(turn + 1))[turn]
            site.exchange.busy(permit.attempt_id)
            await passes(1)
        latest = site.parts.screens.floor.view()
        seen.append(await anext(changes))
        assert seen[1] is latest
        assert seen[1].version > seen[0].version + 1
        seen.append(await anext(changes))
        assert seen[2].version > seen[1].version
        await changes.aclose()  # type: ignore[attr-defined]


@virtual
async def test_a_quiet_floor_is_not_drawn_four_times_a_second():
    async with controller_on_doubles(seats=1) as site:
        await passes(10)
        first = site.parts.screens.floor.view().version
        await passes(10)
        assert site.parts.screens.floor.view().version - first <= 6


@virtual
async def test_links_incidents_and_reasons_are_shown():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await passes(1)
        site.exchange.gate.lose_link()
        site.archive.free = (0.0, 0.0)
        await passes(5)
        view = site.parts.screens.floor.view()
        assert [(link.node, link.is_connected) for link in view.links] == [("pbx", True), ("gate", False)]
        assert english(view.campaigns[0].pace) == "The connection to gate is lost: no calls go out."
        assert len(view.incidents) == 1


@virtual
async def test_the_floor_lives_on_while_the_database_is_away():
    async with controller_on_doubles(leads=1, seats=1) as site:
        await passes(1)
        site.watched.is_away = True
        await site.exchange.log_in(1)
        await passes(5)
        view = site.parts.screens.floor.view()
        assert view.seats[0].state == "ready"
        assert english(view.campaigns[0].pace) == "The database is not responding: no calls go out."


@virtual
async def test_no_number_is_in_the_picture():
    async with controller_on_doubles(leads=2, seats=1) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(AttemptId(permit.attempt_id))
        await passes(1)
        assert permit.number not in repr(site.parts.screens.floor.view())
