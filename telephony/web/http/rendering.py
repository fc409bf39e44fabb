"""Jinja2 pages: one environment, and the values every page gets. Handlers choose the page."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from telephony.web.http.assets import shipped_assets

TEMPLATES: Final = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True, slots=True)
class Pages:
    """Renders templates; autoescape is always on, an undefined name is an error."""

    environment: Environment

    def text(self, name: str, context: Mapping[str, object]) -> str:
        """Return the template ``name`` filled with ``context``."""
        return self.environment.get_template(name).render(context)


@functools.cache
def make_pages() -> Pages:
    """Return the renderer; files and templates are read and compiled once per process."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["assets"] = shipped_assets()
    return Pages(environment)
