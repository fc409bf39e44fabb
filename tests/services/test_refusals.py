"""What a stranger can have refused again and again is one entry for each source, rule and minute, with a count."""

from telephony.errors import StoreError
from telephony.services.evidence.refusals import SOURCES, Refusals
from telephony.services.recordings.playback import ListeningService
from tests.doubles.store import FakeStore
from tests.scenes.controller_on_doubles import Fixed, controller_on_doubles
from tests.virtual_time import LoopClock, passes, until, virtual

FORGED = [f"p{number:036d}" for number in range(1, 400)]


def made() -> tuple[FakeStore, Refusals]:
    fake = FakeStore()
    return fake, Refusals(fake.store.ledger, LoopClock())


def counts(fake: FakeStore) -> list[int]:
    return [int(entry.note.body["count"] or 0) for entry in fake.tables.ledger]


@virtual
async def test_a_source_and_a_rule_have_one_entry_a_minute_with_a_count():
    fake, refusals = made()
    for _ in range(1_400):
        await refusals.note("access_refused", "admin", "192.0.2.7", "sign_in", {"rule": "sign_in"})
    assert counts(fake) == [1], "the first is entered at once"
    await until("the minute's others are entered", lambda: counts(fake) == [1, 1_399], 70)
    for _ in range(3):
        await passes(30)
        await refusals.note("access_refused", "admin", "192.0.2.7", "sign_in", {"rule": "sign_in"})
    await passes(130)
    assert sum(counts(fake)) == 1_403
    assert len(counts(fake)) <= 5


@virtual
async def test_other_sources_and_other_rules_are_counted_apart():
    fake, refusals = made()
    for source, rule in (("a", "sign_in"), ("b", "sign_in"), ("a", "form_token"), ("a", "sign_in")):
        await refusals.note("access_refused", "", source, rule, {"rule": rule, "address": source})
    assert len(counts(fake)) == 3


@virtual
async def test_many_sources_share_a_count_beyond_a_bound():
    fake, refusals = made()
    for number in range(5 * SOURCES):
        await refusals.note("access_refused", "", f"198.51.100.{number}", "form_token", {"rule": "form_token"})
    assert len(counts(fake)) == SOURCES + 1
    await passes(61)
    assert sum(counts(fake)) == 5 * SOURCES
    assert len(counts(fake)) == SOURCES + 2, "what went beyond the bound is entered as one"


@virtual
async def test_a_count_that_could_not_be_entered_is_entered_later():
    fake, refusals = made()
    for _ in range(5):
        await refusals.note("access_refused", "", "192.0.2.7", "sign_in", {})
    enter, fails = fake.store.ledger.enter, [StoreError("away")]

    async def away(notes: object) -> None:
        if fails:
            raise fails.pop()
        await enter(notes)  # type: ignore[arg-type]

    fake.store.ledger.enter = away  # type: ignore[method-assign]
    await passes(200)
    assert counts(fake) == [1, 4]


@virtual
async def test_forged_and_replayed_permits_do_not_fill_the_ledger():
    async with controller_on_doubles(leads=1, seats=1, pacer=Fixed(1)) as site:
        await site.log_in(1)
        (permit,) = await site.dials(1)
        await site.exchange.answer(permit.attempt_id)
        before = len(site.tables.ledger)
        for forged in FORGED:
            assert await site.exchange.desk.ask("verdict", "gate-9.1", forged) == {}
            assert await site.exchange.desk.ask("verdict", "gate-9.1", permit.permit_id) == {}
        new = [entry.note for entry in site.tables.ledger[before:] if entry.note.kind == "permit_refused"]
        assert {ledger_note.body["rule"] for ledger_note in new} == {"permit_unknown", "permit_used"}
        assert len(new) <= 4


@virtual
async def test_anonymous_listeners_write_nothing_beside_recordings():
    fake = FakeStore()
    service = ListeningService(fake.store, None, LoopClock())  # type: ignore[arg-type]
    for _ in range(500):
        await service.refuse("00000000-0000-0000-0000-000000000000", None, "sign_in", "192.0.2.7")  # type: ignore[arg-type]
    assert len(fake.tables.listenings) == 0
    assert len(fake.tables.ledger) == 1
