"""What every reader is given and gives back.

    def read(data: bytes, context: Context) -> Reading: ...

A reader raises `BrokenFile` or `Undeclared` (`osler.errors`) when it cannot go on; the intake
then keeps the bytes whole as an opaque source and lists them. What a reader understands only in
part it returns with `trouble` set, so that nothing is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from osler.record.fact import Fact
from osler.record.patient import Identifier
from osler.record.source import Source

__all__ = ["Context", "Item", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is known before a file is opened.

    `name` is its path inside the delivery; `now` becomes `received_at`; `zone` is the site's
    IANA zone for times that state none; `kind` is the operator's `--as KIND`; `declared` is the
    sidecar's content (`osler.readers.sidecar`); `companions` are the bytes of files that belong
    to it, by file name (the `.dat` of a WFDB header).
    """

    name: str
    now: datetime
    zone: str = "UTC"
    kind: str | None = None
    declared: Mapping[str, object] = field(default_factory=dict)
    companions: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One source with what it says; `patient` is whose the bytes themselves say it is."""

    source: Source
    data: bytes
    facts: tuple[Fact, ...] = ()
    patient: Identifier | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The sources in one file; `container` is True when the file held several of them."""

    items: tuple[Item, ...]
    container: bool = False
