"""Interfaces for time and randomness, so that tests can run services on a fake clock and repeatable dice."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Wall-clock time."""

    def now(self) -> datetime:
        """Return the current time, aware UTC."""


class Dice(Protocol):
    """Randomness from a cryptographic source."""

    def digits(self, count: int) -> str:
        """Return ``count`` random decimal digits."""

    def uuid(self) -> str:
        """Return a random UUID, lower case with dashes."""

    def token(self) -> str:
        """Return a random URL-safe token of at least 32 bytes."""

    def password(self) -> str:
        """Return a random password that a person can copy from paper."""
