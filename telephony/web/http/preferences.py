"""Language and display: the person's choice, else the account's, else the site's.

Kept in two cookies that hold nothing but the word; they are no secret and identify nobody.
"""

from typing import Final, Literal
from zoneinfo import ZoneInfo

from aiohttp import web

from telephony.web.http.app_keys import DEPS, WHO
from telephony.web.i18n.formats import Formats
from telephony.web.i18n.messages import Language, Words, as_language, words

LANGUAGE_COOKIE: Final = "language"
THEME_COOKIE: Final = "theme"
Theme = Literal["auto", "day", "night"]
THEMES: Final[tuple[Theme, ...]] = ("auto", "day", "night")
_YEAR_S: Final = 365 * 86_400


def language_of(request: web.Request) -> Language:
    """Return the language of the response."""
    chosen = as_language(request.cookies.get(LANGUAGE_COOKIE))
    who = request.get(WHO)
    site = request.app[DEPS].site.language
    return chosen or (as_language(who.account.language) if who else None) or site


def words_of(request: web.Request) -> Words:
    """Return the texts of that language."""
    return words(language_of(request))


def formats_of(request: web.Request) -> Formats:
    """Return the formats of figures for this request."""
    deps = request.app[DEPS]
    return Formats(words_of(request), ZoneInfo(deps.site.timezone), deps.clock.now())


def theme_of(request: web.Request) -> Theme:
    """Return "day", "night", or "auto": as the system prefers."""
    chosen = request.cookies.get(THEME_COOKIE)
    return next((theme for theme in THEMES if theme == chosen), "auto")


def remember(response: web.StreamResponse, *, language: str | None, theme: str | None, is_secure: bool) -> None:
    """Store the choice in cookies; an unknown value is ignored."""
    chosen = (
        (LANGUAGE_COOKIE, as_language(language)),
        (THEME_COOKIE, next((known for known in THEMES if known == theme), None)),
    )
    for name, value in chosen:
        if value:
            response.set_cookie(
                name, value, max_age=_YEAR_S, path="/", httponly=True, samesite="Strict", secure=is_secure
            )
