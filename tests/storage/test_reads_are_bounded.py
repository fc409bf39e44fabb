"""Every read of the store, on 20,000 rows of each thing that calls and strangers make: none fetches them all.

What people make one by one (campaigns, accounts, rules, lists) is small by nature and read whole.
"""

import asyncio
import inspect
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from telephony.domain.accounts import Role
from telephony.domain.calls.attempts import AttemptStart
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.evidence.day_facts import WHOLE, day_of
from telephony.domain.evidence.recordings import ListeningKind, ListeningReason, RecordingQuery, RecordingStep
from telephony.domain.leads.leads import RejectedRow, every_clock
from telephony.domain.security.locks import LockScope
from telephony.ids import AttemptId, CallbackId, LeadId, ListId, RecordingId
from telephony.ports.pages import PAGE, every
from telephony.storage import Days, OpenStore, open_store
from telephony.storage.engine.transaction import Transaction
from telephony.storage.evidence.filling_days import CHUNK, copy_call
from telephony.storage.tables import (
    attempts,
    call_events,
    callbacks,
    incidents,
    leads,
    listenings,
    recording_steps,
    recordings,
)
from tests.storage.fetching import counted
from tests.storage.store_rows import NOW, begun, ended, in_list, new_leads, new_list, recording

pytestmark = pytest.mark.slow

MANY = 20_000
MOST = 5_000
LATER = NOW + timedelta(days=1)


@dataclass(frozen=True)
class Filled:
    """A store with many of everything, and one of each to ask for."""

    opened: OpenStore
    start: AttemptStart
    list_id: ListId
    lead_id: LeadId
    """A lead that was never called: one that was has a handful of calls, not 20,000."""


async def fill(url: str) -> tuple[AttemptStart, ListId]:
    """Make 20,000 of everything; return the first call, and the list whose rows were spoilt."""
    async with await open_store(url) as opened:
        store = opened.store
        (start,) = await begun(store)
        assert await store.permits.use(start.permit.permit_id, "gate1", NOW) == ""
        await ended(store, start, Outcome.MACHINE, channel="gate-1.0")
        await store.recordings.add(recording(start), {RecordingStep.DISCARD: ""})
        await store.accounts.add("m.listening", "Mme Listening", Role.COMPLIANCE, "x", NOW)
        for few in range(0, MANY, CHUNK):
            moments = [NOW + timedelta(seconds=1 + index // 4) for index in range(few, few + CHUNK)]
            await copy_call(opened.database, start.permit.attempt_id, moments)
        await in_list(store, start.permit.campaign_id, new_leads(MANY // 4), "waiting")
        async with store.leads.load(new_list(start.permit.campaign_id, "spoilt")) as load:
            await load.reject([RejectedRow(row, "no_number", "no number", ("x",)) for row in range(MANY)])
            spoilt = await load.finish()
        await opened.database.write(lambda tx: many_more(tx, start.permit.recording_id))
        return start, spoilt.list_id


@pytest.fixture(scope="module")
def template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AttemptStart, ListId]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("filled") / "telephony.db")
    return path, *asyncio.run(fill(f"sqlite:///{path}"))


@pytest.fixture
async def filled(template: tuple[Path, AttemptStart, ListId], tmp_path: Path) -> AsyncIterator[Filled]:
    whole, start, list_id = template
    path = shutil.copy(whole, tmp_path / "telephony.db")
    async with await open_store(f"sqlite:///{path}") as opened:
        (lead,) = await opened.store.leads.waiting(start.permit.campaign_id, 1)
        yield Filled(opened, start, list_id, lead.lead_id)


def many_more(tx: Transaction, spared: RecordingId) -> None:
    """Recordings that are missing, results that are due, steps left, plays, callbacks and incidents."""
    calls = [row._mapping for row in tx.connection.execute(select(attempts))]
    people = tx.connection.execute(select(leads.c.lead_id)).scalars().all()
    half = [call for call in calls if call["recording_id"] != spared][: MANY // 2]
    gone = [row["recording_id"] for row in half]
    for few in range(0, len(gone), CHUNK):
        tx.connection.execute(recordings.delete().where(recordings.c.recording_id.in_(gone[few : few + CHUNK])))
    tx.connection.execute(attempts.update().values(connected_at=NOW))
    tx.connection.exec_driver_sql("UPDATE attempts SET is_recorded = attempt_id IN (SELECT attempt_id FROM recordings)")
    steps = tx.connection.execute(select(recordings.c.recording_id)).scalars().all()
    kinds = [
        {"recording_id": recording_id, "step": step}
        for recording_id in steps
        if recording_id != spared
        for step in RecordingStep
    ]
    tx.connection.execute(insert(recording_steps), [kind | {"detail": ""} for kind in kinds])
    at = [NOW + timedelta(seconds=index // 4) for index in range(MANY)]
    heard = {
        "account_id": 1,
        "kind": ListeningKind.LISTENED,
        "reason": ListeningReason.CHECK,
        "reference": "",
        "note": "",
        "refused": "",
        "address": "",
    }
    tx.connection.execute(insert(listenings), [heard | {"recording_id": steps[-1], "at": time} for time in at])
    promised = {"zone": "Europe/Paris", "anyone_from": NOW, "set_at": NOW, "priority": 5}
    promised |= {name: calls[0][name] for name in ("campaign_id", "attempt_id")}
    rows = [promised | {"lead_id": people[n % len(people)], "at": time} for n, time in enumerate(at)]
    tx.connection.execute(insert(callbacks), rows)
    said = {"kind": "recording_missing", "text": "x"}
    tx.connection.execute(
        insert(incidents), [said | {"subject": str(n), "opened_at": time} for n, time in enumerate(at)]
    )
    events = [{"attempt_id": call["attempt_id"], "kind": "x", "at": NOW, "details": {}} for call in calls]
    tx.connection.execute(insert(call_events), events)


PEOPLE = {
    "campaigns.all": "campaigns",
    "leads.lists": "lists of a campaign",
    "seats.all": "seats of the settings",
    "accounts.all": "accounts",
    "accounts.operators": "operators",
    "locks.active": "locks of seats and campaigns that exist, one each",
    "whitelist.rules": "rules",
    "whitelist.touching": "rules that one number touches",
    "whitelist.waiting_lists": "lists",
    "keys.standing": "one for a campaign",
    "law.exemptions": "exemptions",
    "do_not_call.lists": "do-not-call lists",
    "do_not_call.withdrawals": "removals that wait",
    "do_not_call.opposed": "do-not-call lists with one number",
    "quotas.of": "quotas of a campaign",
    "previews.open": "one for an operator",
    "previews.skipped": "what operators pressed in an hour",
    "attempts.unfinished": "calls on the lines",
    "recordings.listenings": "who listened to one recording",
    "callbacks.of_lead": "promises to one lead",
    "callbacks.of_person": "promises to one person",
    "work.attempts_of": "calls of one lead",
}
"""Read whole: small by nature, and why."""
WRITES = {
    "campaigns": "add change set_plan set_state",
    "leads": "load",
    "attempts": "begin give_result save set_result",
    "permits": "refuse use void_unused",
    "recordings": "add log_listening step_done",
    "seats": "save",
    "accounts": "add add_operator close_session log_refusal open_session set_password",
    "ledger": "close_incident enter explain_incident open_incident",
    "locks": "add end_calls release",
    "whitelist": "add approve approve_list ask_withdrawal withdraw withdraw_list",
    "keys": "approve ask deny",
    "law": "approve_exemption ask_exemption end_exemption",
    "do_not_call": "approve_withdrawal ask_withdrawal begin drop_withdrawal finish oppose",
    "work": "pause_list reactivate recycle resume_list set_priority set_share",
    "callbacks": "cancel move",
    "quotas": "close set",
    "previews": "end offer",
    "unreadable": "note take",
}


async def _all_entries(f: Filled) -> object:
    return [entry async for entry in f.opened.store.ledger.entries()]


async def _shelves(f: Filled) -> object:
    choice = f.opened.store.choice
    shelves = await choice.offered(f.start.permit.campaign_id, LATER, every_clock)
    return await choice.picked(shelves, 500, LATER)


def _one(read: Callable[[Any, Any], Awaitable[object]]) -> Callable[[Filled], Awaitable[object]]:
    return lambda f: read(f.opened.store, f.start.permit)


READS: dict[str, Callable[[Filled], Awaitable[object]]] = {
    "campaigns.answered_since": _one(lambda s, p: s.campaigns.answered_since(p.campaign_id, NOW - LATER.resolution)),
    "campaigns.by_name": _one(lambda s, p: s.campaigns.by_name("Survey")),
    "campaigns.get": _one(lambda s, p: s.campaigns.get(p.campaign_id)),
    "campaigns.plan": _one(lambda s, p: s.campaigns.plan(p.campaign_id)),
    "campaigns.progress": _one(lambda s, p: s.campaigns.progress(p.campaign_id)),
    "leads.due": _one(lambda s, p: s.leads.due(p.campaign_id, 500, LATER, [])),
    "leads.get": _one(lambda s, p: s.leads.get(p.lead_id)),
    "leads.rejected": lambda f: f.opened.store.leads.rejected(f.list_id),
    "leads.waiting": _one(lambda s, p: s.leads.waiting(p.campaign_id, 500, LATER)),
    "attempts.by_channel": _one(lambda s, p: s.attempts.by_channel("gate-1.0")),
    "attempts.events": _one(lambda s, p: s.attempts.events(p.attempt_id)),
    "attempts.get": _one(lambda s, p: s.attempts.get(p.attempt_id)),
    "attempts.machine_counts": _one(lambda s, p: s.attempts.machine_counts(p.campaign_id, NOW)),
    "attempts.machines": _one(lambda s, p: s.attempts.machines(p.campaign_id, NOW)),
    "attempts.on_trunk": _one(lambda s, p: s.attempts.on_trunk("main", 100)),
    "attempts.recent": _one(lambda s, p: s.attempts.recent(None, 100)),
    "attempts.since": _one(lambda s, p: s.attempts.since(p.campaign_id, NOW)),
    "attempts.without_result": _one(lambda s, p: s.attempts.without_result(100)),
    "permits.at_gate": _one(lambda s, p: s.permits.at_gate(p.permit_id)),
    "permits.find": _one(lambda s, p: s.permits.find(p.permit_id)),
    "permits.used": _one(lambda s, p: s.permits.used([p.permit_id])),
    "recordings.get": _one(lambda s, p: s.recordings.get(p.recording_id)),
    "recordings.missing": _one(lambda s, p: s.recordings.missing()),
    "recordings.search": _one(lambda s, p: s.recordings.search(RecordingQuery(last_digits=p.number[-4:]))),
    "recordings.steps_left": _one(lambda s, p: s.recordings.steps_left(200)),
    "recordings.steps_of": _one(lambda s, p: s.recordings.steps_of(p.recording_id)),
    "recordings.times_listened": _one(lambda s, p: s.recordings.times_listened([p.recording_id])),
    "accounts.by_username": _one(lambda s, p: s.accounts.by_username("nobody")),
    "accounts.session": _one(lambda s, p: s.accounts.session("0" * 64, NOW)),
    "ledger.entries": _all_entries,
    "ledger.incident": _one(lambda s, p: s.ledger.incident(1)),
    "ledger.incidents": _one(lambda s, p: s.ledger.incidents(100)),
    "ledger.open_incidents": _one(lambda s, p: s.ledger.open_incidents()),
    "locks.is_there": _one(lambda s, p: s.locks.is_there(LockScope.SEAT, "3")),
    "locks.recent": _one(lambda s, p: s.locks.recent(100)),
    "whitelist.get_list": _one(lambda s, p: s.whitelist.get_list(p.list_id)),
    "whitelist.lead_of": _one(lambda s, p: s.whitelist.lead_of(p.campaign_id, p.number)),
    "whitelist.standing": lambda f: f.opened.store.whitelist.standing([f.lead_id]),
    "whitelist.version": _one(lambda s, p: s.whitelist.version()),
    "callbacks.get": _one(lambda s, p: s.callbacks.get(CallbackId(1))),
    "callbacks.open": _one(lambda s, p: s.callbacks.open()),
    "callbacks.repeated": _one(lambda s, p: s.callbacks.repeated(NOW, 20)),
    "choice.count_by_group": _one(lambda s, p: s.choice.count_by_group(p.campaign_id)),
    "choice.held_back": _one(lambda s, p: s.choice.held_back(p.campaign_id, LATER, 500)),
    "choice.offered": _shelves,
    "choice.picked": _shelves,
    "choice.told": _one(lambda s, p: s.choice.told(p.campaign_id, None, LATER, 500)),
    "days.attempts_of": lambda f: Days(f.opened.database).attempts_of(day_of(NOW.date(), "Europe/Paris")),
    "days.claimed": lambda f: Days(f.opened.database).claimed([f.start.permit.recording_id]),
    "days.day": lambda f: Days(f.opened.database).day(day_of(NOW.date(), "Europe/Paris"), WHOLE),
    "days.earlier": lambda f: Days(f.opened.database).earlier("2026-11-20"),
    "days.entries": lambda f: Days(f.opened.database).entries("permit_used", None, 100),
    "days.head": lambda f: Days(f.opened.database).head(),
}
ONE_ROW = {"accounts.get", "whitelist.get"}
"""Asked for by its key; the store has none here."""


async def test_every_read_is_known_here(filled: Filled):
    parts = {field.name: getattr(filled.opened.store, field.name) for field in fields(filled.opened.store)}
    parts["days"] = Days(filled.opened.database)
    there = {
        f"{name}.{word}"
        for name, part in parts.items()
        for word, _ in inspect.getmembers(part, callable)
        if not word.startswith("_")
    }
    writes = {f"{name}.{word}" for name, words in WRITES.items() for word in words.split()}
    assert there == READS.keys() | PEOPLE.keys() | writes | ONE_ROW


async def test_no_read_fetches_all_that_calls_and_strangers_made(filled: Filled, monkeypatch: pytest.MonkeyPatch):
    fetched = counted(filled.opened.database, monkeypatch)
    most: dict[str, int] = {}
    for name, read in READS.items():
        del fetched[:]
        await read(filled)
        most[name] = max(fetched, default=0)
    assert {name: rows for name, rows in most.items() if rows > MOST} == {}
    for name in ("recordings.missing", "ledger.open_incidents", "leads.rejected", "attempts.machines"):
        assert most[name] == PAGE, name


async def test_pages_lose_and_repeat_nothing(filled: Filled):
    store, ours = filled.opened.store, filled.start.permit

    async def machines(last: Any) -> Any:
        return await store.attempts.machines(ours.campaign_id, NOW, after=last and last[0])

    missing = [attempt.attempt_id async for attempt in every(lambda last: store.recordings.missing(after=last))]
    spoilt = [
        rejected_row.row async for rejected_row in every(lambda last: store.leads.rejected(filled.list_id, after=last))
    ]
    promised = [callback.callback_id async for callback in every(lambda last: store.callbacks.open(after=last))]
    taken: list[AttemptId] = [row.attempt_id async for row, _ in every(machines)]
    assert spoilt == list(range(MANY))
    assert len(set(promised)) == len(promised) == MANY
    assert len(set(taken)) == len(taken) == MANY + 1
    assert len(set(missing)) == len(missing) == MANY // 2


async def test_rows_that_cannot_be_read_end_no_page(filled: Filled):
    store = filled.opened.store
    total = len([callback async for callback in every(lambda last: store.callbacks.open(after=last))])
    spoil = "UPDATE callbacks SET anyone_from = 'nonsense' WHERE callback_id <= 10000"
    await filled.opened.database.write(lambda tx: tx.connection.exec_driver_sql(spoil) and None)
    left = [callback async for callback in every(lambda last: store.callbacks.open(after=last))]
    assert len(left) == total - 10_000
