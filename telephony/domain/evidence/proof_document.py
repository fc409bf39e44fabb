"""The daily proof as a document: canonical JSON, its fingerprint, and what a reader checks before trusting it.

Canonical: keys sorted, no spaces, ASCII only, integers and text only, one line feed at the end. The fingerprint is the
SHA-256 of the canonical ``proof``; the signature (Ed25519, made and checked by services) is over ``PREFIX`` and the
same bytes. A document that is not canonical to the byte is refused, so a proof has one text only. A document has ids
only, never a number or a name.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from telephony.domain.evidence.day_facts import DayProof
from telephony.errors import InputError

FORMAT: Final = "telephony-proof-1"
PREFIX: Final = b"telephony-proof-1\n"
"""Comes before the signed bytes, so that a proof's signature is valid for nothing else."""
ALL_MATCH: Final = "all_match"
WITH_GAPS: Final = "with_gaps"


class ProofError(InputError):
    """It is not a proof, was changed, or was signed by somebody else; the message says which."""

    exit_status = 1


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """The newest entry of the chain; the empty chain is sequence 0 and 64 zeros."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class EarlierProof:
    """The proof of an earlier day that this one is chained to."""

    day: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SignedProof:
    """A signed proof, as in its file.

    Attributes:
        proof: ``proof_of`` lists its keys.
        sha256: fingerprint of ``proof``, hexadecimal.
        public_key: Ed25519, 64 hexadecimal digits.
        signature: Ed25519, 128 hexadecimal digits.
    """

    proof: Mapping[str, Any]
    sha256: str
    public_key: str
    signature: str

    @property
    def text(self) -> str:
        """The file."""
        return canonical(asdict(self)).decode()


def proof_of(
    judged: DayProof, site: str, timezone: str, made_at: datetime, head: LedgerHead, earlier: EarlierProof | None
) -> dict[str, Any]:
    """Return what is signed.

    Args:
        judged: the day.
        site: code of the site.
        timezone: IANA zone of the day's midnights.
        made_at: aware UTC.
        head: the newest ledger entry at that time.
        earlier: the proof of an earlier day, or None for the first.
    """
    return {
        "format": FORMAT,
        "site": site,
        "day": judged.day.date.isoformat(),
        "timezone": timezone,
        "begins_at": judged.day.begins_at.isoformat(),
        "ends_at": judged.day.ends_at.isoformat(),
        "made_at": made_at.isoformat(),
        "is_day_over": made_at >= judged.day.ends_at,
        "verdict": ALL_MATCH if judged.holds else WITH_GAPS,
        "counts": asdict(judged.counts),
        "open": list(judged.open),
        "gaps": [{"kind": str(gap.kind), "subject": gap.subject, "text": gap.text} for gap in judged.gaps],
        "ledger": asdict(head),
        "earlier": asdict(earlier) if earlier else None,
    }


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return the canonical text of a document."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii") + b"\n"


def fingerprint(proof: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a proof, hexadecimal."""
    return hashlib.sha256(canonical(proof)).hexdigest()


def signed_bytes(proof: Mapping[str, Any]) -> bytes:
    """Return the bytes that are signed."""
    return PREFIX + canonical(proof)


def read_object(data: bytes) -> dict[str, Any]:
    """Read one canonical JSON object.

    Raises:
        ValueError: it is not one, or not canonical to the byte.
    """
    try:
        value = json.loads(data)
        if isinstance(value, dict) and canonical(value) == data:
            return value
    except RecursionError:
        pass
    raise ValueError("not a canonical JSON object")


def read_signed(data: bytes) -> SignedProof:
    """Read a signed proof and check everything except the signature.

    Raises:
        ProofError: it is not canonical, its fingerprint does not match, or it contradicts itself.
    """
    try:
        signed = SignedProof(**read_object(data))
    except (ValueError, TypeError):
        raise ProofError("this is not a signed proof, or it was changed after it was written") from None
    texts = (signed.sha256, signed.public_key, signed.signature)
    if not isinstance(signed.proof, dict) or not all(isinstance(text, str) for text in texts):
        raise ProofError("this is not a signed proof: one of its fields has the wrong type")
    if signed.proof.get("format") != FORMAT:
        raise ProofError(f"this proof is not of format {FORMAT}: read it with the version that made it")
    if fingerprint(signed.proof) != signed.sha256:
        raise ProofError("the proof was changed: its fingerprint does not match")
    if (signed.proof.get("verdict") == ALL_MATCH) != (signed.proof.get("gaps") == []):
        raise ProofError("the proof contradicts itself: its verdict and its gaps do not agree")
    return signed
