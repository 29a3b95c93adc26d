"""Genomics observations to variants: nothing chosen, nothing assumed, absent kept absent."""

from typing import Any

import pytest

from osler.readers.reading import Item
from osler.record.codec import fact_from_json, fact_to_json
from osler.record.fact import Assertion, Code, FactKind
from osler.record.variant import Variant
from tests.readers.fhir_cases import observation, one, resolve

LOINC = "http://loinc.org"


def coded(code: str, display: str | None = None) -> dict[str, Any]:
    return {"coding": [{"system": LOINC, "code": code, "display": display or code}]}


def part(code: str, **value: Any) -> dict[str, Any]:
    return {"code": coded(code), **value}


GENE = part("48018-6", valueCodeableConcept={"text": "EGFR"})
CDNA = part(
    "48004-6", valueCodeableConcept={"coding": [{"code": "NM_005228.5:c.2573T>G"}]}
)  # fmt: skip
PROTEIN = part(
    "48005-3", valueCodeableConcept={"coding": [{"code": "p.Leu858Arg", "display": "L858R"}]}
)
RANGE = part("81254-5", valueRange={"low": {"value": 55191821}})
ONE_BASED = part("92822-6", valueCodeableConcept=coded("LA30102-0"))


def variant(*components: dict[str, Any], answer: str = "LA9633-4", **fields: Any) -> Item:
    return one(
        observation(
            code=coded("69548-6"),
            valueCodeableConcept=coded(answer),
            component=list(components),
            **fields,
        )
    )


def value(item: Item) -> Variant:
    found = item.facts[0].value
    assert isinstance(found, Variant)
    return found


def test_every_component_that_is_read() -> None:
    item = variant(
        GENE, CDNA, PROTEIN, RANGE, ONE_BASED,
        part("81258-6", valueQuantity={"value": 31, "unit": "%"}),
        part("48002-0", valueCodeableConcept=coded("LA6684-0")),
        part("62374-4", valueCodeableConcept=coded("LA26806-2")),
        part("48000-4", valueCodeableConcept=coded("LA1", "Chromosome 7")),
        part("69547-8", valueString="T"),
        part("69551-0", valueString="G"),
        part("82121-5", valueQuantity={"value": 412}),
        part("53034-5", valueCodeableConcept=coded("LA6706-1", "Heterozygous")),
        specimen={"reference": "Specimen/s"},
    )  # fmt: skip
    assert value(item) == Variant(
        build="GRCh38", chromosome="7", position=55191821, reference="T", alternate="G",
        gene="EGFR", coding_change="c.2573T>G", protein_change="p.Leu858Arg", depth=412,
        allele_fraction=0.31, origin="somatic",
    )  # fmt: skip
    first, allelic = item.facts
    assert (first.kind, first.assertion, first.specimen) == (
        FactKind.VARIANT, Assertion.PRESENT, "Specimen/s",
    )  # fmt: skip
    assert allelic.value == Code(text="Heterozygous", system=LOINC, code="LA6706-1")
    assert item.trouble is None
    assert fact_from_json(fact_to_json(first)) == first
    assert len(resolve(item, first)) == 13


@pytest.mark.parametrize(
    ("answer", "assertion"),
    [("LA9634-2", Assertion.ABSENT), ("LA11884-6", Assertion.POSSIBLE)],
)
def test_looked_for_and_not_found_is_absent(answer: str, assertion: Assertion) -> None:
    assert variant(GENE, answer=answer).facts[0].assertion is assertion


def test_a_no_call_is_no_variant() -> None:
    kinds = {f.kind for f in variant(GENE, answer="LA18198-4").facts}
    assert kinds == {FactKind.OBSERVATION}


def test_what_is_not_stated_stays_unknown() -> None:
    found = value(variant(GENE, PROTEIN))
    assert (found.build, found.chromosome, found.position) == ("", "", 0)
    assert (found.origin, found.allele_fraction, str(found)) == (None, None, "EGFR p.Leu858Arg")
    assert str(value(variant(GENE))) == "EGFR variant"


def test_a_position_counts_from_what_is_stated() -> None:
    zero = part("92822-6", valueCodeableConcept=coded("LA30100-4"))
    assert value(variant(GENE, RANGE, zero)).position == 55191822
    unstated = variant(GENE, RANGE)
    assert value(unstated).position == 0
    assert "whether it counts from 0 or 1" in (unstated.trouble or "")


@pytest.mark.parametrize("fraction", [31, -0.1])
def test_a_fraction_that_is_no_share_is_not_taken(fraction: float) -> None:
    item = variant(GENE, part("81258-6", valueQuantity={"value": fraction}))
    assert value(item).allele_fraction is None
    assert "no share of reads" in (item.trouble or "")
