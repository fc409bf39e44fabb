"""Access (I8): a handler names the right it needs; any other request is refused with a message and recorded.

The rights themselves are in ``telephony.domain.accounts``.
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Final
from urllib.parse import quote

from aiohttp import web

from telephony.domain.accounts import RIGHTS, Right, Role, may
from telephony.errors import InputError
from telephony.ids import OperatorId
from telephony.services.people.accounts import SignedIn
from telephony.web.http.app_keys import DEPS, WHO
from telephony.web.http.client_address import client_address
from telephony.web.http.preferences import words_of
from telephony.web.http.responses import LONGEST_ADDRESS, go, is_api, is_htmx, problem
from telephony.web.i18n.messages import Words

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Refused = Callable[[web.Request, SignedIn | None], Awaitable[None]]
RIGHT: Final = "_right"
"""Attribute of a guarded handler; a test finds handlers without it."""


def needs(right: Right, refused: Refused | None = None) -> Callable[[Handler], Handler]:
    """Allow a handler only to accounts that have ``right``.

    Args:
        right: the right the role must have.
        refused: called for each refusal as well, for example to enter it beside a recording.
    """

    def guard(handler: Handler) -> Handler:
        @wraps(handler)
        async def guarded(request: web.Request) -> web.StreamResponse:
            who = request.get(WHO)
            if who is None:
                if refused is not None:
                    await refused(request, None)
                return ask_to_sign_in(request)
            if may(who.account.role, right):
                return await handler(request)
            if refused is not None:
                await refused(request, who)
            await request.app[DEPS].accounts.refuse(who, f"right:{right}", address_of(request))
            return forbidden(request, who, right)

        setattr(guarded, RIGHT, right)
        return guarded

    return guard


def signed_in(request: web.Request) -> SignedIn:
    """Return the account of the request; only in handlers guarded by ``needs``."""
    return request[WHO]


def own_seat(request: web.Request) -> OperatorId:
    """Return the operator of the request; InputError when the account has no seat."""
    operator = signed_in(request).operator
    if operator is None:
        raise InputError(words_of(request)("desk.no_seat"))
    return operator.operator_id


def address_of(request: web.Request) -> str:
    """Return the network address the request came from, without the site's own proxies."""
    trusted = request.app[DEPS].web.trusted_proxies
    return client_address(request.remote or "", request.headers.getall("X-Forwarded-For", []), trusted)


def ask_to_sign_in(request: web.Request) -> web.Response:
    """Redirect to the sign-in page, or answer 401 to a program."""
    if is_api(request) or request.headers.get("Accept", "").startswith("text/event-stream"):
        return problem(request, 401, words_of(request)("problem.sign_in"))
    back = quote(str(request.rel_url), safe="/")
    if request.method == "GET" and not is_htmx(request) and len(back) <= LONGEST_ADDRESS:
        return go(request, f"/sign-in?next={back}")
    return go(request, "/sign-in")


def forbidden(request: web.Request, who: SignedIn, right: Right) -> web.Response:
    """Refuse with what was requested, why not, and which roles may."""
    t = words_of(request)
    sentence = t(
        "problem.forbidden",
        what=t(f"right.{right}"),
        who=who_may(t, right),
        role=t(f"role.{who.account.role}"),
    )
    return problem(request, 403, sentence, rule=f"right:{right}")


def who_may(t: Words, right: Right) -> str:
    """Return the names of the roles that have ``right``."""
    *others, last = [t(f"role.{role}") for role in Role if right in RIGHTS[role]]
    return t("list.or").join([", ".join(others), last]) if others else last
