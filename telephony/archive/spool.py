"""List the files in the gate's spool, each with its recording if the name is one of ours.

``raw`` reads one recording's raw files; the daily proof finds files that belong to no call.
"""

import re
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from telephony.domain.evidence.day_facts import RawFile
from telephony.errors import ArchiveError
from telephony.ids import RecordingId, is_uuid

_NAME: Final = re.compile(r"(.{36})(?:-rx|-tx)?\.wav")


def spool_files(spool: Path) -> list[RawFile]:
    """Return every file below the gate's monitor folder, by name; empty when the folder does not exist.

    Raises:
        ArchiveError: the folder cannot be read.
    """
    files = []
    try:
        for path in sorted(spool.rglob("*")):
            with suppress(FileNotFoundError):  # removed meanwhile: the recorder has finished with it
                facts = path.lstat()
                if not stat.S_ISDIR(facts.st_mode):
                    written_at = datetime.fromtimestamp(facts.st_mtime, UTC)
                    files.append(RawFile(str(path.relative_to(spool)), _recording(spool, path), written_at))
    except OSError as error:
        raise ArchiveError(
            f"the gate's spool cannot be read ({error.strerror}); run as the controller's user"
        ) from error
    return files


def _recording(spool: Path, path: Path) -> RecordingId | None:
    match = _NAME.fullmatch(path.name) if path.parent == spool else None
    return RecordingId(match[1]) if match and is_uuid(match[1]) else None
