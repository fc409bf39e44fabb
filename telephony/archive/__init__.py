"""Recording files: the gate's raw audio in, finished and tagged recordings out.

Deciding when a recording is due, its row and its ledger entry are left to services and storage.
"""

from telephony.archive.local import LocalArchive

__all__ = ["LocalArchive"]
