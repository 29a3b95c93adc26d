"""What every reader is given and gives back.

    def read(data: bytes, context: Context) -> Reading: ...
    def read_file(path: Path, context: Context) -> Flow: ...        of any size

A module has one of the two, or both; where it has `read_file`, that is what the intake calls.
A reader raises `BrokenFile` or `Undeclared` (`osler.errors`) when it cannot go on; the intake
then keeps the bytes whole as an opaque source and lists them. What a reader understands only in
part it returns with `trouble` set, so that nothing is lost.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from osler.record.fact import Fact
from osler.record.patient import Identifier, Link
from osler.record.source import Source

__all__ = ["Context", "Flow", "Item", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known before a file is opened.

    `name` is its path inside the delivery; `now` becomes `received_at`; `zone` is the site's
    IANA zone for times that state none; `kind` is the operator's `--as KIND`; `declared` is the
    sidecar's content (`osler.readers.sidecar`); `companions` are the bytes of files that belong
    to it, by file name (the `.dat` of a WFDB header); `people` are the patients that other files
    of the same delivery name, by FHIR reference (`Patient/12`).
    """

    name: str
    now: datetime
    zone: str = "UTC"
    kind: str | None = None
    declared: Mapping[str, object] = field(default_factory=dict)
    companions: Mapping[str, bytes] = field(default_factory=dict)
    people: Mapping[str, Identifier] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One source with what it says; `patient` is whose the bytes themselves say it is.

    `file` stands in place of `data` where the source is a whole file too large to hold. A source
    that contradicts itself about whose it is has `disputed` set to a sentence, and waits for a
    person. `links` are its words that two identifiers are one person.
    """

    source: Source
    data: bytes = b""
    file: Path | None = None
    facts: tuple[Fact, ...] = ()
    patient: Identifier | None = None
    trouble: str | None = None
    disputed: str | None = None
    links: tuple[Link, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The sources in one file; `container` is True when the file held several of them."""

    items: tuple[Item, ...]
    container: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The sources in a file too large to hold: made while they are walked, which can be done once.

    A reader may raise in the middle; what came before stands.
    """

    items: Iterator[Item]
    container: bool = False
