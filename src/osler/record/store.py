"""Where records live: the protocol that every store keeps.

    with store.writing() as act:                     one transaction: facts, sources, ledger line
        act.add(source, data, facts, patient=identifier)
    store.record(identifier, known_at=then)
    store.state(identifier, "http://loinc.org|2160-0", as_of=then)
    store.bytes_of(digest)

`osler.record.opening.open_store` opens the one that a folder or an address names.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from osler.ledger.entry import JSON, Entry
from osler.ledger.log import Log
from osler.record.fact import Fact
from osler.record.patient import Identifier, Patient
from osler.record.record import Record
from osler.record.source import Source

__all__ = ["Act", "Added", "Delivery", "Erased", "Held", "Store"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The container that sources came in (a bundle, an archive), kept whole."""

    digest: str
    name: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A source that waits or failed: nobody said whose it is, or it could not be understood.

    `disputed` is True where it does say, but against itself or against its folder.
    """

    source: Source
    trouble: str
    received_at: datetime
    disputed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What adding a source did: whether it is new, and the kinds of the facts that are.

    A statement that was only fetched again adds no fact. `shared` is True where the same bytes
    are also another patient's, `settled` where a person has said meanwhile whose they are.
    """

    new: bool
    kinds: tuple[str, ...] = ()
    shared: bool = False
    settled: bool = False

    @property
    def facts(self) -> int:
        """How many facts were added to somebody's record."""
        return len(self.kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What an erasure took away, in numbers."""

    sources: int
    facts: int
    deliveries: int


class Act(Protocol):
    """One transaction on a store: all of it happens, with its ledger lines, or none of it."""

    def deliver(self, name: str, data: bytes | Path) -> Delivery:
        """Keep a container whole; a second time changes nothing."""

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
        """Keep a source and what it says; nothing where this patient already has these bytes.

        Bytes that were kept as opaque and are understood now are added once more. `also` is
        another identifier of the same person, by the operator's word, and is linked to them.
        """

    def expect(self, coming: Iterable[tuple[Source, Sequence[Fact]]]) -> None:
        """Look up at once what the store has of many sources that are about to be added."""

    def bind(self, digest: str, patient: Identifier, why: str) -> Added:
        """Give a source that waits to a patient, by a person's word; raises `NotFound`."""

    def merge(self, kept: Identifier, merged: Identifier, why: str) -> bool:
        """From now on two patients are one person; False where they are already."""

    def unmerge(self, kept: Identifier, merged: Identifier, why: str) -> bool:
        """Take that back; False where there is nothing to take back."""

    def log(self, kind: str, body: Mapping[str, JSON]) -> Entry:
        """Write a ledger line in this transaction."""


class Store(Protocol):
    """Reads are plain calls; writes happen inside `writing()`."""

    @property
    def where(self) -> str:
        """What to call the store in a message: its folder, or its address without a password."""

    def writing(self) -> AbstractContextManager[Act]:
        """Begin a transaction; it commits and seals the ledger at the end, or rolls back."""

    def erase(self, identifier: Identifier, why: str) -> Erased:
        """Remove a person's bytes, facts and digest key; the ledger keeps that it was done."""

    def patients(self) -> list[Patient]:
        """Everyone the store knows."""

    def patient(self, identifier: Identifier) -> Patient:
        """The patient of that identifier; raises `NotFound`."""

    def record(
        self,
        identifier: Identifier,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        received_by: datetime | None = None,
    ) -> Record:
        """One patient as of a valid time and a known time; raises `NotFound`.

        `known_at` asks the hospital's clock, `received_by` Osler's own.
        """

    def state(
        self,
        identifier: Identifier,
        code: str,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> list[Fact]:
        """What `record(...).state(code)` says, without reading the whole record."""

    def bytes_of(self, digest: str) -> bytes:
        """The bytes of a source or delivery; raises `SourceAltered`."""

    def check(self, digest: str) -> None:
        """Hold those bytes against their digest without holding them; raises `SourceAltered`."""

    def file_of(self, digest: str) -> Path | None:
        """Where a large source lies as a file; None for a small one."""

    def sources(self, digests: Iterable[str], patient: Patient | None = None) -> list[Source]:
        """The sources of those digests: that patient's, or whoever they belong to.

        Two patients may have the same bytes under names that tell who they are.
        """

    def unassigned(self) -> list[Held]:
        """Sources that do not say whose they are, or dispute it, waiting for a person."""

    def rejects(self) -> list[Held]:
        """Sources that no reader understood, kept whole."""

    def remarks(self, patient: Patient) -> Mapping[str, str]:
        """What was said of this patient's sources when they were read, by digest."""

    def keyed_digest(self, patient: Patient, text: str) -> str:
        """HMAC-SHA-256 under the patient's own key: how the ledger names what is about a person."""

    def facts_digests(self) -> Iterable[tuple[int, str]]:
        """For every line of the ledger that gave a source facts: its index and their digest now."""

    def unvouched(self) -> Iterable[str]:
        """A sentence for each row that is not as the ledger has it; nothing when all are."""

    @property
    def ledger(self) -> Log:
        """The tamper-evident log that lives in the same database."""

    def close(self) -> None:
        """Release the database."""
