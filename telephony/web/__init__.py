"""Pages and API over aiohttp: asks services only.

``make_app`` builds the application from ``WebDeps``; who may see what is ``access``, what surrounds every request
``guards``, what people read ``wording`` and ``words/``.
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
