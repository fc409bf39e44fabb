"""Ed25519 keys of the daily proof: making a key, reading it, signing, and verifying a signature offline.

The private key is in one file (PEM, PKCS#8, mode 0600) of the controller's user. The public key is 64 hexadecimal
digits that the client and the inspector keep elsewhere. ``telephony.domain.evidence.proof_document`` defines the signed
bytes.
"""

import os
import re
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from telephony.domain.evidence.proof_document import ProofError, SignedProof, read_signed, signed_bytes
from telephony.errors import SettingsError

KEY_MODE: Final = 0o600
_KEY: Final = re.compile(r"[0-9a-f]{64}")
_SIGNATURE: Final = re.compile(r"[0-9a-f]{128}")


class SigningKey:
    """Implements ``telephony.ports.evidence.proof.Signer``."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def made(cls, path: Path) -> Self:
        """Make a key in a new file; made by root, it is given to the owner of its folder, whose service reads it.

        Raises:
            SettingsError: there is one already, or the file cannot be written.
        """
        key = Ed25519PrivateKey.generate()
        data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, KEY_MODE), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                if os.geteuid() == 0:
                    owner = path.parent.stat()
                    os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
        except FileExistsError:
            raise SettingsError(
                f"proof.key: {path} exists already; move it away first, and keep it: old proofs name its public key"
            ) from None
        except OSError as error:
            raise SettingsError(f"proof.key: {path} cannot be written ({error.strerror}); run as its owner") from error
        return cls(key)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the key.

        Raises:
            SettingsError: it is missing, readable by other users, or not an Ed25519 key.
        """
        try:
            if path.stat().st_mode & 0o077:
                raise SettingsError(f"proof.key: {path} is readable by other users; chmod 600 it, or make a new key")
            key = load_pem_private_key(path.read_bytes(), None)
        except FileNotFoundError:
            raise SettingsError(f"proof.key: {path} does not exist; telephony prove --make-key makes it") from None
        except OSError as error:
            raise SettingsError(f"proof.key: {path} cannot be read ({error.strerror}); run as its owner") from error
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise SettingsError(f"proof.key: {path} is not a private key in PEM; restore it from its backup") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise SettingsError(f"proof.key: {path} is not an Ed25519 key; telephony prove --make-key makes one")
        return cls(key)

    @classmethod
    def at(cls, path: Path) -> Self:
        """Read the key; make it at its first use."""
        return cls.read(path) if path.exists() else cls.made(path)

    @property
    def public_key(self) -> str:
        """Ed25519, 64 hexadecimal digits."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def sign(self, data: bytes) -> str:
        """Return the signature of ``data``, 128 hexadecimal digits."""
        return self._key.sign(data).hex()


def has_signed(public_key: str, data: bytes, signature: str) -> bool:
    """Return True if the owner of ``public_key`` signed ``data``; False for malformed values."""
    if _KEY.fullmatch(public_key) is None or _SIGNATURE.fullmatch(signature) is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


def verified(data: bytes, public_key: str) -> SignedProof:
    """Verify a signed proof with only a stored public key.

    Args:
        data: the file, byte for byte.
        public_key: 64 hexadecimal digits, from another source than the file.

    Raises:
        ProofError: it was changed, or was signed with another key.
    """
    signed = read_signed(data)
    if public_key.strip().lower() != signed.public_key:
        raise ProofError("the proof was signed with another key than the one given")
    if not has_signed(signed.public_key, signed_bytes(signed.proof), signed.signature):
        raise ProofError("the signature is not of this proof: one of them was changed")
    return signed
