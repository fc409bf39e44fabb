"""What lies in the gate's spool: every file there, and the recording its name belongs to if it is a name of ours.

Reading one recording's raw files is left to ``raw``; saying which of them nobody claims to the daily proof.
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
    """Return every file below the gate's monitor folder, by name; none when there is no such folder.

    Raises:
        ArchiveError: the folder cannot be read.
    """
    files = []
    try:
        for path in sorted(spool.rglob("*")):
            with suppress(FileNotFoundError):  # removed while we looked: the recorder has finished with it
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
