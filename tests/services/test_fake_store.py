"""The in-memory store keeps the databases' contract: it runs each of their port tests that asks for ``store`` only."""

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

import pytest

from telephony.ports.store import Store
from tests.services.fake_store import FakeStore

STORAGE = Path(__file__).parents[1] / "storage"
sys.path.append(str(STORAGE))  # where those tests find their rows, as pytest itself would put it


@pytest.fixture
def store() -> Store:
    return FakeStore().store


def drawn(told: Any) -> set[str]:
    """Return the arguments a port test is parametrised with."""
    marks = [mark for mark in getattr(told, "pytestmark", []) if mark.name == "parametrize"]
    names = [mark.args[0] for mark in marks]
    return {one.strip() for name in names for one in (name.split(",") if isinstance(name, str) else name)}


for path in sorted(STORAGE.glob("test_store_*.py")):
    for name, told in vars(importlib.import_module(path.stem)).items():
        if not name.startswith("test_") or name.endswith("_by_the_schema"):
            continue  # what only a schema checks, the double does not
        if set(inspect.signature(told).parameters) - drawn(told) == {"store"}:
            globals()[f"{name}_in_memory"] = told


def test_the_port_tests_are_found() -> None:
    assert sum(name.endswith("_in_memory") for name in globals()) > 40
