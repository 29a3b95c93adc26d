"""Sources and facts as rows of a store's tables, and back.

fact_row(fact)            the columns that queries ask for, and the fact itself as JSON
fact_of(text)             the fact again
source_of(row)            of the columns SOURCE_COLUMNS
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from osler.errors import BrokenFile
from osler.record.codec import fact_from_json, fact_line, fact_to_json
from osler.record.fact import Fact
from osler.record.source import AuthorRole, Source, Stream
from osler.record.topic import scope_of

__all__ = [
    "FACT_COLUMNS",
    "SOURCE_COLUMNS",
    "FactRow",
    "as_received",
    "fact_of",
    "fact_row",
    "plain",
    "source_of",
]

SOURCE_COLUMNS = "digest, kind, media_type, name, size, author, stream"
FACT_COLUMNS = (
    "kind, code, scope, identity, replaces, stream, status, assertion, began, began_by, ended, "
    "known, known_by, received, said, fact"
)


class FactRow(NamedTuple):
    """One fact as `FACT_COLUMNS`: what queries ask for, and last the whole as JSON."""

    kind: str
    code: str
    scope: str
    identity: str | None
    replaces: str | None
    stream: str
    status: str
    assertion: str
    began: int
    began_by: int
    ended: int | None
    known: int
    known_by: int
    received: int
    said: int
    fact: str


_ENCODE = msgspec.json.Encoder(order="deterministic").encode

_INFERRED = ("recorded_at", "recorded_inferred")
_FETCH = ("received_at", "source", "at")  # of the fetch, not of what is said


def fact_row(fact: Fact) -> FactRow:
    """The columns `FACT_COLUMNS` of one fact."""
    whole = fact_to_json(fact)
    return FactRow(
        fact.kind.value, plain(fact.code.key), plain(scope_of(fact)),
        fact.identity and plain(fact.identity), fact.replaces and plain(fact.replaces),
        fact.stream.value, plain(fact.status), fact.assertion.value, fact.began, fact.began_by,
        fact.ended, fact.known, fact.known_by, fact.received,
        _said(whole, fact.recorded_inferred) if fact.identity else 0, fact_line(whole),
    )  # fmt: skip


def plain(text: str) -> str:
    """Without NUL, which PostgreSQL keeps in no text and no name or code is meant to hold."""
    return text.replace("\x00", "") if "\x00" in text else text


def _said(whole: Mapping[str, object], inferred: bool) -> int:
    """A number for what is said, equal where a statement was only fetched again.

    A time that had to be inferred (from `lastUpdated`, say) is the fetch's, not the statement's.
    """
    left_out = (*_FETCH, *_INFERRED) if inferred else _FETCH
    text = _ENCODE({key: value for key, value in whole.items() if key not in left_out})
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), signed=True)


def fact_of(text: str) -> Fact:
    """A stored fact; raises `BrokenFile` when the row is no longer one."""
    try:
        return fact_from_json(json.loads(text))
    except ValueError as error:
        raise BrokenFile(f"a stored fact cannot be read ({error}): run `osler verify`") from error


def source_of(row: Sequence[object]) -> Source:
    """The source of a row of `SOURCE_COLUMNS`."""
    digest, kind, media_type, name, size, author, stream = row
    return Source(
        digest=str(digest),
        kind=str(kind),
        media_type=str(media_type),
        name=str(name),
        size=int(str(size)),
        author=AuthorRole(str(author)),
        stream=Stream(str(stream)),
    )


def as_received(source: Source, delivery: str | None, received_at: str, trouble: str | None) -> str:
    """What stands beside a source's bytes, in one line for the ledger to digest."""
    return json.dumps(
        [
            source.name, source.media_type, source.author.value, source.stream.value, delivery,
            received_at, trouble,
        ]
    )  # fmt: skip
