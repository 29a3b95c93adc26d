"""ADT: what an event does to a visit, allergies and diagnoses, and what a person is said to be."""

import pytest

from osler.record.fact import Assertion, Code, Fact, FactKind
from osler.record.source import AuthorRole
from tests.readers.hl7v2_cases import PID, facts, item, msh, opened, when

PV1 = "PV1|1|I|4W^12^1||||||||||||||||V99^^^ADT01&1.2.3.4&ISO^VN" + "|" * 25 + "{start}|{end}"


def adt(event: str, *segments: str, at: str = "20240503090000+0200") -> list[Fact]:
    found = item(msh(f"ADT^{event}^ADT_A01", at, "PAS"), f"EVN|{event}|{at}", PID, *segments)
    assert found.trouble is None
    assert found.source.author is AuthorRole.SYSTEM
    return list(found.facts)


def visit(event: str, start: str = "20240501080000", end: str = "") -> Fact:
    found = adt(event, PV1.format(start=start, end=end))
    (fact,) = [f for f in found if f.kind is FactKind.ENCOUNTER]
    return fact


@pytest.mark.parametrize(
    ("event", "end", "status"),
    [
        ("A01", "", "in-progress"), ("A04", "", "in-progress"), ("A03", "20240503", "finished"),
        ("A08", "", "in-progress"), ("A08", "20240503", "finished"), ("A05", "", "planned"),
        ("A11", "", "entered-in-error"), ("A13", "20240503", "in-progress"),
        ("A38", "", "cancelled"),
    ],
)  # fmt: skip
def test_each_event_is_a_version_of_the_visit(event: str, end: str, status: str) -> None:
    fact = visit(event, end=end)
    assert (fact.status, fact.identity) == (status, "visit:1.2.3.4|V99")
    assert fact.code.text == "inpatient"
    assert fact.valid_from == when("20240501080000+0200")
    assert (fact.valid_to is None) is (event == "A13" or not end)
    assert (fact.recorded_at, fact.recorded_inferred) == (
        when("20240503090000+0200"), False,
    )  # fmt: skip


def test_a_person_update_tells_of_no_visit() -> None:
    assert {f.kind for f in adt("A31", PV1.format(start="20240501", end=""))} == {
        FactKind.DEMOGRAPHIC
    }


def test_demographics_and_what_deletes_them() -> None:
    found = {f.code.text: f for f in adt("A28")}
    assert found["birth date"].value == when("19610904")
    assert found["sex"].value == "female"
    later = {f.code.text: f for f in adt("A08", at="20250101")}
    assert later["sex"].identity == found["sex"].identity
    dead = PID + "|" * 21 + "20240601|Y"
    told = item(msh("ADT^A08"), dead)
    assert {f.code.text: f.value for f in told.facts}["date of death"] == when("20240601")
    null = item(msh("ADT^A08"), PID.replace("19610904", '""').replace("|F", "|U"))
    assert null.facts == ()
    assert "PID-7 deletes the birth date" in str(null.trouble)
    odd = item(msh("ADT^A08"), PID.replace("19610904", "Berg").replace("|F", "|7"))
    assert odd.facts == ()
    assert "PID-7 is no date" in str(odd.trouble)
    assert "Berg" not in str(odd.trouble)


def test_allergies_keep_code_reaction_and_severity() -> None:
    (fact,) = [
        f for f in adt("A01", "AL1|1|DA|7980^Penicillin G^RXNORM|SV|hives~wheezing|20100301")
        if f.kind is FactKind.ALLERGY
    ]  # fmt: skip
    assert fact.code.code == "7980"
    assert fact.value == "hives, wheezing (severe)"
    assert (fact.status, fact.valid_from) == ("active", when("20100301"))
    (bare,) = [f for f in adt("A01", "AL1|1||^Latex") if f.kind is FactKind.ALLERGY]
    assert (bare.code, bare.value) == (Code(text="Latex"), None)


def test_diagnoses_are_possible_until_they_are_final() -> None:
    pv1 = PV1.format(start="20240501", end="")
    codes = "C50.912^Malignant neoplasm of left breast^I10C"
    found = [
        next(f for f in adt("A01", pv1, f"DG1|1||{codes}||20240501|{kind}")
             if f.kind is FactKind.CONDITION)
        for kind in ("A", "W", "F")
    ]  # fmt: skip
    assert [f.assertion for f in found] == [
        Assertion.POSSIBLE, Assertion.POSSIBLE, Assertion.PRESENT,
    ]  # fmt: skip
    assert len({f.identity for f in found}) == 1
    assert found[0].code.system == "http://hl7.org/fhir/sid/icd-10-cm"
    assert found[0].valid_from == when("20240501")
    old = item(msh("ADT^A01"), PID, "DG1|1|I9|174.9|BREAST CANCER")
    (fact,) = facts(old, FactKind.CONDITION)
    assert fact.code == Code(text="BREAST CANCER", system=None, code="174.9")
    deleted = item(msh("ADT^A08"), PID, f"DG1|1||{codes}|||F" + "|" * 14 + "D7|D")
    (gone,) = facts(deleted, FactKind.CONDITION)
    assert (gone.status, gone.identity) == ("entered-in-error", "diagnosis:HOSP/LIS|D7")


def test_measurements_of_an_admission_are_read_too() -> None:
    found = item(
        msh("ADT^A01"), PID, "OBX|1|NM|29463-7^Body weight^LN||71.5|kg^^UCUM|||||F|||20240501"
    )
    (weight,) = facts(found, FactKind.OBSERVATION)
    assert str(weight.value) == "71.5 kg"
    assert weight.valid_from == when("20240501")
    assert opened(found, weight) == "71.5"


@pytest.mark.parametrize("event", ["A23", "A43", "A50"])
def test_events_that_move_things_are_kept_whole(event: str) -> None:
    found = item(msh(f"ADT^{event}"), PID, "MRG|1^^^ADT01")
    assert (found.facts, found.links) == ((), ())
    assert f"ADT^{event} is kept whole" in str(found.trouble)
