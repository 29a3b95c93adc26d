"""One UCUM unit, taken apart far enough to say whether two units measure the same thing.

    unit = parse_ucum("mg/dL")
    unit.factor          to root units (gram, metre, second, mole, ...)
    unit.dimensions      {"[mass]": 1, "[length]": -3}
    unit.apart           what no factor bridges: {"international_unit": 1}, {"{1.73_m2}": -1}

Grammar and definitions: the Unified Code for Units of Measure, read by `ucumvert` into `pint`.
Both are imported at the first unit, since they take half a second.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from osler.errors import WrongUse

__all__ = ["UcumUnit", "canonical_ucum", "is_ucum", "parse_ucum"]

_LONGEST = 48  # characters: the longest unit in LOINC's own list has 28
_EXPONENT = re.compile(r"\d{3,}|[*^][+-]?\d{3,}")
_ANNOTATION = re.compile(r"(/?)\s*\{([^{}]*)\}")
# Words that only say what is counted; any other annotation changes what the number means
# ({1.73_m2}, {FEU}, {creat}), so that it must stand on both sides.
_COUNTED = {"cells", "cell", "count", "#", "wbc", "rbc", "plt", "beats", "breaths", "counts"}
# Without dimension, and a plain number all the same: a factor may go through them.
_NUMBERS = {"percent", "ppm", "ppb", "ppt", "_10", "permille", "ppth", "pptr", "dimensionless"}
# UCUM and pint call these moles; how many moles depends on the ion or the solution.
_NOT_MOLES = {"equivalents", "osmole"}

# Spellings that feeds use and UCUM does not know, each with one possible meaning.
_SPELT = {
    "mcg": "ug", "μg": "ug", "µg": "ug", "mcl": "uL", "μl": "uL", "µl": "uL", "mcmol": "umol",
    "μmol": "umol", "µmol": "umol", "mmhg": "mm[Hg]", "mm hg": "mm[Hg]", "cmh2o": "cm[H2O]",
    "degc": "Cel", "°c": "Cel", "deg c": "Cel", "degf": "[degF]", "°f": "[degF]",
    "deg f": "[degF]", "bpm": "/min", "k/ul": "10*3/uL", "m/ul": "10*6/uL",
    "k/mm3": "10*3/mm3", "thou/ul": "10*3/uL", "thou/mm3": "10*3/mm3", "mill/ul": "10*6/uL",
    "lb": "[lb_av]", "lbs": "[lb_av]", "inches": "[in_i]", "sec": "s",
    "iu": "[IU]", "miu": "m[IU]", "uiu": "u[IU]", "µiu": "u[IU]", "μiu": "u[IU]", "kiu": "k[IU]",
    "meq": "meq", "mosm": "mosm", "mosmol": "mosm", "mm/hr": "mm/h", "hr": "h", "mins": "min",
    "cc": "mL", "gm": "g", "gms": "g", "cell": "{cells}", "cells": "{cells}", "hpf": "[HPF]",
    "lpf": "[LPF]", "k/mcl": "10*3/uL", "m/mcl": "10*6/uL",
}  # fmt: skip
_POWER = re.compile(r"(?:[x×X]\s*)?10\s*(?:[Ee^(]|\*{1,2})\s*(\d{1,2})\)?\s*/(.*)")
# Without regard to case: these alone. `G` is no `g`: G/L is 10*9/L to a French laboratory.
_CASE = {
    text.casefold(): text
    for text in (
        "mg", "ug", "ng", "pg", "kg", "L", "dL", "mL", "uL", "fL", "mmol", "umol", "nmol",
        "pmol", "mol", "U", "mU", "kU", "min", "cm", "mm", "mm3",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class UcumUnit:
    """A unit as a factor to root units, with what it measures.

    `moles` is the power of the mole above the line (1 in mmol/mol, whose dimensions cancel);
    `scale` names a temperature scale (`Cel`, `[degF]`, `K`), whose zeros differ, else None.
    """

    text: str
    factor: float
    dimensions: Mapping[str, int]
    apart: Mapping[str, int] = field(default_factory=dict)
    moles: int = 0
    scale: str | None = None


def is_ucum(text: str) -> bool:
    """Whether this is a unit by UCUM's grammar."""
    try:
        parse_ucum(text)
    except WrongUse:
        return False
    return True


def canonical_ucum(text: str | None) -> str | None:
    """The UCUM unit that a feed's spelling can only mean: `mcg/mL` is `ug/mL`, `K/uL` 10*3/uL.

    A unit that UCUM knows comes back as it is; None for an absent unit, and for one that could
    mean two things (`M`, `units`, `MU/L`: milli or mega?). Whether it was respelt: compare the two.
    """
    words = " ".join((text or "").split())
    if not words or len(words) > _LONGEST:
        return None
    power = _POWER.fullmatch(words)
    if power:
        return _known(f"10*{power[1]}/{_respelt(power[2])}")
    if words.casefold() in _SPELT or not is_ucum(words):
        return _known(_respelt(words))
    other = _known(_respelt(words))
    same = other is None or parse_ucum(other).factor == parse_ucum(words).factor
    return words if same else None


def _respelt(words: str) -> str:
    whole = _SPELT.get(words.casefold())
    if whole:
        return whole
    parts = [part.strip() for part in words.split("/")]
    found = [_SPELT.get(p.casefold()) or _CASE.get(p.casefold()) or p for p in parts]
    return "/".join(found)


def _known(text: str) -> str | None:
    return text if is_ucum(text) else None


@lru_cache(maxsize=1024)
def parse_ucum(text: str) -> UcumUnit:
    """The unit; raises `WrongUse` for what is no UCUM, or is no multiple of anything (`[pH]`)."""
    import lark
    import pint

    if not text or len(text) > _LONGEST or _EXPONENT.search(_ANNOTATION.sub("", text)):
        raise WrongUse(f"'{text[:_LONGEST]}' is no UCUM unit that can be converted")
    apart, bare = _annotations(text)
    scale = bare if bare in {"Cel", "[degF]", "K"} else None
    try:
        found = _registry().from_ucum(bare) if bare else _registry().Quantity(1.0)
        root = found.to_root_units()
        # A scale whose zero is elsewhere (degrees Reaumur, decibels) is no multiple of anything.
        multiple = scale or (found * 0).to_root_units().magnitude == 0
    except (lark.exceptions.LarkError, pint.PintError, ArithmeticError, AttributeError) as error:
        raise WrongUse(
            f"'{text}' is no UCUM unit that can be converted: write it as UCUM does (mg/dL, 10*9/L)"
        ) from error
    factor = float(root.magnitude)
    if not multiple or not 1e-60 < factor < 1e60:
        raise WrongUse(f"'{text}' cannot be converted: it is no multiple of another unit")
    atoms = [(_base(name), int(exponent)) for name, exponent in found.unit_items()]
    for base, exponent in atoms:
        if base in _NOT_MOLES or (base not in _NUMBERS and not _dimensions(base)):
            apart[base] = apart.get(base, 0) + exponent
    return UcumUnit(
        text=text,
        factor=factor,
        dimensions={name: int(power) for name, power in root.dimensionality.items()},
        apart={name: power for name, power in apart.items() if power},
        moles=sum(power for base, power in atoms if base == "mole" and power > 0),
        scale=scale,
    )


def _annotations(text: str) -> tuple[dict[str, int], str]:
    """The annotations that change what is measured, and the unit without any."""
    apart: dict[str, int] = {}
    for slash, words in _ANNOTATION.findall(text):
        if words.casefold() not in _COUNTED:
            name = "{" + words.casefold() + "}"
            apart[name] = apart.get(name, 0) + (-1 if slash else 1)
    bare = re.sub(r"/\s*\{[^{}]*\}(?=$|[/.])", "", text)  # a denominator of words alone
    bare = re.sub(r"\{[^{}]*\}", "", bare)
    return apart, f"1{bare}" if bare.startswith(".") else bare


def _base(name: str) -> str:
    """The unit without its prefix: `milliinternational_unit` -> `international_unit`."""
    parsed = _registry().parse_unit_name(name)
    return str(parsed[0][1]) if parsed else name


def _dimensions(name: str) -> Mapping[str, float]:
    return dict(_registry().get_dimensionality(name))


@cache
def _registry() -> Any:
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry()
