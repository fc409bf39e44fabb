"""The naive configuration as text, from the same settings as the generated one, and its writing over a lab's files.

It exists to be attacked and audited; see README.md beside it. Starting Asterisk on it is left to the lab.
"""

from pathlib import Path
from typing import Any, Final

import jinja2

from telephony.settings import Settings
from telephony.settings.models import AsteriskSettings

_FOLDER: Final = Path(__file__).resolve().parent


def naive_pbx(settings: Settings) -> dict[str, str]:
    """Return the naive pbx's configuration: file name to text."""
    return _render("pbx", settings.pbx, settings)


def naive_gate(settings: Settings) -> dict[str, str]:
    """Return the naive gate's configuration: file name to text."""
    return _render("gate", settings.gate, settings)


def write_naive(settings: Settings) -> None:
    """Replace what stands in both instances' ``etc`` by the naive configuration, readable by everybody."""
    for node, files in ((settings.pbx, naive_pbx(settings)), (settings.gate, naive_gate(settings))):
        for folder in (node.etc.parent, node.etc, node.run, node.spool, node.spool / "monitor"):
            folder.chmod(0o755)
        for old in node.etc.iterdir():
            old.unlink()
        for name, text in files.items():
            path = node.etc / name
            path.write_text(text, encoding="utf-8")
            path.chmod(0o644)


def _render(name: str, node: AsteriskSettings, settings: Settings) -> dict[str, str]:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([_FOLDER / name, _FOLDER / "both"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - configuration files, and naive ones
    )
    values: dict[str, Any] = {
        "name": name,
        "node": node,
        "pbx": settings.pbx,
        "gate": settings.gate,
        "carrier": settings.trunks[0],
        "seats": settings.seats,
        "agi": f"agi://{settings.controller.agi_host}:{settings.controller.agi_port}",
    }
    names = {path.name for part in (name, "both") for path in (_FOLDER / part).glob("*.j2")}
    return {file.removesuffix(".j2"): environment.get_template(file).render(values) for file in sorted(names)}
