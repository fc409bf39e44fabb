"""A made-up day for ``telephony bench proof``: two calls written by the store, copied many times, with gate records.

One call in five was answered and talked for a minute; the others rang busy. Every copy of the answered call shares its
audio file. All numbers are reserved for fiction.
"""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TextIO
from uuid import uuid4

from telephony.asterisk.call_records import FILE
from telephony.domain.calls.attempts import AttemptStart, CallState
from telephony.domain.calls.outcomes import Outcome
from telephony.domain.calls.permits import PermitRequest, give_permit
from telephony.domain.campaigns.campaigns import NewCampaign
from telephony.domain.campaigns.dialing_options import MOST_ABANDONED, DialingOptions
from telephony.domain.evidence.recordings import Recording, RecordingTag, StoredFile
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.leads import NewLead
from telephony.domain.trunks.routes import Route
from telephony.ids import AttemptId, Number, PermitId, RecordingId
from telephony.ports.leads.leads import NewList
from telephony.ports.store import Store
from telephony.settings import Settings
from telephony.storage import OpenStore
from telephony.storage.evidence.filling_days import CHUNK, copy_call

NUMBERS: Final = (Number("33199000001"), Number("33199000002"))
PEOPLE: Final = "bench"
ANSWERED_IN: Final = 5
"""One call in this many was answered."""
BEGINS: Final = timedelta(hours=10)
LASTS: Final = timedelta(hours=10)
"""The made calls begin from ten o'clock on, within ten hours."""
RANG: Final = timedelta(seconds=5)
TALKED: Final = timedelta(seconds=55)
_AUDIO: Final = b"not audio, but as long as its digest says\n" * 1000
_TIME: Final = "%Y-%m-%d %H:%M:%S"
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Originals:
    """The calls that are copied: one answered, one busy."""

    answered: AttemptStart
    busy: AttemptStart


async def first_calls(opened: OpenStore, settings: Settings, day_begins: datetime) -> Originals:
    """Make two calls of that day as the product makes them, their audio file and the gate's records of both.

    Args:
        opened: an empty database.
        settings: its ``[[trunks]]``, archive and gate's log folder are used.
        day_begins: the day's midnight; aware UTC.
    """
    store, at, trunk = opened.store, day_begins + BEGINS, settings.trunks[0]
    caller_id = trunk.caller_ids[0]
    routes, dialing = (Route(trunk.name, caller_id),), DialingOptions(MOST_ABANDONED)
    made = NewCampaign("bench", "bench", CampaignKind.SURVEY, routes, dialing, 40, at)
    campaign = await store.campaigns.add(made, PEOPLE)
    async with store.leads.load(NewList(campaign.campaign_id, "bench", "0" * 64, PEOPLE, at)) as load:
        await load.add([NewLead(number, "", {}, row) for row, number in enumerate(NUMBERS, 1)])
        listed = await load.finish()
    await store.whitelist.approve_list(listed.list_id, f"{PEOPLE}2", at)
    starts = []
    for lead in await store.leads.waiting(campaign.campaign_id, len(NUMBERS)):
        request = PermitRequest(
            attempt_id=AttemptId(str(uuid4())),
            recording_id=RecordingId(str(uuid4())),
            campaign_id=lead.campaign_id,
            list_id=lead.list_id,
            lead_id=lead.lead_id,
            number=lead.number,
            caller_id=caller_id,
            trunk=trunk.name,
            gate="gate",
        )
        permit = give_permit(request, f"{uuid4().int % 10**36:036d}", at, timedelta(seconds=10))
        starts.append(AttemptStart(permit, at))
    answered, busy = await store.attempts.begin(starts, [])
    await _over(store, answered, Outcome.ANSWERED, _file(settings.recording.archive))
    await _over(store, busy, Outcome.BUSY, None)
    with _records(settings) as file:
        file.write(_line(answered, answered.permit.permit_id, at) + _line(busy, busy.permit.permit_id, at))
    return Originals(answered, busy)


async def fill_day(opened: OpenStore, settings: Settings, originals: Originals, attempts: int, report: Report) -> None:
    """Copy the first calls until the day has ``attempts`` calls."""
    begins, more = originals.answered.started_at, attempts - len(NUMBERS)
    with _records(settings) as file:
        for first in range(0, more, CHUNK):
            report("making the day", first, more)
            here = range(first, min(first + CHUNK, more))
            for start, is_wanted in ((originals.answered, 0), (originals.busy, 1)):
                chosen = [index for index in here if bool(index % ANSWERED_IN) == is_wanted]
                moments = [begins + LASTS * index / more for index in chosen]
                permits = await copy_call(opened.database, start.permit.attempt_id, moments)
                lines = [_line(start, *pair) for pair in zip(permits, moments, strict=True)]
                await asyncio.to_thread(file.writelines, lines)


async def _over(store: Store, start: AttemptStart, outcome: Outcome, file: StoredFile | None) -> None:
    """Use the permit, end the call, keep its recording."""
    permit, at = start.permit, start.started_at
    used = await store.permits.use(permit.permit_id, permit.gate, at)
    if used:
        raise AssertionError(f"the first call's permit was refused: {used}")
    answered_at = at + RANG if outcome is Outcome.ANSWERED else None
    ended_at = at + RANG + (TALKED if answered_at else timedelta())
    attempt = replace(
        await store.attempts.get(permit.attempt_id),
        state=CallState.ENDED,
        outcome=outcome,
        hangup_cause=16 if answered_at else 17,
        trunk_channel=f"gate-{permit.lead_id}.1",
        answered_at=answered_at,
        ended_at=ended_at,
    )
    await store.attempts.save([], [attempt])
    whose = (permit.recording_id, permit.attempt_id, permit.campaign_id, "bench", permit.list_id, permit.lead_id)
    tag = RecordingTag(*whose, None, "", None, permit.number, at, answered_at, ended_at)
    await store.recordings.add(Recording(tag, file))


def _file(archive: Path) -> StoredFile:
    """Write the audio file that every answered call shares."""
    path = f"2000/01/01/{uuid4()}.flac"
    place = archive / path
    place.parent.mkdir(parents=True)
    place.write_bytes(_AUDIO)
    seconds = TALKED.total_seconds()
    return StoredFile(path, seconds, 0, hashlib.sha256(_AUDIO).hexdigest(), len(_AUDIO), 2, seconds, seconds)


def _records(settings: Settings) -> TextIO:
    path = settings.gate.log / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.open("a", encoding="utf-8")


def _line(start: AttemptStart, permit_id: PermitId, at: datetime) -> str:
    """Return what the gate's Asterisk writes of a trunk leg (cdr_csv, times in UTC)."""
    permit, is_answered = start.permit, start.permit.number == NUMBERS[0]
    ended_at = at + RANG + (TALKED if is_answered else timedelta())
    answer = f'"{at + RANG:{_TIME}}"' if is_answered else ""
    what = f'"Dial","PJSIP/{permit.number}@{permit.trunk},15,irb(record^s^1)"'
    times = f'"{at:{_TIME}}",{answer},"{ended_at:{_TIME}}",60,55'
    channels = f'"PJSIP/pbx-00000001","PJSIP/{permit.trunk}-{permit_id[-8:]}"'
    return f'"","","{permit_id}","gate","",{channels},{what},{times},"X","DOCUMENTATION","gate-1.1"\n'
