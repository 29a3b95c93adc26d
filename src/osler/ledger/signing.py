"""Ed25519 keys (RFC 8032): the one that signs the ledger, and the one anybody checks it with.

    key = SigningKey.load_or_create(home() / "keys" / "ledger.key")
    signature = key.sign(b"...")
    PublicKey.load(home() / "keys" / "ledger.key.pub").verify(signature, b"...")

The private key is an unencrypted PKCS #8 PEM that only its owner can read; the public key lies
beside it with ``.pub`` added. Give the public key to whoever is to check the ledger: a checker
who takes it from the machine under suspicion has checked nothing.
"""

import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from osler.errors import IntegrityError, NotFound, SignatureInvalid, StoreError, WrongUse

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# cryptography costs some 90 ms to import and most commands sign nothing, so the functions import it

__all__ = ["PublicKey", "SigningKey"]

RAW_BYTES = 32
ED25519_NOTE = b"\x0a\x01"


class PublicKey:
    """The half of a key pair that verifies."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        """Take the 32 raw bytes of RFC 8032. Raises WrongUse where they are not 32."""
        if len(raw) != RAW_BYTES:
            raise WrongUse(f"an Ed25519 public key has {RAW_BYTES} bytes, this has {len(raw)}")
        self._raw = bytes(raw)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "PublicKey":
        """From the 32 raw bytes."""
        return cls(raw)

    @classmethod
    def load(cls, path: Path) -> "PublicKey":
        """Read a PEM file. Raises NotFound, or WrongUse where it is not an Ed25519 public key."""
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            key = serialization.load_pem_public_key(_read(path, "public"))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise WrongUse(f"{path} is not a PEM public key ({error})") from error
        if not isinstance(key, Ed25519PublicKey):
            raise WrongUse(f"{path} holds a public key, but not an Ed25519 one")
        return cls(key.public_bytes_raw())

    @property
    def raw(self) -> bytes:
        """The 32 raw bytes."""
        return self._raw

    @property
    def key_id(self) -> str:
        """A short name for people: the first 8 bytes of the SHA-256 of the raw key, in hex."""
        return hashlib.sha256(self._raw).hexdigest()[:16]

    def note_id(self, name: str) -> str:
        """The 4-byte key identifier, in hex, that a C2SP signed note gives key ``name``."""
        return hashlib.sha256(name.encode() + ED25519_NOTE + self._raw).hexdigest()[:8]

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return if ``signature`` is this key's over ``data``; else raise SignatureInvalid."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self._raw).verify(signature, data)
        except InvalidSignature as error:
            raise SignatureInvalid(
                f"the signature over these {len(data)} bytes is not by key {self.key_id}: either "
                "they were changed, or another key signed them; compare the key with the one "
                "that was handed over when the ledger was set up"
            ) from error

    def pem(self) -> bytes:
        """The key as SubjectPublicKeyInfo PEM."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        return Ed25519PublicKey.from_public_bytes(self._raw).public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PublicKey) and other._raw == self._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    def __repr__(self) -> str:
        return f"PublicKey({self.key_id})"


class SigningKey:
    """The half of a key pair that signs; its bytes never leave this object but to its file."""

    __slots__ = ("_private", "public")

    def __init__(self, private: "Ed25519PrivateKey") -> None:
        self._private = private
        self.public = PublicKey(private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> "SigningKey":
        """A new key, in memory only."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load_or_create(cls, path: Path) -> "SigningKey":
        """The key in the PEM file ``path``, made there first if there is none.

        Two processes that start together end with the same key. Raises WrongUse (not an Ed25519
        key, or readable by others), IntegrityError (the public key beside it is another's),
        StoreError (the folder cannot be written).
        """
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                _place(path, cls.generate()._pem(), mode=0o600)
            key = cls._load(path)
            key._settle_public(path.with_name(path.name + ".pub"))
        except OSError as error:
            raise StoreError(
                f"the signing key {path} cannot be read or written ({error.strerror}): "
                "check the folder's owner and free space"
            ) from error
        return key

    @classmethod
    def _load(cls, path: Path) -> "SigningKey":
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        mode = stat.S_IMODE(path.stat().st_mode)
        if os.name == "posix" and mode & 0o077:
            raise WrongUse(
                f"the signing key {path} can be read by others (mode {mode:04o}): whoever read it "
                f"can forge checkpoints. Run `chmod 600 {path}` if nobody did, else make a new one"
            )
        try:
            private = serialization.load_pem_private_key(_read(path, "signing"), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise WrongUse(
                f"{path} is not an unencrypted PEM private key ({error}): restore it from a backup"
            ) from error
        if not isinstance(private, Ed25519PrivateKey):
            raise WrongUse(f"{path} holds a private key, but not an Ed25519 one")
        return cls(private)

    def _settle_public(self, path: Path) -> None:
        """Write the public key beside the private one, or see that the one there is its own."""
        if not path.exists():
            _place(path, self.public.pem(), mode=0o644)
        found = PublicKey.load(path)
        if found != self.public:
            raise IntegrityError(
                f"{path} is key {found.key_id}, but the private key beside it is "
                f"{self.key_id}: one of the two was replaced; restore the pair from a backup"
            )

    def _pem(self) -> bytes:
        from cryptography.hazmat.primitives import serialization

        return self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    @property
    def key_id(self) -> str:
        """The public key's short name."""
        return self.public.key_id

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature over ``data``; the same every time (RFC 8032 section 5.1.6)."""
        return self._private.sign(data)

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id})"


def _read(path: Path, which: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(
            f"there is no {which} key at {path}: name the file it is in (osler verify --key FILE)"
        ) from error


def _place(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole or not at all; where another process was first, its file stays."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # unlike a rename, a link never replaces what is there
        except FileExistsError:
            return
    finally:
        draft.unlink()
