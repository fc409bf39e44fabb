"""Write the dumps of the newest schema: ``python -m tests.upgrade``, after a migration was added."""

from telephony.storage.engine.schema import known_revision
from tests.upgrade.writing import write

if __name__ == "__main__":
    written = write(known_revision())
    for path in written:
        print(f"written: {path} ({path.stat().st_size // 1024} KiB)")  # noqa: T201 - a command
    if not written:
        print(f"{known_revision()} has its dumps; remove a file to have it written again")  # noqa: T201
