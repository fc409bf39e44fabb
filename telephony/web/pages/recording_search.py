"""Search for recordings: the form with its search box, and keyset pages. Numbers are shown masked only."""

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
from telephony.web.views.search_text import SearchTerms, known_day, span, understand

PAGE: Final = 50
_FIELDS: Final = ("q", "operator", "campaign", "digits", "day", "hour", "unanswered")


@dataclass(slots=True)
class Search:
    """A search; ``not_understood`` are the words or fields that could not be read."""

    query: RecordingQuery
    fields: Mapping[str, str]
    not_understood: Sequence[str]


@needs(Right.SEARCH_RECORDINGS)
async def recordings(request: web.Request) -> web.StreamResponse:
    """``GET /recordings``: the form and the first rows, or the next rows as a fragment."""
    listening = request.app[DEPS].listening
    operators, campaigns = await listening.choices()
    search = read_search(request.query, operators, campaigns, formats_of(request))
    results = await listening.search(search.query)
    following = ""
    if results.next_after is not None:
        at, recording_id = results.next_after
        following = "/recordings?" + urlencode(
            {
                **{name: text for name, text in search.fields.items() if text},
                "after": f"{at.isoformat()}~{recording_id}",
            }
        )
    return page(
        request,
        "recording_results.html" if is_fragment(request) else "recordings.html",
        search=search,
        results=results,
        operators=operators,
        campaigns=campaigns,
        following=following,
        is_first=search.query.after is None,
        is_narrowed=any(search.fields.values()),
    )


def read_search(
    fields: Mapping[str, str], operators: Sequence[Operator], campaigns: Sequence[Campaign], f: Formats
) -> Search:
    """Return the search of the form; box and fields narrow it together, a field overrides the box."""
    today = f.local(f.now).date()
    by_operator = {operator.operator_id: operator.name for operator in operators}
    by_campaign = {campaign.campaign_id: campaign.name for campaign in campaigns}
    given = {name: fields.get(name, "").strip()[:100] for name in _FIELDS}
    terms = understand(given["q"], today, by_operator, by_campaign)
    _take_fields(terms, given)
    begins_at, ends_at = span(terms, today, f.zone)
    query = RecordingQuery(
        operator_id=terms.operator_id,
        campaign_id=terms.campaign_id,
        last_digits=None if terms.last_digits is None else ending_of(terms.last_digits) or NOBODY,
        begins_at=begins_at.astimezone(UTC) if begins_at else None,
        ends_at=ends_at.astimezone(UTC) if ends_at else None,
        answered_only=not given["unanswered"],
        limit=PAGE,
    )
    return Search(replace(query, after=_after(fields.get("after", ""))), given, terms.not_understood)


def _take_fields(terms: SearchTerms, given: Mapping[str, str]) -> None:
    """Add the form's own fields to the terms of the box."""
    if given["digits"]:
        terms.last_digits = ending_of(given["digits"]) or NOBODY
        if terms.last_digits == NOBODY:
            terms.not_understood.append(given["digits"])
    if (operator := _count(terms, given["operator"])) is not None:
        terms.operator_id = OperatorId(operator)
    if (campaign := _count(terms, given["campaign"])) is not None:
        terms.campaign_id = CampaignId(campaign)
    if (hour := _count(terms, given["hour"])) is not None and hour < 24:
        terms.hour, terms.is_minute = time(hour), False
    if given["day"]:
        try:
            terms.day = known_day(date.fromisoformat(given["day"]))
        except ValueError:
            terms.not_understood.append(given["day"])


def _count(terms: SearchTerms, text: str) -> int | None:
    """Return the figure of a field; any other text is shown as not understood, never dropped."""
    count = count_in(text)
    if text and count is None:
        terms.not_understood.append(text)
    return count


def _after(text: str) -> tuple[datetime, RecordingId] | None:
    moment, _, recording_id = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        known_day(at.date())
    except ValueError:
        return None
    return (at, RecordingId(recording_id)) if at.tzinfo is not None and is_uuid(recording_id) else None
