"""The daily proof on real databases, files and call records; each thing spoilt as its owner could spoil it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from telephony.domain.accounts import Role
from telephony.domain.calls.attempts import AttemptStart
from telephony.domain.evidence.day_facts import shares_of
from telephony.domain.evidence.proof_document import fingerprint
from telephony.domain.evidence.recordings import Listening, ListeningKind, ListeningReason
from telephony.errors import InputError
from telephony.ids import AccountId, RecordingId
from telephony.ports.evidence.ledger import Incident
from telephony.services.evidence.signing import verified
from telephony.storage import OpenStore
from tests.scenes.proved_site import DAY, ProvedSite, silent
from tests.storage.store_rows import NOW, start

pytestmark = pytest.mark.slow


@pytest.fixture
async def proved_site(opened: OpenStore, url: str, tmp_path: Path) -> ProvedSite:
    made = ProvedSite(opened, url, tmp_path)
    await made.fill()
    return made


async def test_a_day_that_matches_is_signed_as_equal_and_entered(proved_site: ProvedSite):
    signed = verified((await proved_site.prove()).text.encode(), proved_site.key.public_key)
    assert signed.proof["gaps"] == []
    assert signed.proof["verdict"] == "all_match"
    counts = signed.proof["counts"]
    assert (counts["calls_seen"], counts["permits_used"], counts["recordings"], counts["with_audio"]) == (3, 3, 3, 2)
    (entry,) = await proved_site.days.entries("day_proved", None, 10)
    assert entry.note.subject == DAY
    assert entry.note.body["sha256"] == signed.sha256 == fingerprint(signed.proof)
    assert entry.note.body["verdict"] == "all_match"


async def test_each_day_is_chained_to_the_one_before(proved_site: ProvedSite):
    first = await proved_site.prove("2026-11-19")
    again = await proved_site.prove("2026-11-19")
    second = await proved_site.prove()
    assert first.proof["earlier"] is None
    assert again.sha256 != first.sha256 or again.proof["ledger"] != first.proof["ledger"]
    assert second.proof["earlier"] == {"day": "2026-11-19", "sha256": again.sha256}


def remove_a_file(proved_site: ProvedSite) -> None:
    proved_site.file(0).unlink()


def alter_a_file(proved_site: ProvedSite) -> None:
    proved_site.file(0).write_bytes(proved_site.file(0).read_bytes()[:-1] + b"x")


def lead_a_file_elsewhere(proved_site: ProvedSite) -> None:
    proved_site.sql(
        "UPDATE recordings SET path = '../../etc/hostname' WHERE path LIKE ?", f"%{proved_site.file(0).name}"
    )


def add_a_record(proved_site: ProvedSite) -> None:
    line = proved_site.lines(proved_site.starts[0], 9, is_answered=True)[0].replace(
        proved_site.starts[0].permit.permit_id, "33199000000"
    )
    with proved_site.records.open("a") as file:
        file.write(line)


def remove_a_record(proved_site: ProvedSite) -> None:
    proved_site.records.write_text("".join(proved_site.records.read_text().splitlines(keepends=True)[1:]))


def dial_another_number(proved_site: ProvedSite) -> None:
    number = proved_site.starts[0].permit.number
    proved_site.records.write_text(proved_site.records.read_text().replace(f"PJSIP/{number}@", "PJSIP/33199008888@"))


def remove_the_records(proved_site: ProvedSite) -> None:
    proved_site.records.unlink()


def remove_a_permit(proved_site: ProvedSite) -> None:
    proved_site.sql("DELETE FROM permits WHERE permit_id = ?", proved_site.starts[0].permit.permit_id)


def remove_a_recording(proved_site: ProvedSite) -> None:
    proved_site.sql("DELETE FROM recordings WHERE recording_id = ?", proved_site.starts[0].permit.recording_id)


def silence_an_answered_call(proved_site: ProvedSite) -> None:
    columns = "path = NULL, sha256 = NULL, length_s = NULL, before_answer_s = NULL, size = NULL, channels = NULL"
    silence = f"UPDATE recordings SET {columns} WHERE recording_id = ?"  # noqa: S608
    proved_site.sql(silence, proved_site.starts[0].permit.recording_id)


def leave_a_raw_file(proved_site: ProvedSite) -> None:
    (proved_site.spool / "00000000-0000-4000-8000-000000000000.wav").write_bytes(b"RIFF")


def leave_another_file(proved_site: ProvedSite) -> None:
    (proved_site.spool / "notes.txt").write_text("x")


SPOILT: list[tuple[Callable[[ProvedSite], None], list[str]]] = [
    (remove_a_file, ["file_missing"]),
    (alter_a_file, ["file_altered"]),
    (lead_a_file_elsewhere, ["file_altered"]),
    (add_a_record, ["leg_without_permit"]),
    (remove_a_record, ["recording_without_leg"]),
    (dial_another_number, ["leg_other_number"]),
    (remove_the_records, ["records_missing"]),
    (remove_a_permit, ["leg_without_permit"]),
    (remove_a_recording, ["recording_missing"]),
    (silence_an_answered_call, ["file_altered"]),
    (leave_a_raw_file, ["raw_unclaimed"]),
    (leave_another_file, ["raw_unclaimed"]),
]


@pytest.mark.parametrize(("spoil", "kinds"), SPOILT, ids=[spoil.__name__ for spoil, _ in SPOILT])
async def test_what_was_spoilt_is_found_and_nothing_else(
    proved_site: ProvedSite, spoil: Callable[[ProvedSite], None], kinds: list[str]
):
    spoil(proved_site)
    # Files written by this test are of today; the day proved is the one they are claimed to belong to.
    for path in proved_site.spool.iterdir():
        path.touch()
        proved_site.clock.at = datetime.now(UTC) + timedelta(days=1)
    day = proved_site.proving.day("yesterday" if list(proved_site.spool.iterdir()) else DAY)
    signed = await proved_site.proving.prove(day, proved_site.key, "cli:tester", silent)
    assert [gap["kind"] for gap in signed.proof["gaps"]] == kinds
    assert signed.proof["verdict"] == "with_gaps"
    assert verified(signed.text.encode(), proved_site.key.public_key)
    assert not [start for start in proved_site.starts if start.permit.number in signed.text]


@pytest.mark.parametrize(("spoil", "kinds"), SPOILT, ids=[spoil.__name__ for spoil, _ in SPOILT])
async def test_what_was_spoilt_is_found_share_by_share(
    proved_site: ProvedSite, spoil: Callable[[ProvedSite], None], kinds: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("telephony.domain.evidence.day_facts.SHARE", 1)
    proved_site.clock.at = datetime.now(UTC) + timedelta(days=1)
    spoil(proved_site)
    for path in proved_site.spool.iterdir():
        path.touch()
    day = proved_site.proving.day("yesterday" if list(proved_site.spool.iterdir()) else DAY)
    assert len(shares_of(await proved_site.days.attempts_of(day))) == (1 if day.date.isoformat() != DAY else 3)
    judged = await proved_site.proving.judge(day, proved_site.key.public_key, silent)
    assert [gap.kind for gap in judged.gaps] == kinds


async def test_records_rotated_away_are_read(proved_site: ProvedSite):
    proved_site.records.rename(proved_site.records.with_name("Master.csv.1"))
    proved_site.records.touch()
    assert await proved_site.gaps() == []


async def test_a_raw_file_of_a_call_of_ours_is_nobodys_gap(proved_site: ProvedSite):
    (proved_site.spool / f"{proved_site.starts[0].permit.recording_id}-rx.wav").write_bytes(b"RIFF")
    proved_site.clock.at = datetime.now(UTC)
    assert (await proved_site.prove("today")).proof["gaps"] == []


async def test_an_open_incident_is_a_gap_of_its_day_and_of_those_after_it(proved_site: ProvedSite):
    text = "no recording; look at the gate's disk"
    await proved_site.store.ledger.open_incident(Incident("recording_missing", "x", text, NOW))
    assert await proved_site.gaps() == ["incident_open"]
    assert (await proved_site.prove()).proof["counts"]["alerts"] == 1
    assert (await proved_site.prove("2026-11-19")).proof["gaps"] == []
    assert [gap["kind"] for gap in (await proved_site.prove("2026-11-21")).proof["gaps"]] == ["incident_open"]


async def test_refusals_and_listenings_are_counted(proved_site: ProvedSite):
    await proved_site.store.permits.use(proved_site.starts[0].permit.permit_id, "gate1", NOW)
    account = await proved_site.store.accounts.add("l.petit", "L. Petit", Role.COMPLIANCE, "x", NOW)
    for kind in (ListeningKind.STATED, ListeningKind.LISTENED, ListeningKind.LISTENED, ListeningKind.REFUSED):
        is_refused = kind is ListeningKind.REFUSED
        reason, refused = (None, "reason_missing") if is_refused else (ListeningReason.CHECK, "")
        note = "a reason of ten" if kind is ListeningKind.STATED else ""
        listening = Listening(
            kind,
            proved_site.starts[0].permit.recording_id,
            AccountId(account.account_id),
            reason,
            "",
            note,
            refused,
            "::1",
            NOW,
        )
        await proved_site.store.recordings.log_listening(listening)
    counts = (await proved_site.prove()).proof["counts"]
    assert (counts["refusals"], counts["listenings"], counts["listeners"]) == (1, 2, 1)


async def test_a_call_that_is_up_is_open(proved_site: ProvedSite):
    up = await begun_again(proved_site)
    proved_site.clock.at = up.started_at + timedelta(seconds=20)
    signed = await proved_site.prove()
    assert signed.proof["gaps"] == []
    assert signed.proof["open"] == [up.permit.attempt_id]
    assert signed.proof["is_day_over"] is False


async def begun_again(proved_site: ProvedSite) -> AttemptStart:
    campaign = (await proved_site.store.campaigns.all())[0]
    lead = (await proved_site.store.leads.waiting(campaign.campaign_id, 1))[0]
    attempt_start = start(lead, NOW + timedelta(minutes=3))
    await proved_site.store.attempts.begin([attempt_start], [])
    await proved_site.store.permits.use(attempt_start.permit.permit_id, "gate1", attempt_start.started_at)
    return attempt_start


@pytest.mark.parametrize(
    ("text", "says"), [("tomorrow", "write today"), ("22/11/2026", "write today"), ("2026-11-22", "has not begun")]
)
async def test_a_day_that_is_none_is_one_sentence(proved_site: ProvedSite, text: str, says: str):
    with pytest.raises(InputError, match=says):
        proved_site.proving.day(text)


async def test_today_is_the_sites_today(proved_site: ProvedSite):
    proved_site.clock.at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert proved_site.proving.day("today").date.isoformat() == "2026-11-21"
    assert proved_site.proving.day("yesterday").date.isoformat() == "2026-11-20"


async def test_claimed_tells_our_recordings_from_others(proved_site: ProvedSite):
    ours = {start.permit.recording_id for start in proved_site.starts}
    other = {RecordingId(f"00000000-0000-4000-8000-{row:012d}") for row in range(1200)}
    assert await proved_site.days.claimed(ours | other) == ours


async def test_entries_are_found_by_kind_and_by_subject(proved_site: ProvedSite):
    permit_id = proved_site.starts[1].permit.permit_id
    about = await proved_site.days.entries(None, permit_id, 10)
    assert [entry.note.kind for entry in about] == ["permit_used", "permit_given"]
    assert [entry.note.subject for entry in await proved_site.days.entries("permit_used", None, 2)] == [
        proved_site.starts[2].permit.permit_id,
        permit_id,
    ]
    assert [entry.note.kind for entry in await proved_site.days.entries("permit_used", permit_id, 10)] == [
        "permit_used"
    ]
    newest = await proved_site.days.entries(None, None, 1)
    assert newest[0].sequence == (await proved_site.days.head()).sequence
