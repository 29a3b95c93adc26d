"""What laboratories measure, as far as units need it: molar masses and valences by LOINC code.

    found = analyte_of(Code(text="Creatinine", system="http://loinc.org", code="2160-0"))
    found.molar_mass      Decimal("113.12"), in g/mol; None where no factor is known

The table is `analytes.toml` beside this file; each entry says what is counted.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files

from osler.record.fact import Code

__all__ = ["LOINC", "Analyte", "analyte_of", "analytes"]

LOINC = "http://loinc.org"
_SYSTEMS = {LOINC, "urn:oid:2.16.840.1.113883.6.1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyte:
    """One substance; the fields are explained at the head of `analytes.toml`."""

    name: str
    loinc: tuple[str, ...]
    molar_mass: Decimal | None = None
    valence: int | None = None
    over: bool = False
    mass_only: bool = False
    equation: str | None = None


def analyte_of(code: Code | None) -> Analyte | None:
    """The entry for a LOINC code; None for any other code, and never found by its words."""
    if code is None or code.system not in _SYSTEMS or code.code is None:
        return None
    return analytes().get(code.code)


@cache
def analytes() -> Mapping[str, Analyte]:
    """Every entry, by LOINC code."""
    text = files("osler.record").joinpath("analytes.toml").read_text(encoding="utf-8")
    found: dict[str, Analyte] = {}
    for entry in tomllib.loads(text)["analyte"]:
        mass = entry.get("molar_mass")
        analyte = Analyte(
            name=entry["name"],
            loinc=tuple(entry["loinc"]),
            molar_mass=Decimal(mass) if mass else None,
            valence=entry.get("valence"),
            over=entry.get("over", False),
            mass_only=entry.get("mass_only", False),
            equation=entry.get("equation"),
        )
        found.update(dict.fromkeys(analyte.loinc, analyte))
    return found
