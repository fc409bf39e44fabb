"""What a check-up says about one thing; shared by everything ``telephony check`` looks at."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at.

    Attributes:
        what: the thing: ``pbx: extensions.conf:12``, an endpoint, a folder.
        says: what was found, in a sentence.
        mend: what to do; "" when all is well.
        hole: short name of the hole it opens (``docs/check.md`` lists them); "" when it opens none.
        lets: what somebody can do through that hole; "" when it opens none.
    """

    level: Level
    what: str
    says: str
    mend: str = ""
    hole: str = ""
    lets: str = ""
