"""A store over a database: what it answers. What it writes is `osler.record.act`.

    with open_store(where) as store:
        with store.writing() as act:
            act.add(source, data, facts, patient=Identifier.parse("8823"))

The ledger is a table of the same database, so that an act and its ledger line happen together or
not at all.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from osler.errors import NotFound
from osler.ledger.log import Log
from osler.record.act import SqlAct
from osler.record.blobs import Blobs
from osler.record.claims import claims_of
from osler.record.contents import Contents
from osler.record.database import Database
from osler.record.erasure import erase
from osler.record.fact import Fact
from osler.record.index import BY_TIME, Row
from osler.record.moment import utc_now
from osler.record.patient import Identifier, Patient
from osler.record.people import People
from osler.record.record import Record
from osler.record.rows import SOURCE_COLUMNS, fact_of, source_of
from osler.record.source import Source
from osler.record.store import Erased, Held
from osler.record.vouched import facts_digests, unvouched

__all__ = ["SqlStore"]


@dataclass(slots=True)
class SqlStore:
    """A `Store`; `osler.record.opening.open_store` makes one."""

    database: Database
    ledger: Log
    blobs: Blobs
    contents: Contents = field(init=False)
    people: People = field(init=False)
    _swept: bool = False

    def __post_init__(self) -> None:
        self.contents = Contents(self.database, self.blobs)
        self.people = People(self.database)

    @property
    def where(self) -> str:
        """What to call the store in a message."""
        return self.database.where

    def close(self) -> None:
        """Release the database."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[SqlAct]:
        """One transaction; the ledger is sealed with a signed checkpoint when it added lines."""
        self.database.begin()
        stands = False
        try:
            if not self._swept:  # the lock is ours: no other writer has files half-written
                self.blobs.sweep()
                self._swept = True
            act = SqlAct(self.database, self.ledger, self.contents, self.people, utc_now())
            with self.database.named():
                yield act
                act.flush()
                if act.lines:
                    self.ledger.seal()
                self.database.commit()
            stands = True
        finally:
            if stands:
                self.contents.unlink()
            else:  # also where the database rolled back by itself, its disk full
                self.contents.discard()
                self.people.forget()
                self.database.rollback()

    def erase(self, identifier: Identifier, why: str) -> Erased:
        """Remove a person's bytes, facts and digest key; the ledger keeps that it was done."""
        key = self._key(identifier)
        with self.writing() as act:
            done = erase(act, self.people.group(key), why)
        self.people.forget()
        self.database.forget()
        return done

    def patients(self) -> list[Patient]:
        """Everyone the store knows, in the order of arrival."""
        return self.people.everyone()

    def patient(self, identifier: Identifier) -> Patient:
        """The patient of that identifier; raises `NotFound` and says who is there."""
        return self.people.patient(self._key(identifier))

    def record(
        self,
        identifier: Identifier,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        received_by: datetime | None = None,
    ) -> Record:
        """One patient as of a valid time and a known time."""
        patient = self.patient(identifier)
        facts: list[Fact] = []
        sources: dict[str, Source] = {}
        grown: list[datetime] = []
        for key in self.people.group(patient.key):
            rows = self.database.execute(
                "SELECT fact FROM facts WHERE patient = ? ORDER BY source, ordinal", (key,)
            )
            facts += [fact_of(text) for (text,) in rows]
            # Bytes that were opaque once and understood later stand twice: the later row counts.
            for source, received_at in self._sources_of(key, received_by):
                sources[source.digest] = source
                grown.append(received_at)
        return Record.of(
            patient, facts, list(sources.values()), as_of, known_at, received_by,
            max(grown, default=None),
        )  # fmt: skip

    def state(
        self,
        identifier: Identifier,
        code: str,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> list[Fact]:
        """What `record(...).state(code)` says, decoding no fact but those that hold."""
        keys = self.people.group(self._key(identifier))
        found = [fact_of(t) for t in claims_of(self.database, keys, code, as_of, known_at)]
        return sorted(found, key=lambda f: BY_TIME(Row.of(0, f)))

    def _sources_of(
        self, key: int, received_by: datetime | None
    ) -> Iterator[tuple[Source, datetime]]:
        rows = self.database.execute(
            f"SELECT {SOURCE_COLUMNS}, received_at FROM sources WHERE patient = ? ORDER BY id",
            (key,),
        )
        for *row, text in rows:
            received_at = datetime.fromisoformat(text)
            if received_by is None or received_at <= received_by:
                yield source_of(row), received_at

    def bytes_of(self, digest: str) -> bytes:
        """The bytes of a source or delivery, checked against their digest."""
        return self.contents.get(digest)

    def check(self, digest: str) -> None:
        """Hold the bytes of a source or delivery against their digest."""
        self.contents.check(digest)

    def file_of(self, digest: str) -> Path | None:
        """Where a large source lies as a file; None for a small one."""
        return self.contents.file(digest)

    def sources(self, digests: Iterable[str], patient: Patient | None = None) -> list[Source]:
        """The sources of those digests: that patient's, or whoever they belong to."""
        keys = set(self.people.group(patient.key)) if patient else None
        found = []
        for digest in digests:
            rows = self.database.execute(
                f"SELECT {SOURCE_COLUMNS}, patient FROM sources WHERE digest = ? "
                "ORDER BY CASE kind WHEN 'opaque' THEN 1 ELSE 0 END, id",
                (digest,),
            )
            theirs = [row[:-1] for row in rows if keys is None or row[-1] in keys]
            found += [source_of(row) for row in theirs[:1]]
        return found

    def unassigned(self) -> list[Held]:
        """Sources that nobody said whose they are, until a person or a later reading says it."""
        return self._held(
            "patient IS NULL AND kind <> 'opaque' AND NOT EXISTS (SELECT 1 FROM sources later "
            "WHERE later.digest = held.digest AND later.patient IS NOT NULL "
            # What contradicted its folder waits again; what only did not say is settled for good.
            "AND (later.id > held.id OR held.disputed = 0))"
        )

    def rejects(self) -> list[Held]:
        """Sources that no reader understood, until one does."""
        return self._held(
            "kind = 'opaque' AND NOT EXISTS (SELECT 1 FROM sources later "
            "WHERE later.digest = held.digest AND later.id > held.id "
            "AND (held.patient IS NULL OR later.patient = held.patient))"
        )

    def remarks(self, patient: Patient) -> Mapping[str, str]:
        """What was said of this patient's sources when they were read, by digest."""
        said: dict[str, str] = {}
        for key in self.people.group(patient.key):
            said |= dict(
                self.database.execute(
                    "SELECT digest, trouble FROM sources "
                    "WHERE patient = ? AND trouble IS NOT NULL ORDER BY id",
                    (key,),
                )
            )
        return said

    def keyed_digest(self, patient: Patient, text: str) -> str:
        """HMAC-SHA-256 of `text` under the patient's digest key, in hexadecimal."""
        return self.people.digest(patient.key, text)

    def facts_digests(self) -> Iterable[tuple[int, str]]:
        """For every line of the ledger that gave a source facts: its index and their digest now."""
        return facts_digests(self.database, self.people, self.ledger)

    def unvouched(self) -> Iterable[str]:
        """A sentence for each row that is not as the ledger has it; nothing when all are."""
        return unvouched(self.database, self.people, self.ledger)

    def _held(self, condition: str) -> list[Held]:
        rows = self.database.execute(
            f"SELECT {SOURCE_COLUMNS}, trouble, received_at, disputed FROM sources held "
            f"WHERE {condition} ORDER BY id"
        )
        return [
            Held(
                source=source_of(row),
                trouble=trouble or "does not say whose it is",
                received_at=datetime.fromisoformat(received_at),
                disputed=bool(disputed),
            )
            for *row, trouble, received_at, disputed in rows
        ]

    def _key(self, identifier: Identifier) -> int:
        key = self.people.key_of(identifier)
        if key is None:
            raise NotFound(
                f"no patient '{identifier}' in {self.where}, which knows "
                f"{len(self.patients())}: `osler record patients` lists them"
            )
        return key
