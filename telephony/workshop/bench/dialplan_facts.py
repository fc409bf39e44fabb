"""What the dialplan does with the controller's answers, as one table.

The exchange in memory obeys it, and a test compares the rendered dialplan with it, so that the two stay equal.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Question:
    """One question the dialplan puts to the controller.

    Attributes:
        route: the AGI script's name.
        proof: what ``VERDICT`` must be; names in braces are variables of the answer, ``channel`` and ``extension``.
        checks: variables of the answer, and what the whole of each must match.
        cause: hangup cause when the answer is not accepted.
        tech_cause: the same as it arrives at the pbx, "" where the pbx itself hangs up.
    """

    route: str
    proof: str
    checks: Mapping[str, str]
    cause: int
    tech_cause: str = ""

    def accepts(self, answer: Mapping[str, str], channel: str, extension: str = "") -> bool:
        """Return True if the dialplan goes on with this answer."""
        values = {name: answer.get(name, "") for name in self.checks}
        is_clean = all(re.fullmatch(pattern, values[name], re.ASCII) for name, pattern in self.checks.items())
        return is_clean and answer.get("VERDICT") == self.proof.format(channel=channel, extension=extension, **values)


_SEAT: Final = "^[1-9][0-9]?[0-9]?$"
_NUMBER: Final = "^[1-9][0-9]{5,14}$"
VERDICT: Final = Question(
    "verdict",
    "OK-{channel}-{extension}-{CANON}",
    {
        "CANON": _NUMBER,
        "CLI": _NUMBER,
        "TRUNK": "^[a-z][a-z0-9_-]{0,31}$",
        "RECUUID": "^[a-f0-9-]{36}$",
        "RINGS": "^(1[5-9]|[2-9][0-9])$",
    },
    29,
    "SIP 501",
)
"""At the gate: may this permit leave, and where?"""
ROUTE: Final = Question("route", "SEAT-{channel}-{SEAT}", {"SEAT": _SEAT}, 16)
"""At the pbx: to whom does this answered call go? Without a seat: the message, then the end."""
LOGIN: Final = Question("login", "LOGIN-{channel}-{SEAT}", {"SEAT": _SEAT}, 21)
"""At the pbx: whose phone is this?"""
QUESTIONS: Final = {"gate": (VERDICT,), "pbx": (ROUTE, LOGIN)}
BUSY: Final = (17, "SIP 486")
NO_ANSWER: Final = (19, "SIP 480")
ENDED: Final = 16
