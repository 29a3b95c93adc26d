"""Where records live: the protocol that every store keeps.

    with store.writing() as act:                     one transaction: facts, sources, ledger line
        act.add(source, data, facts, patient=identifier)
    store.record(identifier, known_at=now)
    store.bytes_of(digest)

`SqliteStore` (`osler.record.sqlite`) is the one to open on a single machine.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from osler.ledger.entry import JSON, Entry
from osler.ledger.log import Log
from osler.record.fact import Fact
from osler.record.patient import Identifier, Patient
from osler.record.record import Record
from osler.record.source import Source

__all__ = ["Act", "Delivery", "Held", "Store"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The container that sources came in (a bundle, an archive), kept whole."""

    digest: str
    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A source that waits or failed: nobody said whose it is, or it could not be understood."""

    source: Source
    trouble: str
    received_at: datetime


class Act(Protocol):
    """One transaction on a store: all of it happens, with its ledger lines, or none of it."""

    def deliver(self, name: str, data: bytes) -> Delivery:
        """Keep a container whole; a second time changes nothing."""

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
        """Keep a source and what it says; False when this patient already has these bytes.

        Bytes that were kept as opaque and are understood now are added once more. `also` is
        another identifier of the same person, by the operator's word, and is linked to them.
        """

    def log(self, kind: str, body: Mapping[str, JSON]) -> Entry:
        """Write a ledger line in this transaction."""


class Store(Protocol):
    """Reads are plain calls; writes happen inside `writing()`."""

    def writing(self) -> AbstractContextManager[Act]:
        """Begin a transaction; it commits and seals the ledger at the end, or rolls back."""

    def patients(self) -> list[Patient]:
        """Everyone the store knows."""

    def patient(self, identifier: Identifier) -> Patient:
        """The patient of that identifier; raises `NotFound`."""

    def record(
        self,
        identifier: Identifier,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> Record:
        """One patient as of a valid time and a known time; raises `NotFound`."""

    def bytes_of(self, digest: str) -> bytes:
        """The bytes of a source or delivery; raises `SourceAltered`."""

    def sources(self, digests: Iterable[str], patient: Patient | None = None) -> list[Source]:
        """The sources of those digests: that patient's, or whoever they belong to.

        Two patients may have the same bytes under names that tell who they are.
        """

    def unassigned(self) -> list[Held]:
        """Sources that do not say whose they are, waiting for a person."""

    def rejects(self) -> list[Held]:
        """Sources that no reader understood, kept whole."""

    def remarks(self, patient: Patient) -> Mapping[str, str]:
        """What was said of this patient's sources when they were read, by digest."""

    def keyed_digest(self, patient: Patient, text: str) -> str:
        """HMAC-SHA-256 under the patient's own key: how the ledger names what is about a person."""

    def facts_digests(self) -> Iterable[tuple[int, str]]:
        """For every `read` line of the ledger: its index and the digest of the facts now kept."""

    @property
    def ledger(self) -> Log:
        """The tamper-evident log that lives in the same database."""
