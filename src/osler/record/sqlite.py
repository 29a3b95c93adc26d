"""The store on one machine: a folder with a SQLite database and content-addressed files.

    with SqliteStore.open(folder) as store:
        with store.writing() as act:
            act.add(source, data, facts, patient=Identifier.parse("8823"))

One writer at a time, many readers (WAL). The ledger is a table of the same database, so that
an act and its ledger line happen together or not at all.
"""

import hashlib
import hmac
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from osler.errors import BrokenFile, NotFound, StoreReadOnly
from osler.home import home
from osler.ledger.log import Log
from osler.ledger.signing import SigningKey
from osler.record.act import SOURCE_COLUMNS, SqliteAct
from osler.record.blobs import Blobs
from osler.record.codec import canonical_text, digest_of_lines, fact_from_json
from osler.record.database import begin, connect, connect_read_only, named
from osler.record.fact import Fact
from osler.record.moment import utc_now
from osler.record.patient import Identifier, Patient
from osler.record.record import Record
from osler.record.source import AuthorRole, Source, Stream
from osler.record.store import Held

__all__ = ["SqliteStore"]


@dataclass(slots=True)
class SqliteStore:
    """A `Store` in one folder. Build it with `open`."""

    folder: Path
    blobs: Blobs
    connection: sqlite3.Connection
    ledger: Log

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Self:
        """Open the store in `folder`, making it when absent.

        Raises `NotFound` (absent, and not to be made), `StoreReadOnly`, `StoreBusy`,
        `StoreVersion`, or `StoreError` when the database is not a database.
        """
        database = folder / "osler.sqlite"
        if not database.exists() and not create:
            raise NotFound(f"no store in {folder}: `osler read PATH` makes one")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(f"no permission to write to {folder}")
            connection = connect(database)
        except OSError as error:
            raise StoreReadOnly(
                f"cannot write to the store in {folder} ({error.strerror or error}): "
                "give permission, or name another with --store"
            ) from error
        key = SigningKey.load_or_create(home() / "keys" / "ledger.key")
        return cls(folder, Blobs(folder / "blobs"), connection, Log(connection, key))

    @classmethod
    def open_read_only(cls, folder: Path) -> Self:
        """Open the store in `folder` to read it; nothing is made, no signing key is needed."""
        database = folder / "osler.sqlite"
        if not database.exists():
            raise NotFound(f"no store in {folder}: `osler read PATH` makes one")
        connection = connect_read_only(database)
        return cls(folder, Blobs(folder / "blobs"), connection, Log(connection, None))

    def close(self) -> None:
        """Release the database."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[SqliteAct]:
        """One transaction; the ledger is sealed with a signed checkpoint when it added lines."""
        begin(self.connection, self.folder)
        act = SqliteAct(self, utc_now())
        try:
            yield act
            if act.lines:
                self.ledger.seal()
            self.connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise named(error, self.folder) from error
        finally:
            # SQLite has already rolled back by itself where the disk was full.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def patients(self) -> list[Patient]:
        """Everyone the store knows, in the order of arrival."""
        rows = self.connection.execute("SELECT key FROM patients ORDER BY key").fetchall()
        return [self.patient_of(key) for (key,) in rows]

    def patient(self, identifier: Identifier) -> Patient:
        """The patient of that identifier; raises `NotFound` and says who is there."""
        key = self.key_of(identifier)
        if key is None:
            raise NotFound(
                f"no patient '{identifier}' in {self.folder}, which knows "
                f"{len(self.patients())}: `osler record patients` lists them"
            )
        return self.patient_of(key)

    def record(
        self,
        identifier: Identifier,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> Record:
        """One patient as of a valid time and a known time."""
        patient = self.patient(identifier)
        facts = self.connection.execute(
            "SELECT fact FROM facts WHERE patient = ? ORDER BY source, ordinal", (patient.key,)
        )
        sources = self.connection.execute(
            f"SELECT {SOURCE_COLUMNS}, received_at FROM sources WHERE patient = ? ORDER BY id",
            (patient.key,),
        )
        known = (
            _source(row[:-1])
            for row in sources
            if known_at is None or datetime.fromisoformat(row[-1]) <= known_at
        )
        # Bytes that were opaque once and understood later stand twice: the later row counts.
        once = {source.digest: source for source in known}
        return Record.of(
            patient, (_fact(text) for (text,) in facts), list(once.values()), as_of, known_at
        )

    def bytes_of(self, digest: str) -> bytes:
        """The bytes of a source or delivery, checked against their digest."""
        return self.blobs.get(digest)

    def sources(self, digests: Iterable[str], patient: Patient | None = None) -> list[Source]:
        """The sources of those digests: that patient's, or whoever they belong to."""
        key = patient.key if patient else None
        found = []
        for digest in digests:
            row = self.connection.execute(
                f"SELECT {SOURCE_COLUMNS} FROM sources WHERE digest = ? "
                "AND ifnull(patient = ?, ? IS NULL) ORDER BY kind = 'opaque', id LIMIT 1",
                (digest, key, key),
            ).fetchone()
            if row:
                found.append(_source(row))
        return found

    def unassigned(self) -> list[Held]:
        """Sources that nobody said whose they are, until they are read again with a patient."""
        return self._held(
            "patient IS NULL AND kind != 'opaque' AND NOT EXISTS (SELECT 1 FROM sources later "
            "WHERE later.digest = held.digest AND later.patient IS NOT NULL "
            # What contradicted its folder waits again; what only did not say is settled for good.
            "AND (later.id > held.id OR held.trouble IS NULL))"
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
        rows = self.connection.execute(
            "SELECT digest, trouble FROM sources "
            "WHERE patient = ? AND trouble IS NOT NULL ORDER BY id",
            (patient.key,),
        )
        return dict(rows.fetchall())

    def keyed_digest(self, patient: Patient, text: str) -> str:
        """HMAC-SHA-256 of `text` under the patient's digest key, in hexadecimal."""
        (key,) = self.connection.execute(
            "SELECT digest_key FROM patients WHERE key = ?", (patient.key,)
        ).fetchone()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def as_received(self, row: int | None, owner: Patient | None) -> str | None:
        """The keyed digest of what stands beside a source's bytes; None where it has no patient.

        A file's name may say who somebody is: without a patient's key there is nothing to hide it.
        """
        stood = self.connection.execute(
            "SELECT name, media_type, author, stream, delivery, received_at, trouble "
            "FROM sources WHERE id = ?",
            (row,),
        ).fetchone()
        return self.keyed_digest(owner, json.dumps(stood)) if owner else None

    def facts_digests(self) -> Iterable[tuple[int, str]]:
        """For every `read` line of the ledger: its index and the digest of the facts now kept.

        A fact that is another patient's spoils the digest: the line names its own.
        """
        owners = {self.keyed_digest(p, "patient"): p.key for p in self.patients()}
        for entry in self.ledger.entries(kind="read"):
            owner = owners.get(str(entry.body["patient"]))
            rows = self.connection.execute(
                "SELECT fact, patient FROM facts WHERE source = ? ORDER BY ordinal",
                (entry.body["row"],),
            )
            yield (
                entry.index,
                digest_of_lines(
                    canonical_text(text) if key == owner else "else's" for text, key in rows
                ),
            )

    def _held(self, condition: str) -> list[Held]:
        rows = self.connection.execute(
            f"SELECT {SOURCE_COLUMNS}, trouble, received_at FROM sources held "
            f"WHERE {condition} ORDER BY id"
        )
        return [
            Held(
                source=_source(row[:-2]),
                trouble=row[-2] or "does not say whose it is",
                received_at=datetime.fromisoformat(row[-1]),
            )
            for row in rows
        ]

    def key_of(self, identifier: Identifier) -> int | None:
        """The internal key of the patient of that identifier, or None."""
        row = self.connection.execute(
            "SELECT patient FROM identifiers WHERE authority = ? AND value = ?",
            (identifier.authority, identifier.value),
        ).fetchone()
        return row[0] if row else None

    def patient_of(self, key: int) -> Patient:
        """The patient of an internal key."""
        rows = self.connection.execute(
            "SELECT authority, value FROM identifiers WHERE patient = ? ORDER BY rowid", (key,)
        )
        return Patient(
            key=key,
            identifiers=tuple(Identifier(authority=a, value=v) for a, v in rows),
        )


def _fact(text: str) -> Fact:
    """A stored fact; raises `BrokenFile` when the row is no longer one."""
    try:
        return fact_from_json(json.loads(text))
    except ValueError as error:
        raise BrokenFile(f"a stored fact cannot be read ({error}): run `osler verify`") from error


def _source(row: Sequence[object]) -> Source:
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
