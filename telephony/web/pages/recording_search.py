"""Finding recordings: the search form, its one box, and keyset pages. What was found is shown by its masked number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from telephony.domain.accounts import Operator, Right
from telephony.domain.campaigns.campaigns import Campaign
from telephony.domain.evidence.recordings import RecordingQuery
from telephony.domain.numbers.typed import NOBODY, ending_of
from telephony.ids import CampaignId, OperatorId, RecordingId, is_uuid
from telephony.web.http.access import needs
from telephony.web.http.app_keys import DEPS
from telephony.web.http.preferences import formats_of
from telephony.web.http.requests import count_in
from telephony.web.http.responses import is_fragment, page
from telephony.web.i18n.formats import Formats
from telephony.web.views.search_text import Wanted, known_day, span, understand

PAGE: Final = 50
_FIELDS: Final = ("q", "operator", "campaign", "digits", "day", "hour", "unanswered")


@dataclass(slots=True)
class Asked:
    """A search as asked; ``not_understood`` are the words or fields that mean nothing to us."""

    query: RecordingQuery
    fields: Mapping[str, str]
    not_understood: Sequence[str]


@needs(Right.SEARCH_RECORDINGS)
async def recordings(request: web.Request) -> web.StreamResponse:
    """``GET /recordings``: the form and the first rows, or the next ones as a fragment."""
    listening = request.app[DEPS].listening
    operators, campaigns = await listening.choices()
    asked = read_search(request.query, operators, campaigns, formats_of(request))
    found = await listening.search(asked.query)
    following = ""
    if found.next_after is not None:
        at, recording_id = found.next_after
        following = "/recordings?" + urlencode(
            {**{name: text for name, text in asked.fields.items() if text}, "after": f"{at.isoformat()}~{recording_id}"}
        )
    return page(
        request,
        "recording_results.html" if is_fragment(request) else "recordings.html",
        asked=asked,
        found=found,
        operators=operators,
        campaigns=campaigns,
        following=following,
        is_first=asked.query.after is None,
        is_narrowed=any(asked.fields.values()),
    )


def read_search(
    fields: Mapping[str, str], operators: Sequence[Operator], campaigns: Sequence[Campaign], f: Formats
) -> Asked:
    """Return what the form asks; the box and the fields narrow together, a field wins over the box."""
    today = f.local(f.now).date()
    by_operator = {one.operator_id: one.name for one in operators}
    by_campaign = {one.campaign_id: one.name for one in campaigns}
    given = {name: fields.get(name, "").strip()[:100] for name in _FIELDS}
    wanted = understand(given["q"], today, by_operator, by_campaign)
    _take_fields(wanted, given)
    begins_at, ends_at = span(wanted, today, f.zone)
    query = RecordingQuery(
        operator_id=wanted.operator_id,
        campaign_id=wanted.campaign_id,
        last_digits=None if wanted.last_digits is None else ending_of(wanted.last_digits) or NOBODY,
        begins_at=begins_at.astimezone(UTC) if begins_at else None,
        ends_at=ends_at.astimezone(UTC) if ends_at else None,
        answered_only=not given["unanswered"],
        limit=PAGE,
    )
    return Asked(replace(query, after=_after(fields.get("after", ""))), given, wanted.not_understood)


def _take_fields(wanted: Wanted, given: Mapping[str, str]) -> None:
    """Let the form's own fields say what the box left open."""
    if given["digits"]:
        wanted.last_digits = ending_of(given["digits"]) or NOBODY
        if wanted.last_digits == NOBODY:
            wanted.not_understood.append(given["digits"])
    if (operator := _count(wanted, given["operator"])) is not None:
        wanted.operator_id = OperatorId(operator)
    if (campaign := _count(wanted, given["campaign"])) is not None:
        wanted.campaign_id = CampaignId(campaign)
    if (hour := _count(wanted, given["hour"])) is not None and hour < 24:
        wanted.hour, wanted.is_minute = time(hour), False
    if given["day"]:
        try:
            wanted.day = known_day(date.fromisoformat(given["day"]))
        except ValueError:
            wanted.not_understood.append(given["day"])


def _count(wanted: Wanted, text: str) -> int | None:
    """Return the figure of a field; what is none of ours is told, never dropped."""
    found = count_in(text)
    if text and found is None:
        wanted.not_understood.append(text)
    return found


def _after(text: str) -> tuple[datetime, RecordingId] | None:
    moment, _, recording_id = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        known_day(at.date())
    except ValueError:
        return None
    return (at, RecordingId(recording_id)) if at.tzinfo is not None and is_uuid(recording_id) else None
