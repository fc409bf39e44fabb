"""The abandon rate as the regulators define it. Staying under the cap is left to the pacer, counting to services.

Sources: Ofcom, statement on persistent misuse; FTC TSR 16 CFR 310.4(b)(4). Answering machines are excluded. Where AMD
decides what is a machine, a reasoned estimate of its false positives (people) is included.
"""

from typing import Final

CROSSED_SHARE: Final = 0.004
"""Share of people among cancelled dials: they picked up just before the CANCEL reached the carrier. Asterisk ends such
a call without an event (measured: ACK, BYE), so they are estimated: of those still ringing after 15 s, up to 2 % pick
up in any second, and the answer takes 0.2 s to reach the gate."""


def abandon_rate(abandoned: int, connected: int, estimated_unseen_abandons: float = 0.0) -> float:
    """Return abandoned ÷ (abandoned + passed to a live operator), a share from 0 to 1; 0 when nobody answered.

    Args:
        abandoned: answered by a person, no operator in time.
        connected: passed to a live operator.
        estimated_unseen_abandons: estimate of the people who were hung up on without being noticed: AMD took them for a
            machine, or they picked up as their dial was cancelled.
    """
    lost = abandoned + estimated_unseen_abandons
    answered = lost + connected
    return lost / answered if answered else 0.0
