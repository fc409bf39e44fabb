"""The index of decisions, docs/adr/README.md, written from the files beside it: ``python -m tests.docs.decisions``.

A decision's number is its file's. Its title is the file's first line; what became of it, the line after that, if that
begins with "Superseded" or "Supersedes".
"""

import re
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[2] / "docs" / "adr"
PAGE: Final = FOLDER / "README.md"
BEGIN: Final = "<!-- generated: decisions -->"
END: Final = "<!-- end: decisions -->"


def decisions() -> list[Path]:
    """Return the files of the decisions in the order of their numbers."""
    return sorted(path for path in FOLDER.glob("*.md") if path != PAGE)


def row(path: Path) -> str:
    """Return a decision's line of the table."""
    lines = path.read_text(encoding="utf-8").splitlines()
    since = next((line for line in lines[1:4] if line.startswith("Supersede")), "")
    number = path.name.partition("-")[0]
    return f"| [{number}]({path.name}) | {lines[0].removeprefix('# ')} | {since} |"


def refreshed(page: str) -> str:
    """Return the page with the table rewritten."""
    table = "\n".join([BEGIN, "| Number | Decision | Since then |", "|---|---|---|", *map(row, decisions()), END])
    return re.sub(f"{BEGIN}.*?{END}", lambda _: table, page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
