"""``controller_on_doubles`` on a real database file, in virtual time; made once, with rows in every table.

The database's own threads would not keep virtual time, so its units of work run where they are asked for.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection

from telephony.domain.accounts import Session
from telephony.domain.calls.attempts import Result
from telephony.domain.campaigns.dialing_options import CallOrder, DialMode
from telephony.domain.evidence.recordings import Listening, ListeningKind, ListeningReason
from telephony.domain.law.basis import Basis, CampaignKind, LeadTerms
from telephony.domain.law.provisions import Law
from telephony.domain.leads.callbacks import CallbackWish
from telephony.domain.leads.leads import NewLead
from telephony.domain.leads.preview import PreviewEnding
from telephony.domain.leads.retries import RetryPlan, RetryRule
from telephony.domain.rules.whitelist import NewRule, RuleEffect, RuleKind
from telephony.domain.security.dtmf import NewDtmfAllowance
from telephony.domain.security.locks import Lock, LockScope
from telephony.ids import AccountId, RecordingId
from telephony.ports.evidence.ledger import Incident
from telephony.storage.engine.database import Database, _Unit
from telephony.storage.engine.dialects import dialect_of
from telephony.storage.engine.transaction import Transaction
from telephony.storage.opening import OpenStore
from tests.made_database import make_database
from tests.scenes.controller_on_doubles import ControllerOnDoubles, WatchedStore, number
from tests.virtual_time import BEGAN, VirtualLoop, passes

T = TypeVar("T")
STAYS = "Stays"
"""Name of the campaign whose leads are called whatever is wrong with others."""


class InlineLoop(VirtualLoop):
    """Virtual time in which threads have no place: what is given to one is done at once."""

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - passed to the one that waits for the thread
            done.set_exception(error)
        return done


class InlineDatabase(Database):
    """A database whose work is done in the event loop: time stands still meanwhile."""

    async def write(self, work: Callable[[Transaction], T]) -> T:
        unit = _Unit(work, asyncio.get_running_loop().create_future())
        self._write_group([unit])
        if unit.error is not None:
            raise unit.error
        value: T = unit.value
        return value

    async def read(self, work: Callable[[Connection], T]) -> T:
        return self._read(work, [])

    def let_go(self) -> None:
        """Let go of the file without waiting for the threads."""
        self._units.put(None)
        self._readers.shutdown(wait=False)
        self._stop_tidying()
        self._write_engine.dispose()
        self._read_engine.dispose()


class ControllerOnDatabase(ControllerOnDoubles):
    """A site on a database file; ``close`` when it is done with."""

    def __init__(self, path: Path, **tables: Any) -> None:
        super().__init__(dialing={"poll_s": 0.5}, **tables)
        dialect = dialect_of(f"sqlite:///{path}")
        self.database = InlineDatabase(dialect)
        self.opened = OpenStore(self.database, dialect.sole_lock())
        self.path = path
        self.fake.store = self.opened.store
        self.watched = WatchedStore(self.opened.store, self.journal)

    def sit_down(self) -> None:
        """Note a request from every operator's desk."""
        for seat in self.parts.calls.seats.seats.values():
            if seat.row.operator_id is not None:
                self.parts.screens.desk.seen(seat.row.operator_id)

    def sql(self, text: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement past the store, under the schema's own rules."""
        file = sqlite3.connect(self.path)
        file.execute("PRAGMA foreign_keys=ON")
        with file:
            rows = file.execute(text, values).fetchall()
        file.close()
        return rows

    def close(self) -> None:
        """Let go of the file without waiting for threads: virtual time would run away."""
        self.database.let_go()


def make_site(path: Path) -> None:
    """Make a database at ``path`` with at least one row in every table, calls under way, and work for every loop."""
    asyncio.run(make_database(path))
    with asyncio.Runner(loop_factory=InlineLoop) as runner:
        runner.run(_fill(path))


async def _fill(path: Path) -> None:
    site = ControllerOnDatabase(path)
    try:
        await site.people(6)
        await _campaigns(site)
        await _law(site)
        await site.start()
        await site.log_in(1, 2, 3, 4, 5)
        await _calls(site)
        await _evidence(site)
        await site.crash()
    finally:
        site.end_tasks()
        site.close()


async def _campaigns(site: ControllerOnDatabase) -> None:
    terms = LeadTerms(Basis.CONSENT, BEGAN - timedelta(days=3), "form", "v1", "id 7", zone="Europe/Paris")
    plan = RetryPlan({"busy": RetryRule(timedelta(minutes=30), 2, 0.2, is_other_hours=True)}, 4)
    more = [NewLead(number(900), "Two", {"town": "A"}, 2, others=(number(901),), terms=terms)]
    await site.campaign(12, plan=plan, also=more)
    await site.campaign(8, "Learned", first=100, terms=terms)
    await site.campaign(2, "Seen first", first=200, mode=DialMode.PREVIEW)
    await site.campaign(6, "Ahead", first=300, mode=DialMode.PREDICTIVE, kind=CampaignKind.SURVEY)
    await site.campaign(20, STAYS, first=400)
    store, now = site.opened.store, site.clock.now()
    learned = await store.campaigns.by_name("Learned")
    options = {"call_order": CallOrder.LEARNED, "withdraw_after_s": 25}
    await store.campaigns.change(learned.campaign_id, "test", now, options)
    survey = await store.campaigns.by_name("Survey")
    await store.campaigns.change(survey.campaign_id, "test", now, {"detects_machines": True})
    await store.quotas.set(survey.campaign_id, {"town": "A"}, 3, "test", now)
    await store.keys.ask(NewDtmfAllowance(survey.campaign_id, "codes", "author", 3, now + timedelta(days=2)), now)
    await store.keys.approve(survey.campaign_id, "second", now)


async def _law(site: ControllerOnDatabase) -> None:
    store, now = site.opened.store, site.clock.now()
    until = now + timedelta(days=9)
    rule = NewRule(RuleEffect.DENY, RuleKind.EXACT, number(3), "asked", "author", now, until, is_immediate=True)
    await store.whitelist.add(rule, now)
    campaign = await store.campaigns.by_name("Survey")
    until, reason = now + timedelta(days=1), "an open day"
    exemption = await store.law.ask_exemption(Law.CALLING_DAYS, campaign.campaign_id, now, until, "author", reason, now)
    await store.law.approve_exemption(exemption.exemption_id, "second", now)
    list_id = await store.do_not_call.begin("bloctel", "", "cd" * 32, "author", now)
    await store.do_not_call.oppose(list_id, [number(4)])
    await store.do_not_call.finish(list_id, now)
    await store.do_not_call.ask_withdrawal(list_id, number(4), "author", "a mistake", now)


async def _calls(site: ControllerOnDatabase) -> None:
    first, *others = await site.dials(3)
    await site.exchange.answer(first.attempt_id)
    await passes(2)
    site.exchange.hang_up(first.attempt_id)
    await passes(3)
    store, now = site.opened.store, site.clock.now()
    attempt = await store.attempts.get(first.attempt_id)
    wish = CallbackWish(now + timedelta(hours=1), "Europe/Paris", attempt.operator_id, now + timedelta(hours=2))
    operators = await store.accounts.operators()
    await store.attempts.set_result(first.attempt_id, Result.CALL_BACK, operators[0].operator_id, now, wish)
    site.exchange.busy(others[0].attempt_id)
    await site.exchange.answer(others[1].attempt_id)
    await passes(5)
    survey = await store.campaigns.by_name("Survey")
    for lead in (await store.leads.waiting(survey.campaign_id, 9))[-2:]:
        preview = await store.previews.offer(lead, operators[5].operator_id, now)
        if preview is not None and lead.lead_id % 2:
            await store.previews.end(preview.preview_id, PreviewEnding.SKIPPED, now, "other")


async def _evidence(site: ControllerOnDatabase) -> None:
    store, now = site.opened.store, site.clock.now()
    await store.locks.add(Lock(LockScope.SEAT, "4", "S. Martin", now, "noise"))
    await store.ledger.open_incident(Incident("trunk_failing", "spare", "text", now))
    expires = now + timedelta(hours=8)
    await store.accounts.open_session(Session("ab" * 32, AccountId(1), "token", now, expires))
    (list_id,) = site.sql("SELECT min(list_id) FROM lists")[0]
    site.sql("INSERT INTO rejected_rows VALUES (?, 9, 'number_wrong', 'not a number', '[\"x\"]', 0)", list_id)
    rows = site.sql("SELECT recording_id FROM recordings LIMIT 1")
    if rows:
        await store.recordings.log_listening(
            Listening(
                ListeningKind.STATED,
                RecordingId(rows[0][0]),
                AccountId(1),
                next(iter(ListeningReason)),
                "",
                "",
                "",
                "127.0.0.1",
                now,
            )
        )
