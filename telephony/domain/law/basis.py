"""What the law depends on: the legal kind of a campaign, and a lead's legal basis, consent and time zone.

Values only. Reading them from a list's columns is left to services, deciding on them to ``decision``.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

LEAST_RING_S: Final = 15
"""Seconds that every call rings at least, whatever a table says (16 CFR 310.4(b)(4)(ii); Ofcom)."""


class Basis(StrEnum):
    """Why the person may be called (legal basis)."""

    CONSENT = "consent"
    """Express prior consent; valid only with its record."""
    CONTRACT = "contract"
    """Performance of a current contract, and related products."""
    B2B = "b2b"
    """A professional, called about their profession."""
    SURVEY = "survey"
    """A survey that sells nothing."""
    OTHER = "other"
    """Another basis of the client company; never enough where the law requires consent or a contract."""


class CampaignKind(StrEnum):
    """Legal kind of a campaign; it decides which rules apply (RULES: France, B2B)."""

    SURVEY = "survey"
    CONTRACT = "existing_contract"
    CONSUMER = "consumer_prospecting"
    B2B = "b2b"


class Sector(StrEnum):
    """What a campaign sells, where the law has a specific rule for it."""

    GENERAL = "general"
    PRESS = "press"
    ENERGY_WORKS = "energy_works"
    HOME_ADAPTATION = "home_adaptation"


@dataclass(frozen=True, slots=True)
class LeadTerms:
    """What the list says about one lead that the law depends on.

    Attributes:
        basis: why the person may be called, None when the list does not say.
        consent_at: aware UTC, when consent was given.
        consent_source: where it was given: a form, a shop; None, like the next two, when not on record.
        consent_text_version: which wording was agreed to.
        consent_proof: what proves it: an id at the client company.
        any_time: the consent also covers calls outside the legal days and hours.
        zone: IANA time zone of the person, None where it follows from the number.
    """

    basis: Basis | None = None
    consent_at: datetime | None = None
    consent_source: str | None = None
    consent_text_version: str | None = None
    consent_proof: str | None = None
    any_time: bool = False
    zone: str | None = None

    def missing(self) -> tuple[str, ...]:
        """Return the missing parts of the consent record; () when it is complete."""
        parts = ("consent_at", "consent_source", "consent_text_version", "consent_proof")
        return tuple(name for name in parts if not getattr(self, name))

    def is_proved_consent(self, at: datetime) -> bool:
        """Return True if consent was given before ``at`` and can be proved."""
        given = self.basis is Basis.CONSENT and not self.missing() and self.consent_at is not None
        return given and self.consent_at is not None and self.consent_at <= at

    def record(self) -> dict[str, str]:
        """Return the values that are not empty, as texts for the database and for evidence."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        texts = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}
        return {name: "yes" if value is True else str(value) for name, value in texts.items() if value}

    @classmethod
    def of(cls, record: dict[str, str] | None) -> Self:
        """Return the value that a ``record`` was made from."""
        if not record:
            return cls()
        basis, at = record.get("basis"), record.get("consent_at")
        return cls(
            basis=Basis(basis) if basis else None,
            consent_at=datetime.fromisoformat(at) if at else None,
            consent_source=record.get("consent_source"),
            consent_text_version=record.get("consent_text_version"),
            consent_proof=record.get("consent_proof"),
            any_time="any_time" in record,
            zone=record.get("zone") or None,
        )


NO_TERMS: Final = LeadTerms()
"""A lead about which its list says nothing."""
