"""What the law is decided on: one number, one campaign, what is known of the person, and how this site dials."""

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
        is_automated: a machine dials; False when an operator presses call (preview).
        has_operator: an operator is reserved for this call before it rings.
        site: the site's tightening.
    """

    ring_s: float = 25
    setup_s: float = 5
    route_wait_s: float = 2
    is_automated: bool = True
    has_operator: bool = False
    site: SiteRules = LAW_ALONE

    @property
    def dials_s(self) -> float:
        """How long the gate dials, seconds: whatever is set, a carrier that takes its time still rings 15 s.

        The gate counts from its INVITE. One second of the set-up is left for what comes before that, so that the call
        has rung out by the moment the law was asked about.
        """
        return max(self.ring_s, LEAST_RING_S + self.setup_s - 1)

    @property
    def rings(self) -> timedelta:
        """How long after the decision it may still ring."""
        return timedelta(seconds=self.ring_s + self.setup_s)

    @property
    def waits(self) -> timedelta:
        """How long the pbx waits for an answer: the gate rings out first, however long its verdict took (3 s)."""
        return self.rings + timedelta(seconds=3)


LAW_POLICY: Final = DialingPolicy()
"""Dialling by the defaults of the settings, at a site that adds nothing to the law."""


@dataclass(frozen=True, slots=True)
class LawFacts:
    """Everything the law looks at.

    Attributes:
        number: E.164 without plus.
        client_company: the company called for.
        abandon_cap: the campaign's own share, 0 to 1.
        terms: what the list says of the lead.
        contacts: attempts at the number before this one, for whatever company.
        opposed: names of the opposition lists in force for that company that hold the number.
        person_contacts: attempts at the person before this one, under whichever number.
        person_opposed: names of those lists that hold another number of the person.
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
        """Which law and which clocks."""
        return place_of(self.number, self.terms.zone)

    def has_consent(self, at: datetime) -> bool:
        """Tell whether consent is proved and was not taken back since: an objection takes it back."""
        everything = (*self.contacts, *self.person_contacts)
        return self.has_consent_after(last_objection(everything, self.client_company), at)

    def has_consent_after(self, said_at: datetime | None, at: datetime) -> bool:
        """Tell whether consent is proved and was given after what was said at ``said_at``."""
        given_at = self.terms.consent_at
        if given_at is None or not self.terms.is_proved_consent(at):
            return False
        return said_at is None or said_at < given_at

    def bases(self, at: datetime) -> frozenset[Basis]:
        """Return the legal bases that hold at a moment."""
        if self.terms.basis is Basis.CONSENT:
            return frozenset({Basis.CONSENT}) if self.has_consent(at) else frozenset()
        return frozenset() if self.terms.basis is None else frozenset({self.terms.basis})
