"""Facts, sources and clocks that the record's tests share."""

from datetime import UTC, datetime
from typing import Any

from osler.record.fact import Code, Fact, FactKind
from osler.record.locator import Evidence, Whole
from osler.record.moment import Moment
from osler.record.patient import Identifier, Patient
from osler.record.record import Record
from osler.record.source import Source

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
ANN = Identifier(authority="urn:h", value="1")
BOB = Identifier(authority="urn:h", value="2")


def fact(text: str = "cough", *, source: str = "ab" * 32, **fields: Any) -> Fact:
    fields.setdefault("kind", FactKind.CONDITION)
    fields.setdefault("received_at", NOW)
    return Fact(
        code=Code(text=text), evidence=Evidence(source=source, at=Whole()), status=fields.pop(
            "status", "active"
        ), **fields,
    )  # fmt: skip


def on(text: str) -> Moment:
    return Moment.parse(text)


def source(data: bytes, kind: str = "note", name: str = "a.txt") -> Source:
    return Source.of(data, kind=kind, name=name)


def record(*facts: Fact, **limits: Any) -> Record:
    return Record.of(Patient(key=1, identifiers=(ANN,)), facts, (), **limits)
