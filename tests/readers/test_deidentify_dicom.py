"""DICOM: PS3.15's table holds, planted words go, pixels stay, and doubtful pixels are refused."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.errors import BrokenFile, InputError, Undeclared
from osler.readers.deidentify_people import Known, People, Person, leaks, telling
from osler.readers.dicom_opening import is_dicom
from osler.record.patient import Identifier

from .dicom_cases import blank, codes, on_disk, picture, sample, saved
from .planted import OWNER, SECRETS, deidentifier

pydicom = pytest.importorskip("pydicom")

from osler.readers.deidentify_dicom import (  # noqa: E402
    people_of_dicom,
    rewrite_dicom,
    table,
)
from osler.readers.dicom_header import parse, quiet  # noqa: E402
from osler.readers.dicom_patient import dicom_identifier  # noqa: E402

STANDARD = "1.2.840.10008."
UID = "1.2.826.0.1.777.42"
FILES = [path for path in on_disk() if is_dicom(path.read_bytes()[:4096])]
# Coded words of the header (a body part, a kind of image) that stand in the patient's name too.
CODED_NAMES = {"eCT_Supplemental.dcm": {"Perfusion"}, "explicit_VR-UN.dcm": {"PANCREAS"}}


def planted(**more: Any) -> Any:
    dataset = picture(np.arange(64, dtype=np.uint16).reshape(8, 8))
    elements: dict[str, Any] = {
        "PatientName": "Quillfeather^Zebulon",
        "PatientID": OWNER.value,
        "IssuerOfPatientID": OWNER.authority,
        "PatientBirthDate": "19510325",
        "PatientAddress": "12 Larkspur Road, Ravenholm",
        "PatientTelephoneNumbers": "555-201-3344",
        "PatientAge": "093Y",
        "PatientSex": "M",
        "ReferringPhysicianName": "Thistlewood^Ada",
        "InstitutionName": "Ravenholm General",
        "StudyDescription": "Quillfeather follow-up",
        "StudyDate": "20240501",
        "StudyTime": "101500",
        "AcquisitionDateTime": "20240503101500.5+0200",
        "StudyInstanceUID": UID,
        "FrameOfReferenceUID": UID,
        "ScheduledProcedureStepStartDate": "20240501",
    }
    for keyword, value in {**elements, **more}.items():
        setattr(dataset, keyword, value)
    block = dataset.private_block(0x0011, "ACME", create=True)
    block.add_new(1, "LO", "Quillfeather")
    dataset.add_new(0x60003000, "OW", b"Zebulon ")
    dataset.add_new(0x00181041, "SH", "555")
    # No attribute of the table, and still free text with the name in it.
    dataset.WindowCenterWidthExplanation = "for Quillfeather"
    return dataset


def uids(dataset: Any) -> set[str]:
    """The UIDs of instances; a coding scheme and a kind of instance name nobody."""
    kinds = ("SOPClassUID", "CodingSchemeUID", "TransferSyntaxUID")
    elements = (e for e in dataset.iterall() if e.VR == "UI" and not e.keyword.endswith(kinds))
    return {str(element.value) for element in elements if element.value}


def read(data: bytes, profile: str = "basic", **more: Any) -> Any:
    return parse(rewrite_dicom(data, "a", deidentifier(profile, **more), People()), "a")


def test_no_planted_identifier_is_left() -> None:
    data = b"Zebulon Quillfeather".ljust(128, b"\0") + saved(planted())[128:]
    out = rewrite_dicom(data, "a", deidentifier(), People())
    assert [secret for secret in SECRETS if secret.encode() in out] == []
    people = people_of_dicom(data, "a")
    assert "Quillfeather" in leaks(data, people) and leaks(out, people) == []
    assert out[:128] == bytes(128)


def test_the_pseudonym_is_that_of_every_other_format() -> None:
    assert dicom_identifier(read(saved(planted()))) == deidentifier().pseudonym(OWNER)


def test_it_is_said_that_and_how_it_was_done() -> None:
    dataset = read(saved(planted()))
    assert dataset.PatientIdentityRemoved == "YES"
    said = [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence]
    assert said == ["113100", "113107"]
    assert dataset.LongitudinalTemporalInformationModified == "MODIFIED"
    assert dataset.file_meta.MediaStorageSOPInstanceUID == dataset.SOPInstanceUID


def test_dates_move_by_the_patients_shift_and_times_stay() -> None:
    dataset = read(saved(planted()))
    study = datetime.strptime(dataset.StudyDate, "%Y%m%d")
    assert (study - datetime(2024, 5, 1)).days == deidentifier().days(OWNER)
    assert dataset.StudyTime == "101500"
    taken = datetime.strptime(str(dataset.AcquisitionDateTime)[:8], "%Y%m%d")
    assert (taken - study).days == 2
    assert dataset.PatientBirthDate == ""
    bare = read(saved(planted()), "basic-no-dates")
    assert (bare.StudyDate, bare.StudyTime) == ("", "")
    assert bare.LongitudinalTemporalInformationModified == "REMOVED"
    assert [i.CodeValue for i in bare.DeidentificationMethodCodeSequence] == ["113100"]


def test_uids_stay_together_and_the_standards_stay() -> None:
    dataset = read(saved(planted()))
    assert dataset.StudyInstanceUID == dataset.FrameOfReferenceUID == deidentifier().uid(UID)
    assert dataset.SOPClassUID == "1.2.840.10008.5.1.4.1.1.2"


def test_characteristics_stay_where_asked_and_93_becomes_90() -> None:
    assert "PatientAge" not in read(saved(planted()))
    kept = read(saved(planted()), "basic-characteristics")
    assert (kept.PatientAge, kept.PatientSex) == ("090Y", "M")
    said = [item.CodeValue for item in kept.DeidentificationMethodCodeSequence]
    assert said == ["113100", "113107", "113108"]


def test_private_elements_overlays_and_free_text_go() -> None:
    dataset = read(saved(planted()))
    assert [e for e in dataset.iterall() if e.tag.is_private or e.tag.group == 0x6000] == []
    assert dataset.WindowCenterWidthExplanation == "for [name]"
    assert "StudyDescription" not in dataset and dataset.InstitutionName == "removed"


def test_a_report_keeps_its_findings_and_loses_its_people() -> None:
    tree = blank("1.2.840.10008.5.1.4.1.1.88.11", Modality="SR", PatientName="Quillfeather^Z")
    words, person, uid = blank(), blank(), blank()
    for item in (words, person, uid):
        del item.SOPClassUID, item.SOPInstanceUID, item.PatientID, item.file_meta
    words.ValueType, words.TextValue = "TEXT", "Mass of 12 mm in Quillfeather, seen 2024-05-01"
    words.ConceptNameCodeSequence = codes("121071", "DCM", "Finding")
    person.ValueType, person.PersonName = "PNAME", "Thistlewood^Ada"
    uid.ValueType, uid.UID = "UIDREF", UID
    tree.ContentSequence = [words, person, uid]
    out = read(saved(tree))
    finding, observer, reference = out.ContentSequence
    assert finding.TextValue.startswith("Mass of 12 mm in [name], seen 20")
    assert finding.ConceptNameCodeSequence[0].CodeValue == "121071"
    assert observer.PersonName == "ANON" and deidentifier().uid(UID) == reference.UID


@pytest.mark.parametrize(
    ("elements", "why"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned into"),
        ({"Modality": "US"}, "often show a name"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "Modality": "CT"}, "often show a name"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1"}, "encapsulated"),
    ],
)
def test_what_cannot_be_shown_to_be_clean_is_refused(elements: dict[str, str], why: str) -> None:
    with pytest.raises(Undeclared, match=why):
        rewrite_dicom(saved(planted(**elements)), "a", deidentifier(), People())


def test_a_statement_or_trust_lets_ultrasound_through() -> None:
    assert read(saved(planted(Modality="US", BurnedInAnnotation="NO"))).Modality == "US"
    assert read(saved(planted(Modality="US")), pixels_trusted=True).Modality == "US"
    with pytest.raises(Undeclared):
        read(saved(planted(BurnedInAnnotation="YES")), pixels_trusted=True)


def test_what_other_files_say_of_the_patient_is_found() -> None:
    known = Known(words=telling("Windmill Lane"))
    people = People(persons=(Person(identifiers=frozenset({OWNER}), known=known),))
    data = saved(planted(WindowCenterWidthExplanation="x"))
    dataset = pydicom.dcmread(io.BytesIO(data))
    dataset.WindowCenterWidthExplanation = "of Windmill Lane"
    out = parse(rewrite_dicom(saved(dataset), "a", deidentifier(), people), "a")
    assert out.WindowCenterWidthExplanation == "of [identifier]"


def test_without_a_patient_dates_go() -> None:
    dataset = planted(PatientID="")
    assert read(saved(dataset)).StudyDate == ""
    told = Identifier(authority="urn:a", value="9")
    out = rewrite_dicom(saved(dataset), "a", deidentifier(), People(), told)
    assert parse(out, "a").StudyDate != ""


def test_the_table_is_that_of_the_standard() -> None:
    rules = table()
    assert len(rules) == 617
    assert {rule.basic for rule in rules.values()} == {
        "X", "Z", "D", "U", "X/Z", "X/D", "Z/D", "X/Z/D", "X/Z/U",
    }  # fmt: skip
    assert rules["PatientName"].basic == "Z" and rules["StudyInstanceUID"].basic == "U"
    assert all(pydicom.datadict.tag_for_keyword(keyword) for keyword in rules)


@pytest.mark.parametrize("path", FILES, ids=[path.name for path in FILES])
def test_every_file_at_hand_is_clean_or_refused(path: Path) -> None:
    data = path.read_bytes()
    try:
        people = people_of_dicom(data, path.name)
        out = rewrite_dicom(data, path.name, deidentifier(pixels_trusted=True), People())
    except InputError as error:
        assert path.name in str(error)
        return
    found = set(leaks(out, people)) - CODED_NAMES.get(path.name, set())
    assert found == set()
    before, after = parse(data, path.name), parse(out, path.name)
    with quiet():
        assert before.get("PixelData") == after.get("PixelData")
        assert {uid for uid in uids(before) & uids(after) if not uid.startswith(STANDARD)} == set()


def test_damage_is_a_broken_file() -> None:
    with pytest.raises(BrokenFile):
        rewrite_dicom(sample("CT_small.dcm")[:400], "a", deidentifier(), People())
