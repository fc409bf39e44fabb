"""The chain against heads kept outside it: what raw SQL can do to it, and who finds out."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from telephony.domain.evidence.ledger import GENESIS, seal
from telephony.domain.evidence.proof_document import LedgerHead
from telephony.errors import SettingsError
from telephony.ports.store import Store
from telephony.services.evidence.chain import ChainVerdict, HeadFile, verify_chain
from telephony.services.evidence.signing import SigningKey
from telephony.storage import OpenStore
from tests.scenes.proved_site import ProvedSite, silent
from tests.storage.test_store_ledger import (
    change,
    change_the_time,
    insert,
    notes,
    remove,
    remove_and_close_up,
    swap,
    unlocked,
)


@pytest.fixture
def proved_site(opened: OpenStore, url: str, tmp_path: Path) -> ProvedSite:
    return ProvedSite(opened, url, tmp_path)


async def verify(proved_site: ProvedSite, **heads: LedgerHead) -> ChainVerdict:
    return await proved_site.proving.verify_ledger(proved_site.key, heads, silent)


@pytest.mark.parametrize("tamper", [change, change_the_time, remove, remove_and_close_up, insert, swap])
async def test_a_changed_removed_or_inserted_entry_is_found(proved_site: ProvedSite, tamper: Callable[[str], None]):
    await proved_site.store.ledger.enter(notes(5))
    unlocked(proved_site.url)
    tamper(proved_site.url)
    verdict = await verify(proved_site)
    assert verdict.fault
    assert verdict.head.sequence in (2, 3)


async def test_an_untouched_chain_is_whole_and_its_head_is_kept(proved_site: ProvedSite):
    await proved_site.store.ledger.enter(notes(2500))
    numbers: list[int] = []
    verdict = await proved_site.proving.verify_ledger(
        proved_site.key, {}, lambda _what, done, _total: numbers.append(done)
    )
    assert verdict.fault is None
    assert verdict.head == await proved_site.days.head() == proved_site.head_file.read(proved_site.key.public_key)
    assert numbers == [1000, 2000, 2500]
    assert "no head was kept" in verdict.unseen
    assert (await verify(proved_site)).unseen is None


async def test_an_empty_chain_is_whole(proved_site: ProvedSite):
    verdict = await verify(proved_site)
    assert (verdict.fault, verdict.head) == (None, LedgerHead(0, GENESIS))


def cut(proved_site: ProvedSite, after: int) -> None:
    unlocked(proved_site.url)
    proved_site.sql("DELETE FROM ledger WHERE sequence > ?", after)


async def test_an_end_cut_off_is_found_by_the_head_kept_outside(proved_site: ProvedSite):
    await proved_site.store.ledger.enter(notes(5))
    await verify(proved_site)
    cut(proved_site, 3)
    verdict = await verify(proved_site)
    assert verdict.fault == "the end was cut off: entry 5 was there, and the newest now is 3"
    assert verdict.head.sequence == 3


async def test_a_ledger_emptied_is_found(proved_site: ProvedSite):
    await proved_site.store.ledger.enter(notes(5))
    await verify(proved_site)
    cut(proved_site, 0)
    assert "cut off" in (await verify(proved_site)).fault


async def test_an_end_cut_off_and_grown_again_is_found(proved_site: ProvedSite):
    await proved_site.store.ledger.enter(notes(5))
    await verify(proved_site)
    cut(proved_site, 3)
    await proved_site.store.ledger.enter(notes(4, 100))
    assert "entry 5 differs from the one kept outside" in (await verify(proved_site)).fault


async def test_what_was_cut_off_since_the_newest_head_is_said_not_to_be_seen(proved_site: ProvedSite):
    await proved_site.store.ledger.enter(notes(5))
    await verify(proved_site)
    await proved_site.store.ledger.enter(notes(5, 5))
    cut(proved_site, 8)
    verdict = await verify(proved_site)
    assert verdict.fault is None
    assert "after entry 5" in verdict.unseen


async def rewritten(proved_site: ProvedSite, store: Store) -> None:
    """Change an entry and compute every hash after it again, as somebody with the database and our code could."""
    entries = [entry async for entry in store.ledger.entries()]
    entries[1] = replace(entries[1], note=replace(entries[1].note, subject="another"))
    unlocked(proved_site.url)
    previous = GENESIS
    for entry in entries:
        made = seal(entry.note, entry.sequence, previous)
        previous = made.hash
        values = (made.note.subject, made.previous, made.hash, made.sequence)
        proved_site.sql("UPDATE ledger SET subject = ?, previous = ?, hash = ? WHERE sequence = ?", *values)


async def test_a_rewritten_chain_is_found_by_the_head_kept_outside(proved_site: ProvedSite):
    await proved_site.store.ledger.enter(notes(5))
    await verify(proved_site)
    await rewritten(proved_site, proved_site.store)
    assert (await verify_chain(proved_site.store.ledger, (), lambda _: None)).fault is None
    assert "entry 5 differs from the one kept outside" in (await verify(proved_site)).fault


async def test_a_proof_kept_elsewhere_is_a_head_too(proved_site: ProvedSite):
    await proved_site.fill()
    signed = await proved_site.prove()
    head = LedgerHead(**signed.proof["ledger"])
    await rewritten(proved_site, proved_site.store)
    proved_site.head_file.path.unlink()
    assert "differs from the one kept outside" in (await verify(proved_site, proof=head)).fault


async def test_a_broken_chain_is_a_gap_of_the_proof_and_keeps_no_head(proved_site: ProvedSite):
    await proved_site.fill()
    assert await proved_site.gaps() == []
    before = proved_site.head_file.path.read_bytes()
    cut(proved_site, 4)
    assert "ledger_broken" in await proved_site.gaps()
    assert proved_site.head_file.path.read_bytes() == before


async def test_an_entry_that_is_no_json_any_more_is_found(proved_site: ProvedSite):
    await proved_site.store.ledger.enter(notes(5))
    unlocked(proved_site.url)
    proved_site.sql("UPDATE ledger SET body = '{' WHERE sequence = 3")
    assert "cannot be read" in (await verify(proved_site)).fault


def test_a_head_file_that_was_changed_is_refused(tmp_path: Path):
    key, other = SigningKey.made(tmp_path / "a.key"), SigningKey.made(tmp_path / "b.key")
    file = HeadFile(tmp_path / "kept" / "head.json")
    assert file.read(key.public_key) is None
    head = LedgerHead(7, "ab" * 32)
    file.keep(head, key)
    assert file.read(key.public_key) == head
    whole = file.path.read_bytes()
    for place in range(len(whole)):
        file.path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(SettingsError, match=r"proof\.head"):
            file.read(key.public_key)
    file.keep(head, other)
    with pytest.raises(SettingsError, match="another key"):
        file.read(key.public_key)


def test_a_head_that_cannot_be_written_names_its_setting(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"proof\.head"):
        HeadFile(tmp_path / "file" / "head.json").keep(LedgerHead(1, "ab" * 32), SigningKey.made(tmp_path / "key"))
