"""Readiness: nothing leaves while a link, the recorder or its disk space is missing; the reason is shown (I2, I3)."""

import pytest

from telephony.words import english, say
from tests.scenes.controller_on_doubles import controller_on_doubles
from tests.virtual_time import passes, until, virtual


@virtual
async def test_ready_when_everything_is_there():
    async with controller_on_doubles() as site:
        assert site.parts.calls.blockers.site() is None
        assert [(link.node, link.is_connected) for link in site.parts.calls.links.views()] == [
            ("pbx", True),
            ("gate", True),
        ]


@pytest.mark.parametrize("free", [(99.9, 10_000.0), (10_000.0, 99.9)])
@pytest.mark.parametrize("is_from_the_start", [True, False])
@virtual
async def test_too_little_room_says_so_in_both_languages_and_opens_one_incident(
    free: tuple[float, float], is_from_the_start: bool
):
    async with controller_on_doubles(is_started=False) as site:
        if is_from_the_start:
            site.archive.free = free
        await site.start()
        site.archive.free = free
        await until("seen", site.parts.calls.recording_room.blocking_reason, 3)
        await passes(30)
        why = site.parts.calls.blockers.site()
        assert why is not None
        assert "aucun appel ne part" in say(why, "fr")
        assert "no calls go out" in english(why)
        (incident,) = site.tables.incidents
        assert incident.kind == "recorder_unusable"
        site.archive.free = (200.0, 200.0)
        await until("ready again", lambda: site.parts.calls.blockers.site() is None, 3)


@virtual
async def test_an_incident_the_database_did_not_take_is_written_later():
    async with controller_on_doubles() as site:
        site.watched.refused = {"ledger.open_incident"}
        site.archive.is_broken = True
        await passes(10)
        assert not site.tables.incidents
        site.watched.refused = set()
        await until("incident", lambda: site.tables.incidents, 5)


@virtual
async def test_nothing_leaves_once_the_database_is_another_controllers_too():
    async with controller_on_doubles() as site:
        site.lock.is_held = False
        why = site.parts.calls.blockers.site()
        assert why is not None
        assert english(why) == "Another controller is using the database: no calls go out."
