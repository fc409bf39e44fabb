"""The findings of ``telephony check``."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        what: the thing: ``pbx: extensions.conf:12``, an endpoint, a folder.
        says: what was found, as a message.
        mend: the fix; "" when nothing is wrong.
        hole: short name of the hole it opens (``docs/check.md`` lists them); "" when it opens none.
        lets: what somebody can do through that hole; "" when it opens none.
    """

    level: Level
    what: str
    says: str
    mend: str = ""
    hole: str = ""
    lets: str = ""
