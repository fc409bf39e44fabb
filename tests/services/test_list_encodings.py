"""A file in an unknown encoding: a reading with letters that no name has is refused, with a message."""

import pytest

from telephony.words import english
from tests.services.test_lists import Desk, desk  # noqa: F401 - a fixture
from tests.services.test_number_columns import loaded, protected


@pytest.mark.parametrize(
    ("name", "codec"),
    [("HÉLÈNE", "mac_roman"), ("FRANÇOIS", "mac_roman"), ("François", "mac_roman"), ("Hélène", "cp850"),
     ("René", "cp850"), ("Bœuf", "iso8859_15"), ("Œuvre", "iso8859_15")],
)  # fmt: skip
async def test_letters_that_no_name_has_are_of_no_encoding(desk: Desk, name: str, codec: str) -> None:  # noqa: F811
    data = f"Nom;Tel\n{name};0639980001\n".encode(codec) + b"Anne;0639980002\n"
    report = await desk.load(data)
    assert [lead.name for lead in desk.leads] == ["Anne"]
    assert report.reasons == {"encoding": 1}
    assert (
        any("is uncertain" in english(note) and "(2)" in english(note) for note in report.notes) or name == "François"
    )


@pytest.mark.parametrize(
    "name",
    ["Hélène", "L’Haÿ", "Šari d’Œuvre", "CŒUR", "Paris–Lyon", "oui…mais", "5½", "« Zoé »", "N° 5",
     "étudiant·e", "l´été", "Hélène Žižek", "“Chez Zoé”", "GENEVIèVE", "Marque™ é", "Jean† é"],
)  # fmt: skip
async def test_what_people_write_in_windows_is_taken(desk: Desk, name: str) -> None:  # noqa: F811
    report = await desk.load(f"Nom;Tel\n{name};0639980001\n".encode("cp1252"))
    assert [lead.name for lead in desk.leads] == [name]
    assert not report.notes


async def test_a_control_character_of_another_encoding_is_refused_in_utf8_too(desk: Desk) -> None:  # noqa: F811
    report = await desk.load("Nom;Tel\nFran\x8dois;0639980001\n")
    assert report.reasons == {"encoding": 1}


async def test_a_spoilt_accent_leaves_nobody_unprotected() -> None:
    report, fake, _ = await loaded("Tel;Nom\n0639980001;Hélène\n".encode("cp850"))
    assert (report.unreadable, report.is_whole) == (1, False)
    assert await protected(fake, "33639980001")
