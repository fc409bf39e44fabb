"""The gate's own call records: CSV files written by Asterisk, which the controller cannot change.

They are read by column position, as cdr_csv writes them with ``loguniqueid`` and ``usegmtime`` on, rotated files
included (``Master.csv.1``, ``Master.csv-20261122``, ``….gz``). A failed call has two lines: the trunk leg's, whose
``lastdata`` contains what was dialled, and one without a leg. ``telephony.domain`` matches them.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TextIO

from telephony.domain.evidence.day_facts import WHOLE, Share
from telephony.domain.evidence.proof import GateLeg, GateRecords
from telephony.errors import SwitchError
from telephony.ids import PermitId, is_permit_id

FILE: Final = Path("cdr-csv") / "Master.csv"
"""The file, relative to the instance's log folder."""
_DST, _DST_CHANNEL, _LAST_APP, _LAST_DATA, _START, _ANSWER, _END = 2, 6, 7, 8, 9, 10, 11
_LEAST_COLUMNS: Final = 15
_DIALLED: Final = re.compile(r"PJSIP/([1-9][0-9]{5,14})@[a-z][a-z0-9_-]{0,31},.*", re.DOTALL)
BLOCK: Final = 1 << 20
"""Number of bytes read at once from the end of a file."""
_MANY: Final = 20
"""Maximum number of faulty lines reported individually."""


def gate_legs(log_folder: Path, since: datetime | None = None) -> Iterator[GateLeg]:
    """Yield every trunk leg in the gate's records, oldest file first, in the order written.

    Args:
        log_folder: the gate's ``astlogdir``.
        since: skip legs that started before; aware UTC.

    Raises:
        SwitchError: a file cannot be read, or a line is not in cdr_csv's format.
    """
    for path in _files(log_folder):
        for number, row in _rows(path):
            leg = _leg(path, number, row)
            if leg is not None and (since is None or leg.started_at >= since):
                yield leg


def gate_records(log_folder: Path, since: datetime, until: datetime, share: Share = WHOLE) -> GateRecords:
    """Return the gate's records of calls that came in from ``since`` on and before ``until``; never raises.

    Args:
        log_folder: the gate's ``astlogdir``.
        since: aware UTC.
        until: aware UTC.
        share: the requested permits; lines of others are skipped without a check.
    """
    legs: list[GateLeg] = []
    visits: set[PermitId] = set()
    faults: list[str] = []
    files = _files(log_folder)
    is_there = any(path.name == FILE.name for path in files)
    for path in files:
        try:
            for number, row in _rows(path):
                if not share.contains(_permit_of(row)):
                    is_there = is_there or _is_leg_of(row, since, until)
                    continue
                try:
                    leg, at = _leg(path, number, row), _started(path, number, row)
                except SwitchError as error:
                    faults.append(str(error))
                    continue
                if since <= at < until:
                    visits.add(PermitId(row[_DST]))
                    legs += [leg] if leg is not None else []
        except SwitchError as error:
            faults.append(str(error))
    if len(faults) > _MANY:
        faults[_MANY:] = [f"and {len(faults) - _MANY} more lines that are not call records"]
    is_missing = not is_there and not legs
    return GateRecords(tuple(legs), frozenset(filter(is_permit_id, visits)), tuple(faults), is_missing)


def _is_leg_of(row: list[str], since: datetime, until: datetime) -> bool:
    """Return True for a trunk leg in that period."""
    at = _moment(row[_START]) if len(row) >= _LEAST_COLUMNS and row[_DST_CHANNEL] else None
    return at is not None and since <= at < until


def records_of(log_folder: Path, permits: Collection[PermitId], since: datetime) -> GateRecords:
    """Return the gate's records of calls under these permits, read from the end, because they ended recently.

    Args:
        log_folder: the gate's ``astlogdir``.
        permits: the calls' permits.
        since: none of the calls came in before; aware UTC. Older lines are not read.

    Raises:
        SwitchError: a file cannot be read.
    """
    pending, visits = set(permits), set[PermitId]()
    legs: list[GateLeg] = []
    for path in reversed(_files(log_folder)):
        if path.suffix == ".gz" or pending <= visits:
            continue
        if path.stat().st_mtime < since.timestamp() - 1:
            break
        for row in _last_rows(path, pending, since):
            leg = _leg(path, 0, row)
            visits.add(PermitId(row[_DST]))
            legs += [leg] if leg is not None else []
    return GateRecords(tuple(legs), frozenset(visits))


def _last_rows(path: Path, permits: Collection[PermitId], since: datetime) -> Iterator[list[str]]:
    """Yield the lines of these permits, block by block from the end, until a call that ended before ``since``."""
    permit_ids = [permit_id.encode() for permit_id in permits]
    try:
        with path.open("rb") as file:
            left, rest = file.seek(0, 2), b""
            while left:
                begins = max(0, left - BLOCK)
                file.seek(begins)
                lines = (file.read(left - begins) + rest).split(b"\n")
                left, rest = begins, lines[0] if begins else b""
                whole = lines[1:] if begins else lines
                rows = [line for line in whole if any(permit_id in line for permit_id in permit_ids)]
                yield from _rows_of(rows, permits)
                if _ended_before(whole, since):
                    return
    except OSError as error:
        why = error.strerror or "not whole"
        raise SwitchError(f"{path}: cannot be read ({why}); run as root or as the gate's user") from error


def _rows_of(lines: Sequence[bytes], permits: Collection[PermitId]) -> Iterator[list[str]]:
    for row in csv.reader(line.decode("utf-8", errors="replace") for line in lines):
        if len(row) >= _LEAST_COLUMNS and row[_DST] in permits and _moment(row[_START]) and _moment(row[_END]):
            yield row


def _ended_before(lines: Sequence[bytes], since: datetime) -> bool:
    """Return True if the first complete line of a block ended before a time; lines are written as calls end."""
    first = next((line for line in lines if line.strip()), b"")
    for row in csv.reader([first.decode("utf-8", errors="replace")]):
        ended_at = _moment(row[_END]) if len(row) >= _LEAST_COLUMNS else None
        return ended_at is not None and ended_at < since
    return False


def _files(log_folder: Path) -> list[Path]:
    """Return the file and the rotated ones, oldest first; a file being compressed is read once."""
    try:
        paths = {path.name: path for path in (log_folder / FILE.parent).glob(f"{FILE.name}*") if path.is_file()}
    except OSError:
        return []
    unpacked = [path for name, path in paths.items() if not (name.endswith(".gz") and name[:-3] in paths)]
    return sorted(unpacked, key=lambda path: (path.name == FILE.name, path.stat().st_mtime, path.name))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with _opened(path) as file:
            yield from enumerate(csv.reader(file), start=1)
    except OSError as error:
        why = error.strerror or "not whole"
        raise SwitchError(f"{path}: cannot be read ({why}); run as root or as the gate's user") from error
    except (EOFError, zlib.error, csv.Error) as error:
        raise SwitchError(f"{path}: is spoilt ({type(error).__name__}); look at the file") from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="")
    return path.open(encoding="utf-8", errors="replace", newline="")


def _permit_of(row: list[str]) -> PermitId:
    """Return a line's permit; "" for none, or if the line is not a call record."""
    return PermitId(row[_DST] if len(row) >= _LEAST_COLUMNS and is_permit_id(row[_DST]) else "")


def _leg(path: Path, number: int, row: list[str]) -> GateLeg | None:
    started_at = _started(path, number, row)
    channel = row[_DST_CHANNEL]
    if not channel:
        return None
    ended_at = _moment(row[_END])
    if ended_at is None:
        raise SwitchError(f"{path}: line {number} has no start or end; look at the file")
    dialled = _DIALLED.fullmatch(row[_LAST_DATA]) if row[_LAST_APP] == "Dial" else None
    return GateLeg(
        permit_id=_permit_of(row),
        channel=channel,
        trunk=channel.partition("/")[2].rpartition("-")[0],
        started_at=started_at,
        answered_at=_moment(row[_ANSWER]),
        ended_at=ended_at,
        dialled=dialled[1] if dialled else "",
    )


def _started(path: Path, number: int, row: list[str]) -> datetime:
    if len(row) < _LEAST_COLUMNS:
        raise SwitchError(f"{path}: line {number} is not a call record; look at the file")
    started_at = _moment(row[_START])
    if started_at is None:
        raise SwitchError(f"{path}: line {number} has no start or end; look at the file")
    return started_at


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) if text else None
    except ValueError:
        return None
