"""FHIR Observation to facts: every `value[x]`, every component, and why a value is absent.

facts = observation_facts(resource)     one fact a value, one a component

Source: HL7 FHIR R4 (4.0.1), section 10.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from osler.readers.fhir_values import Resource, code_of, decimal_of, number_text, quantity_of, rows
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


def observation_facts(resource: Resource) -> list[Fact]:
    """The facts of one Observation; a panel that has only components gives only theirs."""
    start = resource.started(*_TIMES) or resource.moment("/effectiveTiming/event/0")
    end = resource.ended(*_TIMES)
    code = resource.concept("/code") or Code(text="observation without a code")
    found = []
    for index, component in enumerate(rows(resource.at("/component"))):
        part = f"/component/{index}"
        named = code_of(component.get("code")) or code
        found.append(_fact(resource, named, part, part, (start, end)))
    has_own = any(key.startswith("value") for key in resource.body)
    if has_own or "dataAbsentReason" in resource.body or not found:
        found.insert(0, _fact(resource, code, "", None, (start, end)))
    return found


def _fact(
    resource: Resource,
    code: Code,
    base: str,
    part: str | None,
    times: tuple[Moment | None, Moment | None],
) -> Fact:
    value, path = _value(resource, base)
    status = resource.text("/status") or "unknown"
    absent = resource.word(f"{base}/dataAbsentReason")
    if value is None and absent:
        path = f"{base}/dataAbsentReason"
        status = status if status == "entered-in-error" else absent
    return resource.fact(
        FactKind.OBSERVATION,
        code,
        path or f"{base}/code",
        value=value,
        valid_from=times[0],
        valid_to=times[1],
        status=status,
        assertion=Assertion.PENDING if status == "registered" else Assertion.PRESENT,
        part=part,
    )


def _value(resource: Resource, base: str) -> tuple[FactValue, str | None]:
    """The value of the observation or component at `base`, and where it stands."""
    held = resource.at(base) if base else resource.body
    key = next((k for k in held if k.startswith("value")), None)
    if key is None:
        return None, None
    path = f"{base}/{key}"
    value = _read(resource, key, path, _limits(held))
    if value is None:
        resource.troubles.append(f"{path} is kept; Osler does not read it")
    return value, path


def _read(resource: Resource, key: str, path: str, limits: _Limits) -> FactValue:
    raw = resource.at(path)
    match key:
        case "valueQuantity":
            units = _units(raw) if isinstance(raw, Mapping) else frozenset()
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
    return _in_words(key, raw) if isinstance(raw, Mapping) else None


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
    return None


def _limits(held: Mapping[str, Any]) -> _Limits:
    """The one reference range that applies; none is chosen where several may."""
    candidates = [r for r in rows(held.get("referenceRange")) if _is_normal(r)]
    if len(candidates) != 1:
        return _Limits()
    ends = [candidates[0].get("low"), candidates[0].get("high")]
    named = [_units(end) for end in ends if isinstance(end, Mapping) and _units(end)]
    if len(named) == 2 and not named[0] & named[1]:
        return _Limits()
    low, high = (decimal_of(e.get("value")) if isinstance(e, Mapping) else None for e in ends)
    return _Limits(low=low, high=high, units=frozenset().union(*named))


def _units(quantity: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(unit for key in ("unit", "code") if isinstance(unit := quantity.get(key), str))


def _is_normal(reference: Mapping[str, Any]) -> bool:
    kind = reference.get("type")
    if not isinstance(kind, Mapping):
        return True
    return any(c.get("code") == "normal" for c in rows(kind.get("coding")))
