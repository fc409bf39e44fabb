"""The gate's own call records: the CSV that Asterisk writes beside us, which the controller cannot change.

Read by column position, as cdr_csv writes them with ``loguniqueid`` and ``usegmtime`` on. Matching them with permits
is left to ``telephony.domain.proof``.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from telephony.domain.proof import GateLeg
from telephony.errors import SwitchError
from telephony.ids import PermitId, is_permit_id

FILE: Final = Path("cdr-csv") / "Master.csv"
"""Below the instance's log folder."""
_DST, _DST_CHANNEL, _START, _ANSWER, _END = 2, 6, 9, 10, 11
_LEAST_COLUMNS: Final = 15


def gate_legs(log_folder: Path, since: datetime | None = None) -> Iterator[GateLeg]:
    """Yield every trunk leg the gate kept, in the order it wrote them.

    Args:
        log_folder: the gate's ``astlogdir``.
        since: leave out legs that started before; aware UTC.

    Raises:
        SwitchError: the file cannot be read, or a line is not one that cdr_csv writes.
    """
    path = log_folder / FILE
    if not path.exists():
        return
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for number, row in enumerate(csv.reader(file), start=1):
                leg = _leg(path, number, row)
                if leg is not None and (since is None or leg.started_at >= since):
                    yield leg
    except OSError as error:
        raise SwitchError(f"{path}: cannot be read ({error.strerror}); run as root or as the gate's user") from error


def _leg(path: Path, number: int, row: list[str]) -> GateLeg | None:
    if len(row) < _LEAST_COLUMNS:
        raise SwitchError(f"{path}: line {number} is not a call record; look at the file")
    channel = row[_DST_CHANNEL]
    if not channel:
        return None
    started_at = _moment(row[_START])
    ended_at = _moment(row[_END])
    if started_at is None or ended_at is None:
        raise SwitchError(f"{path}: line {number} has no start or end; look at the file")
    return GateLeg(
        permit_id=PermitId(row[_DST] if is_permit_id(row[_DST]) else ""),
        channel=channel,
        trunk=channel.partition("/")[2].rpartition("-")[0],
        started_at=started_at,
        answered_at=_moment(row[_ANSWER]),
        ended_at=ended_at,
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) if text else None
    except ValueError:
        return None
