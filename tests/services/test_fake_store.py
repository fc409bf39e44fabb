"""The in-memory store keeps the databases' contract: it runs each of their port tests that asks for ``store`` only."""

import importlib
import inspect
import sys
from pathlib import Path

import pytest

from telephony.ports.store import Store
from tests.services.fake_store import FakeStore

STORAGE = Path(__file__).parents[1] / "storage"
sys.path.append(str(STORAGE))  # where those tests find their rows, as pytest itself would put it


@pytest.fixture
def store() -> Store:
    return FakeStore().store


for path in sorted(STORAGE.glob("test_store_*.py")):
    for name, told in vars(importlib.import_module(path.stem)).items():
        if not name.startswith("test_") or name.endswith("_by_the_schema"):
            continue  # what only a schema checks, the double does not
        if list(inspect.signature(told).parameters) == ["store"]:
            globals()[f"{name}_in_memory"] = told


def test_the_port_tests_are_found() -> None:
    assert sum(name.endswith("_in_memory") for name in globals()) > 40
