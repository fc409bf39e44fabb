"""Every error the product raises, each with the sentence a person can act on.

The message names the thing, the rule and the fix. Ports raise only their declared family: ``SwitchError`` from the
Asterisk side, ``StoreError`` from the database, ``ArchiveError`` from recording files, ``SettingsError`` from
configuration, ``InputError`` from what a person gave us. No message carries personal data: ids only.
"""

import errno
import traceback


class TelephonyError(Exception):
    """Root of the family: the command line prints its text as one sentence and exits with ``exit_status``."""

    exit_status = 1


class InputError(TelephonyError):
    """What a person gave us cannot be used: a list, a name, an option."""

    exit_status = 2


class SettingsError(TelephonyError):
    """A setting is missing, unknown or wrong; the message starts with the key's full path."""

    exit_status = 2


class StoreError(TelephonyError):
    """The database refused, is down, or has a schema this version does not know."""

    exit_status = 3


class StoreUnavailableError(StoreError):
    """The database cannot be reached; nothing was written."""


class ControllerLockLostError(StoreError):
    """This controller is not the only one of its database any more: it ends at once, and writes nothing more."""


class SchemaError(StoreError):
    """The database has a schema that this version does not know, or none."""


class NotFoundError(StoreError):
    """The thing asked for does not exist."""


class ConflictError(StoreError):
    """The thing exists already, or changed meanwhile."""


class UnstorableError(StoreError):
    """A value that was asked for, or was to be kept, is beyond what the database can hold."""

    exit_status = 2

    def __init__(self) -> None:
        """Say so; the value stays out of it."""
        super().__init__(
            "a figure or a text is beyond what the database can hold, nothing was done: figures have at most 18 digits,"
            " texts hold no NUL and no half characters"
        )


class UnreadableRowError(StoreError):
    """A stored row holds what this version cannot read; it is left out wherever many are read."""

    def __init__(self, table: str, key: str, why: str) -> None:
        """Name the row and what is wrong with it; never the value itself."""
        super().__init__(
            f"row {key or '?'} of table {table} cannot be read ({why}); correct or remove it in the database"
            " (docs/storage.md)"
        )
        self.table, self.key, self.why = table, key, why


class SwitchError(TelephonyError):
    """Asterisk refused, answered nonsense, or did not answer in time."""

    exit_status = 4


class SwitchUnavailableError(SwitchError):
    """No connection to Asterisk now; nothing was sent and nothing will be sent later."""


class SwitchTimeoutError(SwitchError):
    """Asterisk did not answer an action in time; whether it acted must be read back, never assumed."""


class ForbiddenTextError(SwitchError):
    """A value meant for Asterisk holds CR, LF, NUL or a separator; it was not sent."""


class PeerProtocolError(SwitchError):
    """The peer sent bytes that are not the protocol; the connection is closed."""


class ArchiveError(TelephonyError):
    """A recording file is missing, incomplete or cannot be written."""

    exit_status = 5


class LabError(TelephonyError):
    """The lab cannot be built, started or ended; the message names the part and the fix."""

    exit_status = 6


class ServingError(TelephonyError):
    """The pages cannot be served; the message names the address and the fix."""

    exit_status = 7


def places(error: BaseException, frames: int = 3) -> str:
    """Return where an exception came from, innermost first: files, lines and functions, never a value."""
    entries = traceback.extract_tb(error.__traceback__)[-frames:]
    return " < ".join(
        f"{entry.filename.rpartition('/telephony/')[2]}:{entry.lineno} {entry.name}" for entry in reversed(entries)
    )


def cannot_listen(error: OSError) -> str:
    """Return why an address cannot be listened on, and the first thing to do about it."""
    if error.errno == errno.EACCES:
        return "a port below 1024 needs the right to it: take one from 1024 on"
    if error.errno == errno.EADDRNOTAVAIL:
        return "the address is not one of this machine: correct it"
    if error.errno == errno.EADDRINUSE:
        return "the address is taken: end the program that holds it"
    return f"{error.strerror or type(error).__name__}: look whether the address is right"
