"""What the law asks of a lead, read from a list's columns: legal basis, consent and its proof, time zone.

Pure: cells in, ``LeadTerms`` out, or the reason why the row is not taken. A row without any of these columns is taken:
whether its lead may be called is decided at the call, by ``telephony.domain.law``.
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
"""Parts of ``LeadTerms`` and the headers they are found under, simplified, in order of preference."""
_BASES: Final[dict[str, Basis]] = {
    **dict.fromkeys(("consent", "consentement", "opt in", "optin"), Basis.CONSENT),
    **dict.fromkeys(("contract", "contrat", "contrat en cours", "existing contract", "client"), Basis.CONTRACT),
    **dict.fromkeys(("b2b", "professionnel", "pro", "professional"), Basis.B2B),
    **dict.fromkeys(("survey", "sondage", "enquete"), Basis.SURVEY),
    **dict.fromkeys(("other", "autre", "interet legitime", "legitimate interest"), Basis.OTHER),
}
_YES: Final = frozenset({"oui", "yes", "true", "vrai", "1", "x"})
_WRITINGS: Final = ("%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S")
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
    """Return which parts of the terms stand in which column of a simplified header."""
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
        simplified: the basis and ``any_time`` cells of the row as headers are simplified, by part.
        site: the site's clock, on which a consent's time is read that names no zone.

    Raises:
        TermsError: a cell cannot be read.
    """
    if not columns:
        return NO_TERMS
    said = {part: cells[index].strip() for part, index in columns.items()}
    basis = simplified.get("basis") or None
    if basis is not None and basis not in _BASES:
        raise TermsError("legal_basis")
    zone = said.get("zone") or None
    if zone is not None and not is_zone(zone):
        raise TermsError("time_zone")
    return LeadTerms(
        basis=None if basis is None else _BASES[basis],
        consent_at=_moment(said.get("consent_at", ""), site),
        consent_source=said.get("consent_source") or None,
        consent_text_version=said.get("consent_text_version") or None,
        consent_proof=said.get("consent_proof") or None,
        any_time=simplified.get("any_time", "") in _YES,
        zone=zone,
    )


def _moment(text: str, site: tzinfo) -> datetime | None:
    """Return a date or moment as aware UTC; without a zone it is the site's, of an hour that comes twice the later one.

    The later one, because a consent counts from its moment on.
    """
    if not text:
        return None
    for read in (datetime.fromisoformat, *(_reader(writing) for writing in _WRITINGS)):
        try:
            at = read(text)
        except ValueError:
            continue
        if not is_within_reach(at):
            break
        return at.astimezone(UTC) if at.tzinfo else at_wall(at, site, is_start=True)
    raise TermsError("consent_date")


def _reader(writing: str) -> Callable[[str], datetime]:
    return lambda text: datetime.strptime(text, writing)  # noqa: DTZ007 - the site's zone is given after
