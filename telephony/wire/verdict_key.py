"""The key needed to ask for a permit's verdict: only the gate and the controller have it.

Pbx and gate share a host and therefore an address; a compromised pbx sees the permits of its own calls. Asking for a
verdict would give it the number and use up the permit. So the gate's dialplan sends this key as the first AGI argument.
The FastAGI server checks it; ``rendering`` writes it.
"""

import hashlib
import hmac


def verdict_key(ami_secret: str) -> str:
    """Derive the key from the gate's manager secret, which only the gate's side and the controller know.

    Args:
        ami_secret: ``gate.ami_secret`` of the settings.

    Returns:
        64 hexadecimal digits.
    """
    return hmac.new(ami_secret.encode(), b"telephony verdict 1", hashlib.sha256).hexdigest()
