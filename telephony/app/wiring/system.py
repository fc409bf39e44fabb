"""The system's clock and random source."""

import secrets
import uuid
from datetime import UTC, datetime
from typing import Final

_EASY: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not confused on paper."""


class SystemClock:
    """Implements ``telephony.ports.clock.Clock``."""

    def now(self) -> datetime:
        """Return the present time, aware UTC."""
        return datetime.now(UTC)


class SystemDice:
    """Implements ``telephony.ports.clock.Dice`` from the operating system's cryptographic source."""

    def digits(self, count: int) -> str:
        """Return ``count`` random decimal digits."""
        return f"{secrets.randbelow(10**count):0{count}d}"

    def uuid(self) -> str:
        """Return a random UUID."""
        return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))

    def token(self) -> str:
        """Return a random URL-safe token of 32 bytes."""
        return secrets.token_urlsafe(32)

    def password(self) -> str:
        """Return four groups of four easy characters: 79 bits."""
        return "-".join("".join(secrets.choice(_EASY) for _ in range(4)) for _ in range(4))
