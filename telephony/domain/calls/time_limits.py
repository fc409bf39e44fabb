"""Time limits: how long each state of a call may last if no event ever comes.

The switches have their own limits. These are ours, for a switch that does not keep its own, or whose event is lost.
What happens when one has passed is left to ``lost_calls``. Pure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from telephony.domain.calls.attempts import Attempt, CallState

_MARGIN = timedelta(seconds=30)
"""How much longer than the switch's own limit: a switch that keeps its own never reaches ours."""


@dataclass(frozen=True, slots=True)
class CallClocks:
    """The switches' own limits.

    Attributes:
        answer: from the order to the answer.
        operator: from the answer until an operator is heard, or the message has been played.
        talk: the whole conversation.
    """

    answer: timedelta
    operator: timedelta
    talk: timedelta

    def ends_at(self, attempt: Attempt) -> datetime | None:
        """Return when the call must be ended if it is still in its state; None when it has ended."""
        match attempt.state:
            case CallState.ENDED:
                return None
            case CallState.CONNECTED:
                return (attempt.connected_at or attempt.started_at) + self.talk + _MARGIN
            case CallState.ANSWERED:
                return (attempt.answered_at or attempt.started_at) + self.operator + _MARGIN
            case CallState.PERMITTED | CallState.DIALLING | CallState.AT_GATE | CallState.RINGING:
                return attempt.started_at + self.answer + _MARGIN
