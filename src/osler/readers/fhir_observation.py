"""FHIR Observation to facts: every `value[x]`, every component, and why a value is absent.

facts = observation_facts(resource)     one fact a value, one a component

Source: HL7 FHIR R4 (4.0.1), section 10.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from osler.readers.fhir_side import side_of
from osler.readers.fhir_stage import tnm_of_observation
from osler.readers.fhir_values import Resource, code_of, decimal_of, number_text, quantity_of, rows
from osler.readers.fhir_variant import Called, called_variant
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.moment import Moment

__all__ = ["observation_facts"]

_TIMES = ("effective", "effectiveInstant")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """A reference range and the names of its unit; no name fits every value."""

    low: Decimal | None = None
    high: Decimal | None = None
    units: frozenset[str] = frozenset()

    def of(self, units: frozenset[str]) -> tuple[Decimal | None, Decimal | None]:
        """The bounds for a value in that unit; none for a value in another."""
        fits = not self.units or bool(self.units & units)
        return (self.low, self.high) if fits else (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What all facts of one Observation share."""

    start: Moment | None
    end: Moment | None
    laterality: str | None
    specimen: str | None


_NO_LIMITS = _Limits()


def observation_facts(resource: Resource) -> list[Fact]:
    """The facts of one Observation; a panel that has only components gives only theirs."""
    body = resource.body
    around = _Around(
        start=resource.started(*_TIMES) or resource.moment("/effectiveTiming/event/0"),
        end=resource.ended(*_TIMES),
        laterality=side_of(resource, "/bodySite", "/code"),
        specimen=resource.identity_at("/specimen") if "specimen" in body else None,
    )
    code = resource.concept("/code") or Code(text="observation without a code")
    called = called_variant(resource) if "component" in body else None
    found = []
    for index, component in enumerate(rows(body.get("component"))):
        if called and index in called.used:
            continue
        part = f"/component/{index}"
        named = code_of(component.get("code")) or code
        found.append(_fact(resource, named, part, part, around))
    if called:
        return [_variant(resource, code, called, around), *found]
    has_own = any(key.startswith("value") for key in body)
    if has_own or "dataAbsentReason" in body or "interpretation" in body or not found:
        found.insert(0, _fact(resource, code, "", None, around))
    return found


def _variant(resource: Resource, code: Code, called: Called, around: _Around) -> Fact:
    status = resource.text("/status") or "unknown"
    return resource.fact(
        FactKind.VARIANT,
        code,
        "/component",
        value=called.variant,
        valid_from=around.start,
        valid_to=around.end,
        status=status,
        assertion=called.assertion,
        specimen=around.specimen,
    )


def _fact(resource: Resource, code: Code, base: str, part: str | None, around: _Around) -> Fact:
    value, path = _value(resource, base)
    status = resource.text("/status") or "unknown"
    absent = None if value is not None else resource.word(f"{base}/dataAbsentReason")
    if absent:
        path = f"{base}/dataAbsentReason"
        status = status if status == "entered-in-error" else absent
    elif value is None and (said := resource.concept(f"{base}/interpretation/0")):
        value, path = said, f"{base}/interpretation/0"
    if not base and (stage := tnm_of_observation(resource)):
        value = stage[0]
    return resource.fact(
        FactKind.OBSERVATION,
        code,
        path or f"{base}/code",
        value=value,
        valid_from=around.start,
        valid_to=around.end,
        status=status,
        assertion=Assertion.PENDING if status == "registered" else Assertion.PRESENT,
        part=part,
        laterality=around.laterality,
        specimen=around.specimen,
    )


def _value(resource: Resource, base: str) -> tuple[FactValue, str | None]:
    """The value of the observation or component at `base`, and where it stands."""
    held = resource.at(base) if base else resource.body
    keys = [k for k in held if k.startswith("value")]
    if not keys:
        return None, None
    if len(keys) > 1:
        resource.troubles.append(f"{base}: of {' and '.join(keys)} only the first is read")
    key = keys[0]
    path = f"{base}/{key}"
    value = _read(resource, key, path, _limits(held))
    if value is None:
        resource.troubles.append(f"{path} is kept; Osler does not read it")
    return value, path


def _read(resource: Resource, key: str, path: str, limits: _Limits) -> FactValue:
    raw = resource.at(path)
    match key:
        case "valueQuantity":
            units = _units(raw) if isinstance(raw, dict) else frozenset()
            return quantity_of(raw, *limits.of(units))
        case "valueInteger":
            number = decimal_of(raw)
            low, high = limits.of(frozenset())
            return None if number is None else Quantity(value=number, low=low, high=high)
        case "valueCodeableConcept":
            return code_of(raw)
        case "valueBoolean":
            return raw if isinstance(raw, bool) else None
        case "valueDateTime":
            return resource.moment(path)
        case "valueString" | "valueTime":
            return resource.text(path)
    return _in_words(key, raw) if isinstance(raw, dict) else None


def _in_words(key: str, raw: Mapping[str, Any]) -> str | None:
    """Ranges, ratios and periods as a reader would write them; None for the other types."""
    match key:
        case "valueRange":
            low, high = number_text(raw.get("low")), number_text(raw.get("high"))
            return f"{low} to {high}".strip() if low or high else None
        case "valueRatio":
            top, bottom = number_text(raw.get("numerator")), number_text(raw.get("denominator"))
            return f"{top}:{bottom}" if top and bottom else None
        case "valuePeriod":
            start, end = raw.get("start"), raw.get("end")
            return f"{start or '...'} to {end or '...'}" if start or end else None
        case "valueSampledData":
            return _sampled(raw)
    return None


def _sampled(raw: Mapping[str, Any]) -> str | None:
    """What a series is; its samples stay in the source: `250 samples, one every 4 ms`."""
    data, period = raw.get("data"), decimal_of(raw.get("period"))
    if not isinstance(data, str) or period is None:
        return None
    return f"{len(data.split())} samples, one every {period} ms"


def _limits(held: Mapping[str, Any]) -> _Limits:
    """The one reference range that applies; none is chosen where several may."""
    if "referenceRange" not in held:
        return _NO_LIMITS
    candidates = [r for r in rows(held.get("referenceRange")) if _is_normal(r)]
    if len(candidates) != 1:
        return _Limits()
    ends = [candidates[0].get("low"), candidates[0].get("high")]
    named = [_units(end) for end in ends if isinstance(end, dict) and _units(end)]
    if len(named) == 2 and not named[0] & named[1]:
        return _Limits()
    low, high = (decimal_of(e.get("value")) if isinstance(e, dict) else None for e in ends)
    return _Limits(low=low, high=high, units=frozenset().union(*named))


def _units(quantity: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(unit for key in ("unit", "code") if isinstance(unit := quantity.get(key), str))


def _is_normal(reference: Mapping[str, Any]) -> bool:
    kind = reference.get("type")
    if not isinstance(kind, dict):
        return True
    return any(c.get("code") == "normal" for c in rows(kind.get("coding")))
