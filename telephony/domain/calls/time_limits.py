"""Every state of a call has a clock: how long it may last although no event ever comes.

The switches have bounds of their own, and keep them; these are ours, for a switch that does not, or whose word is lost.
What is done when one has run out is left to ``lost_calls``. Pure.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from telephony.domain.calls.attempts import Attempt, CallState

_MARGIN = timedelta(seconds=30)
"""How much longer than the switch's own bound: whoever keeps theirs never meets ours."""


@dataclass(frozen=True, slots=True)
class CallClocks:
    """The switches' own bounds.

    Attributes:
        answer: from the order until somebody answers.
        operator: from the answer until an operator is heard, or the message has been played.
        talk: of the whole conversation.
    """

    answer: timedelta
    operator: timedelta
    talk: timedelta

    def ends_at(self, attempt: Attempt) -> datetime | None:
        """Return when the call is to be ended if it is still in its state; None when it has ended."""
        match attempt.state:
            case CallState.ENDED:
                return None
            case CallState.CONNECTED:
                return (attempt.connected_at or attempt.started_at) + self.talk + _MARGIN
            case CallState.ANSWERED:
                return (attempt.answered_at or attempt.started_at) + self.operator + _MARGIN
            case CallState.PERMITTED | CallState.DIALLING | CallState.AT_GATE | CallState.RINGING:
                return attempt.started_at + self.answer + _MARGIN
