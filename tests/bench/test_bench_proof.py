"""The proof's benchmark, small: the day it makes is one whose every call the product's own proof finds and matches."""

from dataclasses import replace

import pytest

from telephony.errors import InputError
from telephony.workshop.bench.proof import MEMORY_MIB, SECONDS, bench_proof

pytestmark = pytest.mark.slow


def silent(_what: str, _done: int, _total: int) -> None:
    """A report nobody reads."""


def test_every_call_of_the_made_day_is_found_and_matches():
    figures = bench_proof(2_345, silent)
    assert (figures.floor.calls, figures.proof.calls) == (2, 2_345)
    assert figures.floor.gaps == figures.proof.gaps == 0
    assert figures.database_mib > 1
    proof = figures.proof
    for proved in (
        replace(proof, calls=2_344),
        replace(proof, gaps=1),
        replace(proof, memory_mib=MEMORY_MIB + 1),
        replace(proof, seconds=SECONDS + 1),
    ):
        assert not replace(figures, proof=proved).holds


def test_a_day_that_cannot_be_made_is_said():
    with pytest.raises(InputError, match="--attempts goes from 2"):
        bench_proof(1, silent)
