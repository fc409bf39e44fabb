import os
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from telephony.domain.evidence.day_facts import DayProof, GapKind
from telephony.domain.evidence.proof_document import (
    EarlierProof,
    LedgerHead,
    ProofError,
    SignedProof,
    canonical,
    fingerprint,
    proof_of,
    read_signed,
    signed_bytes,
)
from telephony.domain.evidence.reconciliation import judge_day
from telephony.errors import SettingsError
from telephony.services.evidence.signing import SigningKey, has_signed, verified
from tests.domain.days import DAY, LATER, NOON, sound_day

HEAD = LedgerHead(41, "ab" * 32)


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.made(tmp_path / "proof.key")


def judged(*, with_gap: bool = False) -> DayProof:
    day = sound_day()
    if with_gap:
        del day.legs[2]
    return judge_day(DAY, day.evidence())


def signed(key: SigningKey, *, with_gap: bool = False) -> SignedProof:
    proof = proof_of(
        judged(with_gap=with_gap), "R1", "Europe/Paris", LATER, HEAD, EarlierProof("2026-11-19", "cd" * 32)
    )
    return SignedProof(proof, fingerprint(proof), key.public_key, key.sign(signed_bytes(proof)))


def test_a_signed_proof_is_verified_with_its_public_key_alone(key: SigningKey):
    proof = verified(signed(key).text.encode(), key.public_key)
    assert proof.proof["verdict"] == "all_match"
    assert proof.proof["counts"]["calls_seen"] == 6
    assert proof.proof["earlier"] == {"day": "2026-11-19", "sha256": "cd" * 32}
    assert proof.proof["ledger"] == {"sequence": 41, "hash": "ab" * 32}
    assert proof.proof["is_day_over"] is True


def test_a_proof_with_gaps_says_so_under_its_signature(key: SigningKey):
    proof = verified(signed(key, with_gap=True).text.encode(), key.public_key)
    assert proof.proof["verdict"] == "with_gaps"
    assert [gap["kind"] for gap in proof.proof["gaps"]] == [GapKind.RECORDING_WITHOUT_LEG]


def test_a_proof_of_a_day_that_is_not_over_says_so():
    proof = proof_of(judged(), "R1", "Europe/Paris", NOON + timedelta(minutes=30), HEAD, None)
    assert proof["is_day_over"] is False
    assert proof["earlier"] is None


def test_a_proof_with_gaps_cannot_be_signed_as_equal(key: SigningKey):
    """A verdict written by hand with the real key is detected by every reader."""
    proof = dict(signed(key, with_gap=True).proof) | {"verdict": "all_match"}
    forged = SignedProof(proof, fingerprint(proof), key.public_key, key.sign(signed_bytes(proof)))
    with pytest.raises(ProofError, match="contradicts itself"):
        verified(forged.text.encode(), key.public_key)


def test_every_single_altered_byte_is_refused(key: SigningKey):
    data = signed(key).text.encode()
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 1
        with pytest.raises(ProofError):
            verified(bytes(altered), key.public_key)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data + b"\n",
        lambda data: data.rstrip(b"\n"),
        lambda data: data.replace(b'":', b'": ', 1),
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b'{"proof"', b'{"proof":1,"proof"', 1),
        lambda data: data[: len(data) // 2],
        lambda _: b"",
        lambda _: b"[]\n",
        lambda _: b"[" * 100_000,
        lambda _: b'{"proof":{},"public_key":"","sha256":"","signature":""}\n',
        lambda _: b'{"proof":{},"public_key":1,"sha256":"","signature":""}\n',
        lambda _: b'{"proof":[],"public_key":"","sha256":"","signature":""}\n',
    ],
)
def test_what_is_not_the_one_text_of_a_proof_is_refused(key: SigningKey, spoil: Callable[[bytes], bytes]):
    with pytest.raises(ProofError):
        read_signed(spoil(signed(key).text.encode()))


def test_a_proof_signed_with_another_key_is_refused(key: SigningKey, tmp_path: Path):
    other = SigningKey.made(tmp_path / "other.key")
    with pytest.raises(ProofError, match="another key"):
        verified(signed(other).text.encode(), key.public_key)
    lent = replace(signed(other), public_key=key.public_key)
    with pytest.raises(ProofError, match="signature"):
        verified(lent.text.encode(), key.public_key)


def test_a_signature_is_good_for_a_proof_only(key: SigningKey):
    proof = signed(key).proof
    bare = key.sign(canonical(proof))
    assert has_signed(key.public_key, canonical(proof), bare)
    again = replace(signed(key), signature=bare)
    with pytest.raises(ProofError):
        verified(again.text.encode(), key.public_key)


def test_malformed_keys_and_signatures_sign_nothing(key: SigningKey):
    good = key.sign(b"x")
    assert has_signed(key.public_key, b"x", good)
    for public_key in ("", "0" * 63, "g" * 64, "f" * 64, key.public_key.upper() + " "):
        assert not has_signed(public_key, b"x", good)
    for signature in ("", "0" * 128, good[:-1], good.upper() + "a"):
        assert not has_signed(key.public_key, b"x", signature)


def test_a_key_is_its_owners_alone_and_read_back(key: SigningKey, tmp_path: Path):
    path = tmp_path / "proof.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert SigningKey.read(path).public_key == key.public_key
    assert SigningKey.at(path).public_key == key.public_key


def test_a_key_is_never_overwritten(key: SigningKey, tmp_path: Path):
    before = (tmp_path / "proof.key").read_bytes()
    with pytest.raises(SettingsError, match="exists already"):
        SigningKey.made(tmp_path / "proof.key")
    assert (tmp_path / "proof.key").read_bytes() == before


def test_a_key_that_cannot_be_trusted_is_refused_by_its_setting(key: SigningKey, tmp_path: Path):
    path = tmp_path / "proof.key"
    with pytest.raises(SettingsError, match=r"proof\.key: .* does not exist"):
        SigningKey.read(tmp_path / "none.key")
    path.chmod(0o640)
    with pytest.raises(SettingsError, match="readable by other users"):
        SigningKey.read(path)
    path.chmod(0o600)
    path.write_bytes(b"nonsense")
    with pytest.raises(SettingsError, match="not a private key"):
        SigningKey.at(path)


def test_the_document_names_nobody(key: SigningKey):
    text = signed(key, with_gap=True).text
    for made in sound_day().attempts.values():
        assert made.number not in text
    assert set(asdict(signed(key))) == {"proof", "sha256", "public_key", "signature"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away; everybody else owns the folder")
def test_a_key_that_root_makes_belongs_to_the_owner_of_its_folder(tmp_path: Path):
    folder = tmp_path / "state"
    folder.mkdir()
    os.chown(folder, 12_345, 12_346)
    SigningKey.made(folder / "proof.key")
    status = (folder / "proof.key").stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (12_345, 12_346, 0o600)
