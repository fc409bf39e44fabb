"""What a test needs is missing on this host: a failure where CI runs, a skip on a newcomer's."""

import os
from typing import NoReturn

import pytest

from telephony.errors import LabError
from telephony.workshop.lab.tree import AsteriskTree, find_asterisk


def absent(sentence: str) -> NoReturn:
    """Fail where CI runs, skip elsewhere, for the reason given."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{sentence}; where CI runs, such a test may not be skipped")
    pytest.skip(sentence)  # only on a newcomer's host: where CI runs it has failed above


def needed_asterisk() -> AsteriskTree:
    """Return the Asterisk that labs run."""
    try:
        return find_asterisk(lambda _: None)
    except LabError as error:
        absent(f"a real Asterisk is needed: {error}")
