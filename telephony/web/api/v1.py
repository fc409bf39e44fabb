"""The JSON API, version 1: sign-in, own account, the floor, locks, and an operator's own desk.

It uses the sign-in cookie and the rights of the pages; posts carry the ``form_token`` of the sign-in response in the
header ``X-CSRF-Token``. Errors are ``{"error": message}``. The desk never returns a telephone number, full or partial
(I8).
"""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from telephony.domain.accounts import RIGHTS, Right
from telephony.domain.calls.attempts import Result
from telephony.domain.leads.callbacks import Later
from telephony.domain.leads.preview import SkipReason
from telephony.domain.pacing.modes import withdrawing_effect_of
from telephony.domain.security.locks import SITE, LockScope
from telephony.errors import InputError
from telephony.services.people.accounts import SignedIn, SignInRefusedError
from telephony.services.people.sign_in_limits import TooManyTriesError
from telephony.web.http.access import ask_to_sign_in, needs, own_seat
from telephony.web.http.app_keys import DEPS, WHO
from telephony.web.http.path_parameters import campaign_of
from telephony.web.http.preferences import words_of
from telephony.web.http.requests import json_body
from telephony.web.http.responses import as_json, problem
from telephony.web.pages.desk import preview_read, skip_reason
from telephony.web.pages.modes import mode_of
from telephony.web.pages.ring_limits import seconds_of
from telephony.web.pages.sign_in import keep_session, open_session, refusal
from telephony.web.views.floor_json import floor_json, lock_json, preview_json, seat_json
from telephony.words import reason_json


async def sign_in(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/sign-in`` with ``{"username": …, "password": …}``."""
    body = await json_body(request)
    try:
        fresh = await open_session(request, str(body.get("username", "")), str(body.get("password", "")))
    except (SignInRefusedError, TooManyTriesError) as error:
        status, sentence = refusal(request, error)
        return problem(request, status, sentence)
    response = as_json(_me(fresh.who))
    keep_session(request, response, fresh)
    return response


async def me(request: web.Request) -> web.StreamResponse:
    """``GET /api/v1/me``."""
    who = request.get(WHO)
    return ask_to_sign_in(request) if who is None else as_json(_me(who))


@needs(Right.SEE_FLOOR)
async def floor(request: web.Request) -> web.StreamResponse:
    """``GET /api/v1/floor``."""
    return as_json(dict(floor_json(request.app[DEPS].floor.view())))


@needs(Right.WORK_AT_SEAT)
async def desk(request: web.Request) -> web.StreamResponse:
    """``GET /api/v1/desk``: the operator's own seat and the possible results."""
    return await _desk(request)


@needs(Right.WORK_AT_SEAT)
async def result(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/desk/result`` with ``{"result": code}``; 409 when none is due.

    ``call_back`` may have ``callback_at`` ("2026-11-24 14:30"), ``callback_zone`` (default: the person's) and
    ``callback_anyone``.
    """
    body = await json_body(request)
    word, moment = body.get("result"), str(body.get("callback_at") or "")
    try:
        chosen = Result(str(word))
    except ValueError:
        return problem(request, 400, words_of(request)("desk.unknown_result", results=", ".join(Result)))
    zone = str(body["callback_zone"]) if body.get("callback_zone") else None
    later = Later(moment, zone, bool(body.get("callback_anyone"))) if moment else None
    await request.app[DEPS].desk.choose_result(own_seat(request), chosen, later)
    return await _desk(request)


@needs(Right.WORK_AT_SEAT)
async def call(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/desk/call`` with ``{"id": preview}``: call that lead; 409 when it is gone or a rule refuses it."""
    read = preview_read(request, (await json_body(request)).get("id"))
    await request.app[DEPS].desk.call(own_seat(request), read)
    return await _desk(request)


@needs(Right.WORK_AT_SEAT)
async def skip(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/desk/skip`` with ``{"id": preview, "reason": code}``: skip that lead; 409 when it is gone."""
    body = await json_body(request)
    read, reason = preview_read(request, body.get("id")), skip_reason(request, body.get("reason"))
    await request.app[DEPS].desk.skip(own_seat(request), read, reason)
    return await _desk(request)


@needs(Right.RUN_CAMPAIGNS)
async def mode(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/campaigns/{id}/mode`` with ``{"mode": code, "ratio": 1.5, "confirm": true}``.

    Without ``confirm`` nothing changes; the response has the effect in both cases.
    """
    body, desk = await json_body(request), request.app[DEPS].campaigns
    campaign_id = campaign_of(request)
    chosen = mode_of(request, body.get("mode"), body.get("ratio"))
    (effect,) = await desk.effects_of(campaign_id, chosen)
    is_confirmed = body.get("confirm") is True
    if is_confirmed:
        await desk.change(campaign_id, chosen, request[WHO].account.username)
    campaign = await desk.get(campaign_id)
    return as_json(
        {
            "mode": str(campaign.dialing.mode),
            "ratio": campaign.dialing.power_tenths / 10,
            "effect": reason_json(effect),
            "changed": is_confirmed,
        }
    )


@needs(Right.RUN_CAMPAIGNS)
async def withdraw_dials(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/campaigns/{id}/withdraw-dials`` with ``{"after_s": 15, "confirm": true}``; 0: never.

    Without ``confirm`` nothing changes; the response has the effect in both cases.
    """
    body, desk = await json_body(request), request.app[DEPS].campaigns
    campaign_id = campaign_of(request)
    after_s = seconds_of(request, body.get("after_s"))
    is_confirmed = body.get("confirm") is True
    if is_confirmed:
        await desk.change(campaign_id, {"withdraw_after_s": after_s}, request[WHO].account.username)
    campaign, effect = await desk.get(campaign_id), withdrawing_effect_of(after_s)
    return as_json(
        {
            "withdraw_after_s": campaign.dialing.withdraw_after_s,
            "effect": reason_json(effect),
            "changed": is_confirmed,
        }
    )


@needs(Right.WORK_AT_SEAT)
async def pause(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/desk/pause``; 409 when that is not possible now."""
    await request.app[DEPS].desk.pause(own_seat(request))
    return await _desk(request)


@needs(Right.WORK_AT_SEAT)
async def ready(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/desk/ready``; 409 when there is no pause to end."""
    await request.app[DEPS].desk.ready(own_seat(request))
    return await _desk(request)


@needs(Right.SEE_FLOOR)
async def locks(request: web.Request) -> web.StreamResponse:
    """``GET /api/v1/lock``: the locks in force, oldest first."""
    return await _locks(request)


@needs(Right.LOCK)
async def lock(request: web.Request) -> web.StreamResponse:
    """``POST /api/v1/lock`` with ``{"scope": "site"|"campaign"|"seat", "target": "", "reason": ""}``, all optional.

    Calls in progress finish, unless ``"ends_calls": true`` is sent, now or later.
    """
    body = await json_body(request)
    scope, target, reason = _lock_asked(body)
    by, ends_calls = request[WHO].account.display_name, body.get("ends_calls") is True
    await request.app[DEPS].locks.lock(scope, target, by, reason, ends_calls=ends_calls)
    return await _locks(request)


@needs(Right.LOCK)
async def unlock(request: web.Request) -> web.StreamResponse:
    """``DELETE /api/v1/lock`` with the same body; 409 without a reason, 404 when nothing is locked."""
    scope, target, reason = _lock_asked(await json_body(request))
    await request.app[DEPS].locks.unlock(scope, target, request[WHO].account.display_name, reason)
    return await _locks(request)


def _lock_asked(body: dict[str, Any]) -> tuple[LockScope, str, str]:
    try:
        scope = LockScope(str(body.get("scope", LockScope.SITE)))
    except ValueError as error:
        raise InputError("unknown scope of a lock; choose site, campaign or seat") from error
    return scope, str(body.get("target", SITE)), str(body.get("reason", ""))


async def _locks(request: web.Request) -> web.Response:
    locks = await request.app[DEPS].locks.active()
    return as_json({"locks": [lock_json(lock) for lock in locks]})


async def _desk(request: web.Request) -> web.Response:
    desk, operator_id = request.app[DEPS].desk, own_seat(request)
    talk = await request.app[DEPS].own_call.talk(operator_id)
    shown: dict[str, Any] = {
        "preview": preview_json(desk.preview_of(operator_id)),
        "skip_reasons": [str(reason) for reason in SkipReason],
    }
    shown["talk"] = asdict(talk) if talk is not None else None
    return as_json({**seat_json(desk.seat_of(operator_id)), "results": [str(result) for result in Result], **shown})


def _me(who: SignedIn) -> dict[str, Any]:
    return {
        "username": who.account.username,
        "display_name": who.account.display_name,
        "role": str(who.account.role),
        "rights": sorted(RIGHTS[who.account.role]),
        "seat": who.operator.seat if who.operator else None,
        "form_token": who.session.form_token,
        "expires_at": who.session.expires_at.isoformat(),
    }


def routes() -> list[web.RouteDef]:
    """Return the routes of this module."""
    return [
        web.post("/api/v1/sign-in", sign_in),
        web.get("/api/v1/me", me),
        web.get("/api/v1/floor", floor),
        web.get("/api/v1/lock", locks),
        web.post("/api/v1/lock", lock),
        web.delete("/api/v1/lock", unlock),
        web.get("/api/v1/desk", desk),
        web.post("/api/v1/desk/result", result),
        web.post("/api/v1/desk/call", call),
        web.post("/api/v1/desk/skip", skip),
        web.post(r"/api/v1/campaigns/{campaign:[0-9]{1,18}}/mode", mode),
        web.post(r"/api/v1/campaigns/{campaign:[0-9]{1,18}}/withdraw-dials", withdraw_dials),
        web.post("/api/v1/desk/pause", pause),
        web.post("/api/v1/desk/ready", ready),
    ]
