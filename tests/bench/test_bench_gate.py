"""The gate benchmark, small: it answers rightly, compares with its floor, and uses a kept database again."""

from pathlib import Path

import pytest

from telephony.errors import InputError
from telephony.workshop.bench.gate import SMALL, bench_gate

pytestmark = pytest.mark.slow


def silent(_what: str, _done: int, _total: int) -> None:
    """A report nobody reads."""


async def test_every_answer_is_right_and_one_in_ten_is_refused(tmp_path: Path):
    keep = tmp_path / "numbers.db"
    for fills in (True, False):
        figures = await bench_gate(SMALL, 50, 2, None, keep, silent)
        assert figures.gate.requests == figures.small.requests == figures.floor.requests == 100
        assert figures.gate.wrong == figures.small.wrong == figures.floor.wrong == 0
        assert figures.gate.refused == 10
        assert (figures.fill_s > 0) is fills
        assert figures.database_mib > 1
    with pytest.raises(InputError, match="holds 20000 numbers"):
        await bench_gate(SMALL + 1, 50, 2, None, keep, silent)


async def test_what_cannot_be_measured_is_said(tmp_path: Path):
    with pytest.raises(InputError, match="--numbers goes from"):
        await bench_gate(10, 50, 2, None, None, silent)
    with pytest.raises(InputError, match="exclude each other"):
        await bench_gate(SMALL, 50, 2, "postgresql://x/y", tmp_path / "n.db", silent)
