"""What the store holds that its ledger does not vouch for: rows put in, taken out or moved.

    for sentence in unvouched(database, people, ledger): ...     nothing when all is as logged
    for index, digest in facts_digests(database, people, ledger): ...

What belonged to a person who was erased is excused by the line that says so, and by nothing else.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from osler.errors import OslerError
from osler.ledger.entry import Entry
from osler.ledger.log import Log
from osler.record.codec import digest_of_lines
from osler.record.database import Database
from osler.record.people import People
from osler.record.rows import (
    FACT_COLUMNS,
    SOURCE_COLUMNS,
    as_received,
    fact_of,
    fact_row,
    source_of,
)

__all__ = ["facts_digests", "unvouched"]

_GAVE_FACTS = {"read", "bind"}


@dataclass(slots=True)
class _Told:
    """What the ledger says of people and rows."""

    owners: Mapping[str, int]
    names: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    merges: set[tuple[str, str]] = field(default_factory=set)
    rows: set[int] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    erased_rows: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, people: People, ledger: Log) -> "_Told":
        told = cls({people.digest(key, "patient"): key for key in people.remembered()})
        for entry in ledger.entries("erase"):
            told.erased |= set(_strings(entry.body["patients"]))
            told.erased_rows |= {int(row) for row in _strings(entry.body["rows"])}
        return told

    def excuses(self, entry: Entry) -> bool:
        """Whether the row that a line names was erased since."""
        return int(str(entry.body["row"])) in self.erased_rows


def _strings(value: Any) -> list[str]:
    return [str(one) for one in value]


def unvouched(database: Database, people: People, ledger: Log) -> Iterator[str]:
    """A sentence for each source, fact, identifier or merge that is not as the ledger has it."""
    told = _Told.of(people, ledger)
    for entry in ledger.entries():
        body = entry.body
        if entry.kind in {*_GAVE_FACTS, "link"}:
            told.names[str(body.get("patient"))].add(str(body.get("identifier")))
        if entry.kind in _GAVE_FACTS:
            told.rows.add(int(str(body["row"])))
            if not told.excuses(entry):
                yield from _read_line(database, people, entry, told)
        if entry.kind in {"merge", "unmerge"}:
            told.merges ^= {(str(body["kept"]), str(body["merged"]))}
    yield from _put_in(database, told.rows - told.erased_rows)
    for whose, key in told.owners.items():
        held = {people.digest(key, str(name)) for name in people.identifiers(key)}
        # A merge may have been the first word of somebody of whom nothing was read yet.
        if held != told.names[whose] - {"None"}:
            yield f"the identifiers of patient {key} are not those that were read or linked"
    yield from _merged(database, people, told)


def facts_digests(database: Database, people: People, ledger: Log) -> Iterator[tuple[int, str]]:
    """For every line that gave a source facts: its index and the digest of the facts now kept.

    A fact that is another patient's spoils the digest, and so do columns that no longer say what
    the fact says.
    """
    told = _Told.of(people, ledger)
    for entry in ledger.entries():
        if entry.kind not in _GAVE_FACTS or told.excuses(entry):
            continue
        owner = told.owners.get(str(entry.body["patient"]))
        rows = database.execute(
            f"SELECT patient, {FACT_COLUMNS} FROM facts WHERE source = ? ORDER BY ordinal",
            (entry.body["row"],),
        )
        yield entry.index, digest_of_lines(_line_of(row, owner) for row in rows)


def _line_of(row: tuple[Any, ...], owner: int | None) -> str:
    patient, *columns = row
    try:
        sound = tuple(columns[:-1]) == fact_row(fact_of(columns[-1]))[:-1]
    except OslerError:
        sound = False
    if patient != owner:
        return "else's"
    return str(columns[-1]) if sound else f"its columns differ: {columns[-1]}"


def _read_line(database: Database, people: People, entry: Entry, told: _Told) -> Iterator[str]:
    """Hold the row that a line names against what the line says of it."""
    body = entry.body
    owner = told.owners.get(str(body["patient"]))
    found = list(
        database.execute(
            f"SELECT {SOURCE_COLUMNS}, delivery, received_at, trouble, patient FROM sources "
            "WHERE id = ?",
            (body["row"],),
        )
    )
    if not found:
        yield f"a source is gone from the store (ledger line {entry.index})"
        return
    ((*row, delivery, received_at, trouble, patient),) = found
    source = source_of(row)
    stood = as_received(source, delivery, received_at, trouble)
    kept = (
        people.digest(owner, source.digest) if owner else source.digest,
        source.kind,
        source.size,
        trouble is None,
        people.digest(owner, stood) if owner else None,
    )
    said = tuple(body[key] for key in ("source", "kind", "size", "understood", "as_received"))
    if kept != said or patient != owner:
        yield f"a source was changed in the store (ledger line {entry.index})"


def _put_in(database: Database, logged: set[int]) -> Iterator[str]:
    for table, column in (("sources", "id"), ("facts", "source")):
        held = database.execute(f"SELECT DISTINCT {column} FROM {table}")
        for number in sorted({int(row) for (row,) in held} - logged):
            yield f"row {number} of the {table} was put in: no ledger line says that it was read"


def _merged(database: Database, people: People, told: _Told) -> Iterator[str]:
    """Hold the merges in force against those that the ledger has, those of the erased apart."""
    keys = {key: whose for whose, key in told.owners.items()}
    held = {
        (keys[kept], keys[merged])
        for kept, merged in database.execute(
            "SELECT kept, merged FROM merges WHERE undone_at IS NULL"
        )
        if kept in keys and merged in keys
    }
    if held != {pair for pair in told.merges if not told.erased.intersection(pair)}:
        yield "the patients that are merged are not those that the ledger says were merged"
