"""Tested versions of Asterisk and known faults of others, from ``config/asterisk-versions.toml``.

``diagnostics`` asks an instance for its version; ``telephony check`` and the lab report it.
"""

import re
import tomllib
from dataclasses import dataclass
from typing import Final

from telephony.errors import SettingsError
from telephony.shipped import shipped

FILE: Final = "asterisk-versions.toml"
_VERSION: Final = re.compile(r"(?:certified[-/])?[0-9]+(?:\.[0-9]+)*(?:-(?:rc|beta|cert)[0-9]+)?")


@dataclass(frozen=True, slots=True)
class KnownVersions:
    """The tested (``blessed``) versions, and the known faults of some versions."""

    blessed: tuple[str, ...]
    faults: dict[str, str]

    def untested_warning(self, version: str) -> str:
        """Return a warning for a version that is not tested, otherwise "".

        Args:
            version: as reported by Asterisk, including the distribution's suffix.
        """
        bare = bare_version(version)
        if bare in self.blessed:
            return ""
        fault = f"; known fault: {self.faults[bare]}" if bare in self.faults else ""
        return f"version {bare} was not tried with this product; {', '.join(self.blessed)} was{fault}"


def bare_version(version: str) -> str:
    """Return ``22.10.1`` for ``22.10.1+dfsg+~cs6.17``; other text is returned unchanged."""
    match = _VERSION.match(version)
    return match[0] if match else version


def known_versions() -> KnownVersions:
    """Read the file.

    Raises:
        SettingsError: the installation is incomplete or the file is not valid.
    """
    try:
        values = tomllib.loads((shipped("config") / FILE).read_text(encoding="utf-8"))
        return KnownVersions(tuple(values["blessed"]), dict(values.get("faults", {})))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"config/{FILE} cannot be read ({type(error).__name__}): reinstall the package") from error
