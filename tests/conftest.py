"""Fixtures that more than one folder of tests uses.

Properties have no deadline: how long an example takes says nothing about the product on a loaded host.
"""

from pathlib import Path
from typing import Final

import pytest
from hypothesis import settings

from tests.effort import LONG
from tests.postgresql import postgresql_server

__all__ = ["postgresql_server"]

settings.register_profile("untimed", deadline=None)
settings.register_profile("long", deadline=None, derandomize=True)
settings.load_profile("long" if LONG else "untimed")

HEAVY: Final = frozenset({"app", "bench", "cli", "services", "simulation", "storage", "web"})
"""Folders whose every test brings a site, a database, pages, a process or a day up: minutes together, so make check
leaves them to make test."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the heavy folders' tests slow."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and item.path.relative_to(here).parts[0] in HEAVY:
            item.add_marker(pytest.mark.slow)
