"""A telephony controller beside Asterisk: permits, a dialer, recordings that prove themselves.

The layers, from top to bottom, are written in ``pyproject.toml`` (import-linter) and explained in
``docs/architecture.md``: a module imports only from the lines below its own.
"""

__version__ = "0.1.0"
