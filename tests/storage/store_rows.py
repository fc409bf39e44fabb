"""Made-up campaigns, leads, attempts and recordings for the storage tests, and a way round the store: plain SQL."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import Executable

from telephony.domain.calls.attempts import Attempt, AttemptStart, CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import PermitRequest, give_permit
from telephony.domain.campaigns.campaigns import Campaign, NewCampaign
from telephony.domain.campaigns.dialing_options import DialingOptions
from telephony.domain.evidence.recordings import Recording, RecordingTag, StoredFile
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.leads import Lead, LeadList, NewLead
from telephony.domain.trunks.routes import Route
from telephony.ids import AttemptId, CampaignId, Number, RecordingId
from telephony.ports.leads.leads import NewList
from telephony.ports.store import Store
from telephony.storage.engine.dialects import dialect_of

NOW = datetime(2026, 11, 20, 14, 30, 15, 123456, tzinfo=UTC)
LIFE = timedelta(seconds=10)
CALLER_ID = "33199009999"


def number(row: int) -> Number:
    """A fiction number; they repeat after ten thousand."""
    return Number(f"3319900{row % 10_000:04d}")


def new_campaign(name: str = "Survey") -> NewCampaign:
    return NewCampaign(
        name, "Example SA", CampaignKind.SURVEY, (Route("main", CALLER_ID),), DialingOptions(0.03), 40, NOW
    )


def new_list(campaign_id: CampaignId, name: str = "list") -> NewList:
    return NewList(campaign_id, name, "ab" * 32, "Mme Loading", NOW)


def new_leads(count: int, first: int = 0) -> list[NewLead]:
    rows = range(first, first + count)
    return [NewLead(number(row), f"Person {row}", {"town": "Exampleville"}, row + 2) for row in rows]


async def loaded(store: Store, count: int = 10, name: str = "Survey") -> tuple[Campaign, LeadList]:
    campaign = await store.campaigns.add(new_campaign(name), "Mme Campaign")
    return campaign, await in_list(store, campaign.campaign_id, new_leads(count))


async def in_list(store: Store, campaign_id: CampaignId, leads: Sequence[NewLead], name: str = "list") -> LeadList:
    """Load leads as one more list of a campaign, and let it be dialled."""
    async with store.leads.load(new_list(campaign_id, name)) as load:
        await load.add(leads)
        done = await load.finish()
    return await approved(store, done)


async def approved(store: Store, done: LeadList) -> LeadList:
    """Let a list be dialled."""
    return await store.whitelist.approve_list(done.list_id, "Mme Approving", NOW)


def start(lead: Lead, at: datetime = NOW, *, gate: str = "gate1") -> AttemptStart:
    request = PermitRequest(
        attempt_id=AttemptId(str(uuid4())),
        recording_id=RecordingId(str(uuid4())),
        campaign_id=lead.campaign_id,
        list_id=lead.list_id,
        lead_id=lead.lead_id,
        number=lead.number,
        caller_id=CALLER_ID,
        trunk="main",
        gate=gate,
    )
    digits = f"{uuid4().int % 10**36:036d}"
    return AttemptStart(give_permit(request, digits, at, LIFE), at)


async def begun(store: Store, count: int = 1, at: datetime = NOW) -> list[AttemptStart]:
    """A campaign with leads, ``count`` of which have an attempt."""
    campaign, _ = await loaded(store)
    starts = [start(lead, at) for lead in await store.leads.waiting(campaign.campaign_id, count)]
    assert len(await store.attempts.begin(starts, [])) == count
    return starts


async def ended(
    store: Store, begin: AttemptStart, outcome: Outcome = Outcome.ANSWERED, after_s: float = 60, channel: str = ""
) -> Attempt:
    attempt = replace(
        await store.attempts.get(begin.permit.attempt_id),
        state=CallState.ENDED,
        outcome=outcome,
        hangup_cause=16,
        trunk_channel=channel,
        answered_at=begin.started_at + timedelta(seconds=5),
        ended_at=begin.started_at + timedelta(seconds=after_s),
    )
    await store.attempts.save([], [attempt])
    return attempt


def recording(begin: AttemptStart, *, is_answered: bool = True) -> Recording:
    permit = begin.permit
    at = begin.started_at
    tag = RecordingTag(
        recording_id=permit.recording_id,
        attempt_id=permit.attempt_id,
        campaign_id=permit.campaign_id,
        campaign="Survey",
        list_id=permit.list_id,
        lead_id=permit.lead_id,
        operator_id=None,
        operator="",
        seat=None,
        number=permit.number,
        started_at=at,
        answered_at=at + timedelta(seconds=5) if is_answered else None,
        ended_at=at + timedelta(seconds=60),
    )
    return Recording(tag, StoredFile(f"2026/11/20/{permit.recording_id}.flac", 55.0, 1.5, "cd" * 32, 440_000, 2))


def sql(url: str, text: str, *values: Any) -> Sequence[tuple[Any, ...]]:
    """Run one statement past the store, as somebody with the file or the server's password could."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as file:
            rows = file.execute(text, values).fetchall()
        file.close()
        return rows
    with psycopg.connect(url) as connection:
        cursor = connection.execute(text.replace("?", "%s").encode(), values or None)
        return cursor.fetchall() if cursor.description else []


def explain(url: str, statement: Executable) -> str:
    """Return how the database answers from indexes, with the values the statement is given.

    A table of a test is small enough for PostgreSQL to read it whole, now and then, by what its autovacuum happens to
    have counted: that is put off, so that a table read whole means that no index serves.
    """
    engine = dialect_of(url).engine(writes=False, connections=1)
    compiled = statement.compile(engine, compile_kwargs={"literal_binds": True})
    verb = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
        lines = connection.exec_driver_sql(f"{verb} {compiled}").all()
    engine.dispose()
    return "\n".join(str(line[-1]) for line in lines)
