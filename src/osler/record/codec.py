"""Facts to JSON and back, the form in which the store keeps them and the ledger digests them.

fact_from_json(fact_to_json(fact)) == fact
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from osler.errors import BrokenFile
from osler.record import locator
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.media import Media
from osler.record.moment import Moment
from osler.record.source import Stream, digest_of
from osler.record.tnm import Tnm
from osler.record.variant import Variant

__all__ = [
    "canonical_text",
    "digest_of_lines",
    "fact_from_json",
    "fact_to_json",
    "facts_digest",
    "value_to_json",
]


def fact_to_json(fact: Fact) -> dict[str, Any]:
    """A JSON object of plain types; absent values are left out."""
    whole: dict[str, Any] = {
        "kind": fact.kind.value,
        "code": _compact(asdict(fact.code)),
        "value": value_to_json(fact.value),
        "valid_from": _moment(fact.valid_from),
        "valid_to": _moment(fact.valid_to),
        "recorded_at": _moment(fact.recorded_at),
        "recorded_inferred": fact.recorded_inferred,
        "received_at": fact.received_at.isoformat(),
        "status": fact.status,
        "assertion": fact.assertion.value,
        "experiencer": fact.experiencer,
        "stream": fact.stream.value,
        "identity": fact.identity,
        "replaces": fact.replaces,
        "laterality": fact.laterality,
        "specimen": fact.specimen,
        "source": fact.evidence.source,
        "at": locator.to_json(fact.evidence.at),
    }
    return _compact(whole)


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
            fields = {k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(value).items()}
            return {"type": "quantity", **_compact(fields)}
        case Code():
            return {"type": "code", **_compact(asdict(value))}
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
            return {"type": "moment", **(_moment(value) or {})}
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


def _moment(moment: Moment | None) -> dict[str, Any] | None:
    if moment is None:
        return None
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
    return digest_of_lines(_line(fact_to_json(fact)) for fact in facts)


def canonical_text(text: str) -> str:
    """A stored fact in the form that the ledger digests; text that is no JSON stands for itself."""
    try:
        return _line(json.loads(text))
    except ValueError:
        return text


def _line(fact: Mapping[str, object]) -> str:
    return json.dumps(fact, sort_keys=True, ensure_ascii=False)


def digest_of_lines(lines: Iterable[str]) -> str:
    return digest_of("\n".join(lines).encode())
