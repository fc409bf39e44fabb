"""Numbers and persons with a call in progress: those of attempts that have not ended.

The index on ``attempts`` refuses a second call. This module checks first, so that a conflict does not make the whole
batch fail. The end of an attempt frees both; nothing else stores this state.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, or_, select

from telephony.domain.calls.attempts import AttemptStart, CallState
from telephony.storage.leads.persons import words_of
from telephony.storage.tables import attempts

_OPEN: Final = select(attempts.c.number, attempts.c.person).where(
    attempts.c.state != CallState.ENDED,
    or_(
        attempts.c.number.in_(bindparam("numbers", expanding=True)),
        attempts.c.person.in_(bindparam("persons", expanding=True)),
    ),
)


def free_starts(connection: Connection, starts: Sequence[AttemptStart]) -> list[tuple[AttemptStart, str]]:
    """Return the starts whose number and person have no call in progress, each with its person's code.

    If several in one batch conflict, the first is taken.
    """
    words = words_of(connection, sorted({start.permit.lead_id for start in starts}))
    known = [(start, words[start.permit.lead_id]) for start in starts if start.permit.lead_id in words]
    busy = _busy(connection, known)
    free = []
    for start, word in known:
        mine = {start.permit.number, word}
        if busy.isdisjoint(mine):
            free.append((start, word))
            busy |= mine
    return free


def _busy(connection: Connection, starts: Iterable[tuple[AttemptStart, str]]) -> set[str]:
    numbers = {start.permit.number for start, _ in starts}
    persons = {word for _, word in starts}
    if not numbers:
        return set()
    rows = connection.execute(_OPEN, {"numbers": sorted(numbers), "persons": sorted(persons)}).all()
    return {word for row in rows for word in row if word}
