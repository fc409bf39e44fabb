"""One row against the facts: allowed or refused, in words, and from when on it would allow the call.

Which rows there are and what they say together is left to ``decision``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from telephony.domain.campaigns import CampaignKind
from telephony.domain.law.basis import Basis
from telephony.domain.law.clocks import day_begins, is_within, next_within
from telephony.domain.law.contacts import (
    Contact,
    counting,
    is_same_company,
    last_abandoned,
    last_machine,
    last_objection,
    last_refusal,
)
from telephony.domain.law.facts import LawFacts
from telephony.domain.law.holidays import alsace_moselle, national, overseas
from telephony.domain.law.places import Overseas, clock
from telephony.domain.law.provisions import (
    PROMISES,
    AbandonAtMost,
    AtMostADay,
    CallerIdNot,
    CallerIdOneOf,
    CoolOff,
    Counts,
    Days,
    Duty,
    Frequency,
    GapAtLeast,
    Holidays,
    Hours,
    Law,
    MessageWithin,
    NeedsBasis,
    NoticeAtLeast,
    NotListed,
    NotObjected,
    NotSold,
    Protects,
    Provision,
    RingsAtLeast,
)
from telephony.domain.law.wording import Text, day, moment

_UTC: Final = ZoneInfo("UTC")
_NO_CLOCK: Final = Text(
    "Fuseau horaire inconnu pour ce numéro\u202f: ajoutez une colonne «\u202ffuseau\u202f» à la liste.",
    "The number does not tell its time zone: add a column time zone to the list.",
)


@dataclass(frozen=True, slots=True)
class No:
    """A row refuses.

    Attributes:
        text: why, and the mend.
        until: the first moment this row may allow it; None when time does not mend it.
    """

    text: Text
    until: datetime | None = None


def judge(row: Provision, facts: LawFacts, at: datetime) -> No | None:
    """Return why a row refuses a call at ``at`` (aware UTC), None when it allows it."""
    bound = row.bound
    if row.law in PROMISES:
        return None  # decided when a callback is promised
    if row.is_waived_by_consent and facts.terms.any_time and facts.has_consent(at):
        return None
    if isinstance(bound, Days | Holidays | Hours):
        return by_clock(bound, facts, at)
    is_person = row.counts is Counts.PERSON
    if isinstance(bound, Frequency | CoolOff | NotObjected | Protects):
        return _by_contacts(row.law, bound, facts, facts.person_contacts if is_person else facts.contacts, at)
    if isinstance(bound, NotListed):
        return _by_list(facts.person_opposed if is_person else facts.opposed, is_person=is_person)
    if isinstance(bound, NeedsBasis | NotSold):
        return _by_lead(bound, facts, at)
    if isinstance(bound, Duty | NoticeAtLeast | GapAtLeast | AtMostADay):
        return None
    return _by_practice(bound, facts)


def by_clock(bound: Days | Holidays | Hours, facts: LawFacts, at: datetime) -> No | None:
    """Return why days or hours refuse a moment: the strictest of the zones the person may be in."""
    zones = facts.place.zones
    if not zones:
        return No(_NO_CLOCK)
    said = [no for zone in zones if (no := _in_zone(bound, facts, at, clock(zone)))]
    return max(said, key=lambda no: (no.until is None, no.until), default=None)


def _in_zone(bound: Days | Holidays | Hours, facts: LawFacts, at: datetime, zone: tzinfo) -> No | None:
    rings = facts.practice.rings
    on = at.astimezone(zone).date()
    if isinstance(bound, Hours):
        if is_within(bound, at, rings, zone):
            return None
        here, allowed = moment(at, zone), _shown(bound)
        text = Text(
            f"{here.fr}\u202f: on appelle {allowed}, et l'appel ne doit plus sonner après.",
            f"{here.en}: calls are allowed {allowed}, and must have rung out by then.",
        )
        return No(text, next_within(bound, at, rings, zone))
    named = day(on)
    if isinstance(bound, Days):
        if on.weekday() in bound.allowed:
            return None
        text = Text(f"Pas d'appel le {named.fr.split()[0]}.", f"No calls on a {named.en.split()[0]}.")
        return No(text, _next_day(on, zone, lambda one: one.weekday() in bound.allowed))
    territory = facts.place.territory
    holiday = _holiday(bound, on, territory)
    if holiday is None:
        return None
    text = Text(f"Jour sans appel\u202f: {holiday.fr}, {named.fr}.", f"A day without calls: {holiday.en}, {named.en}.")
    return No(text, _next_day(on, zone, lambda one: _holiday(bound, one, territory) is None))


def _next_day(on: date, zone: tzinfo, is_open: Callable[[date], bool]) -> datetime | None:
    """Return when the first open day after ``on`` begins; None when there is none within a year."""
    days = (on + timedelta(days=ahead) for ahead in range(1, 367))
    return next((day_begins(one, zone) for one in days if is_open(one)), None)


def _holiday(bound: Holidays, on: date, territory: Overseas | None) -> Text | None:
    """Return the name of a day without calls."""
    if on in bound.dates:
        return Text("jour fermé par le site", "closed by the site")
    found = national(on.year).get(on) if bound.national else None
    if found is None and bound.alsace_moselle and territory is None:
        found = alsace_moselle(on.year).get(on)
    if found is None and bound.overseas and territory is not None:
        found = overseas(territory, on.year).get(on)
    return found


def _by_contacts(
    law: Law,
    bound: Frequency | CoolOff | NotObjected | Protects,
    facts: LawFacts,
    contacts: Sequence[Contact],
    at: datetime,
) -> No | None:
    """Judge what was said and tried before, at the number or at the person, as ``contacts`` are."""
    zones = [clock(zone) for zone in facts.place.zones] or [_UTC]
    match bound:
        case Frequency(limit, days):
            ours = [one for one in contacts if is_same_company(one.client_company, facts.client_company)]
            leaving = max((counting(ours, at, days, zone) for zone in zones), key=lambda one: (len(one), one))
            if len(leaving) < limit:
                return None
            text = Text(
                f"{len(leaving)} tentatives en {days} jours pour cette entreprise\u202f: au plus {limit}.",
                f"{len(leaving)} attempts in {days} days for this company: {limit} at most.",
            )
            return No(text, leaving[len(leaving) - limit] if limit else None)
        case CoolOff(days):
            return _after_refusal(days, last_refusal(contacts, facts.client_company), at, zones)
        case NotObjected():
            return _after_objection(last_objection(contacts, facts.client_company), facts, at)
        case Protects(hours):
            since = last_abandoned(contacts) if law is Law.ABANDONED else last_machine(contacts)
            until = since + timedelta(hours=hours) if since else None
            if until is None or at >= until or facts.practice.has_operator:
                return None
            text = Text(
                f"Sans opérateur, ou répondeur, il y a moins de {hours:g} h\u202f: opérateur réservé requis.",
                f"Abandoned, or a machine, less than {hours:g} h ago: only a reserved operator may call.",
            )
            return No(text, until)


def _after_refusal(days: int, refused_at: datetime | None, at: datetime, zones: Sequence[ZoneInfo]) -> No | None:
    """The day of the refusal is not counted: ``days`` whole calendar days follow it."""
    if refused_at is None:
        return None
    until = max(block_ends(refused_at, days, zone) for zone in zones)
    if at >= until:
        return None
    text = Text(f"Refus de moins de {days} jours pour cette entreprise.", f"Refused less than {days} days ago.")
    return No(text, until)


def block_ends(refused_at: datetime, days: int, zone: tzinfo) -> datetime:
    """Return the beginning of the first day after ``days`` whole calendar days without a call."""
    return day_begins(refused_at.astimezone(zone).date() + timedelta(days=days + 1), zone)


def _after_objection(objected_at: datetime | None, facts: LawFacts, at: datetime) -> No | None:
    """Only a consent given later lifts it; a contract does not, nor what the campaign sells."""
    if objected_at is None or facts.has_consent_after(objected_at, at):
        return None
    return No(
        Text(
            "Cette personne s'est opposée aux appels de cette entreprise\u202f: ne plus l'appeler.",
            "This person objected to calls of this company: do not call again.",
        )
    )


def _by_list(opposed: Sequence[str], *, is_person: bool) -> No | None:
    if not opposed:
        return None
    names = ", ".join(opposed)
    if is_person:
        return No(
            Text(
                f"Un autre numéro de la personne est sur liste d'opposition\u202f: {names}.",
                f"Another number of the person is on opposition list {names}.",
            )
        )
    return No(Text(f"Numéro sur liste d'opposition\u202f: {names}.", f"The number is on opposition list {names}."))


def _by_lead(bound: NeedsBasis | NotSold, facts: LawFacts, at: datetime) -> No | None:
    match bound:
        case NotSold(sectors):
            if facts.sector not in sectors or _is_sold_to(facts):
                return None
            return No(
                Text(
                    "Ce que vend la campagne ne se vend pas par téléphone, sauf contrat en cours de cette personne.",
                    "What the campaign sells may not be sold by telephone, unless this person has a current contract.",
                )
            )
        case NeedsBasis(allowed, exempt):
            if facts.sector in exempt or facts.bases(at) & allowed:
                return None
            return No(_no_basis(facts))


def _is_sold_to(facts: LawFacts) -> bool:
    """Whatever kind of campaign a manager chose: it is the person who has a contract, or is a professional."""
    is_professional = facts.kind is CampaignKind.B2B and facts.terms.basis is Basis.B2B
    return facts.terms.basis is Basis.CONTRACT or is_professional


def _no_basis(facts: LawFacts) -> Text:
    if facts.terms.basis is not Basis.CONSENT:
        return Text(
            "Ni consentement prouvé ni contrat en cours\u202f: la liste doit dire la base légale de cette fiche.",
            "Neither proved consent nor a current contract: the list must state this lead's legal basis.",
        )
    missing = ", ".join(facts.terms.missing())
    if missing:
        return Text(f"Consentement sans preuve\u202f: manque {missing}.", f"Consent without proof: {missing} missing.")
    return Text("Consentement retiré, ou postérieur à l'appel.", "Consent was taken back, or is later than the call.")


def _by_practice(
    bound: CallerIdNot | CallerIdOneOf | RingsAtLeast | MessageWithin | AbandonAtMost, facts: LawFacts
) -> No | None:
    fault = next(_faults(bound, facts), None)
    return None if fault is None else No(fault)


def _faults(
    bound: CallerIdNot | CallerIdOneOf | RingsAtLeast | MessageWithin | AbandonAtMost, facts: LawFacts
) -> Iterator[Text]:
    practice = facts.practice
    match bound:
        case CallerIdNot(forbidden) if not facts.caller_id.isdecimal() or _matches(forbidden, facts.caller_id):
            yield Text(
                "Numéro présenté d'une classe interdite, ou masqué\u202f: choisissez-en un autre pour la campagne.",
                "The caller ID is of a forbidden class, or hidden: choose another one for the campaign.",
            )
        case CallerIdOneOf(allowed) if practice.is_automated and not _matches(allowed, facts.caller_id):
            yield Text(
                "Appels automatisés\u202f: présentez un numéro polyvalent vérifié, ou appelez en mode manuel.",
                "Automated calls: present a verified multi-purpose number, or dial in preview mode.",
            )
        case RingsAtLeast(seconds) if practice.ring_s < seconds:
            yield Text(f"Sonnerie de moins de {seconds:g} s.", f"Rings for less than {seconds:g} s: ring longer.")
        case MessageWithin(seconds) if practice.route_wait_s > seconds:
            yield Text(
                f"Plus de {seconds:g} s sans opérateur ni message.",
                f"More than {seconds:g} s without an operator or the message: shorten the wait.",
            )
        case AbandonAtMost(share) if facts.abandon_cap > share:
            yield Text(
                f"Plafond d'abandon de la campagne au-dessus de {share:.0%}.",
                f"The campaign's abandon cap is over {share:.0%}: lower it.",
            )


def _matches(patterns: tuple[str, ...], caller_id: str) -> bool:
    return any(re.fullmatch(pattern, caller_id) for pattern in patterns)


def _shown(hours: Hours) -> str:
    return ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in hours.windows)
