"""HL7 v2: only what is on the list stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import BrokenFile, InputError
from osler.readers.deidentify import AUTHORITY
from osler.readers.deidentify_hl7 import people_of_hl7, rewrite_hl7
from osler.readers.deidentify_people import People, leaks
from osler.readers.hl7v2_message import parse
from osler.readers.hl7v2_patient import whose
from osler.record.patient import Identifier
from tests.readers.planted import HL7, OWNER, SECRETS, deidentifier


def lines(data: bytes = HL7) -> list[str]:
    return rewrite_hl7(data, "a.hl7", deidentifier(), People()).decode().split("\r")


def test_no_planted_identifier_is_left() -> None:
    out = rewrite_hl7(HL7, "a.hl7", deidentifier(), People())
    assert [secret for secret in SECRETS if secret.encode() in out] == []
    assert leaks(out, people_of_hl7(HL7, "a.hl7")) == []
    assert {line[:3] for line in lines()} == {"MSH", "PID", "PV1", "OBR", "OBX", "NTE", ""}


def test_the_reader_sees_the_same_patient_as_in_every_format() -> None:
    out = rewrite_hl7(HL7, "a.hl7", deidentifier(), People())
    assert whose(parse(out, "a")).patient == deidentifier().pseudonym(OWNER)


def test_two_senders_of_one_bare_number_stay_two_patients() -> None:
    bare = HL7.replace(b"^^^HOSP&2.16.840.1.99&ISO^MR", b"^^^^MR").replace(b"^^^SSA", b"")
    found = {
        whose(parse(rewrite_hl7(data, "a", deidentifier(), People()), "a")).patient
        for data in (bare, bare.replace(b"|Ravenholm|EHR", b"|Elsewhere|EHR"))
    }
    assert len(found) == 2 and {who.authority for who in found if who} == {AUTHORITY}


def test_values_and_codes_stay_and_dates_move() -> None:
    obx = next(line for line in lines() if line.startswith("OBX|1")).split("|")
    assert obx[2:8] == ["NM", "2345-7^Glucose^LN", "", "5.10", "mg/dL", "70-110"]
    assert len(obx[14]) == 14 and obx[14].endswith("100000") and obx[14] < "20240503"
    assert len(obx) == 15


def test_text_is_cleaned_and_documents_are_dropped() -> None:
    assert "OBX|3|ED|p^Letter^L" in lines()
    (note,) = [line for line in lines() if line.startswith("NTE")]
    assert note.startswith("NTE|1||[name] called on ")


def test_messages_of_two_patients_move_each_by_its_own() -> None:
    other = HL7.replace(b"MRN-8823-X", b"MRN-1")
    out = rewrite_hl7(HL7 + other, "a", deidentifier(), People()).decode()
    one, two = [line.split("|")[7] for line in out.split("\r") if line.startswith("PID")]
    assert one != two
    alone = rewrite_hl7(HL7 + other, "a", deidentifier(), People(),
                        Identifier(authority="urn:a", value="7")).decode()  # fmt: skip
    one, two = [line.split("|")[7] for line in alone.split("\r") if line.startswith("PID")]
    assert one == two


def test_a_birth_date_that_tells_of_an_age_over_89_is_removed() -> None:
    (pid,) = [x for x in lines(HL7.replace(b"19510325", b"19350325")) if x.startswith("PID")]
    assert pid.split("|")[7] == ""


def test_what_opens_with_no_header_is_damage() -> None:
    with pytest.raises(BrokenFile, match="no MSH"):
        rewrite_hl7(b"PID|1\r", "a", deidentifier(), People())


@given(st.lists(st.sampled_from(
    ["MSH|^~\\&", "MSH", "|", "\r", "PID", "OBX|1|", "^", "&", "20240101", "BHS#$", "\n", "NK1"]
), max_size=25))  # fmt: skip
def test_any_bytes_are_taken_or_refused(parts: list[str]) -> None:
    data = ("MSH|^~\\&|" + "".join(parts)).encode()
    try:
        people_of_hl7(data, "a")
        rewrite_hl7(data, "a", deidentifier(), People())
    except InputError:
        pass
