"""Pages and API over aiohttp; they use services only.

``make_app`` builds the application from ``WebDeps``. Rights are in ``http/access``, middleware in ``http/guards``,
texts in ``i18n`` and ``telephony.words``.
"""

from telephony.web.application import make_app
from telephony.web.http.services import (
    CampaignActions,
    DeskService,
    FloorFeed,
    ListLoader,
    ListReader,
    LoadReport,
    WebDeps,
)

__all__ = [
    "CampaignActions",
    "DeskService",
    "FloorFeed",
    "ListLoader",
    "ListReader",
    "LoadReport",
    "WebDeps",
    "make_app",
]
