"""One transaction on a store: what is written, for whom, and its ledger lines.

with store.writing() as act:
    act.add(source, data, facts, patient=Identifier.parse("8823"))
    act.bind(digest, Identifier.parse("8823"), "the label on the slide")

Rows are gathered and written many at a time: a thousand sources cost a few statements.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from osler.errors import NotFound
from osler.ledger.entry import JSON, Entry
from osler.ledger.log import Log
from osler.record.codec import digest_of_lines
from osler.record.contents import Contents
from osler.record.database import Database
from osler.record.fact import Fact
from osler.record.patient import NO_AUTHORITY, Identifier
from osler.record.people import People
from osler.record.rows import (
    FACT_COLUMNS,
    SOURCE_COLUMNS,
    FactRow,
    as_received,
    fact_row,
    plain,
    source_of,
)
from osler.record.source import Source, digest_of
from osler.record.store import Added, Delivery

__all__ = ["SqlAct"]

_AT_ONCE = 1000  # sources that wait before they are written


@dataclass(slots=True)
class SqlAct:
    """One open transaction on an `SqlStore`."""

    database: Database
    ledger: Log
    contents: Contents
    people: People
    now: datetime
    lines: int = 0
    _last: int = -1
    _sources: list[tuple[Any, ...]] = field(default_factory=list)
    _facts: list[tuple[Any, ...]] = field(default_factory=list)
    _read: list[tuple[str, Mapping[str, JSON]]] = field(default_factory=list)
    _held: dict[str, list[tuple[int | None, str]]] = field(default_factory=dict)
    _said: dict[tuple[int | None, str, str], list[tuple[int, int]]] = field(default_factory=dict)
    _names: dict[tuple[int, str], str] = field(default_factory=dict)
    _keys: dict[Identifier, int] = field(default_factory=dict)
    _delivered: set[tuple[str, str]] = field(default_factory=set)
    _expected: set[str] = field(default_factory=set)
    _versions: set[str] = field(default_factory=set)

    def deliver(self, name: str, data: bytes | Path) -> Delivery:
        """Keep a container whole; a second time changes nothing."""
        if isinstance(data, Path):
            made = Source.of_file(data, kind="delivery", name=name)
            self.contents.put_file(data, made.digest)
            delivery = Delivery(digest=made.digest, name=name, size=made.size)
        else:
            delivery = Delivery(digest=digest_of(data), name=name, size=len(data))
            self.contents.put(data, delivery.digest)
        self.database.execute(
            "INSERT INTO deliveries (digest, name, size, received_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (delivery.digest, name, delivery.size, self.now.isoformat()),
        )
        return delivery

    def add(
        self,
        source: Source,
        data: bytes | Path,
        facts: Sequence[Fact],
        *,
        patient: Identifier | None,
        delivery: Delivery | None = None,
        trouble: str | None = None,
        disputed: bool = False,
        also: Identifier | None = None,
    ) -> Added:
        """Keep a source and what it says, with its ledger line."""
        if "\x00" in source.name:
            source = replace(source, name=plain(source.name))
        trouble = trouble and plain(trouble)
        if delivery is not None:
            self._delivered.add((delivery.digest, source.digest))
        key = self._owner(patient, also) if patient else None
        held = self._holders(source.digest)
        shared = key is not None and any(one not in (None, key) for one, _ in held)
        if any(o == key and (k != "opaque" or source.kind == "opaque") for o, k in held):
            settled = key is None and any(owner is not None for owner, _ in held)
            return Added(new=False, shared=shared, settled=settled)
        if isinstance(data, Path):
            self.contents.put_file(data, source.digest)
        else:
            self.contents.put(data, source.digest)
        rows = [row for row in map(fact_row, facts) if self._says_more(key, row)]
        given = delivery.digest if delivery else None
        number = self._keep(source, key, rows, given, trouble, disputed)
        self._read.append(
            ("read", self._line(number, source, key, patient, rows, delivery, trouble))
        )
        if len(self._sources) >= _AT_ONCE:
            self.flush()
        return Added(new=True, kinds=tuple(row.kind for row in rows if key), shared=shared)

    def expect(self, coming: Iterable[tuple[Source, Sequence[Fact]]]) -> None:
        """Look up at once what the store has of many sources that are about to be added."""
        sources = list(coming)
        digests = {source.digest for source, _ in sources} - self._expected
        for digest, patient, kind in self._look_up(
            "SELECT digest, patient, kind FROM sources WHERE digest IN (*) ORDER BY id", digests
        ):
            self._held.setdefault(digest, []).append((patient, kind))
        named = {plain(f.identity) for _, facts in sources for f in facts if f.identity}
        for key, identity, code, known, said in self._look_up(
            "SELECT patient, identity, code, known, said FROM facts WHERE identity IN (*) "
            "ORDER BY source, ordinal",
            named - self._versions,
        ):
            self._said.setdefault((key, identity, code), []).append((known, said))
        self._expected |= digests
        self._versions |= named

    def bind(self, digest: str, patient: Identifier, why: str) -> Added:
        """Give a source that waits to a patient, by a person's word; raises `NotFound`.

        What it says was read when it came, and was kept aside until now.
        """
        self.flush()
        waiting = list(
            self.database.execute(
                f"SELECT id, {SOURCE_COLUMNS}, delivery FROM sources "
                "WHERE digest = ? AND patient IS NULL AND kind <> 'opaque'",
                (digest,),
            )
        )
        if not waiting:
            raise NotFound(f"nothing waits under {digest[:12]}: `osler record waiting` lists it")
        ((old, *row, delivery),) = waiting
        source, key = source_of(row), self._patient_key(patient, None)
        if any(owner == key and kind != "opaque" for owner, kind in self._holders(digest)):
            # Theirs already, and disputed since: the word settles it, and adds nothing.
            self.database.execute("UPDATE sources SET disputed = 0 WHERE id = ?", (old,))
            settled = {"row": int(old), "patient": self._kept(key, "patient")}
            self.log("settle", {**settled, "why": self._kept(key, why)})
            return Added(new=False, settled=True)
        stored = self.database.execute(
            f"SELECT {FACT_COLUMNS} FROM facts WHERE source = ? ORDER BY ordinal", (old,)
        )
        rows = [one for one in [FactRow(*row) for row in stored] if self._says_more(key, one)]
        new = self._keep(source, key, rows, delivery, None, False)
        given = None if delivery is None else Delivery(digest=delivery, name="", size=0)
        line = self._line(new, source, key, patient, rows, given, None)
        self._read.append(("bind", {**line, "waited_as": int(old), "why": self._kept(key, why)}))
        return Added(new=True, kinds=tuple(one.kind for one in rows))

    def merge(self, kept: Identifier, merged: Identifier, why: str) -> bool:
        """From now on two patients are one person; False where they are already."""
        one, other = (self._patient_key(name, None, told=True) for name in (kept, merged))
        if self.people.group(one)[0] == self.people.group(other)[0]:
            return False
        # The person given up may be the one that others were merged into: all of them follow.
        head, given = self.people.group(one)[0], self.people.group(other)[0]
        self.database.execute(
            "INSERT INTO merges (kept, merged, named_kept, named_merged, made_at, why) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (head, given, one, other, self.now.isoformat(), why),
        )
        self._log_merge("merge", head, given, why)
        return True

    def unmerge(self, kept: Identifier, merged: Identifier, why: str) -> bool:
        """Take that back; False where there is nothing to take back."""
        one, other = self.people.key_of(kept), self.people.key_of(merged)
        if one is None or other is None or one == other:
            return False
        rows = list(
            self.database.execute(
                "SELECT number, kept, merged FROM merges WHERE undone_at IS NULL AND "
                "((named_kept = ? AND named_merged = ?) OR (named_kept = ? AND named_merged = ?) "
                "OR (kept = ? AND merged = ?) OR (kept = ? AND merged = ?))",
                (one, other, other, one) * 2,
            )
        )
        for number, head, given in rows:
            self.database.execute(
                "UPDATE merges SET undone_at = ? WHERE number = ?", (self.now.isoformat(), number)
            )
            self._log_merge("unmerge", int(head), int(given), why)
        return bool(rows)

    def log(self, kind: str, body: Mapping[str, JSON]) -> Entry:
        """Write a ledger line in this transaction."""
        self.flush()
        self.lines += 1
        return self.ledger.append(kind, body, self.now.isoformat())

    def flush(self) -> None:
        """Write what was gathered."""
        self.contents.flush()
        if self._delivered:
            self.database.executemany(
                "INSERT INTO delivered (delivery, digest) VALUES (?, ?) ON CONFLICT DO NOTHING",
                sorted(self._delivered),
            )
            self._delivered.clear()
        if self._sources:
            marks = ", ".join("?" * len(self._sources[0]))
            self.database.executemany(
                f"INSERT INTO sources (id, {SOURCE_COLUMNS}, patient, delivery, received_at, "
                f"trouble, disputed) VALUES ({marks})",
                self._sources,
            )
            self.database.execute(
                "INSERT INTO counters VALUES ('source', ?) "
                "ON CONFLICT (name) DO UPDATE SET last = excluded.last",
                (self._last,),
            )
        if self._facts:
            marks = ", ".join("?" * len(self._facts[0]))
            self.database.executemany(
                f"INSERT INTO facts (source, ordinal, patient, {FACT_COLUMNS}) VALUES ({marks})",
                self._facts,
            )
        if self._read:
            self.ledger.extend(self._read, self.now.isoformat())
            self.lines += len(self._read)
        for gathered in (self._sources, self._facts, self._read):
            gathered.clear()

    def _keep(
        self,
        source: Source,
        key: int | None,
        rows: Sequence[FactRow],
        delivery: str | None,
        trouble: str | None,
        disputed: bool,
    ) -> int:
        """Gather the rows of a source and its facts; the source's number."""
        number = self._next_number()
        self._held.setdefault(source.digest, []).append((key, source.kind))
        self._sources.append(
            (
                number, source.digest, source.kind, source.media_type, source.name, source.size,
                source.author.value, source.stream.value, key, delivery, self.now.isoformat(),
                trouble, int(disputed),
            )
        )  # fmt: skip
        for ordinal, fact in enumerate(rows):
            self._facts.append((number, ordinal, key, *fact))
            if fact.identity:
                said = self._said.setdefault((key, fact.identity, fact.code), [])
                said.append((fact.known, fact.said))
        return number

    def _next_number(self) -> int:
        """Numbers are never used twice, for the ledger names rows that may since be erased."""
        if self._last < 0:
            stored = list(self.database.execute("SELECT last FROM counters WHERE name = 'source'"))
            self._last = int(stored[0][0]) if stored else 0
        self._last += 1
        return self._last

    def _holders(self, digest: str) -> list[tuple[int | None, str]]:
        """Who has those bytes, and as what kind."""
        gathered = self._held.get(digest, ())
        if digest in self._expected:
            return list(gathered)
        stored = self.database.execute(
            "SELECT patient, kind FROM sources WHERE digest = ?", (digest,)
        )
        return [*stored, *gathered]

    def _says_more(self, key: int | None, row: FactRow) -> bool:
        """Whether the last version of the same statement, as known then, said something else."""
        if key is None or not row.identity:
            return True  # what waits is nobody's: it is held against a record when it is bound
        before: list[tuple[int, int]] = []
        if row.identity not in self._versions:
            before += [
                (int(then), int(said))
                for then, said in self.database.execute(
                    "SELECT known, said FROM facts WHERE patient = ? AND identity = ? "
                    "AND code = ? AND known <= ? "
                    "ORDER BY known DESC, source DESC, ordinal DESC LIMIT 1",
                    (key, row.identity, row.code, row.known),
                )
            ]
        gathered = self._said.get((key, row.identity, row.code), ())
        before += [one for one in gathered if one[0] <= row.known]
        # The sort keeps order: of versions known at the same instant the last gathered is last.
        return not before or sorted(before, key=lambda one: one[0])[-1][1] != row.said

    def _line(
        self,
        number: int,
        source: Source,
        key: int | None,
        patient: Identifier | None,
        rows: Sequence[FactRow],
        delivery: Delivery | None,
        trouble: str | None,
    ) -> Mapping[str, JSON]:
        stood = as_received(
            source, delivery.digest if delivery else None, self.now.isoformat(), trouble
        )
        return {
            "row": number,
            "patient": self._whose(key, "patient"),
            "identifier": self._whose(key, str(patient)),
            # An unassigned source has no patient's key to hide behind; its plain digest
            # tells nothing without the bytes, and there is no person to link it to yet.
            "source": self._kept(key, source.digest) or source.digest,
            "kind": source.kind,
            "size": source.size,
            "facts": len(rows),
            "facts_digest": digest_of_lines(row.fact for row in rows),
            "understood": trouble is None,
            # A file's name may say who somebody is: it is digested under their key or not at all.
            "as_received": self._kept(key, stood),
        }

    def _kept(self, key: int | None, text: str) -> str | None:
        """What the ledger may hold of a text about that person."""
        return None if key is None else self.people.digest(key, text)

    def _whose(self, key: int | None, name: str) -> str | None:
        """The same of a word that many sources of one person share."""
        if key is None:
            return None
        if (key, name) not in self._names:
            self._names[key, name] = self.people.digest(key, name)
        return self._names[key, name]

    def _log_merge(self, kind: str, kept: int, merged: int, why: str) -> None:
        self.log(
            kind,
            {
                "kept": self.people.digest(kept, "patient"),
                "merged": self.people.digest(merged, "patient"),
                "why": self.people.digest(kept, why),
            },
        )

    def _look_up(self, query: str, values: Collection[str]) -> Iterator[tuple[Any, ...]]:
        """The rows for any of many values, a few hundred a question."""
        wanted = sorted(values)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            marks = ", ".join("?" * len(some))
            yield from self.database.execute(query.replace("*", marks), some)

    def _owner(self, patient: Identifier, also: Identifier | None) -> int:
        """The key of whoever a source is of; asked once of each in a transaction."""
        if also is not None:
            return self._patient_key(patient, also)
        if patient not in self._keys:
            self._keys[patient] = self._patient_key(patient, None)
        return self._keys[patient]

    def _patient_key(
        self, identifier: Identifier, also: Identifier | None, *, told: bool = False
    ) -> int:
        """The key of whoever has that identifier, made where nobody has.

        `told` is True where no `read` line will name the identifier: it gets a line of its own.
        """
        names = [identifier, *([also] if also and also != identifier else [])]
        keys = {name: self.people.key_of(name) for name in names}
        # Where both are known as two people, the first counts: nobody is merged in passing. So it
        # is where a bare number already belongs to the same number of another authority.
        if keys[identifier] is None and also and self._differ(keys.get(also), identifier):
            names, keys = [identifier], {identifier: None}
        key = next((known for known in keys.values() if known is not None), None)
        told = told or key is not None
        if key is None:
            key = self._new_patient()
        for name, known in keys.items():
            if known is None:
                self._link(name, key, told=told or name == also)
        return key

    def _differ(self, key: int | None, told: Identifier) -> bool:
        """Whether that person has the same value from an authority other than the one told."""
        if key is None or told.authority in NO_AUTHORITY:
            return False
        stated = {
            one.authority
            for one in self.people.identifiers(key)
            if one.value == told.value and one.authority not in NO_AUTHORITY
        }
        return bool(stated - {told.authority})

    def _new_patient(self) -> int:
        made = self.database.execute(
            "INSERT INTO patients (digest_key, created_at) VALUES (?, ?) RETURNING key",
            (secrets.token_bytes(32), self.now.isoformat()),
        )
        ((key,),) = list(made)
        return int(key)

    def _link(self, identifier: Identifier, key: int, *, told: bool = False) -> None:
        """Give the patient an identifier; one that only a person's word ties to them is logged."""
        self.database.execute(
            "INSERT INTO identifiers (authority, value, patient) VALUES (?, ?, ?)",
            (identifier.authority, identifier.value, key),
        )
        if told:
            self.log(
                "link",
                {
                    "patient": self.people.digest(key, "patient"),
                    "identifier": self.people.digest(key, str(identifier)),
                },
            )
