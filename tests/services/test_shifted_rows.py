"""A separator or a line end in a cell without quotes shifts a row: it is refused, and nobody's reference is dialled."""

from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.effort import cases
from tests.services.test_lists import Desk
from tests.services.test_number_columns import loaded, protected

COLUMNS = ["Nom", "Adresse", "Réf", "Téléphone", "Ville", "Remarque"]
WORDS = st.sampled_from(["Anne", "Noël Petit", "12 rue des Lilas", "", "Lens"])


async def dialled(data: str) -> tuple[list[str], list[int]]:
    """Return who is dialled, and the rows that are refused for their cells."""
    desk = await Desk().open()
    await desk.load(data)
    reasons = ("missing_cells", "extra_cells", "nameless_number", "shifted_cells")
    return [lead.number[2:] for lead in desk.leads], sorted(row for reason in reasons for row in desk.rows(reason))


@pytest.mark.parametrize(
    ("header", "shifted", "right"),
    [
        ("Nom,Réf,Téléphone,Ville", "Dupont, Jean,199004127,0639980001,", "Petit,199004128,0639980002,Lille"),
        ("Nom,Réf,Téléphone,Ville", "Dupont, Jean,199004127,0639980001", "Petit,199004128,0639980002,Lille"),
        ("Nom,Réf,Téléphone,Ville", "Dupont, Jean,199004127,,", "Petit,199004128,0639980002,Lille"),
        ("Nom;Réf;Téléphone;", "Dupont; Jean;199004127;0639980001", "Petit;199004128;0639980002;"),
        ("Nom;Réf;Téléphone;", "Dupont; Jean;199004127;639980001", "Petit;199004128;0639980002;"),
        ("Nom;Réf;Mobile;Ville", "Dupont; Jean;199004127;0639980001;", "Petit;199004128;0639980002"),
        ("Nom;Téléphone;Réf", "0639980001;199004127", "Petit;0639980002;12"),
        ("Nom;Ville;Téléphone;Réf", "Anne;639980001;199004127", "Petit;Lens;0639980002;12"),
    ],
)
async def test_a_row_that_a_separator_has_shifted_is_refused(header: str, shifted: str, right: str) -> None:
    assert await dialled(f"{header}\n{shifted}\n{right}\n") == (["639980002"], [2])
    report, fake, _ = await loaded(f"{header}\n{right}\n{shifted}\n") if "0639980001" not in shifted else (None,) * 3
    if report and fake:
        assert (report.unreadable, report.is_whole) == (1, False)
        assert not await protected(fake, "33199004127")


@pytest.mark.parametrize(
    ("header", "above", "shifted"),
    [
        ("Nom;Adresse;Téléphone;Réf", "Anne;12 rue", "Lille;0639980001;199004127"),
        ("Nom;Adresse;Téléphone;Réf", "Anne;12 rue\nbât B", "Lille;0639980001;199004127"),
        ("Nom;Adresse;Téléphone;Réf", "Anne;12 rue\n\nbât B", "Lille;;199004127"),
        ("Nom;Téléphone;Adresse;Réf", "Anne;0639980001;12 rue", "Lille;199004127"),
        ("Téléphone;Adresse;Mobile;Réf", "0639980001;12 rue", "Lille;;199004127"),
    ],
)
async def test_the_rest_of_a_cell_behind_a_line_end_is_refused(header: str, above: str, shifted: str) -> None:
    numbers, refused = await dialled(f"{header}\n{above}\n{shifted}\n")
    assert numbers in ([], ["639980001"])
    assert 2 + above.count("\n") + 1 in refused


@pytest.mark.parametrize(
    "data",
    [
        "Nom;Téléphone;Ville;Réf;Rem\nA;0639980001;Lens\nB;0639980002;Lens\nC;0639980003\n",
        "Nom;Téléphone;Ville;Réf;Rem\nA;639980001;Lens\nB;639980002;Lens;C-12\nC;639980003;;199004127\n",
        "Nom;Téléphone;Ville\nA;0639980001;Lens;;\nB;0639980002;;;\nC;0639980003;;;\n",
        "Nom;Téléphone;Ville;;\nA;0639980001;Lens;;\nB;0639980002\nC;0639980003;;\n",
        "Téléphone;Mobile;Fixe;Nom\n0639980001;;;A\n;0639980002\n;;0639980003;C\n",
        "Raison;Siren;Tél;Ville;Rem\nA;199004127;0639980001\nB;199004128;0639980002\nC;199004129;0639980003;Lens;x\n",
        "Nom;Réf;Téléphone;Rem;Zone\nA;0100004127;0639980001\nB;0100004128;0639980002\nC;0100004129;0639980003;x\n",
        "Nom;Téléphone;Rem\nA;0639980001;0639980009\nB;0639980002;x\nC;0639980003;\n",
        "Nom;Téléphone;\nA;0639980001;x\nB;0639980002;y\nC;0639980003;\n",
    ],
)
async def test_empty_cells_left_out_or_added_at_the_end_cost_nobody_their_row(data: str) -> None:
    assert await dialled(data) == (["639980001", "639980002", "639980003"], [])


async def test_who_has_no_telephone_costs_the_next_person_nothing() -> None:
    people = "Anne\nPetit;Lens;0639980002\nLuc;Lille\nZoé;Sète;0639980003\n"
    assert await dialled(f"Nom;Ville;Téléphone;Rem\n{people}") == (["639980002", "639980003"], [2, 4])


async def test_a_number_in_a_column_without_a_header_is_a_refused_row() -> None:
    data = "Nom;Téléphone;;Ville\nA;0639980001;0639980009;Lens\nB;0639980002;;Lens\n"
    assert await dialled(data) == (["639980002"], [2])


@dataclass(frozen=True)
class Sheet:
    text: str
    references: set[str]


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    """Return a list without quotes in which a few cells hold a separator or a line end."""
    columns = draw(st.permutations(COLUMNS))
    lines, references = [";".join(columns)], set()
    spoilt = draw(st.sets(st.integers(3, 6), max_size=2))
    for index in range(7):
        reference = f"199004{index:03d}"
        references.add(reference)
        number = draw(st.sampled_from([f"06399800{index:02d}", f"06 39 98 00 {index:02d}", ""]))
        cells = {name: draw(WORDS) for name in COLUMNS} | {"Réf": reference, "Téléphone": number}
        if index in spoilt:
            cells[draw(st.sampled_from(["Nom", "Adresse", "Ville"]))] = f"un{draw(st.sampled_from([';', chr(10)]))}deux"
        line = ";".join(cells[name] for name in columns)
        lines.append(line.rstrip(";") if draw(st.booleans()) else line)
    return Sheet("\n".join(lines) + "\n", references)


@given(sheets())
@example(Sheet("Nom;Adresse;Téléphone;Réf\nAnne;12 rue\nLille;0639980001;199004127\n", {"199004127"}))
@settings(max_examples=cases(60, long=2_000), deadline=None)
async def test_no_reference_is_dialled_whatever_the_cells_hold(sheet: Sheet) -> None:
    numbers, _ = await dialled(sheet.text)
    assert not sheet.references.intersection(numbers), sheet.text
