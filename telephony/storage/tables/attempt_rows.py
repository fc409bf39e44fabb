"""Attempts as rows: their columns, and the conversion to ``Attempt``."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from telephony.domain.calls.attempts import Attempt
from telephony.errors import NotFoundError
from telephony.ids import AttemptId
from telephony.storage.tables import attempts
from telephony.storage.tables.rows import made

ATTEMPT: Final = tuple(attempts.c[field.name] for field in fields(Attempt))
"""An attempt's columns, in the order of ``Attempt``."""
_ONE: Final = select(*ATTEMPT).where(attempts.c.attempt_id == bindparam("wanted"))


def find_attempt(connection: Connection, attempt_id: AttemptId) -> Attempt:
    """Return the attempt; NotFoundError when there is none."""
    row = connection.execute(_ONE, {"wanted": attempt_id}).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no attempt {attempt_id}")
    return attempt_of(row)


def attempt_of(row: Sequence[Any]) -> Attempt:
    """Return a row of the columns ``ATTEMPT`` as an ``Attempt``."""
    return made("attempts", row[0], Attempt, row)
