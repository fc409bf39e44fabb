"""The floor: its picture agrees with the store, its versions grow, a slow watcher gets the latest only."""

from telephony.domain.attempts import Result
from telephony.domain.floor import FloorView
from telephony.ids import AttemptId
from telephony.words import english
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, site


async def play(house: Site, count: int, seats: int) -> None:
    """Dial everything; every other call is busy, the others talk."""
    for turn in range(count):
        permit = (await house.dials(turn + 1))[turn]
        await until("at the gate", lambda p=permit: house.exchange.calls[p.attempt_id].trunk)
        if turn % 2:
            house.exchange.busy(permit.attempt_id)
        else:
            call = await house.exchange.answer(permit.attempt_id)
            await passes(1)
            house.exchange.hang_up(permit.attempt_id)
            assert call.seat is not None
            await passes(0.3)
            await house.parts.screens.desk.choose_result(house.operator(call.seat), Result.COMPLETE)


@virtual
async def test_the_picture_agrees_with_the_store():
    async with site(leads=6, seats=1) as house:
        await house.log_in(1)
        await play(house, 6, 1)
        await passes(5)
        (shown,) = house.parts.screens.floor.view().campaigns
        stored = await house.fake.store.campaigns.progress(shown.campaign_id)
        assert (shown.leads, shown.waiting, shown.done) == (stored.leads, stored.waiting, stored.done) == (6, 0, 6)
        assert {word: count for word, count in shown.outcomes.items() if count} == stored.outcomes
        assert stored.outcomes == {"answered": 3, "busy": 3}
        assert (shown.answered, shown.abandoned, shown.lines, shown.talking) == (3, 0, 0, 0)
        assert shown.calls_per_minute == 6
        await passes(61)
        assert house.parts.screens.floor.view().campaigns[0].calls_per_minute == 0


@virtual
async def test_the_picture_is_the_same_after_a_crash():
    async with site(leads=4, seats=1) as house:
        await house.log_in(1)
        await play(house, 4, 1)
        await passes(3)
        (before,) = house.parts.screens.floor.view().campaigns
        await house.crash()
        await house.start()
        await passes(3)
        (after,) = house.parts.screens.floor.view().campaigns
        assert (after.outcomes, after.done, after.answered) == (before.outcomes, before.done, before.answered)


@virtual
async def test_lines_and_talking_are_counted_while_they_last():
    async with site(leads=3, seats=3) as house:
        await house.log_in(1, 2, 3)
        permits = await house.dials(3)
        await house.exchange.answer(permits[0].attempt_id)
        await passes(0.5)
        view = house.parts.screens.floor.view()
        assert (view.campaigns[0].lines, view.campaigns[0].talking) == (2, 1)
        assert [seat.state for seat in view.seats].count("talking") == 1
        talking = next(seat for seat in view.seats if seat.state == "talking")
        assert talking.campaign == "Survey"


@virtual
async def test_versions_grow_and_a_slow_watcher_gets_the_latest_only():
    async with site(leads=20, pacer=Fixed(1)) as house:
        seen: list[FloorView] = []
        changes = house.parts.screens.floor.changes(0)
        seen.append(await anext(changes))
        for turn in range(5):
            permit = (await house.dials(turn + 1))[turn]
            house.exchange.busy(permit.attempt_id)
            await passes(1)
        latest = house.parts.screens.floor.view()
        seen.append(await anext(changes))
        assert seen[1] is latest
        assert seen[1].version > seen[0].version + 1
        seen.append(await anext(changes))
        assert seen[2].version > seen[1].version
        await changes.aclose()  # type: ignore[attr-defined]


@virtual
async def test_a_quiet_floor_is_not_drawn_four_times_a_second():
    async with site(seats=1) as house:
        await passes(10)
        first = house.parts.screens.floor.view().version
        await passes(10)
        assert house.parts.screens.floor.view().version - first <= 6


@virtual
async def test_links_incidents_and_reasons_are_shown():
    async with site(leads=1, seats=1) as house:
        await passes(1)
        house.exchange.gate.lose_link()
        house.archive.free = (0.0, 0.0)
        await passes(5)
        view = house.parts.screens.floor.view()
        assert [(link.node, link.is_connected) for link in view.links] == [("pbx", True), ("gate", False)]
        assert english(view.campaigns[0].pace) == "The link to gate is lost: no call leaves."
        assert len(view.incidents) == 1


@virtual
async def test_the_floor_lives_on_while_the_database_is_away():
    async with site(leads=1, seats=1) as house:
        await passes(1)
        house.watched.is_away = True
        await house.exchange.log_in(1)
        await passes(5)
        view = house.parts.screens.floor.view()
        assert view.seats[0].state == "ready"
        assert english(view.campaigns[0].pace) == "The database does not answer: no call leaves."


@virtual
async def test_no_number_is_in_the_picture():
    async with site(leads=2, seats=1) as house:
        await house.log_in(1)
        (permit,) = await house.dials(1)
        await house.exchange.answer(AttemptId(permit.attempt_id))
        await passes(1)
        assert permit.number not in repr(house.parts.screens.floor.view())
