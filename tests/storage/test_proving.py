"""The daily proof on real databases, files and call records; each thing spoilt as its owner could spoil it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from proved_site import DAY, ProvedSite, silent
from store_rows import NOW, start

from telephony.domain.accounts import Role
from telephony.domain.attempts import AttemptStart
from telephony.domain.day import shares_of
from telephony.domain.proof_document import fingerprint
from telephony.domain.recordings import Listening, ListeningKind, ListeningReason
from telephony.errors import InputError
from telephony.ids import AccountId, RecordingId
from telephony.ports.ledger import Incident
from telephony.services.signing import verified
from telephony.storage import OpenStore

pytestmark = pytest.mark.slow


@pytest.fixture
async def site(opened: OpenStore, url: str, tmp_path: Path) -> ProvedSite:
    made = ProvedSite(opened, url, tmp_path)
    await made.fill()
    return made


async def test_a_day_that_matches_is_signed_as_equal_and_entered(site: ProvedSite):
    signed = verified((await site.prove()).text.encode(), site.key.public_key)
    assert signed.proof["gaps"] == []
    assert signed.proof["verdict"] == "all_match"
    counts = signed.proof["counts"]
    assert (counts["calls_seen"], counts["permits_used"], counts["recordings"], counts["with_audio"]) == (3, 3, 3, 2)
    (entry,) = await site.days.entries("day_proved", None, 10)
    assert entry.note.subject == DAY
    assert entry.note.body["sha256"] == signed.sha256 == fingerprint(signed.proof)
    assert entry.note.body["verdict"] == "all_match"


async def test_each_day_is_chained_to_the_one_before(site: ProvedSite):
    first = await site.prove("2026-11-19")
    again = await site.prove("2026-11-19")
    second = await site.prove()
    assert first.proof["earlier"] is None
    assert again.sha256 != first.sha256 or again.proof["ledger"] != first.proof["ledger"]
    assert second.proof["earlier"] == {"day": "2026-11-19", "sha256": again.sha256}


def remove_a_file(site: ProvedSite) -> None:
    site.file(0).unlink()


def alter_a_file(site: ProvedSite) -> None:
    site.file(0).write_bytes(site.file(0).read_bytes()[:-1] + b"x")


def lead_a_file_elsewhere(site: ProvedSite) -> None:
    site.sql("UPDATE recordings SET path = '../../etc/hostname' WHERE path LIKE ?", f"%{site.file(0).name}")


def add_a_record(site: ProvedSite) -> None:
    line = site.lines(site.starts[0], 9, is_answered=True)[0].replace(site.starts[0].permit.permit_id, "33199000000")
    with site.records.open("a") as file:
        file.write(line)


def remove_a_record(site: ProvedSite) -> None:
    site.records.write_text("".join(site.records.read_text().splitlines(keepends=True)[1:]))


def dial_another_number(site: ProvedSite) -> None:
    number = site.starts[0].permit.number
    site.records.write_text(site.records.read_text().replace(f"PJSIP/{number}@", "PJSIP/33199008888@"))


def remove_the_records(site: ProvedSite) -> None:
    site.records.unlink()


def remove_a_permit(site: ProvedSite) -> None:
    site.sql("DELETE FROM permits WHERE permit_id = ?", site.starts[0].permit.permit_id)


def remove_a_recording(site: ProvedSite) -> None:
    site.sql("DELETE FROM recordings WHERE recording_id = ?", site.starts[0].permit.recording_id)


def silence_an_answered_call(site: ProvedSite) -> None:
    columns = "path = NULL, sha256 = NULL, length_s = NULL, before_answer_s = NULL, size = NULL, channels = NULL"
    silence = f"UPDATE recordings SET {columns} WHERE recording_id = ?"  # noqa: S608
    site.sql(silence, site.starts[0].permit.recording_id)


def leave_a_raw_file(site: ProvedSite) -> None:
    (site.spool / "00000000-0000-4000-8000-000000000000.wav").write_bytes(b"RIFF")


def leave_another_file(site: ProvedSite) -> None:
    (site.spool / "notes.txt").write_text("x")


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
    site: ProvedSite, spoil: Callable[[ProvedSite], None], kinds: list[str]
):
    spoil(site)
    # Files written by this test are of today; the day proved is the one they are claimed to belong to.
    for path in site.spool.iterdir():
        path.touch()
        site.clock.at = datetime.now(UTC) + timedelta(days=1)
    day = site.proving.day("yesterday" if list(site.spool.iterdir()) else DAY)
    signed = await site.proving.prove(day, site.key, "cli:tester", silent)
    assert [gap["kind"] for gap in signed.proof["gaps"]] == kinds
    assert signed.proof["verdict"] == "with_gaps"
    assert verified(signed.text.encode(), site.key.public_key)
    assert not [one for one in site.starts if one.permit.number in signed.text]


@pytest.mark.parametrize(("spoil", "kinds"), SPOILT, ids=[spoil.__name__ for spoil, _ in SPOILT])
async def test_what_was_spoilt_is_found_share_by_share(
    site: ProvedSite, spoil: Callable[[ProvedSite], None], kinds: list[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("telephony.domain.day.SHARE", 1)
    site.clock.at = datetime.now(UTC) + timedelta(days=1)
    spoil(site)
    for path in site.spool.iterdir():
        path.touch()
    day = site.proving.day("yesterday" if list(site.spool.iterdir()) else DAY)
    assert len(shares_of(await site.days.attempts_of(day))) == (1 if day.date.isoformat() != DAY else 3)
    judged = await site.proving.judge(day, site.key.public_key, silent)
    assert [gap.kind for gap in judged.gaps] == kinds


async def test_records_rotated_away_are_read(site: ProvedSite):
    site.records.rename(site.records.with_name("Master.csv.1"))
    site.records.touch()
    assert await site.gaps() == []


async def test_a_raw_file_of_a_call_of_ours_is_nobodys_gap(site: ProvedSite):
    (site.spool / f"{site.starts[0].permit.recording_id}-rx.wav").write_bytes(b"RIFF")
    site.clock.at = datetime.now(UTC)
    assert (await site.prove("today")).proof["gaps"] == []


async def test_an_open_incident_is_a_gap_of_its_day_and_of_those_after_it(site: ProvedSite):
    text = "no recording; look at the gate's disk"
    await site.store.ledger.open_incident(Incident("recording_missing", "x", text, NOW))
    assert await site.gaps() == ["incident_open"]
    assert (await site.prove()).proof["counts"]["alerts"] == 1
    assert (await site.prove("2026-11-19")).proof["gaps"] == []
    assert [gap["kind"] for gap in (await site.prove("2026-11-21")).proof["gaps"]] == ["incident_open"]


async def test_refusals_and_listenings_are_counted(site: ProvedSite):
    await site.store.permits.use(site.starts[0].permit.permit_id, "gate1", NOW)
    account = await site.store.accounts.add("l.petit", "L. Petit", Role.COMPLIANCE, "x", NOW)
    for kind in (ListeningKind.STATED, ListeningKind.LISTENED, ListeningKind.LISTENED, ListeningKind.REFUSED):
        is_refused = kind is ListeningKind.REFUSED
        reason, refused = (None, "reason_missing") if is_refused else (ListeningReason.CHECK, "")
        note = "a reason of ten" if kind is ListeningKind.STATED else ""
        listening = Listening(
            kind,
            site.starts[0].permit.recording_id,
            AccountId(account.account_id),
            reason,
            "",
            note,
            refused,
            "::1",
            NOW,
        )
        await site.store.recordings.log_listening(listening)
    counts = (await site.prove()).proof["counts"]
    assert (counts["refusals"], counts["listenings"], counts["listeners"]) == (1, 2, 1)


async def test_a_call_that_is_up_is_open(site: ProvedSite):
    up = await begun_again(site)
    site.clock.at = up.started_at + timedelta(seconds=20)
    signed = await site.prove()
    assert signed.proof["gaps"] == []
    assert signed.proof["open"] == [up.permit.attempt_id]
    assert signed.proof["is_day_over"] is False


async def begun_again(site: ProvedSite) -> AttemptStart:
    campaign = (await site.store.campaigns.all())[0]
    lead = (await site.store.leads.waiting(campaign.campaign_id, 1))[0]
    one = start(lead, NOW + timedelta(minutes=3))
    await site.store.attempts.begin([one], [])
    await site.store.permits.use(one.permit.permit_id, "gate1", one.started_at)
    return one


@pytest.mark.parametrize(
    ("text", "says"), [("tomorrow", "write today"), ("22/11/2026", "write today"), ("2026-11-22", "has not begun")]
)
async def test_a_day_that_is_none_is_one_sentence(site: ProvedSite, text: str, says: str):
    with pytest.raises(InputError, match=says):
        site.proving.day(text)


async def test_today_is_the_sites_today(site: ProvedSite):
    site.clock.at = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert site.proving.day("today").date.isoformat() == "2026-11-21"
    assert site.proving.day("yesterday").date.isoformat() == "2026-11-20"


async def test_claimed_tells_our_recordings_from_others(site: ProvedSite):
    ours = {one.permit.recording_id for one in site.starts}
    other = {RecordingId(f"00000000-0000-4000-8000-{row:012d}") for row in range(1200)}
    assert await site.days.claimed(ours | other) == ours


async def test_entries_are_found_by_kind_and_by_subject(site: ProvedSite):
    permit_id = site.starts[1].permit.permit_id
    about = await site.days.entries(None, permit_id, 10)
    assert [one.note.kind for one in about] == ["permit_used", "permit_given"]
    assert [one.note.subject for one in await site.days.entries("permit_used", None, 2)] == [
        site.starts[2].permit.permit_id,
        permit_id,
    ]
    assert [one.note.kind for one in await site.days.entries("permit_used", permit_id, 10)] == ["permit_used"]
    newest = await site.days.entries(None, None, 1)
    assert newest[0].sequence == (await site.days.head()).sequence
