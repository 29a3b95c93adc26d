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
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from osler.errors import BrokenFile, NotFound, StoreError, StoreReadOnly
from osler.home import home
from osler.ledger.entry import JSON, Entry
from osler.ledger.log import Log
from osler.ledger.signing import SigningKey
from osler.record.blobs import Blobs
from osler.record.codec import fact_from_json, fact_to_json
from osler.record.database import begin, connect, connect_read_only, named
from osler.record.fact import Fact
from osler.record.moment import utc_now
from osler.record.patient import NO_AUTHORITY, Identifier, Patient
from osler.record.record import Record
from osler.record.source import AuthorRole, Source, Stream, digest_of
from osler.record.store import Delivery, Held

__all__ = ["SqliteStore", "facts_digest"]

_SOURCE = "digest, kind, media_type, name, size, author, stream"


def facts_digest(facts: Sequence[Fact]) -> str:
    """One digest for what a source was read to say; the ledger holds it."""
    return _digest_of_lines(_line(fact_to_json(fact)) for fact in facts)


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
    def writing(self) -> Iterator["SqliteAct"]:
        """One transaction; the ledger is sealed with a signed checkpoint when it added lines."""
        begin(self.connection, self.folder)
        act = SqliteAct(self, utc_now())
        try:
            yield act
            if act.lines:
                self.ledger.seal()
            self.connection.execute("COMMIT")
        except BaseException as error:
            # SQLite has already rolled back by itself where the disk was full.
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError):
                raise named(error, self.folder) from error
            raise

    def patients(self) -> list[Patient]:
        """Everyone the store knows, in the order of arrival."""
        rows = self.connection.execute("SELECT key FROM patients ORDER BY key").fetchall()
        return [self._patient(key) for (key,) in rows]

    def patient(self, identifier: Identifier) -> Patient:
        """The patient of that identifier; raises `NotFound` and says who is there."""
        key = self._key_of(identifier)
        if key is None:
            raise NotFound(
                f"no patient '{identifier}' in {self.folder}, which knows "
                f"{len(self.patients())}: `osler record patients` lists them"
            )
        return self._patient(key)

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
            f"SELECT {_SOURCE}, received_at FROM sources WHERE patient = ? ORDER BY id",
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
                f"SELECT {_SOURCE} FROM sources WHERE digest = ? "
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
                _digest_of_lines(
                    _canonical(text) if key == owner else "else's" for text, key in rows
                ),
            )

    def _held(self, condition: str) -> list[Held]:
        rows = self.connection.execute(
            f"SELECT {_SOURCE}, trouble, received_at FROM sources held "
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

    def _key_of(self, identifier: Identifier) -> int | None:
        row = self.connection.execute(
            "SELECT patient FROM identifiers WHERE authority = ? AND value = ?",
            (identifier.authority, identifier.value),
        ).fetchone()
        return row[0] if row else None

    def _patient(self, key: int) -> Patient:
        rows = self.connection.execute(
            "SELECT authority, value FROM identifiers WHERE patient = ? ORDER BY rowid", (key,)
        )
        return Patient(
            key=key,
            identifiers=tuple(Identifier(authority=a, value=v) for a, v in rows),
        )


@dataclass(slots=True)
class SqliteAct:
    """One open transaction on a `SqliteStore`."""

    store: SqliteStore
    now: datetime
    lines: int = 0

    def deliver(self, name: str, data: bytes) -> Delivery:
        """Keep a container whole; a second time changes nothing."""
        delivery = Delivery(digest=self.store.blobs.put(data), name=name, size=len(data))
        self.store.connection.execute(
            "INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?, ?)",
            (delivery.digest, name, len(data), self.now.isoformat()),
        )
        return delivery

    def add(
        self,
        source: Source,
        data: bytes,
        facts: Sequence[Fact],
        *,
        patient: Identifier | None,
        delivery: Delivery | None = None,
        trouble: str | None = None,
        also: Identifier | None = None,
    ) -> bool:
        """Keep a source and what it says, with its ledger line."""
        key = self._patient_key(patient, also) if patient else None
        connection = self.store.connection
        if connection.execute(
            "SELECT 1 FROM sources WHERE digest = ? AND ifnull(patient, 0) = ? "
            "AND (kind != 'opaque' OR ? = 'opaque')",
            (source.digest, key or 0, source.kind),
        ).fetchone():
            return False
        self.store.blobs.put(data)
        row = connection.execute(
            f"INSERT INTO sources ({_SOURCE}, patient, delivery, received_at, trouble) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                source.digest, source.kind, source.media_type, source.name, source.size,
                source.author, source.stream, key, delivery.digest if delivery else None,
                self.now.isoformat(), trouble,
            ),
        ).lastrowid  # fmt: skip
        kept = facts if key else ()
        for ordinal, fact in enumerate(kept):
            connection.execute(
                "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)",
                (row, ordinal, key, fact.kind, fact.code.key, json.dumps(fact_to_json(fact))),
            )
        self._log_read(row, source, patient, kept, trouble)
        return True

    def log(self, kind: str, body: Mapping[str, JSON]) -> Entry:
        """Write a ledger line in this transaction."""
        self.lines += 1
        return self.store.ledger.append(kind, body, self.now.isoformat())

    def _log_read(
        self,
        row: int | None,
        source: Source,
        patient: Identifier | None,
        facts: Sequence[Fact],
        trouble: str | None,
    ) -> None:
        owner = self.store.patient(patient) if patient else None
        name = self.store.keyed_digest(owner, source.digest) if owner else None
        self.log(
            "read",
            {
                "row": row,
                "patient": self.store.keyed_digest(owner, "patient") if owner else None,
                "identifier": self.store.keyed_digest(owner, str(patient)) if owner else None,
                # An unassigned source has no patient's key to hide behind; its plain digest
                # tells nothing without the bytes, and there is no person to link it to yet.
                "source": name or source.digest,
                "kind": source.kind,
                "size": source.size,
                "facts": len(facts),
                "facts_digest": facts_digest(facts),
                "understood": trouble is None,
                "as_received": self.store.as_received(row, owner),
            },
        )

    def _patient_key(self, identifier: Identifier, also: Identifier | None) -> int:
        names = [identifier, *([also] if also and also != identifier else [])]
        keys = {name: self.store._key_of(name) for name in names}
        # Where both are known as two people, the first counts: nobody is merged in passing. So it
        # is where a bare number already belongs to the same number of another authority.
        if keys[identifier] is None and also and self._differ(keys.get(also), identifier):
            names, keys = [identifier], {identifier: None}
        key = next((known for known in keys.values() if known is not None), None)
        told = key is not None
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
            for one in self.store._patient(key).identifiers
            if one.value == told.value and one.authority not in NO_AUTHORITY
        }
        return bool(stated - {told.authority})

    def _new_patient(self) -> int:
        key = self.store.connection.execute(
            "INSERT INTO patients (digest_key, created_at) VALUES (?, ?)",
            (secrets.token_bytes(32), self.now.isoformat()),
        ).lastrowid
        if key is None:
            raise StoreError("the database gave no key for a new patient")
        return key

    def _link(self, identifier: Identifier, key: int, *, told: bool = False) -> None:
        """Give the patient an identifier; one that only a person's word ties to them is logged."""
        self.store.connection.execute(
            "INSERT INTO identifiers VALUES (?, ?, ?)",
            (identifier.authority, identifier.value, key),
        )
        if told:
            owner = self.store._patient(key)
            self.log(
                "link",
                {
                    "patient": self.store.keyed_digest(owner, "patient"),
                    "identifier": self.store.keyed_digest(owner, str(identifier)),
                },
            )


def _fact(text: str) -> Fact:
    """A stored fact; raises `BrokenFile` when the row is no longer one."""
    try:
        return fact_from_json(json.loads(text))
    except ValueError as error:
        raise BrokenFile(f"a stored fact cannot be read ({error}): run `osler verify`") from error


def _canonical(text: str) -> str:
    """A stored fact in the form that the ledger digests; text that is no JSON stands for itself."""
    try:
        return _line(json.loads(text))
    except ValueError:
        return text


def _line(fact: Mapping[str, object]) -> str:
    return json.dumps(fact, sort_keys=True, ensure_ascii=False)


def _digest_of_lines(lines: Iterable[str]) -> str:
    return digest_of("\n".join(lines).encode())


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
