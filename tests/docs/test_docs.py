"""The documents against the product: generated diagrams, links, commands, words and numbers."""

import re
from pathlib import Path

import pytest
import typer

from telephony.cli.main import app
from tests.docs.diagrams import PAGE, refreshed

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("changelog.d/*.md")),
         ROOT / "dialplan/README.md", ROOT / "config/systemd/README.md"]  # fmt: skip
RESERVED_HOST = re.compile(r"(?:.+\.)?(?:example|invalid|test|localhost|example\.(?:com|net|org))")
FICTION = re.compile(r"(?:0|33)(?:19900|26191|35301|46571|53649|63998)\d{4}")


def test_the_diagrams_are_those_of_the_tables():
    text = PAGE.read_text(encoding="utf-8")
    assert refreshed(text) == text, "run: python -m tests.docs.diagrams"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), target


def commands_in(page: Path) -> list[str]:
    """What stands after ``telephony`` in shell blocks, comments left out."""
    blocks = re.findall(r"^```sh\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line.partition(" #")[0].strip() for block in blocks for line in block.splitlines()]
    match_s = [re.match(r"(?:sudo (?:-u \S+ )?)?telephony (?:--config \S+ )?(.+)", line) for line in lines]
    return [match[1] for match in match_s if match]


def test_the_documents_show_commands():
    assert sum(len(commands_in(page)) for page in PAGES) >= 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_documents_exist(page: Path):
    top = typer.main.get_command(app)
    for words in commands_in(page):
        command, path = top, words.split()
        while hasattr(command, "commands"):
            assert path, words
            if path[0].startswith("-"):
                break
            assert path[0] in command.commands, f"{page.name}: telephony {words}"
            command, path = command.commands[path[0]], path[1:]
        known = {option for parameter in getattr(command, "params", ()) for option in parameter.opts} | {"--help"}
        given = {word for word in path if word.startswith("--")}
        assert given <= known | {"--version", "--config"}, f"{page.name}: telephony {words}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_telephone_numbers_in_the_documents_are_reserved_for_fiction(page: Path):
    for number in re.findall(
        r"(?<![\d.])(?:33|0)[ .]?[1-9](?:[ .]?\d{2}){4}(?![\d.])", page.read_text(encoding="utf-8")
    ):
        assert FICTION.fullmatch(re.sub(r"[ .]", "", number)), number


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_addresses_of_mail_are_in_domains_reserved_for_examples(page: Path):
    for host in re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", page.read_text(encoding="utf-8")):
        assert RESERVED_HOST.fullmatch(host), host


PACKAGE = ROOT / "telephony"


def modules_in(row: str) -> list[Path]:
    """Return the modules a row of the table names; a bare name is in the folder of the one before, or a folder."""
    room, modules = "", []
    for name in re.findall(r"`([\w/.]+)`", row):
        room = name.rpartition("/")[0] or room
        places = [PACKAGE / room / name.rpartition("/")[2], PACKAGE / name, ROOT / name]
        modules.append(next((place for place in places if place.exists()), places[0].with_suffix(".py")))
    return modules


def test_every_module_in_the_table_of_steps_exists():
    (table,) = re.findall(
        r"^\| Step \| Where \|\n\|---\|---\|\n(.*?)\n\n", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    named = [(row, path) for row in table.splitlines() for path in modules_in(row.rpartition(" | ")[2])]
    assert len(named) > 60
    assert [(path.relative_to(ROOT).as_posix(), row) for row, path in named if not path.exists()] == []
