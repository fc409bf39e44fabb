"""Log text for an error in a callback: its type and place, never its message.

Messages and tracebacks may contain a caller's data; logs contain ids only.
"""

import traceback
from pathlib import Path


def described(error: BaseException) -> str:
    """Return type and innermost place of an error, e.g. ``ValueError at permits.py:81``."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"
