"""``telephony prove`` and ``telephony ledger``."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Telephony

pytestmark = pytest.mark.slow


@pytest.fixture
def proving(installed: Telephony, config: Path, tmp_path: Path) -> Telephony:
    """A site with its schema and a campaign, whose proofs are below ``tmp_path``."""
    text = config.read_text()
    text = text.replace("/var/lib/telephony/", f"{tmp_path}/state/")
    config.write_text(text)
    return installed


def test_an_empty_day_is_proved_signed_and_verified_offline(proving: Telephony, tmp_path: Path):
    done = proving("prove")
    assert done.status == 0
    assert "All match" in done.out
    assert "Calls seen 0 = Permits used 0 = Recordings 0" in done.out
    (path,) = (tmp_path / "state" / "proofs").iterdir()
    public_key = json.loads(path.read_text())["public_key"]
    (tmp_path / "telephony.db").unlink()
    assert proving("prove", "--verify", path, "--public-key", public_key).status == 0
    path.write_text(path.read_text().replace("all_match", "all_matcH"))
    refused = proving("prove", "--verify", path, "--public-key", public_key)
    assert refused.status == 1
    assert "changed" in refused.one_sentence()


def test_a_key_is_made_once_and_its_public_half_printed(proving: Telephony, tmp_path: Path):
    public_key = proving("prove", "--make-key").out.strip()
    assert len(public_key) == 64
    assert "exists already" in proving("prove", "--make-key").one_sentence()
    assert proving("prove", "--json").json["public_key"] == public_key


def test_the_json_names_the_file_and_out_is_where_it_goes(proving: Telephony, tmp_path: Path):
    proof = proving("prove", "--json", "--out", tmp_path / "usb").json
    path = Path(proof.pop("file"))
    assert path.parent == tmp_path / "usb"
    assert json.loads(path.read_text()) == proof


def test_a_day_with_gaps_ends_with_status_1_and_shows_them(proving: Telephony, tmp_path: Path, config: Path):
    with sqlite3.connect(tmp_path / "telephony.db") as file:
        file.execute("INSERT INTO incidents (kind, subject, text, opened_at) VALUES ('k', 's', 'look at it', 0)")
    file.close()
    done = proving("prove")
    assert done.status == 1
    assert "Gaps: 1" in done.out
    assert "Signed with gaps" in done.out
    assert "look at it" in done.out
    assert "All match" not in done.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("prove", "--day", "tomorrow"), "write today, yesterday"),
        (("prove", "--day", "2999-01-01"), "has not begun"),
        (("prove", "--public-key", "00"), "needs --verify"),
        (("prove", "--verify", "/nowhere/proof.json"), "needs --public-key"),
        (("prove", "--verify", "/nowhere/proof.json", "--public-key", "00"), "cannot be read"),
        (("ledger", "verify", "--proof", "/nowhere/proof.json"), "--public-key"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(proving: Telephony, words: tuple[str, ...], says: str):
    assert says in proving(*words).one_sentence()


def test_the_ledger_is_whole_until_somebody_changes_it(proving: Telephony, tmp_path: Path):
    proving("prove", "--make-key")
    assert "intact: 1 entries" in proving("ledger", "verify").out
    proof = proving("prove", "--json").json
    path, public_key = proof["file"], proof["public_key"]
    assert proving("ledger", "verify", "--proof", path, "--public-key", public_key, "--json").json["fault"] is None
    with sqlite3.connect(tmp_path / "telephony.db") as file:
        file.execute("DROP TRIGGER ledger_refuses_delete")
        file.execute("DELETE FROM ledger WHERE sequence = 2")
    file.close()
    done = proving("ledger", "verify")
    assert done.status == 1
    assert done.out.startswith("BROKEN: the end was cut off: entry 2 was there")
    assert proving("ledger", "verify", "--json").json["head"]["sequence"] == 1


def cut_off_the_end(folder: Path) -> None:
    with sqlite3.connect(folder / "telephony.db") as file:
        file.execute("DROP TRIGGER ledger_refuses_delete")
        file.execute("DELETE FROM ledger WHERE sequence = (SELECT max(sequence) FROM ledger)")
    file.close()


def test_the_first_check_keeps_the_head_so_that_an_end_cut_off_later_is_found(proving: Telephony, tmp_path: Path):
    assert proving("ledger", "verify").status == 0
    assert (tmp_path / "state" / "ledger_head.json").exists()
    cut_off_the_end(tmp_path)
    done = proving("ledger", "verify")
    assert done.status == 1
    assert "the end was cut off" in done.out


def test_a_key_taken_away_does_not_hide_an_end_cut_off(proving: Telephony, tmp_path: Path):
    proving("ledger", "verify")
    cut_off_the_end(tmp_path)
    (tmp_path / "state" / "proof.key").unlink()
    assert "is missing" in proving("ledger", "verify").one_sentence()


def test_without_a_place_for_the_key_the_chain_is_read_all_the_same(proving: Telephony, tmp_path: Path):
    (tmp_path / "state").write_text("no folder")
    done = proving("ledger", "verify")
    assert done.status == 0
    assert "the head was not stored" in done.out


def test_entries_are_listed_newest_first(proving: Telephony):
    proving("prove")
    rows = proving("ledger", "list", "--json").json
    assert [row["note"]["kind"] for row in rows] == ["day_proved", "campaign_added"]
    assert [row["sequence"] for row in proving("ledger", "list", "--kind", "campaign_added", "--json").json] == [1]
    assert "day_proved" in proving("ledger", "list", "--limit", "1").out
    assert proving("ledger", "list", "--subject", "nobody").out == "no matching entry\n"
