"""The licence of everything an installed telephony brings, read from the metadata of what requirements.lock pins.

``python -m tests.docs.licences`` rewrites the table of docs/licences.md; a test holds it equal and every licence
within ``ALLOWED``. What only developers install is left out: it is part of nothing that is handed on.
"""

import re
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path
from typing import Final

from packaging.markers import Marker

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "licences.md"
OURSELVES: Final = "telephony (pyproject.toml"
DEVELOPERS: Final = "telephony (pyproject.toml:dev)"
BEGIN: Final = "<!-- generated: libraries -->"
END: Final = "<!-- end: libraries -->"

PERMISSIVE: Final = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0"}
    | {"Unlicense", "Zlib"}
)
LIBRARIES: Final = frozenset({"LGPL-2.0-or-later", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later"})
"""Fine for what is imported unchanged and can be exchanged by whoever installs it: docs/licences.md says why."""
ALLOWED: Final = PERMISSIVE | LIBRARIES

SPDX: Final = {
    "Apache 2.0": "Apache-2.0",
    "BSD 3-Clause License": "BSD-3-Clause",
    "ISC License": "ISC",
    "MIT license": "MIT",
    "Python Software Foundation License / GNU Library or Lesser General Public License (LGPL) / UNLICENSE": (
        "PSF-2.0 AND LGPL-2.0-or-later AND Unlicense"
    ),
    "License :: OSI Approved :: BSD License": "BSD-3-Clause",
    "License :: OSI Approved :: MIT License": "MIT",
    "License :: OSI Approved :: Python Software Foundation License": "PSF-2.0",
}
"""What older packages write, and its SPDX expression."""


def installed() -> list[str]:
    """Return the packages of the lock that a site installs on this host, in order."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = re.findall(r"^([a-z0-9][^\n]*(?:\n[ ]+[^\n]*)*)", text, re.MULTILINE)
    parents: dict[str, set[str]] = {}
    for block in blocks:
        name, marker = re.match(r"([\w.-]+)==[^\s;]+(?: ; ([^\\\n]+))?", block).groups()  # type: ignore[union-attr]
        if marker is None or Marker(marker.strip()).evaluate():
            words = re.findall(r"^ +# +(?:via )?(\S.*)$", block, re.MULTILINE)
            parents.setdefault(name, set()).update(word for word in words if word != "via")
    names = {name for name, above in parents.items() if any(_is_ours(parent) for parent in above)}
    while more := {name for name, above in parents.items() if above & names} - names:
        names |= more
    return sorted(names)


def _is_ours(parent: str) -> bool:
    return parent.startswith(OURSELVES) and parent != DEVELOPERS


def licence_of(name: str) -> str:
    """Return the SPDX expression of an installed package, or its own words where it has none that is known."""
    package: PackageMetadata = metadata(name)
    if expression := package.get("License-Expression"):
        return expression
    text = (package.get("License") or "").strip()
    classifiers = [line for line in package.get_all("Classifier") or [] if line.startswith("License ::")]
    words = [text.splitlines()[0] if text else "", *classifiers]
    return next((SPDX[word] for word in words if word in SPDX), words[0] or "unknown")


def is_allowed(expression: str) -> bool:
    """Return True if one of the alternatives is allowed in all its parts."""
    return any(set(choice.split(" AND ")) <= ALLOWED for choice in expression.split(" OR "))


def refreshed(page: str) -> str:
    """Return the page with the table rewritten."""
    rows = [f"| {name} | {licence_of(name)} |" for name in installed()]
    table = "\n".join([BEGIN, "| Library | Licence |", "|---|---|", *rows, END])
    return re.sub(f"{BEGIN}.*?{END}", lambda _: table, page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
