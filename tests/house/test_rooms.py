"""The folders of the package against the documents: each is a room of the glossary or a part of the table of layers."""

import re

from tests.house.sources import PACKAGE

DOCS = PACKAGE.parent / "docs"


def table(page: str, header: str) -> list[list[str]]:
    """Return the cells of every row below this header."""
    text = (DOCS / page).read_text(encoding="utf-8")
    (body,) = re.findall(rf"^{re.escape(header)}\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in body.splitlines()]


def names(cell: str) -> list[str]:
    return re.findall(r"`([\w/]+)`", cell)


def documented() -> set[str]:
    """Return every folder that the documents name, as its path below the package."""
    parts = {
        part for row in table("architecture.md", "| Line | Parts | What belongs there |") for part in names(row[1])
    }
    rooms = {
        f"{place}/{room}"
        for row in table("glossary.md", "| Room | In | What is there |")
        for room in names(row[0])
        for place in names(row[1])
    }
    return parts | rooms


def folders() -> set[str]:
    """Return every folder of the package that holds modules, as its path below it."""
    holding = {path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py")}
    paths = {folder for path in holding for folder in (path, *path.parents)}
    return {path.as_posix() for path in paths} - {"."}


def unnamed(present: set[str], words: set[str]) -> list[str]:
    return sorted(present - words)


def test_every_folder_is_a_room_of_the_glossary_or_a_part_of_the_table_of_layers():
    assert unnamed(folders(), documented()) == [], "name the room in docs/glossary.md, or move the modules"


def test_every_room_of_the_documents_is_a_folder_or_a_module():
    missing = [
        name for name in documented() if not (PACKAGE / name).is_dir() and not (PACKAGE / f"{name}.py").is_file()
    ]
    assert sorted(missing) == []


def test_a_new_folder_is_seen():
    assert unnamed(folders() | {"services/helpers"}, documented()) == ["services/helpers"]


def test_a_room_stands_once_for_each_of_its_layers():
    rows = table("glossary.md", "| Room | In | What is there |")
    places = [f"{place}/{room}" for row in rows for room in names(row[0]) for place in names(row[1])]
    assert len(places) == len(set(places))
    assert all(row[2] for row in rows)
