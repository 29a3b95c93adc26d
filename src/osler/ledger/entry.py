"""One line of the ledger, and the exact bytes of it that are hashed.

    entry = Entry(index=0, at="2026-11-23T09:00:00Z", kind="assess", body={"record": "3f..."})
    entry.leaf == leaf_hash(entry.canonical())

The bytes are RFC 8785 canonical JSON, so that whoever holds the entry gets the same leaf in any
language. A body never holds what identifies a patient: put a digest of it there, keyed if the
original could be guessed.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import rfc8785

from osler.errors import LedgerAltered, WrongUse
from osler.ledger.merkle import leaf_hash

__all__ = ["JSON", "Entry"]

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"

UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
EXACT_INTEGERS = 2**53


_ENCODE = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


def _is_plain(value: JSON) -> bool:
    """Whether the standard library's sorted JSON is RFC 8785's already, at a tenth of the time.

    So it is without fractions, with keys that sort the same in code points as in UTF-16 (ASCII
    ones), and with characters that UTF-8 can hold.
    """
    kind = type(value)
    if kind is str:
        return bool(value.isascii())  # type: ignore[union-attr]
    if kind is int:
        return -EXACT_INTEGERS < value < EXACT_INTEGERS  # type: ignore[operator]
    if kind is dict:
        return all(k.isascii() and _is_plain(v) for k, v in value.items())  # type: ignore[union-attr]
    if kind is list:
        return all(map(_is_plain, value))  # type: ignore[arg-type]
    return kind is bool or value is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line: its number from 0, when (ISO 8601, UTC), what kind of act, and its details."""

    index: int
    at: str
    kind: str
    body: Mapping[str, JSON]

    def canonical(self) -> bytes:
        """The line as RFC 8785 JSON. Raises WrongUse where JSON cannot carry the body exactly."""
        self._check()
        line: dict[str, JSON] = {
            "at": self.at,
            "body": dict(self.body),
            "index": self.index,
            "kind": self.kind,
        }
        if _is_plain(line):
            return _ENCODE(line).encode()
        try:
            return rfc8785.dumps(line)
        except rfc8785.CanonicalizationError as error:
            raise WrongUse(
                f"ledger line {self.index} of kind {self.kind!r} cannot be written: {error}. "
                "Use strings for whole numbers above 2^53 and null for a missing number"
            ) from error

    def _check(self) -> None:
        if not UTC_TIME.fullmatch(self.at):
            raise WrongUse(
                f"ledger line {self.index} has the time {self.at!r}: "
                "give ISO 8601 in UTC, such as 2026-11-23T09:00:00Z"
            )
        if not self.kind:
            raise WrongUse(f"ledger line {self.index} has no kind: say what it records")

    @property
    def leaf(self) -> bytes:
        """The line's leaf hash in the tree, 32 bytes."""
        return leaf_hash(self.canonical())

    def to_json(self) -> str:
        """The canonical JSON as text: what the database holds."""
        return self.canonical().decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> "Entry":
        """Read what :meth:`to_json` wrote. Raises LedgerAltered where it is not a ledger line."""
        try:
            line = json.loads(text, parse_int=_number)
            entry = cls(index=line["index"], at=line["at"], kind=line["kind"], body=line["body"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise LedgerAltered(
                f"this is not a ledger line ({type(error).__name__}: {error}): {text[:60]!r}"
            ) from error
        types = (type(entry.index), type(entry.at), type(entry.kind), type(entry.body))
        if types != (int, str, str, dict) or len(line) != 4:
            raise LedgerAltered(f"this is not a ledger line (wrong members): {text[:60]!r}")
        return entry


def _number(digits: str) -> int | float:
    """JSON has only doubles: what RFC 8785 writes without a point may have been 1e20."""
    # 17 digits and more are past 2^53 in any case; float() has no limit on length, int() has
    if len(digits) > 17:
        return float(digits)
    value = int(digits)
    return value if abs(value) < EXACT_INTEGERS else float(value)
