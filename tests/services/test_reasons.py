"""Every door that asks for a reason has the one reader: what nobody sees opens none of them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from telephony.domain.accounts import Account, Role
from telephony.domain.law.provisions import Law
from telephony.domain.security.locks import SITE, LockScope
from telephony.errors import InputError
from telephony.ids import AccountId, LeadId
from telephony.services.campaigns.lead_management import LeadWork
from telephony.services.evidence.incidents import Incidents
from telephony.services.people.accounts import AccountsService
from telephony.services.rules.exemptions import Exemptions
from telephony.services.security.locks import Locks
from tests.scenes.controller_on_doubles import ControllerOnDoubles, controller_on_doubles
from tests.virtual_time import virtual

UNSEEN = "\u200b\u2060 \u00a0\u3164\u2800" * 4
ADMIN = Account(AccountId(1), "l.petit", "L. Petit", Role.ADMINISTRATOR, "", is_active=True, language="fr")
NEVER_ASKED: Any = None
Door = Callable[[ControllerOnDoubles], Awaitable[object]]


DOORS: dict[str, Door] = {
    "unlock": lambda site: Locks(site.fake.store.locks, site.clock).unlock(LockScope.SITE, SITE, "x", UNSEEN),
    "incident": lambda site: Incidents(site.fake.store.ledger, site.clock).explain(1, ADMIN, UNSEEN),
    "reactivate": lambda site: LeadWork(site.fake.store, site.clock, NEVER_ASKED).reactivate(LeadId(1), UNSEEN, "x"),
    "exemption": lambda site: Exemptions(site.fake.store, site.clock).ask(
        Law.CALLING_DAYS, campaign_id=None, valid_from=None, by="m.durand", reason=UNSEEN,
        valid_until=site.clock.now() + timedelta(days=1),
    ),
    "exemption's person": lambda site: Exemptions(site.fake.store, site.clock).ask(
        Law.CALLING_DAYS, campaign_id=None, valid_from=None, by=UNSEEN, reason="flood alert",
        valid_until=site.clock.now() + timedelta(days=1),
    ),
    "display name": lambda site: AccountsService(site.fake.store, site.clock, site.dice).create(
        "m.durand", UNSEEN, Role.SUPERVISOR
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@virtual
async def test_a_reason_made_of_what_nobody_sees_opens_no_door(door: Door):
    async with controller_on_doubles(leads=1, is_started=False) as site:
        with pytest.raises(InputError):
            await door(site)


@virtual
async def test_a_lock_waits_for_no_words_and_keeps_none_that_nobody_sees():
    async with controller_on_doubles(is_started=False) as site:
        locks = Locks(site.fake.store.locks, site.clock)
        assert await locks.lock(LockScope.SITE, SITE, "x", UNSEEN)
        assert [lock.reason for lock in await locks.active()] == [""]
        assert (await locks.unlock(LockScope.SITE, SITE, "x", "la visite\u200b est finie")).release_reason == (
            "la visite est finie"
        )
