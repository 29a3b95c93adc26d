"""A signed statement of the ledger's size and root: what a witness keeps.

    text = log.latest_checkpoint().text()      # print it, mail it, hand it to a notary
    Checkpoint.parse(text).verify(public)

The body is a C2SP tlog-checkpoint (c2sp.org/tlog-checkpoint), the text a C2SP signed note
(c2sp.org/signed-note), so that the witnesses and tools of that family can read it.
"""

import base64
import binascii
import re
from dataclasses import dataclass

from osler.errors import LedgerAltered, SignatureInvalid, WrongUse
from osler.ledger.merkle import HASH_BYTES
from osler.ledger.signing import PublicKey, SigningKey

__all__ = ["Checkpoint", "check_origin"]

KEY_ID_BYTES = 4
SIGNATURE_BYTES = 64
SIGNATURE_LINE = re.compile("\u2014 (?P<name>[^ ]+) (?P<value>[A-Za-z0-9+/=]+)")
SIZE = re.compile("0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Who speaks (origin), for how many lines, with which root, signed.

    ``key_id`` is the 4-byte identifier of the signed note in hex: ``PublicKey.note_id(origin)``.
    ``root`` has 32 bytes, ``signature`` 64.
    """

    origin: str
    size: int
    root: bytes
    key_id: str
    signature: bytes

    @classmethod
    def sign(cls, key: SigningKey, *, origin: str, size: int, root: bytes) -> "Checkpoint":
        """State and sign. Raises WrongUse where ``origin`` cannot name a signed note."""
        check_origin(origin)
        return cls(
            origin=origin,
            size=size,
            root=root,
            key_id=key.public.note_id(origin),
            signature=key.sign(_body(origin, size, root)),
        )

    def body(self) -> bytes:
        """The signed bytes: origin, size and base64 root, a line each."""
        return _body(self.origin, self.size, self.root)

    def text(self) -> str:
        """The signed note: the body, an empty line, the signature line."""
        value = base64.b64encode(bytes.fromhex(self.key_id) + self.signature).decode()
        return f"{self.body().decode()}\n\u2014 {self.origin} {value}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a signed note; signatures of others (witnesses) are passed over.

        Says nothing of whether the signature holds: that is :meth:`verify`. Raises LedgerAltered
        where the text is not a checkpoint.
        """
        body, blank, signatures = text.partition("\n\n")
        lines = body.split("\n")
        if not blank or len(lines) != 3 or not lines[0] or not SIZE.fullmatch(lines[1]):
            raise _not_a_checkpoint(text, "expected origin, size, root, an empty line, signatures")
        key_id, signature = _own_signature(text, lines[0], signatures)
        return cls(
            origin=lines[0],
            size=int(lines[1]),
            root=_decode(text, lines[2], HASH_BYTES),
            key_id=key_id,
            signature=signature,
        )

    def verify(self, public: PublicKey) -> None:
        """Return if ``public`` signed this; else raise SignatureInvalid."""
        expected = public.note_id(self.origin)
        if self.key_id != expected:
            raise SignatureInvalid(
                f"the checkpoint at size {self.size} names signing key {self.key_id}, not "
                f"{expected} (key {public.key_id}): it was made by another key, or this is not "
                "the public key that belongs to this ledger"
            )
        try:
            public.verify(self.signature, self.body())
        except SignatureInvalid as error:
            raise SignatureInvalid(f"the checkpoint at size {self.size}: {error}") from error


def check_origin(origin: str) -> None:
    """Raise WrongUse where ``origin`` cannot be the name in a signed note."""
    if not origin or not origin.isprintable() or " " in origin or "+" in origin:
        raise WrongUse(
            f"a ledger cannot be called {origin!r}: give a name without spaces, plus signs or "
            "line breaks, such as hospital.example/osler"
        )


def _body(origin: str, size: int, root: bytes) -> bytes:
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def _own_signature(text: str, origin: str, signatures: str) -> tuple[str, bytes]:
    if not signatures.endswith("\n"):
        raise _not_a_checkpoint(text, "the last line is cut short")
    for line in signatures[:-1].split("\n"):
        match = SIGNATURE_LINE.fullmatch(line)
        if match is None:
            raise _not_a_checkpoint(text, f"{line[:40]!r} is not a signature line")
        if match["name"] == origin:
            value = _decode(text, match["value"], KEY_ID_BYTES + SIGNATURE_BYTES)
            return value[:KEY_ID_BYTES].hex(), value[KEY_ID_BYTES:]
    raise _not_a_checkpoint(text, f"no signature line of {origin}")


def _decode(text: str, value: str, length: int) -> bytes:
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _not_a_checkpoint(text, f"{value[:40]!r} is not base64") from error
    # base64 has several spellings of the same bytes; only the usual one may stand here
    if len(decoded) != length or base64.b64encode(decoded).decode() != value:
        raise _not_a_checkpoint(text, f"{value[:40]!r} is not {length} bytes in base64")
    return decoded


def _not_a_checkpoint(text: str, why: str) -> LedgerAltered:
    return LedgerAltered(
        f"this is not a signed checkpoint ({why}): {text[:60]!r}. "
        "Take the text again from whoever keeps it"
    )
