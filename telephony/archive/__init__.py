"""Recording files: the gate's raw audio in, finished and tagged recordings out.

Services decide when a recording is due; storage has its row and its ledger entry.
"""

from telephony.archive.local import LocalArchive

__all__ = ["LocalArchive"]
