"""A database file with this version's schema, made once per run and copied: making it is most of a test's time."""

import atexit
import shutil
import tempfile
from pathlib import Path

from telephony.storage import upgrade

_made: list[Path] = []


async def make_database(path: Path) -> str:
    """Put an empty database at ``path`` and return its URL."""
    if not _made:
        folder = Path(tempfile.mkdtemp(prefix="telephony-schema-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        await upgrade(f"sqlite:///{folder / 'empty.db'}")
        _made.append(folder / "empty.db")
    shutil.copyfile(_made[0], path)
    return f"sqlite:///{path}"
