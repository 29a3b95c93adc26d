"""Numbers in another unit: by UCUM alone where the dimensions allow it, else by the analyte.

    convert(quantity, "umol/L", analyte=creatinine)     1.2 mg/dL -> 106.08... umol/L
    comparable(older, newer, creatinine)                the newer one in the older one's unit
    canonical_ucum("mcg/mL")                            ug/mL (`osler.record.ucum`)

A factor has 13 significant digits (powers of ten are exact) and a result at most 12; what was sent
stays as it was sent. Refused: an absent unit, mass for moles without the analyte, equivalents for
moles without the ion, international and arbitrary units for anything else, and units whose
annotations differ in what they mean (`mL/min` and `mL/min/{1.73_m2}`).
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal

from osler.errors import BrokenFile, InputError, Undeclared, WrongUse
from osler.record.analyte import Analyte, analyte_of
from osler.record.fact import Code, Quantity
from osler.record.ucum import UcumUnit, canonical_ucum, parse_ucum

__all__ = ["comparable", "convert", "unit_of"]

_FACTOR = Context(prec=13, rounding=ROUND_HALF_EVEN)
_RESULT = Context(prec=12, rounding=ROUND_HALF_EVEN)
_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
_MASS, _AMOUNT = "[mass]", "[substance]"

Line = Callable[[Decimal], Decimal]


def unit_of(quantity: Quantity) -> str:
    """Its UCUM unit, respelt where the feed's spelling has one meaning; raises `Undeclared`."""
    if quantity.ucum:
        return quantity.ucum
    found = canonical_ucum(quantity.unit)
    if found is None:
        said = f"unit '{quantity.unit}' is not in UCUM" if quantity.unit else "has no unit"
        raise Undeclared(f"{quantity.value} {said}: it stays as it was sent, none is inferred")
    return found


def convert(quantity: Quantity, to: str, *, analyte: Code | None = None) -> Quantity:
    """The same quantity in the UCUM unit `to`, with comparator and reference range.

    Raises `Undeclared` when its own unit is absent or unknown, `BrokenFile` when its number is none
    or falls out of the scale, and `WrongUse` when the two units measure different things.
    """
    source = unit_of(quantity)
    if not quantity.value.is_finite():
        raise BrokenFile(f"{quantity.value} {source} is no number: nothing to convert")
    if source == to:
        return replace(quantity, unit=to, ucum=to)
    try:
        line = _line(parse_ucum(source), parse_ucum(to), analyte_of(analyte))
        value = _rounded(line(quantity.value))
    except ArithmeticError as error:
        raise BrokenFile(f"{quantity.value} {source} is out of range for {to}") from error
    return replace(
        quantity,
        value=value,
        unit=to,
        ucum=to,
        low=_bound(quantity.low, line),
        high=_bound(quantity.high, line),
    )


def comparable(a: Quantity, b: Quantity, analyte: Code | None = None) -> Quantity | None:
    """`b` in the unit of `a`, or None where nothing makes them comparable."""
    try:
        return convert(b, unit_of(a), analyte=analyte)
    except (WrongUse, InputError):
        return None


def _bound(bound: Decimal | None, line: Line) -> Decimal | None:
    return _rounded(line(bound)) if bound is not None and bound.is_finite() else None


def _line(source: UcumUnit, target: UcumUnit, analyte: Analyte | None) -> Line:
    """The rising straight line from one unit to the other; raises `WrongUse`."""
    if analyte and analyte.equation == "hba1c":
        return _hba1c(source, target)
    if source.scale and target.scale:
        return lambda value: _from_kelvin(_to_kelvin(value, source), target)
    if {source.scale, target.scale} & {"Cel", "[degF]"}:
        raise _refusal(source, target, "only one of them is a temperature on a scale")
    factor = _decimal(source.factor / target.factor) * _bridge(source, target, analyte)
    return lambda value: _EXACT.multiply(value, factor)


def _bridge(source: UcumUnit, target: UcumUnit, analyte: Analyte | None) -> Decimal:
    """What multiplies beyond the units themselves: 1, a molar mass (g/mol), a valence."""
    apart = _difference(target.apart, source.apart)
    if analyte and analyte.over:  # whether {creat} is written below the line or left out
        apart = {name: power for name, power in apart.items() if not name.startswith("{creat")}
    if apart:
        return _by_valence(source, target, apart, analyte)
    gained = _difference(target.dimensions, source.dimensions)
    if gained == {_AMOUNT: 1, _MASS: -1}:
        return _EXACT.divide(Decimal(1), _molar_mass(source, target, analyte))
    if gained == {_MASS: 1, _AMOUNT: -1}:
        return _molar_mass(source, target, analyte)
    if gained:
        raise _refusal(source, target, "they measure different things")
    if source.moles != target.moles:
        raise _refusal(source, target, "only one of them counts molecules")
    return Decimal(1)


def _molar_mass(source: UcumUnit, target: UcumUnit, analyte: Analyte | None) -> Decimal:
    if analyte is None:
        raise _refusal(source, target, "this needs the LOINC code of an analyte in analytes.toml")
    if analyte.molar_mass is None:
        raise _refusal(source, target, f"no molar unit is in use for {analyte.name}")
    power = source.dimensions.get(_AMOUNT, 0) or target.dimensions.get(_AMOUNT, 0)
    if power != (-1 if analyte.over else 1):
        raise _refusal(source, target, f"the molar mass of {analyte.name} is not what this needs")
    return analyte.molar_mass


def _by_valence(
    source: UcumUnit, target: UcumUnit, apart: dict[str, int], analyte: Analyte | None
) -> Decimal:
    """Equivalents for moles, of an ion whose valence is known."""
    valence = analyte.valence if analyte else None
    gained = _difference(target.dimensions, source.dimensions)
    if set(apart) == {"equivalents"} and abs(apart["equivalents"]) == 1 and valence and not gained:
        factor = Decimal(valence)
        return factor if apart["equivalents"] == 1 else _EXACT.divide(Decimal(1), factor)
    raise _refusal(source, target, f"nothing bridges {', '.join(sorted(apart))}")


def _difference(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    found = {name: one.get(name, 0) - other.get(name, 0) for name in {*one, *other}}
    return {name: power for name, power in found.items() if power}


def _hba1c(source: UcumUnit, target: UcumUnit) -> Line:
    """The IFCC-NGSP master equation: NGSP % = 0.09148 IFCC mmol/mol + 2.152.

    Hoelzel et al., Clinical Chemistry 2004;50:166-174.
    """
    slope, zero = Decimal("0.09148"), Decimal("2.152")
    match source.text, target.text:
        case "%", "mmol/mol":

            def to_ifcc(value: Decimal) -> Decimal:
                if value < zero:
                    raise BrokenFile(f"an HbA1c of {value} % is below the scale's zero")
                return _EXACT.divide(value - zero, slope)

            return to_ifcc
        case "mmol/mol", "%":
            return lambda value: _EXACT.fma(value, slope, zero)
    raise _refusal(source, target, "HbA1c is % (NGSP) or mmol/mol (IFCC)")


def _to_kelvin(value: Decimal, unit: UcumUnit) -> Decimal:
    match unit.scale:
        case "Cel":
            return _EXACT.add(value, Decimal("273.15"))
        case "[degF]":
            return _EXACT.divide(_EXACT.multiply(value + Decimal("459.67"), Decimal(5)), Decimal(9))
    return value


def _from_kelvin(value: Decimal, unit: UcumUnit) -> Decimal:
    match unit.scale:
        case "Cel":
            return _EXACT.subtract(value, Decimal("273.15"))
        case "[degF]":
            return _EXACT.subtract(value * 9 / 5, Decimal("459.67"))
    return value


def _decimal(factor: float) -> Decimal:
    """A float's sixteen digits cut to thirteen, so that 0.010000000000000002 is 0.01."""
    return _FACTOR.create_decimal_from_float(factor)


def _rounded(value: Decimal) -> Decimal:
    """At most 12 significant digits, written without an exponent or trailing zeros."""
    short = _RESULT.plus(value)
    text = f"{short:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)


def _refusal(source: UcumUnit, target: UcumUnit, why: str) -> WrongUse:
    return WrongUse(f"{source.text} cannot be converted to {target.text}: {why}")
