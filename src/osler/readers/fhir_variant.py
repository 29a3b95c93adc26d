"""A genomics Observation (LOINC 69548-6, genetic variant assessment) to the variant it reports.

    called = called_variant(resource)     None where the Observation reports none
    called.variant, called.assertion

`called.used` components are part of the variant; the others stay observations of their own. A
variant that was looked for and not found is absent; a no-call is no variant. Source: HL7 Genomics
Reporting Implementation Guide (STU2), profile Variant; LOINC answer lists LL1971-2 and LL378-1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from osler.readers.fhir_values import LOINC, Resource, code_of, codes_in, decimal_of, rows
from osler.record.fact import Assertion
from osler.record.variant import Variant

__all__ = ["Called", "called_variant"]

_ASSESSMENT = "69548-6"
_STANDS = {
    "LA9633-4": Assertion.PRESENT,
    "LA9634-2": Assertion.ABSENT,
    "LA11884-6": Assertion.POSSIBLE,
}
_ORIGINS = {"LA6683-2": "germline", "LA6684-0": "somatic"}
_BUILDS = {"LA14029-5": "GRCh37", "LA26806-2": "GRCh38"}
_READ = {
    "48018-6", "48004-6", "48005-3", "81258-6", "48002-0", "62374-4", "48000-4", "81254-5",
    "69547-8", "69551-0", "51958-7", "92822-6", "82121-5",
}  # fmt: skip
_ONE_BASED, _ZERO_BASED = {"LA30102-0"}, {"LA30100-4", "LA30101-2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """The variant, how it stands, and the indices of the components that it is made of."""

    variant: Variant
    assertion: Assertion
    used: frozenset[int]


def called_variant(resource: Resource) -> Called | None:
    """The variant that the Observation reports, or None where it reports none."""
    if _ASSESSMENT not in codes_in(resource.body.get("code"), LOINC):
        return None
    answers = codes_in(resource.at("/valueCodeableConcept"), LOINC)
    assertion = next((_STANDS[code] for code in answers if code in _STANDS), None)
    if assertion is None:
        return None
    held: dict[str, Mapping[str, Any]] = {}
    used = set()
    for index, component in enumerate(rows(resource.at("/component"))):
        for code in codes_in(component.get("code"), LOINC):
            if code in _READ and code not in held:
                held[code] = component
                used.add(index)
    return Called(variant=_variant(resource, held), assertion=assertion, used=frozenset(used))


def _variant(resource: Resource, held: Mapping[str, Mapping[str, Any]]) -> Variant:
    depth = decimal_of(_number(held.get("82121-5")))
    return Variant(
        build=_build(held.get("62374-4")),
        chromosome=_words(held.get("48000-4")).removeprefix("Chromosome ").strip(),
        position=_position(resource, held),
        reference=_words(held.get("69547-8")),
        alternate=_words(held.get("69551-0")),
        gene=_words(held.get("48018-6")) or None,
        transcript=_words(held.get("51958-7")) or None,
        coding_change=_change(held.get("48004-6")),
        protein_change=_change(held.get("48005-3")),
        depth=int(depth) if depth is not None and depth == int(depth) else None,
        allele_fraction=_fraction(resource, held.get("81258-6")),
        origin=next((_ORIGINS[c] for c in _answers(held.get("48002-0")) if c in _ORIGINS), None),
    )


def _position(resource: Resource, held: Mapping[str, Mapping[str, Any]]) -> int:
    """The first base, counted from 1; 0 where it is not stated or nobody says how it counts."""
    place = (held.get("81254-5") or {}).get("valueRange")
    low = place.get("low") if isinstance(place, dict) else None
    number = decimal_of(low.get("value")) if isinstance(low, dict) else None
    if number is None or number != int(number) or number < 0:
        return 0
    system = set(_answers(held.get("92822-6")))
    if system & _ONE_BASED:
        return int(number)
    if system & _ZERO_BASED:
        return int(number) + 1
    resource.troubles.append("its position does not say whether it counts from 0 or 1: not taken")
    return 0


def _fraction(resource: Resource, component: Mapping[str, Any] | None) -> float | None:
    """The share of reads in [0, 1]; a percentage only where the unit says so."""
    number = decimal_of(_number(component))
    if number is None:
        return None
    quantity = component["valueQuantity"] if component else {}
    if "%" in (quantity.get("unit"), quantity.get("code")):
        number /= Decimal(100)
    if 0 <= number <= 1:
        return float(number)
    resource.troubles.append(f"an allele fraction of {number} is no share of reads: not taken")
    return None


def _number(component: Mapping[str, Any] | None) -> Any:
    quantity = component.get("valueQuantity") if component else None
    return quantity.get("value") if isinstance(quantity, dict) else None


def _build(component: Mapping[str, Any] | None) -> str:
    for code in _answers(component):
        if code in _BUILDS:
            return _BUILDS[code]
    words = _words(component).casefold()
    for build, names in (("GRCh38", ("grch38", "hg38")), ("GRCh37", ("grch37", "hg19"))):
        if any(name in words for name in names):
            return build
    return ""


def _answers(component: Mapping[str, Any] | None) -> list[str]:
    return codes_in(component.get("valueCodeableConcept"), LOINC) if component else []


def _words(component: Mapping[str, Any] | None) -> str:
    if component is None:
        return ""
    value = component.get("valueString")
    if isinstance(value, str):
        return value.strip()
    code = code_of(component.get("valueCodeableConcept"))
    return code.text if code else ""


def _change(component: Mapping[str, Any] | None) -> str | None:
    """`NM_005228.5:c.2573T>G` without the accession; the display where the code is an accession."""
    concept = component.get("valueCodeableConcept") if component else None
    coding = rows(concept.get("coding")) if isinstance(concept, dict) else ()
    words = [_words(component), *(str(c.get(k) or "") for c in coding for k in ("code", "display"))]
    written = (w.rsplit(":", 1)[-1].strip() for w in words)
    return next((w for w in written if w[:2] in {"c.", "p.", "n."}), None) or words[0] or None
