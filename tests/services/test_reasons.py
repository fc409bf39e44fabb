"""Every door that asks for a reason has the one reader: what nobody sees opens none of them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from telephony.domain.accounts import Account, Role
from telephony.domain.law.provisions import Law
from telephony.domain.locks import SITE, LockScope
from telephony.errors import InputError
from telephony.ids import AccountId, LeadId
from telephony.services.accounts import AccountsService
from telephony.services.exemptions import Exemptions
from telephony.services.incidents import Incidents
from telephony.services.lead_work import LeadWork
from telephony.services.locks import Locks
from tests.services.virtual_time import virtual
from tests.services.whole_site import Site, site

UNSEEN = "\u200b\u2060 \u00a0\u3164\u2800" * 4
ADMIN = Account(AccountId(1), "l.petit", "L. Petit", Role.ADMINISTRATOR, "", is_active=True, language="fr")
NEVER_ASKED: Any = None
Door = Callable[[Site], Awaitable[object]]


DOORS: dict[str, Door] = {
    "unlock": lambda house: Locks(house.fake.store.locks, house.clock).unlock(LockScope.SITE, SITE, "x", UNSEEN),
    "incident": lambda house: Incidents(house.fake.store.ledger, house.clock).explain(1, ADMIN, UNSEEN),
    "reactivate": lambda house: LeadWork(house.fake.store, house.clock, NEVER_ASKED).reactivate(LeadId(1), UNSEEN, "x"),
    "exemption": lambda house: Exemptions(house.fake.store, house.clock).ask(
        Law.CALLING_DAYS, campaign_id=None, valid_from=None, by="m.durand", reason=UNSEEN,
        valid_until=house.clock.now() + timedelta(days=1),
    ),
    "exemption's person": lambda house: Exemptions(house.fake.store, house.clock).ask(
        Law.CALLING_DAYS, campaign_id=None, valid_from=None, by=UNSEEN, reason="flood alert",
        valid_until=house.clock.now() + timedelta(days=1),
    ),
    "display name": lambda house: AccountsService(house.fake.store, house.clock, house.dice).create(
        "m.durand", UNSEEN, Role.SUPERVISOR
    ),
}  # fmt: skip


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@virtual
async def test_a_reason_made_of_what_nobody_sees_opens_no_door(door: Door):
    async with site(leads=1, is_started=False) as house:
        with pytest.raises(InputError):
            await door(house)


@virtual
async def test_a_lock_waits_for_no_words_and_keeps_none_that_nobody_sees():
    async with site(is_started=False) as house:
        locks = Locks(house.fake.store.locks, house.clock)
        assert await locks.lock(LockScope.SITE, SITE, "x", UNSEEN)
        assert [one.reason for one in await locks.active()] == [""]
        assert (await locks.unlock(LockScope.SITE, SITE, "x", "la visite\u200b est finie")).release_reason == (
            "la visite est finie"
        )
