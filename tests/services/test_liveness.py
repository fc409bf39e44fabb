"""An instance that answers its manager and does no work: no new call leaves, an incident says so, calls resume."""

import pytest

from telephony.services.liveness import DEADLINE_S, EVERY_S
from telephony.words import english, say
from tests.services.virtual_time import passes, until, virtual
from tests.services.whole_site import Fixed, Site, site

TWO_MISSES_S = 2 * EVERY_S + DEADLINE_S


def hung(house: Site, node: str) -> object:
    return house.exchange.switch if node == "pbx" else house.exchange.gate


def opened(house: Site) -> list[tuple[str, str]]:
    return [(one.kind, one.subject) for one in house.tables.incidents]


@pytest.mark.parametrize("node", ["pbx", "gate"])
@virtual
async def test_an_instance_that_answers_but_hangs_gets_no_new_call_and_an_incident_until_it_works_again(node: str):
    pacer = Fixed(1)
    async with site(leads=30, seats=2, pacer=pacer) as house:
        up = (await house.dials(1))[0]
        pacer.count = 0
        hung(house, node).is_hung = True  # type: ignore[attr-defined]
        await passes(EVERY_S)
        assert opened(house) == []
        await until("no call leaves", lambda: house.parts.shared.blockers.site() is not None, TWO_MISSES_S)
        why = house.parts.shared.blockers.site()
        assert why is not None
        assert node in english(why)
        assert node in say(why, "fr")
        await until("incident", lambda: ("node_not_working", node) in opened(house), 5)
        assert house.parts.shared.tracker.call(up.attempt_id) is not None
        house.exchange.busy(up.attempt_id)
        dialled, pacer.count = len(house.dialled), 1
        await passes(60)
        assert len(house.dialled) == dialled
        assert opened(house) == [("node_not_working", node)]
        hung(house, node).is_hung = False  # type: ignore[attr-defined]
        await until("calls may leave", lambda: house.parts.shared.blockers.site() is None, EVERY_S + DEADLINE_S + 5)


@virtual
async def test_one_missed_probe_stops_nothing():
    async with site(leads=4, seats=2, pacer=Fixed(1)) as house:
        house.exchange.gate.is_hung = True
        await until("a miss", lambda: house.exchange.gate.unanswered, TWO_MISSES_S)
        house.exchange.gate.is_hung = False
        await passes(60)
        assert house.parts.shared.blockers.site() is None
        assert opened(house) == []


@virtual
async def test_a_link_that_is_down_is_no_missed_probe():
    async with site(leads=1, seats=1) as house:
        house.exchange.gate.lose_link()
        await passes(5 * EVERY_S)
        house.exchange.gate.restore_link()
        await passes(1)
        assert house.parts.shared.blockers.site() is None
        assert ("node_not_working", "gate") not in opened(house)
