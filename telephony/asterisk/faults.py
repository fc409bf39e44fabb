"""How a fault in somebody's callback is logged: its type and place, never its text.

Exception texts and tracebacks may carry what a caller put into them; logs carry ids only. Deciding what to do
about the fault is left to whoever caught it.
"""

import traceback
from pathlib import Path


def described(error: BaseException) -> str:
    """Name a fault without its text.

    Returns:
        Type and innermost place, e.g. ``ValueError at permits.py:81``.
    """
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__} at {Path(frames[-1].filename).name}:{frames[-1].lineno}"
