"""The database behind ``telephony.ports.store``: SQLAlchemy Core on SQLite or PostgreSQL, Alembic for the schema.

SQLAlchemy does not leave this package. ``telephony.domain`` decides. How it works: docs/storage.md.
"""

from telephony.storage.engine.schema import current_revision, upgrade
from telephony.storage.evidence.days import Days
from telephony.storage.opening import OpenStore, open_store

__all__ = ["Days", "OpenStore", "current_revision", "open_store", "upgrade"]
