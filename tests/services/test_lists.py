import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from telephony.domain.campaigns.campaigns import Campaign, CampaignState, NewCampaign
from telephony.domain.campaigns.dialing_options import DialingOptions
from telephony.domain.law.basis import CampaignKind
from telephony.domain.leads.leads import Lead, RejectedRow
from telephony.domain.trunks.routes import Route
from telephony.errors import InputError
from telephony.services.lists.columns import understand
from telephony.services.lists.encoding import LINE_LIMIT
from telephony.services.lists.importer import ImportReport, ListImporter
from telephony.words import english
from tests.doubles.store import FakeStore

BAD = Path(__file__).parents[2] / "config" / "examples" / "bad"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class StoppedClock:
    def now(self) -> datetime:
        return NOW


class Desk:
    """A store with one campaign, and an importer on it."""

    def __init__(self) -> None:
        self.fake = FakeStore()
        self.importer = ListImporter(self.fake.store, StoppedClock())
        self.campaign: Campaign

    async def open(self) -> "Desk":
        new = NewCampaign(
            "Essai", "Alpha", CampaignKind.SURVEY, (Route("lab", "33199000000"),), DialingOptions(0.03), 40, NOW
        )
        self.campaign = await self.fake.store.campaigns.add(new, "test")
        return self

    async def load(self, source: Path | bytes | str, name: str = "liste") -> ImportReport:
        data = source.encode() if isinstance(source, str) else source
        report = await self.importer.load_file(data, campaign=self.campaign, name=name, by="paul")
        counts = report.list
        assert counts.rows_read == counts.accepted + counts.rejected + counts.duplicates
        assert sum(report.reasons.values()) == counts.rejected + counts.duplicates
        return report

    async def refused(self, source: Path | bytes | str) -> str:
        """Return the message of a refused file, after checking that nothing was written."""
        data = source.encode() if isinstance(source, str) else source
        with pytest.raises(InputError) as refused:
            await self.importer.load_file(data, campaign=self.campaign, name="liste", by="paul")
        assert not self.fake.tables.lists
        assert not self.fake.tables.leads
        return str(refused.value)

    @property
    def leads(self) -> list[Lead]:
        return list(self.fake.tables.leads.values())

    def rows(self, reason: str) -> list[int]:
        rejected_rows = [row for rows in self.fake.tables.rejected.values() for row in rows]
        return [row.row for row in rejected_rows if row.reason == reason]


@pytest.fixture
async def desk() -> Desk:
    return await Desk().open()


async def test_an_accepted_row_becomes_a_waiting_lead_with_number_name_and_fields(desk: Desk) -> None:
    report = await desk.load("numero;nom;prenom;ville\n01 99 00 12 34;Lefèvre;Hélène;Rennes\n")
    assert await desk.fake.store.leads.waiting(desk.campaign.campaign_id, 10) == []
    await desk.fake.store.whitelist.approve_list(report.list.list_id, "second", NOW)
    (lead,) = await desk.fake.store.leads.waiting(desk.campaign.campaign_id, 10)
    assert (lead.number, lead.name, lead.fields) == ("33199001234", "Hélène Lefèvre", {"ville": "Rennes"})
    assert (report.list.accepted, report.list.rejected, report.list.duplicates) == (1, 0, 0)
    assert (report.list.name, report.list.loaded_by, report.list.loaded_at) == ("liste", "paul", NOW)
    assert (report.encoding, report.separator, report.number_column) == ("utf-8", ";", "numero")


async def test_every_reason_of_wrong_numbers_is_reported_with_its_row(desk: Desk) -> None:
    report = await desk.load(BAD / "wrong-numbers.csv")
    assert [lead.number for lead in desk.leads] == ["33199001234", "33199001235"]
    by_name = {row.row: row.reason for row in report.examples}
    assert by_name == {
        3: "empty",
        4: "too_short",
        5: "letters",
        6: "scientific_notation",
        7: "emergency",
        8: "short_number",
        9: "premium",
        10: "foreign_not_open",
        11: "satellite",
        12: "bad_character",
        13: "unknown_prefix",
        14: "duplicate",
    }
    assert (report.list.accepted, report.list.rejected, report.list.duplicates) == (2, 11, 1)


async def test_the_sentence_of_a_rejected_row_has_no_number_and_its_cells_are_kept(desk: Desk) -> None:
    report = await desk.load("numero;nom\n0899123456;Cher Appel\n")
    (row,) = report.examples
    assert row == RejectedRow(2, "premium", row.text, ("0899123456", "Cher Appel"))
    assert not any(character.isdigit() for character in row.text)
    assert await desk.fake.store.leads.rejected(report.list.list_id) == [row]


async def test_windows_encoding_is_read_with_its_accents(desk: Desk) -> None:
    report = await desk.load(BAD / "latin-1.csv")
    assert report.encoding == "cp1252"
    assert [lead.name for lead in desk.leads] == ["Hélène Lefèvre", "Noël Müller"]
    assert desk.leads[0].fields == {"Ville": "Besançon"}


async def test_utf16_with_tabs_is_read(desk: Desk) -> None:
    report = await desk.load(BAD / "utf-16.csv")
    assert (report.encoding, report.separator) == ("utf-16", "\t")
    assert [lead.name for lead in desk.leads] == ["Élodie Chauvin", "Loïc Maréchal"]
    assert desk.leads[0].fields == {"Remarque": "Œuvre – 10 €"}


async def test_a_byte_order_mark_is_not_part_of_the_first_header(desk: Desk) -> None:
    report = await desk.load("numero,nom\n0199001234,A\n".encode("utf-8-sig"))
    assert (report.encoding, report.list.accepted) == ("utf-8-sig", 1)


@pytest.mark.parametrize("codec", ["mac_roman", "utf-32", "cp1252"])
async def test_other_encodings_keep_their_accents(desk: Desk, codec: str) -> None:
    text = "Téléphone;Prénom;Nom\r0199001234;Zoé;Lefèvre\r0199001235;Noël;Forêt\r"
    report = await desk.load(text.encode(codec))
    assert (report.encoding, report.list.accepted) == (codec, 2)
    assert [lead.name for lead in desk.leads] == ["Zoé Lefèvre", "Noël Forêt"]


async def test_bytes_outside_windows_1252_are_of_no_encoding(desk: Desk) -> None:
    report = await desk.load(b"numero;nom\n0199001234;caf\xe9 \x81\n0199001235;caf\xe9\n")
    assert (report.encoding, report.list.accepted, report.reasons) == ("cp1252", 1, {"encoding": 1})


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
async def test_the_separator_is_found_in_the_header(desk: Desk, separator: str) -> None:
    text = "nom;tel;ville\nA;0199001234;Rennes\n".replace(";", separator)
    assert (await desk.load(text)).separator == separator


async def test_the_sep_line_that_excel_writes_is_obeyed(desk: Desk) -> None:
    report = await desk.load("sep=|\r\nnumero|a;b;c\r\n0199001234|x\r\n")
    assert (report.separator, desk.leads[0].fields) == ("|", {"a;b;c": "x"})


async def test_mixed_separators_lose_only_the_wrong_rows(desk: Desk) -> None:
    report = await desk.load(BAD / "mixed-separators.csv")
    assert [lead.number[-2:] for lead in desk.leads] == ["34", "37", "38", "39", "41"]
    assert desk.leads[1].name == "Maréchal; Loïc"
    assert desk.leads[1].fields == {"ville": 'Le "Petit" Port'}
    assert desk.rows("missing_cells") == [3]
    assert desk.rows("extra_cells") == [4]
    assert desk.rows("unclosed_quote") == [10]
    assert report.list.rows_read == 8


async def test_an_unclosed_quote_costs_its_own_row_only(desk: Desk) -> None:
    good = "".join(f"01990{index:05d};ok\n" for index in range(200))
    report = await desk.load(f'numero;nom\n0199009999;"never closed\n{good}')
    assert (report.list.accepted, report.list.rejected) == (200, 1)
    assert desk.rows("unclosed_quote") == [2]


async def test_a_quoted_cell_may_span_lines_and_rows_keep_their_line_numbers(desk: Desk) -> None:
    await desk.load('numero;"remarque\nlongue"\n0199001234;"a\nb"\n12;x\n')
    assert desk.leads[0].fields == {"remarque\nlongue": "a\nb"}
    assert desk.rows("too_short") + desk.rows("short_number") == [5]


async def test_null_bytes_and_endless_lines_are_rejected_rows(desk: Desk) -> None:
    megabyte = "x" * 1_000_000
    report = await desk.load(
        f'numero;nom\n0199001234;a\0b\n0199001235;{megabyte}\n0199001236;"{megabyte}\n0199001237;ok\n'
    )
    assert desk.rows("null_byte") == [2]
    assert desk.rows("line_too_long") == [3, 4]
    assert [lead.number for lead in desk.leads] == ["33199001237"]
    assert all(len(cell) <= 200 for row in report.examples for cell in row.values)


async def test_a_line_just_at_the_limit_does_not_swallow_the_next(desk: Desk) -> None:
    filler = "x" * (LINE_LIMIT - len("0199001234;\n"))
    report = await desk.load(f"numero;nom\n0199001234;{filler}\n0199001235;ok\n")
    assert (report.list.rows_read, report.list.accepted) == (2, 1)


async def test_duplicates_are_found_in_the_file_and_in_the_campaign(desk: Desk) -> None:
    await desk.load("numero\n0199001234\n")
    report = await desk.load("numero\n0199001235\n01 99 00 12 35\n+33199001234\n", name="suite")
    assert (report.list.accepted, report.list.rejected, report.list.duplicates) == (1, 0, 2)
    texts = {row.row: row.text for row in report.examples}
    assert "of this file" in texts[3]
    assert "campaign" in texts[4]


async def test_the_same_file_twice_is_all_duplicates_and_says_so(desk: Desk) -> None:
    text = "numero\n0199001234\n0199001235\n"
    first = await desk.load(text, name="novembre")
    again = await desk.load(text, name="encore")
    assert not first.notes
    assert (again.list.accepted, again.list.duplicates) == (0, 2)
    assert "'novembre'" in english(again.notes[0])


async def test_a_file_whose_rows_are_all_wrong_is_a_report_and_no_error(desk: Desk) -> None:
    report = await desk.load("numero\nabc\ndef\n")
    assert (report.list.accepted, report.list.rejected) == (0, 2)


async def test_examples_are_three_per_reason(desk: Desk) -> None:
    report = await desk.load("numero\n" + "abc\n" * 5 + "112\n")
    assert [row.row for row in report.examples] == [2, 3, 4, 7]
    assert report.reasons == {"letters": 5, "emergency": 1}


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("empty.csv", ["empty.csv is empty", "choose"]),
        ("header-only.csv", ["header", "no row"]),
        ("missing-column.csv", ["no telephone column", "Nom, Prénom, Ville", "numero"]),
        ("no-header.csv", ["no header", "add a first line"]),
        ("spreadsheet-renamed.csv", ["spreadsheet", "save the sheet as CSV"]),
        ("nowhere.csv", ["no such file", "check the path"]),
        (".", ["folder"]),
    ],
)
async def test_a_wrong_file_is_one_sentence_and_nothing_written(desk: Desk, file: str, words: list[str]) -> None:
    sentence = await desk.refused(BAD / file)
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty"),
        (b"sep=;\r\n", "empty"),
        (bytes(range(32)) * 20, "not a text file"),
        ("numero\n0199001234".encode("utf-16")[:-1], "damaged"),
        (b"\xef\xbb\xbfnumero\n0199001234\xff\n", "damaged"),
        (b"%PDF-1.7", "PDF"),
    ],
)
async def test_bytes_that_are_no_list_are_one_sentence(desk: Desk, data: bytes, word: str) -> None:
    assert word in await desk.refused(data)


async def test_a_file_without_header_does_not_put_people_into_the_error(desk: Desk) -> None:
    sentence = await desk.refused(BAD / "no-header.csv")
    assert "Lefèvre" not in sentence
    assert "0199001234" not in sentence


async def test_a_nameless_list_and_a_stopped_campaign_are_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="the list's name is empty"):
        await desk.importer.load_file(b"numero\n0199001234\n", campaign=desk.campaign, name=" ", by="x")
    await desk.fake.store.campaigns.set_state(desk.campaign.campaign_id, CampaignState.STOPPED, "x", NOW)
    desk.campaign = await desk.fake.store.campaigns.get(desk.campaign.campaign_id)
    with pytest.raises(InputError, match="stopped permanently"):
        await desk.load("numero\n0199001234\n")


async def test_a_database_that_fails_midway_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    load = type(desk.fake.store.leads.load(None))  # type: ignore[arg-type]

    async def fail(self: object, rows: Sequence[RejectedRow]) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(load, "reject", fail)
    with pytest.raises(OSError, match="disk full"):
        await desk.load("numero\n0199001234\nabc\n")
    assert not desk.fake.tables.leads
    assert not desk.fake.tables.lists


async def test_progress_counts_up_to_the_rows_read(desk: Desk) -> None:
    seen: list[tuple[int, int]] = []
    text = "numero\n" + "".join(f"01990{index:05d}\n" for index in range(5_000))
    await desk.importer.load_file(
        text.encode(), campaign=desk.campaign, name="l", by="x", progress=lambda done, of: seen.append((done, of))
    )
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (5_000, 5_000)
    assert len(seen) > 2


@pytest.mark.slow
async def test_a_large_list_does_not_hold_the_event_loop(desk: Desk) -> None:
    text = "numero;nom;ville\n" + "".join(f"01990{index:05d};Nom {index};Rennes\n" for index in range(40_000))
    late: list[float] = []

    async def watch() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.001)  # what is measured: how late the loop wakes it
            late.append(time.perf_counter() - begun - 0.001)

    watcher = asyncio.create_task(watch())
    report = await desk.load(text)
    watcher.cancel()
    assert report.list.accepted == 40_000
    late.sort()
    # the median is free of other processes' noise; a blocking import would leave a handful of samples only
    assert len(late) > 20
    assert late[len(late) // 2] < 0.02


@pytest.mark.parametrize(
    ("header", "number", "names"),
    [
        (["Nom", "N° de téléphone"], 1, (0,)),
        (["Numéro de téléphone", "NOM"], 0, (1,)),
        (["phone_number", "First Name", "Last-Name"], 0, (1, 2)),
        (["Nom", "Prénom", "Tél."], 2, (1, 0)),
        (["Tél. fixe", "Tél. portable"], 1, ()),
        (["client", "ville"], None, None),
    ],
)
def test_headers_are_understood_in_french_and_english(
    header: list[str], number: int | None, names: tuple[int, ...] | None
) -> None:
    columns = understand(header)
    assert (columns.number if columns else None) == number
    assert (columns.names if columns else None) == names


def test_other_telephone_columns_never_become_fields() -> None:
    columns = understand(["telephone", "mobile", "ville", "ville", ""])
    assert columns is not None
    cells = ["0199001234", "0639981234", "Rennes", "Nantes", "x"]
    assert columns.fields(cells) == {"ville": "Rennes", "ville (2)": "Nantes", "column 5": "x"}


async def test_further_telephone_columns_are_the_leads_other_numbers_and_priority_is_read():
    desk = await Desk().open()
    await desk.load(
        "tel;mobile;fixe;priorité\n0199000001;0639980001;3615;9\n0199000002;0199000002;;\n0199000003;;0261910003;soon\n"
    )
    first, second, third = desk.leads
    assert first.numbers == ("33199000001", "33639980001"), "a number nobody could call costs the row nothing"
    assert second.numbers == ()
    assert third.numbers == ("33199000003", "33261910003")
    assert [lead.priority for lead in desk.leads] == [9, 5, 5]
    assert all(lead.fields == {} for lead in desk.leads), "no screen shows any of it"
