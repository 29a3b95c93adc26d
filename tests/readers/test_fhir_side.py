"""Laterality from coded fields alone."""

from typing import Any

import pytest

from tests.readers.fhir_cases import SNOMED, bundle, fact, observation

LEFT = {"coding": [{"system": SNOMED, "code": "80248007"}, {"system": SNOMED, "code": "7771000"}]}
RIGHT = {"coding": [{"system": SNOMED, "code": "76752008:272741003|Laterality|=24028007|Right|"}]}
QUALIFIED = {
    "coding": [{"system": SNOMED, "code": "76752008"}],
    "extension": [
        {
            "url": "http://hl7.org/fhir/us/mcode/StructureDefinition/mcode-laterality-qualifier",
            "valueCodeableConcept": {"coding": [{"system": SNOMED, "code": "51440002"}]},
        }
    ],
}


@pytest.mark.parametrize(
    ("site", "side"),
    [
        (LEFT, "left"),
        (RIGHT, "right"),
        (QUALIFIED, "bilateral"),
        ({"text": "left breast"}, None),
        ({"coding": [{"system": "urn:x", "code": "7771000"}]}, None),
        (3, None),
        (None, None),
    ],
)
def test_sides(site: Any, side: str | None) -> None:
    assert fact(observation(bodySite=site)).laterality == side
    procedure = {"resourceType": "Procedure", "bodySite": [site], "code": {"text": "biopsy"}}
    assert fact(procedure).laterality == side


def test_two_sites_of_two_sides_name_none() -> None:
    assert fact({"resourceType": "Procedure", "bodySite": [LEFT, RIGHT]}).laterality is None


def test_a_body_structure_says_its_side() -> None:
    structure = {
        "resourceType": "BodyStructure", "id": "b",
        "locationQualifier": [{"coding": [{"system": SNOMED, "code": "24028007"}]}],
    }  # fmt: skip
    site = {
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/bodySite",
                "valueReference": {"reference": "BodyStructure/b"},
            }
        ]
    }
    condition = {"resourceType": "Condition", "code": {"text": "x"}, "bodySite": [site]}
    assert bundle(structure, condition).items[1].facts[0].laterality == "right"


def test_the_side_of_a_specimen() -> None:
    sample = {"resourceType": "Specimen", "collection": {"bodySite": LEFT}}
    assert fact(sample).laterality == "left"
