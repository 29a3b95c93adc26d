"""One transaction on the SQLite store: what is written, for whom, and its ledger lines.

with store.writing() as act:
    act.add(source, data, facts, patient=Identifier.parse("8823"))
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from osler.errors import StoreError
from osler.ledger.entry import JSON, Entry
from osler.record.codec import fact_to_json, facts_digest
from osler.record.fact import Fact
from osler.record.patient import NO_AUTHORITY, Identifier
from osler.record.source import Source
from osler.record.store import Delivery

if TYPE_CHECKING:
    from osler.record.sqlite import SqliteStore

__all__ = ["SOURCE_COLUMNS", "SqliteAct"]

SOURCE_COLUMNS = "digest, kind, media_type, name, size, author, stream"


@dataclass(slots=True)
class SqliteAct:
    """One open transaction on a `SqliteStore`."""

    store: "SqliteStore"
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
            f"INSERT INTO sources ({SOURCE_COLUMNS}, patient, delivery, received_at, trouble) "
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
        keys = {name: self.store.key_of(name) for name in names}
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
            for one in self.store.patient_of(key).identifiers
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
            owner = self.store.patient_of(key)
            self.log(
                "link",
                {
                    "patient": self.store.keyed_digest(owner, "patient"),
                    "identifier": self.store.keyed_digest(owner, str(identifier)),
                },
            )
