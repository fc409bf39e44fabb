"""The facts for the law's decision: the number, the campaign, what is known of the person, and how the site dials."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from telephony.domain.law.basis import LEAST_RING_S, NO_TERMS, Basis, CampaignKind, LeadTerms, Sector
from telephony.domain.law.contacts import Contact, last_objection
from telephony.domain.law.places import Place, place_of
from telephony.domain.law.site import LAW_ALONE, Exemption, SiteRules
from telephony.ids import CampaignId, Number


@dataclass(frozen=True, slots=True)
class DialingPolicy:
    """How calls are made.

    Attributes:
        ring_s: seconds the carrier may ring.
        setup_s: seconds from the decision to the first ring, at most.
        route_wait_s: seconds after the answer until an operator or the message is heard.
        is_automated: the dialer dials by itself; False when an operator presses call (preview).
        has_operator: an operator is reserved for this call before it rings.
        site: the site's stricter rules.
    """

    ring_s: float = 25
    setup_s: float = 5
    route_wait_s: float = 2
    is_automated: bool = True
    has_operator: bool = False
    site: SiteRules = LAW_ALONE

    @property
    def dials_s(self) -> float:
        """How long the gate dials, seconds: long enough for a slow carrier to ring 15 s, whatever is set.

        The gate counts from its INVITE. One second of the setup is left for what comes before it, so that the call has
        rung out by the time for which the law was checked.
        """
        return max(self.ring_s, LEAST_RING_S + self.setup_s - 1)

    @property
    def rings(self) -> timedelta:
        """How long after the decision the call may still ring."""
        return timedelta(seconds=self.ring_s + self.setup_s)

    @property
    def waits(self) -> timedelta:
        """How long the pbx waits for an answer: longer than the gate, even when the gate's decision takes 3 s."""
        return self.rings + timedelta(seconds=3)


LAW_POLICY: Final = DialingPolicy()
"""Dialing by the default settings, at a site that adds nothing to the law."""


@dataclass(frozen=True, slots=True)
class LawFacts:
    """Everything the law's decision depends on.

    Attributes:
        number: E.164 without plus.
        client_company: the company called for.
        abandon_cap: the campaign's own share, 0 to 1.
        terms: what the list says about the lead.
        contacts: attempts at the number before this one, for any company.
        opposed: names of the do-not-call lists in force for that company that contain the number.
        person_contacts: attempts at the person before this one, under any number.
        person_opposed: names of those lists that contain another number of the person.
        exemptions: those that may lift a rule, whatever their dates and state.
    """

    number: Number
    campaign_id: CampaignId
    client_company: str
    kind: CampaignKind
    sector: Sector
    caller_id: str
    abandon_cap: float
    policy: DialingPolicy
    terms: LeadTerms = NO_TERMS
    contacts: tuple[Contact, ...] = ()
    opposed: tuple[str, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    person_contacts: tuple[Contact, ...] = ()
    person_opposed: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Which law applies and which time zones."""
        return place_of(self.number, self.terms.zone)

    def has_consent(self, at: datetime) -> bool:
        """Return True if consent is proved and was not revoked since; an objection revokes it."""
        everything = (*self.contacts, *self.person_contacts)
        return self.has_consent_after(last_objection(everything, self.client_company), at)

    def has_consent_after(self, said_at: datetime | None, at: datetime) -> bool:
        """Return True if consent is proved and was given after ``said_at``."""
        given_at = self.terms.consent_at
        if given_at is None or not self.terms.is_proved_consent(at):
            return False
        return said_at is None or said_at < given_at

    def bases(self, at: datetime) -> frozenset[Basis]:
        """Return the legal bases that are valid at a time."""
        if self.terms.basis is Basis.CONSENT:
            return frozenset({Basis.CONSENT}) if self.has_consent(at) else frozenset()
        return frozenset() if self.terms.basis is None else frozenset({self.terms.basis})
