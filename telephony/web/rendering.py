"""Jinja2 pages: one environment, and what every page is told. Which page to show is left to the handlers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from telephony.web.assets import Assets

TEMPLATES: Final = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders templates; autoescape everywhere, an undefined name is an error."""

    environment: Environment

    def text(self, name: str, context: Mapping[str, object]) -> str:
        """Return the template ``name`` filled with ``context``."""
        return self.environment.get_template(name).render(context)


def make_pages(assets: Assets) -> Pages:
    """Return the renderer; templates are compiled once and kept."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["assets"] = assets
    return Pages(environment)
