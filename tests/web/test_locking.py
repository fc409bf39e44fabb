"""The room is locked in one action by those who may, and unlocked with a reason."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from telephony.domain.accounts import Right, Role, may
from telephony.domain.campaigns.campaigns import CampaignState
from telephony.domain.security.locks import Lock, LockScope
from telephony.web.i18n.formats import Formats
from telephony.web.i18n.messages import words
from telephony.web.views.floor import difference, show_floor
from telephony.web.views.locks import calls_under
from tests.scenes.pages import Pages
from tests.web.conftest import Visit

AT = datetime(2026, 11, 22, 13, 2, tzinfo=UTC)
ROOM = Lock(LockScope.SITE, "", "S. Martin", AT, "visite")


def test_who_may_lock():
    assert {role for role in Role if may(role, Right.LOCK)} == {
        Role.SUPERVISOR,
        Role.CAMPAIGN_MANAGER,
        Role.ADMINISTRATOR,
    }


async def test_one_action_locks_the_room(pages: Pages, visit: Visit):
    visitor = await visit()
    await visitor.sign_in("supervisor")
    page = await visitor.get("/floor")
    assert 'action="/lock"' in page.text
    answer = await visitor.send("/lock")
    assert (answer.status, answer.headers["Location"]) == (303, "/floor")
    (lock,) = await pages.store.locks.active()
    assert (lock.scope, lock.by, lock.ends_calls) == (LockScope.SITE, "S. Martin", False)


async def test_ending_the_calls_is_a_second_act_of_whoever_may_lock(pages: Pages, visit: Visit):
    visitor = await visit()
    await visitor.sign_in("supervisor")
    await visitor.send("/lock")
    await locked(pages)
    page = await visitor.get("/floor")
    assert "Couper aussi les 26 appels" in page.text
    assert "Les appels en cours se terminent normalement." in page.text
    answer = await visitor.send("/lock/calls", scope="site", target="")
    assert (answer.status, answer.headers["Location"]) == (303, "/floor")
    (lock,) = await locked(pages)
    assert (lock.by, lock.ends_calls) == ("S. Martin", True)
    page = await visitor.get("/floor")
    assert "Les appels en cours sont coupés." in page.text
    assert "Couper aussi" not in page.text
    notes = [entry.note async for entry in pages.store.ledger.entries() if entry.note.kind == "lock_ends_calls"]
    assert [(note.subject, note.body) for note in notes] == [("site", {"by": "S. Martin"})]


async def test_the_second_act_never_locks_what_was_unlocked_meanwhile(pages: Pages, visit: Visit):
    visitor = await visit()
    await visitor.sign_in("supervisor")
    assert (await visitor.send("/lock/calls", scope="site", target="")).status == 404
    assert await pages.store.locks.active() == []


async def test_a_lock_through_the_api_ends_calls_only_when_asked(pages: Pages, visit: Visit):
    visitor = await visit()
    await visitor.sign_in("supervisor")
    for body, expected in (({}, False), ({"ends_calls": "yes"}, False), ({"ends_calls": True}, True), ({}, True)):
        answer = await visitor.post_json("/api/v1/lock", body)
        assert [lock["ends_calls"] for lock in answer.json["locks"]] == [expected], body
        (lock,) = await pages.store.locks.active()
        assert lock.ends_calls is expected, body


@pytest.mark.parametrize(
    ("lock", "calls"),
    [
        (Lock(LockScope.SITE, "", "S. Martin", AT), 26),
        (Lock(LockScope.CAMPAIGN, "1", "S. Martin", AT), 26),
        (Lock(LockScope.CAMPAIGN, "2", "S. Martin", AT), 0),
        (Lock(LockScope.SEAT, "1", "S. Martin", AT), 1),
        (Lock(LockScope.SEAT, "3", "S. Martin", AT), 0),
    ],
)
def test_the_second_act_counts_the_calls_under_its_own_lock(lock: Lock, calls: int, pages: Pages):
    assert calls_under(lock, pages.floor.view()) == calls


async def locked(pages: Pages) -> Sequence[Lock]:
    """Draw the floor as the service does with the locks that are stored."""
    locks = await pages.store.locks.active()
    await pages.floor.draw(replace(pages.floor.view(), locks=tuple(locks)))
    return locks


async def test_unlocking_needs_a_reason(pages: Pages, visit: Visit):
    visitor = await visit()
    await visitor.sign_in("supervisor")
    await visitor.send("/lock")
    assert (await visitor.send("/unlock", scope="site", reason="  ")).status == 409
    assert len(await pages.store.locks.active()) == 1
    assert (await visitor.send("/unlock", scope="site", reason="la visite est finie")).status == 303
    assert await pages.store.locks.active() == []
    assert (await visitor.send("/unlock", scope="site", reason="encore")).status == 404


@pytest.mark.parametrize("username", ["compliance", "claire"])
async def test_others_may_neither_lock_nor_see_the_button(username: str, pages: Pages, visit: Visit):
    visitor = await visit()
    await visitor.sign_in(username)
    assert 'action="/lock"' not in (await visitor.get("/floor")).text
    assert (await visitor.send("/lock")).status == 403
    assert (await visitor.send("/lock/calls", scope="site")).status == 403
    assert (await visitor.send("/unlock", scope="site", reason="essai")).status == 403
    assert await pages.store.locks.active() == []


async def test_the_banner_says_since_when_and_by_whom(pages: Pages, visit: Visit):
    view = pages.floor.view()
    await pages.floor.draw(replace(view, version=view.version + 1, locks=(ROOM,)))
    visitor = await visit()
    await visitor.sign_in("supervisor")
    page = await visitor.get("/floor")
    assert "Salle verrouillée à 14\u00a0h\u00a002 par S. Martin." in page.text
    assert "visite" in page.text
    assert 'action="/unlock"' in page.text
    assert 'action="/lock"' not in page.text


def test_a_lock_reaches_every_browser_that_watches(pages: Pages):
    formats = Formats(words("en"), ZoneInfo("Europe/Paris"), AT)
    before = pages.floor.view()
    after = replace(before, locks=(replace(ROOM, by="watch"), Lock(LockScope.SEAT, "7", "cli:root", AT)))
    changed = difference(show_floor(before, formats), show_floor(after, formats))
    assert changed is not None
    assert [lock["text"] for lock in changed["locks"]] == [
        "Floor locked at 14:02 by automatic monitoring.",
        "Seat 7 locked at 14:02 by cli:root.",
    ]


@pytest.mark.parametrize(
    ("scope", "target"),
    [
        ("seat", "9" * 5000),
        ("seat", "٣"),
        ("seat", "03"),
        ("seat", "12"),
        ("seat", ""),
        ("campaign", "9" * 5000),
        ("campaign", "٣"),
        ("campaign", "77"),
        ("campaign", "9" * 18),
        ("site", "3"),
        ("seat", 3.5),
        ("seat", {"number": 3}),
    ],
)
async def test_a_lock_of_what_there_is_not_is_refused(pages: Pages, visit: Visit, scope: str, target: object):
    visitor = await visit()
    await visitor.sign_in("supervisor")
    answer = await visitor.post_json("/api/v1/lock", {"scope": scope, "target": target})
    assert answer.status == 409
    assert "verrou" in answer.json["error"]
    assert not await pages.store.locks.active()


async def test_an_idle_seat_and_a_stopped_campaign_may_be_locked(pages: Pages, visit: Visit):
    visitor = await visit()
    await visitor.sign_in("supervisor")
    campaign_id = pages.campaign.campaign_id
    await pages.store.campaigns.set_state(campaign_id, CampaignState.STOPPED, "manager", pages.clock.now())
    for scope, target in (("seat", "3"), ("campaign", str(campaign_id))):
        assert (await visitor.post_json("/api/v1/lock", {"scope": scope, "target": target})).status == 200
    assert len(await pages.store.locks.active()) == 2
