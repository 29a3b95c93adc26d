"""Facts to JSON and back, the form in which the store keeps them and the ledger digests them.

fact_from_json(fact_to_json(fact)) == fact
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from osler.errors import BrokenFile
from osler.record import locator
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.media import Media
from osler.record.moment import Moment
from osler.record.source import Stream, digest_of
from osler.record.tnm import Tnm
from osler.record.variant import Variant

__all__ = [
    "digest_of_lines",
    "fact_from_json",
    "fact_line",
    "fact_to_json",
    "facts_digest",
    "value_to_json",
]


_ENCODE = msgspec.json.Encoder(order="deterministic").encode

_MOMENTS = ("valid_from", "valid_to", "recorded_at")
_IF_STATED = ("identity", "replaces", "laterality", "specimen")


def fact_to_json(fact: Fact) -> dict[str, Any]:
    """A JSON object of plain types; absent values are left out."""
    whole: dict[str, Any] = {
        "kind": fact.kind.value,
        "code": _code(fact.code),
        "recorded_inferred": fact.recorded_inferred,
        "received_at": fact.received_at.isoformat(),
        "status": fact.status,
        "assertion": fact.assertion.value,
        "experiencer": fact.experiencer,
        "stream": fact.stream.value,
        "source": fact.evidence.source,
        "at": locator.to_json(fact.evidence.at),
    }
    if fact.value is not None:
        whole["value"] = value_to_json(fact.value)
    for name in _MOMENTS:
        moment = getattr(fact, name)
        if moment is not None:
            whole[name] = _moment(moment)
    for name in _IF_STATED:
        stated = getattr(fact, name)
        if stated is not None:
            whole[name] = stated
    return whole


def fact_from_json(whole: Mapping[str, Any]) -> Fact:
    """The inverse of `fact_to_json`; raises `BrokenFile` when a key is missing."""
    try:
        return Fact(
            kind=FactKind(whole["kind"]),
            code=Code(**whole["code"]),
            evidence=locator.Evidence(source=whole["source"], at=locator.from_json(whole["at"])),
            received_at=datetime.fromisoformat(whole["received_at"]),
            value=_value(whole.get("value")),
            valid_from=_parse_moment(whole.get("valid_from")),
            valid_to=_parse_moment(whole.get("valid_to")),
            recorded_at=_parse_moment(whole.get("recorded_at")),
            recorded_inferred=whole["recorded_inferred"],
            status=whole["status"],
            assertion=Assertion(whole["assertion"]),
            experiencer=whole["experiencer"],
            stream=Stream(whole["stream"]),
            identity=whole.get("identity"),
            replaces=whole.get("replaces"),
            laterality=whole.get("laterality"),
            specimen=whole.get("specimen"),
        )
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise BrokenFile(f"a stored fact cannot be read: {error!r}") from error


def value_to_json(value: FactValue) -> Any:
    """The value of a fact; objects carry a `type` that says which they are."""
    match value:
        case Quantity():
            return {"type": "quantity", **_quantity(value)}
        case Code():
            return {"type": "code", **_code(value)}
        case Variant():
            return {"type": "variant", **_compact(asdict(value))}
        case Media():
            return {
                "type": "media",
                "modality": value.modality,
                "attributes": dict(value.attributes),
            }
        case Tnm():
            return {"type": "tnm", **_compact(asdict(value))}
        case Moment():
            return {"type": "moment", **_moment(value)}
        case _:
            return value


def _value(whole: Any) -> FactValue:
    if not isinstance(whole, dict):
        return whole  # type: ignore[no-any-return]
    fields = dict(whole)
    match fields.pop("type"):
        case "quantity":
            for name in ("value", "low", "high"):
                if name in fields:
                    fields[name] = Decimal(fields[name])
            return Quantity(**fields)
        case "code":
            return Code(**fields)
        case "variant":
            fields["filters"] = tuple(fields.get("filters", ()))
            return Variant(**fields)
        case "media":
            return Media(**fields)
        case "tnm":
            return Tnm(**fields)
        case "moment":
            return _parse_moment(fields)
        case other:
            raise ValueError(f"a value of type {other}")


# Written out where there are many of them: `asdict` copies deeply, and takes ten times as long.
def _code(code: Code) -> dict[str, Any]:
    fields = {"text": code.text}
    if code.system is not None:
        fields["system"] = code.system
    if code.code is not None:
        fields["code"] = code.code
    return fields


def _quantity(quantity: Quantity) -> dict[str, Any]:
    fields = {"value": str(quantity.value)}
    for name in ("unit", "ucum", "comparator"):
        if (word := getattr(quantity, name)) is not None:
            fields[name] = word
    for name in ("low", "high"):
        if (bound := getattr(quantity, name)) is not None:
            fields[name] = str(bound)
    return fields


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "text": moment.text,
        "earliest": moment.earliest.isoformat(),
        "latest": moment.latest.isoformat(),
        "zone_assumed": moment.zone_assumed,
    }


def _parse_moment(whole: Mapping[str, Any] | None) -> Moment | None:
    if whole is None:
        return None
    return Moment(
        text=whole["text"],
        earliest=datetime.fromisoformat(whole["earliest"]),
        latest=datetime.fromisoformat(whole["latest"]),
        zone_assumed=whole["zone_assumed"],
    )


def _compact(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != ()}


def facts_digest(facts: Sequence[Fact]) -> str:
    """One digest for what a source was read to say; the ledger holds it."""
    return digest_of_lines(fact_line(fact_to_json(fact)) for fact in facts)


def fact_line(whole: Mapping[str, object]) -> str:
    """A fact's JSON in one line and one order of keys: what is stored, and what is digested."""
    return _ENCODE(whole).decode()


def digest_of_lines(lines: Iterable[str]) -> str:
    """One digest for the lines of the facts that one source was read to say."""
    return digest_of("\n".join(lines).encode())
