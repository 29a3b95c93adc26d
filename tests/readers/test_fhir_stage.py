"""TNM in FHIR: prefix and edition as stated, and what is no cancer's stage stays as it is."""

from typing import Any

import pytest

from osler.record.fact import Code
from osler.record.tnm import Tnm
from tests.readers.fhir_cases import fact, observation, one, resolve

LOINC = "http://loinc.org"


def staged(code: str, value: dict[str, Any], **fields: Any) -> Any:
    coded = {"coding": [{"system": LOINC, "code": code}]}
    return fact(observation(code=coded, valueCodeableConcept=value, **fields)).value


@pytest.mark.parametrize(
    ("code", "words", "tnm"),
    [
        ("21905-5", "cT1c", Tnm(axis="T", category="1c", prefix="c")),
        ("21905-5", "T2", Tnm(axis="T", category="2", prefix="c")),
        ("21906-3", "3", Tnm(axis="N", category="3", prefix="c")),
        ("21907-1", "M1a", Tnm(axis="M", category="1a", prefix="c")),
        ("21899-0", "ypT2a", Tnm(axis="T", category="2a", prefix="yp")),
        ("21899-0", "yT2a", Tnm(axis="T", category="2a", prefix="yp")),
        ("21900-6", "pN0", Tnm(axis="N", category="0", prefix="p")),
        ("21901-4", "X", Tnm(axis="M", category="X", prefix="p")),
        ("21908-9", "Stage IIIB", Tnm(axis="group", category="IIIB", prefix="c")),
        ("21902-2", "IA3", Tnm(axis="group", category="IA3", prefix="p")),
    ],
)
def test_observations_by_code(code: str, words: str, tnm: Tnm) -> None:
    assert staged(code, {"text": words}) == tnm


def test_the_edition_is_read_where_it_is_written() -> None:
    method = {"text": "AJCC Cancer Staging Manual, 8th edition"}
    assert staged("21905-5", {"text": "T2"}, method=method) == Tnm(
        axis="T", category="2", prefix="c", edition="8"
    )


@pytest.mark.parametrize(("code", "words"), [("21905-5", "pT2"), ("21905-5", "N1"), ("1-1", "T2")])
def test_a_value_that_denies_its_code_stays_as_it_is(code: str, words: str) -> None:
    assert staged(code, {"text": words}) == Code(text=words)


def condition(words: str, kind: str, name: str = "lung cancer") -> Any:
    stage = {"summary": {"text": words}, "type": {"text": kind}}
    item = one({"resourceType": "Condition", "code": {"text": name}, "id": "c", "stage": [stage]})
    assert all(resolve(item, f) for f in item.facts)
    return item.facts[1:]


def test_a_stage_of_a_condition() -> None:
    (group,) = condition("Stage IVA", "AJCC clinical stage group, 8th edition")
    assert group.value == Tnm(axis="group", category="IVA", prefix="c", edition="8")
    found = condition("pT2a pN1 cM0", "TNM")
    assert [str(f.value) for f in found] == ["pT2a", "pN1", "cM0"]
    assert len({f.identity for f in found}) == 3
    (one_only,) = condition("Stage III", "patholog. and clinical stage")
    assert one_only.value == Tnm(axis="group", category="III")


@pytest.mark.parametrize("name", ["pressure ulcer", "chronic kidney disease"])
def test_a_stage_of_no_cancer_is_no_tnm(name: str) -> None:
    (found,) = condition("Stage IV", "wound stage", name)
    assert found.value == Code(text="Stage IV")
