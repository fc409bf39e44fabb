"""Which versions of Asterisk were tried, and what is known of others: ``config/asterisk-versions.toml``.

Asking an instance for its version is left to ``diagnostics``, saying it to ``telephony check`` and the lab.
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
    """The list: ``blessed`` versions, and what is wrong with some."""

    blessed: tuple[str, ...]
    faults: dict[str, str]

    def std_error(self, version: str) -> str:
        """Return a sentence about a version that is not blessed, or "".

        Args:
            version: as Asterisk says it, distribution's suffix included.
        """
        bare = bare_version(version)
        if bare in self.blessed:
            return ""
        fault = f"; known of it: {self.faults[bare]}" if bare in self.faults else ""
        return f"version {bare} was not tried with this product; {', '.join(self.blessed)} was{fault}"


def bare_version(version: str) -> str:
    """Return ``22.10.1`` for ``22.10.1+dfsg+~cs6.17``; what is no version comes back as it is."""
    match = _VERSION.match(version)
    return match[0] if match else version


def known_versions() -> KnownVersions:
    """Read the list.

    Raises:
        SettingsError: the installation is incomplete or the file is something else.
    """
    try:
        values = tomllib.loads((shipped("config") / FILE).read_text(encoding="utf-8"))
        return KnownVersions(tuple(values["blessed"]), dict(values.get("faults", {})))
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"config/{FILE} cannot be read ({type(error).__name__}): reinstall the package") from error
