"""The columns of a list about the law: legal basis, consent and its proof, time zone.

Pure: it turns cells into ``LeadTerms``, or returns why the row is rejected. A row without these columns is accepted:
``telephony.domain.law`` decides at the time of the call whether its lead may be called.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from telephony.domain.law.basis import NO_TERMS, Basis, LeadTerms
from telephony.domain.law.hours import at_wall
from telephony.domain.law.places import is_zone
from telephony.domain.text.reason import Reason
from telephony.domain.text.years import is_within_reach
from telephony.words import english

HEADERS: Final[dict[str, tuple[str, ...]]] = {
    "basis": ("base legale", "legal basis", "fondement juridique"),
    "consent_at": ("date consentement", "date du consentement", "consentement le", "consent date", "consent at"),
    "consent_source": ("source consentement", "source du consentement", "consent source"),
    "consent_text_version": (
        "version consentement",
        "version du consentement",
        "texte consentement",
        "consent text version",
        "consent version",
    ),
    "consent_proof": ("preuve consentement", "preuve du consentement", "consent proof", "consent id"),
    "any_time": ("consentement hors horaires", "hors horaires", "consent any time", "any time"),
    "zone": ("fuseau", "fuseau horaire", "time zone", "timezone"),
}
"""Parts of ``LeadTerms`` and their headers, simplified, in order of preference."""
_BASES: Final[dict[str, Basis]] = {
    **dict.fromkeys(("consent", "consentement", "opt in", "optin"), Basis.CONSENT),
    **dict.fromkeys(("contract", "contrat", "contrat en cours", "existing contract", "client"), Basis.CONTRACT),
    **dict.fromkeys(("b2b", "professionnel", "pro", "professional"), Basis.B2B),
    **dict.fromkeys(("survey", "sondage", "enquete"), Basis.SURVEY),
    **dict.fromkeys(("other", "autre", "interet legitime", "legitimate interest"), Basis.OTHER),
}
_YES: Final = frozenset({"oui", "yes", "true", "vrai", "1", "x"})
_FORMATS: Final = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")
SENTENCES: Final = {
    "legal_basis": Reason("list.terms.legal_basis"),
    "consent_date": Reason("list.terms.consent_date"),
    "time_zone": Reason("list.terms.time_zone"),
}


class TermsError(ValueError):
    """A cell about the law that cannot be read; ``reason`` is a key of ``SENTENCES``."""

    def __init__(self, reason: str) -> None:
        super().__init__(english(SENTENCES[reason]))
        self.reason = reason


def find(plain: Sequence[str]) -> dict[str, int]:
    """Return the column index of each part of the terms in a simplified header."""
    indexes = {
        part: next((plain.index(text) for text in texts if text in plain), None) for part, texts in HEADERS.items()
    }
    return {part: index for part, index in indexes.items() if index is not None}


def terms_of(
    columns: Mapping[str, int], cells: Sequence[str], simplified: Mapping[str, str], site: tzinfo
) -> LeadTerms:
    """Return the terms in a row.

    Args:
        columns: as ``find`` returned them.
        cells: the row.
        simplified: the basis and ``any_time`` cells of the row, simplified like headers, by part.
        site: the site's time zone, for a consent time without a zone.

    Raises:
        TermsError: a cell cannot be read.
    """
    if not columns:
        return NO_TERMS
    texts = {part: cells[index].strip() for part, index in columns.items()}
    basis = simplified.get("basis") or None
    if basis is not None and basis not in _BASES:
        raise TermsError("legal_basis")
    zone = texts.get("zone") or None
    if zone is not None and not is_zone(zone):
        raise TermsError("time_zone")
    return LeadTerms(
        basis=None if basis is None else _BASES[basis],
        consent_at=_consent_time(texts.get("consent_at", ""), site),
        consent_source=texts.get("consent_source") or None,
        consent_text_version=texts.get("consent_text_version") or None,
        consent_proof=texts.get("consent_proof") or None,
        any_time=simplified.get("any_time", "") in _YES,
        zone=zone,
    )


def _consent_time(text: str, site: tzinfo) -> datetime | None:
    """Return a date or time as aware UTC; without a zone it is read in the site's.

    An hour that comes twice is the later one, because a consent is valid from its time on.
    """
    if not text:
        return None
    for read in (datetime.fromisoformat, *(_parser(text_format) for text_format in _FORMATS)):
        try:
            at = read(text)
        except ValueError:
            continue
        if not is_within_reach(at):
            break
        return at.astimezone(UTC) if at.tzinfo else at_wall(at, site, is_start=True)
    raise TermsError("consent_date")


def _parser(text_format: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, text_format)  # noqa: DTZ007 - the site's zone is set afterwards
