"""The key a permit is asked about with: the gate and the controller alone have it.

Pbx and gate share a machine, and with it the address they ask from; a stolen pbx sees the permits of its own calls.
Asking about one would give it the number and use the permit up. So the gate's dialplan sends this key as the first
AGI argument. Looking at it is left to the FastAGI desk, writing it to rendering.
"""

import hashlib
import hmac


def verdict_key(ami_secret: str) -> str:
    """Derive the key from the gate's manager secret, which the gate's side and the controller alone know.

    Args:
        ami_secret: ``gate.ami_secret`` of the settings.

    Returns:
        64 hexadecimal digits.
    """
    return hmac.new(ami_secret.encode(), b"telephony verdict 1", hashlib.sha256).hexdigest()
