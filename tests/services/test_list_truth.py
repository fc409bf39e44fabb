"""A list's people: nobody lost, nobody swapped, whatever a spreadsheet did to quotes, encodings and cells."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from telephony.services.lists.faults import ListFileError
from telephony.services.lists.reader import ListFile
from telephony.services.lists.table import LineCount
from telephony.words import english
from tests.effort import cases
from tests.services.test_lists import Desk

HEADER = "Nom;Ville;Téléphone;Remarque"
NAMES = st.sampled_from(["Noël", "Petit", "Bœuf", "Anne Lefèvre", "L’Haÿ", "Ça va", "Zoé & fils"])
CITIES = st.sampled_from(["Lille", "", "Saint-Étienne", "Lyon; Rhône", "Sète"])
WRITINGS = st.sampled_from(["0#", "0#", "(+33) #", "+33 (0)#", "0#."])
REMARKS = st.sampled_from(["", "", "rien", "a\nb", "avant\n\naprès", "dit « oui »", "un; deux", 'dit ""oui""'])


@dataclass(frozen=True)
class Person:
    name: str
    city: str
    number: str
    remark: str
    writing: str = "0#"

    def written(self, *, leaves_empty_out: bool) -> str:
        cells = [self.name, self.city, self.writing.replace("#", self.number[1:]), self.remark]
        while leaves_empty_out and not cells[-1]:
            cells.pop()
        text = io.StringIO()
        csv.writer(text, delimiter=";", lineterminator="\n").writerow(cells)
        return text.getvalue()


@dataclass(frozen=True)
class Spoilt:
    """A person's lines in the file, perhaps with a stray quote and in an encoding of their own."""

    person: Person
    text: str
    codec: str
    blank_lines: int


@st.composite
def spoilt(draw: st.DrawFn, index: int) -> Spoilt:
    number = f"06 39 98 {index // 100:02d} {index % 100:02d}"
    person = Person(f"{draw(NAMES)} {index}", draw(CITIES), number, draw(REMARKS), draw(WRITINGS))
    text = person.written(leaves_empty_out=draw(st.booleans()))
    if draw(st.integers(0, 3)) == 0:
        ends = [match.start() for match in re.finditer(r"[;\n]", text)]
        begins = [0, *(end + 1 for end in ends if end + 1 < len(text))]
        place = draw(st.sampled_from(sorted({*begins, *ends})))
        text = text[:place] + '"' + text[place:]
    return Spoilt(
        person, text, draw(st.sampled_from(["utf-8", "utf-8", "cp1252"])), draw(st.sampled_from([0, 0, 0, 1]))
    )


@st.composite
def files(draw: st.DrawFn) -> list[Spoilt]:
    return [draw(spoilt(index)) for index in range(draw(st.integers(1, 12)))]


def as_file(people: Sequence[Spoilt]) -> tuple[bytes, list[range]]:
    """Return the file and, by person, the lines they stand on."""
    data, places, line = f"{HEADER}\n".encode(), [], 2
    for person in people:
        data += person.text.encode(person.codec) + b"\n" * person.blank_lines
        lines = person.text.count("\n")
        places.append(range(line, line + lines))
        line += lines + person.blank_lines
    return data, places


def spoilt_now(text: str, number: int = 7101, codec: str = "utf-8") -> Spoilt:
    digits = f"06 39 98 {number // 100:02d} {number % 100:02d}"
    return Spoilt(Person(text.partition(";")[0], "", digits, ""), text.replace("#", digits) + "\n", codec, 0)


@given(files())
@example([spoilt_now('Noël;"Lille;#', 7101), spoilt_now("Petit;Lens;#", 7102), spoilt_now('Bœuf;"Lyon;#', 7103)])
@example([spoilt_now('Noël;"Lille;#', 7101), spoilt_now("Petit;Lens;#", 7102), spoilt_now('Bœuf;Lyon";#', 7103)])
@example([spoilt_now('Noël;Lille;#;"', 7101), spoilt_now("Petit;Lens;#", 7102), spoilt_now('Bœuf;Lyon;#;x"', 7103)])
@example([spoilt_now('Noël;"Lille', 7101), spoilt_now("Petit;Lens;(#)", 7102), spoilt_now('Bœuf;Lyon";#', 7103)])
@settings(max_examples=cases(40, long=1_500), deadline=None)
async def test_nobody_is_lost_and_nobody_swapped_whatever_the_quotes(people: list[Spoilt]) -> None:
    data, places = as_file(people)
    desk = await Desk().open()
    report = await desk.load(data)
    assert report.lines.total == data.count(b"\n")
    assert report.lines.rows == report.list.rows_read
    by_number = {"33" + spoilt_value.person.number.replace(" ", "")[1:]: at for at, spoilt_value in enumerate(people)}
    rejected = {row.row for rows in desk.fake.tables.rejected.values() for row in rows}
    accepted = {by_number[lead.number]: lead for lead in desk.leads}
    for at, (spoilt_value, lines) in enumerate(zip(people, places, strict=True)):
        if at in accepted:
            assert accepted[at].name.replace('"', "") == spoilt_value.person.name, "a number goes with its own name"
        else:
            assert rejected.intersection(lines), "who is not taken is a rejected row of their own"


async def test_quotes_that_may_be_other_peoples_rows_are_refused_line_by_line() -> None:
    desk = await Desk().open()
    swallowed = 'Nom;Ville;Téléphone\nNoël;"Lille;0639987101\nPetit;Lens;0639987102\nBœuf;Lyon";0639987103\n'
    report = await desk.load(swallowed)
    assert desk.rows("ambiguous_quotes") == [2, 3, 4]
    assert (report.list.accepted, report.lines.inside) == (0, 0)


@pytest.mark.parametrize(
    "swallowed",
    [
        "Petit;Lens;(+33) 6 39 98 71 02",
        "Petit;Lens;06 39 98 71 02.",
        "Petit;Lens;06 39 98 71 02 (bureau)",
        "Petit;Lens",
    ],
)
async def test_a_hidden_line_with_cells_or_a_number_is_another_persons_however_it_is_written(swallowed: str) -> None:
    desk = await Desk().open()
    await desk.load(f'Nom;Ville;Téléphone;Rem\nNoël;"Lille\n{swallowed}\nBœuf;Lyon";06 39 98 71 03\n')
    assert (desk.rows("ambiguous_quotes"), desk.leads) == ([2, 3, 4], [])


async def test_a_remark_over_several_lines_with_a_date_is_one_cell() -> None:
    desk = await Desk().open()
    report = await desk.load('Téléphone;Rem\n0639980001;"vue le 12/03/2026\nà rappeler"\n')
    assert (report.list.accepted, report.lines.inside) == (1, 1)


async def test_the_lines_of_the_file_are_its_rows_what_stands_inside_cells_and_blanks() -> None:
    desk = await Desk().open()
    report = await desk.load('sep=;\n\nnom;tel\nA;0639980001\n;\n"B\nb";0639980002\n\nC;12')
    assert report.lines == LineCount(header=2, rows=3, inside=1, blank=3)
    assert report.lines.total == 9


async def test_a_file_that_is_written_to_while_it_is_read_is_not_loaded(tmp_path: Path) -> None:
    path, desk = tmp_path / "leads.csv", await Desk().open()
    path.write_text("nom;tel\nA;0639980001\n", encoding="utf-8")

    def grow(file: ListFile) -> None:
        with path.open("a", encoding="utf-8") as more:
            more.write("B;0639980002\n")

    with pytest.raises(ListFileError, match="has 2 lines and 3 were read: nothing was loaded"):
        await desk.importer.load_file(path, campaign=desk.campaign, name="l", by="x", before=grow)
    assert not desk.leads
    assert not desk.fake.tables.lists


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
async def test_one_wrong_byte_spoils_no_other_row(mark: bytes) -> None:
    desk = await Desk().open()
    good = "".join(f"Hélène {index};06399800{index:02d}\n" for index in range(30)).encode()
    report = await desk.load(mark + "Nom;Tél\n".encode() + good + "Noël L’Haÿ;0639980099\n".encode("cp1252"))
    assert {lead.name for lead in desk.leads} == {*(f"Hélène {index}" for index in range(30)), "Noël L’Haÿ"}
    assert report.encoding.startswith("utf-8")
    (note,) = report.notes
    assert "Windows-1252 in 1 of the file’s lines (32)" in english(note)


async def test_one_utf8_row_in_a_windows_file_keeps_its_accents_too() -> None:
    desk = await Desk().open()
    rows = ["Zoé;0639980001", "Hélène;0639980002"]
    data = "Nom;Téléphone\n".encode("cp1252") + f"{rows[0]}\n".encode("cp1252") + f"{rows[1]}\nœ;1\n".encode()
    await desk.load(data)
    assert [lead.name for lead in desk.leads] == ["Zoé", "Hélène"]


async def test_a_byte_of_no_encoding_is_a_refused_row_and_never_guessed() -> None:
    desk = await Desk().open()
    report = await desk.load("Nom;Tél\nHélène;0639980001\n".encode() + b"No\x81l;0639980002\n")
    assert [lead.name for lead in desk.leads] == ["Hélène"]
    assert desk.rows("encoding") == [3]
    assert "�" in report.examples[0].values[0]


@pytest.mark.parametrize("cell", ["", "néant", "Néant", "-", "—", "n/a", "N/A", "aucun", "nc", "12", "0899 12 34 56"])
async def test_one_bad_telephone_cell_costs_the_row_nothing_when_another_is_good(cell: str) -> None:
    desk = await Desk().open()
    await desk.load(f"Téléphone;Mobile;Nom\n{cell};06 39 98 00 01;Anne\n")
    (lead,) = desk.leads
    assert (lead.number, lead.name) == ("33639980001", "Anne")


async def test_cells_left_out_at_the_end_of_a_row_are_empty_and_a_row_without_number_lacks_cells() -> None:
    desk = await Desk().open()
    await desk.load("Téléphone;Nom;Ville;Offre\n0639980001\n0639980002;Anne\n0639980003,Luc,Brest,Fibre\n")
    assert [lead.number[-1] for lead in desk.leads] == ["1", "2"]
    assert desk.rows("missing_cells") == [4]


@pytest.mark.parametrize(
    "text", ["-199001234", "- 199001234", "(199001234)", "1990012.34", ".199001234", "199001234.0"]
)
async def test_an_amount_is_no_number(text: str) -> None:
    desk = await Desk().open()
    report = await desk.load(f"Téléphone;Nom\n{text};Anne\n")
    assert (report.list.accepted, report.list.rejected) == (0, 1)
