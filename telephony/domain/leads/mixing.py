"""The order among a campaign's lists: those with a share by weight, then the others, oldest first.

Weights apply to the most recently called leads, so a list that was paused or loaded late does not make up for lost
time. Which leads a list offers, and in which order, is decided before.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from telephony.domain.leads.leads import Lead, Window
from telephony.ids import ListId

RECENT: Final = 200
"""Number of latest calls to which the shares apply."""


def mixed(windows: Sequence[Window], recent: Iterable[ListId]) -> list[Lead]:
    """Return the windows' leads in calling order.

    Args:
        windows: one per list.
        recent: lists of the leads called most recently, at most ``RECENT``.
    """
    called = Counter(recent)
    left = {window.list_id: list(reversed(window.leads)) for window in windows if window.share and window.leads}
    shares = {window.list_id: window.share for window in windows}
    ordered: list[Lead] = []
    while left:
        turn = min(left, key=lambda list_id: ((called[list_id] + 1) / shares[list_id], list_id))
        ordered.append(left[turn].pop())
        called[turn] += 1
        if not left[turn]:
            del left[turn]
    for window in windows:
        if not window.share:
            ordered += window.leads
    return ordered
