"""The abandon rate as the regulators define it. Keeping under the cap is left to the pacer, counting to services.

Sources: Ofcom, statement on persistent misuse; FTC TSR 16 CFR 310.4(b)(4): machines are out, and where a detector
decides what is a machine, a reasoned estimate of the people it took for one is in.
"""

from typing import Final

CROSSED_SHARE: Final = 0.004
"""People among withdrawn dials: who picked up just before the CANCEL reached the carrier. Asterisk ends such a call by
itself and tells nobody (measured: ACK, BYE, no event), so they are estimated: of those still ringing after 15 s, up to
2 % pick up in any second, and for 0.2 s the answer is on its way to the gate."""


def abandon_rate(abandoned: int, connected: int, estimated_unseen_abandons: float = 0.0) -> float:
    """Return abandoned ÷ (abandoned + passed to a live operator), a share from 0 to 1; 0 when nobody answered.

    Args:
        abandoned: answered by a person, no operator in time.
        connected: passed to a live operator.
        estimated_unseen_abandons: estimate of the people who were hung up on without anybody knowing: the detector took
            them for a machine, or they picked up as their dial was withdrawn.
    """
    lost = abandoned + estimated_unseen_abandons
    answered = lost + connected
    return lost / answered if answered else 0.0
