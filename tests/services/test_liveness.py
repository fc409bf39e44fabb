"""An instance that answers its manager and does no work: no new call leaves, an incident opens, calls resume."""

import pytest

from telephony.services.calls.liveness import DEADLINE_S, EVERY_S
from telephony.words import english, say
from tests.scenes.controller_on_doubles import ControllerOnDoubles, Fixed, controller_on_doubles
from tests.virtual_time import passes, until, virtual

TWO_MISSES_S = 2 * EVERY_S + DEADLINE_S


def hung(site: ControllerOnDoubles, node: str) -> object:
    return site.exchange.switch if node == "pbx" else site.exchange.gate


def opened(site: ControllerOnDoubles) -> list[tuple[str, str]]:
    return [(incident.kind, incident.subject) for incident in site.tables.incidents]


@pytest.mark.parametrize("node", ["pbx", "gate"])
@virtual
async def test_an_instance_that_answers_but_hangs_gets_no_new_call_and_an_incident_until_it_works_again(node: str):
    pacer = Fixed(1)
    async with controller_on_doubles(leads=30, seats=2, pacer=pacer) as site:
        up = (await site.dials(1))[0]
        pacer.count = 0
        hung(site, node).is_hung = True  # type: ignore[attr-defined]
        await passes(EVERY_S)
        assert opened(site) == []
        await until("no call leaves", lambda: site.parts.calls.blockers.site() is not None, TWO_MISSES_S)
        why = site.parts.calls.blockers.site()
        assert why is not None
        assert node in english(why)
        assert node in say(why, "fr")
        await until("incident", lambda: ("node_not_working", node) in opened(site), 5)
        assert site.parts.calls.tracker.call(up.attempt_id) is not None
        site.exchange.busy(up.attempt_id)
        dialled, pacer.count = len(site.dialled), 1
        await passes(60)
        assert len(site.dialled) == dialled
        assert opened(site) == [("node_not_working", node)]
        hung(site, node).is_hung = False  # type: ignore[attr-defined]
        await until("calls may leave", lambda: site.parts.calls.blockers.site() is None, EVERY_S + DEADLINE_S + 5)


@virtual
async def test_one_missed_probe_stops_nothing():
    async with controller_on_doubles(leads=4, seats=2, pacer=Fixed(1)) as site:
        site.exchange.gate.is_hung = True
        await until("a miss", lambda: site.exchange.gate.unanswered, TWO_MISSES_S)
        site.exchange.gate.is_hung = False
        await passes(60)
        assert site.parts.calls.blockers.site() is None
        assert opened(site) == []


@virtual
async def test_a_link_that_is_down_is_no_missed_probe():
    async with controller_on_doubles(leads=1, seats=1) as site:
        site.exchange.gate.lose_link()
        await passes(5 * EVERY_S)
        site.exchange.gate.restore_link()
        await passes(1)
        assert site.parts.calls.blockers.site() is None
        assert ("node_not_working", "gate") not in opened(site)
