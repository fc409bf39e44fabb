"""The abandon rate as the regulators define it. Keeping under the cap is left to the pacer, counting to services.

Sources: Ofcom, statement on persistent misuse; FTC TSR 16 CFR 310.4(b)(4): machines are out, and where a detector
decides what is a machine, a reasoned estimate of the people it took for one is in.
"""


def abandon_rate(abandoned: int, connected: int, taken_for_machines: float = 0.0) -> float:
    """Return abandoned ÷ (abandoned + passed to a live operator), a share from 0 to 1; 0 when nobody answered.

    Args:
        abandoned: answered by a person, no operator in time.
        connected: passed to a live operator.
        taken_for_machines: estimate of the people the detector took for a machine and hung up on.
    """
    lost = abandoned + taken_for_machines
    answered = lost + connected
    return lost / answered if answered else 0.0
