"""A whole delivery read without identity: nothing planted is in the store, whatever the format."""

import json
from pathlib import Path

import pytest

from osler.errors import BrokenFile, Undeclared
from osler.readers.deidentify import AUTHORITY, Deidentifier
from osler.readers.deidentify_people import People, leaks
from osler.readers.deidentify_rewrite import people_of, rewritten, rewritten_sidecar
from osler.readers.intake import take_in
from osler.record.sqlite import SqliteStore

from .dicom_cases import sample
from .drawn import WFDB_HEADER, WFDB_SAMPLES, png
from .planted import HL7, NOTE, OWNER, SECRETS, deidentifier, fhir_bytes

pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")

FILES = {"a.json": fhir_bytes(), "b.hl7": HL7, "c.txt": NOTE}


@pytest.mark.parametrize("name", FILES)
def test_each_format_is_clean_by_itself_and_by_the_others(name: str) -> None:
    people = People()
    for other, data in FILES.items():
        people |= people_of(data, other)
    out = rewritten(FILES[name], name, deidentifier(), people)
    assert [secret for secret in SECRETS if secret.encode() in out] == []
    assert leaks(out, people) == []


def test_a_notes_clinical_words_stay() -> None:
    out = rewritten(NOTE, "c.txt", deidentifier(), People()).decode()
    assert "BP 120/80, WBC 5.10, pT2 N1 M0." in out
    hidden = deidentifier().pseudonym(OWNER)
    assert f"Patient-ID: {hidden.authority}|{hidden.value}" in out


def test_a_read_delivery_holds_one_patient_and_none_of_the_planted_words(tmp_path: Path) -> None:
    folder, place = tmp_path / "Quillfeather", tmp_path / "store"
    folder.mkdir()
    (folder / "PATIENT").write_text(f"{OWNER}\n")
    for name, data in FILES.items():
        (folder / f"Zebulon_{name}").write_bytes(data)
    (folder / "Zebulon.hea").write_bytes(WFDB_HEADER + b"# Zebulon Quillfeather\n")
    (folder / "ecg.dat").write_bytes(WFDB_SAMPLES)
    (folder / "Zebulon.png").write_bytes(png())
    told = {"kind": "histology", "date": "2024-05-01", "patient": str(OWNER)}
    (folder / "Zebulon.png.json").write_text(json.dumps(told))
    (folder / "Zebulon.pdf").write_bytes(b"%PDF-1.4 Zebulon Quillfeather")
    hidden = Deidentifier.load_or_create()
    with SqliteStore.open(place) as store:
        done = take_in(store, [folder], deidentifier=hidden)
        pseudonym = hidden.pseudonym(OWNER)
        assert list(done.patients) == [pseudonym]
        assert ["no de-identification" in reject.why for reject in done.rejected] == [True]
        kinds = {source.kind.split("/")[0] for source in store.record(pseudonym).sources}
    assert {"fhir", "note", "image", "wfdb"} <= kinds
    for path in place.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert [s for s in SECRETS if s.encode() in data] == [], path
            assert b"Zebulon" not in data
    (row,) = [
        json.loads(line)
        for line in hidden.mapping_path.read_text().splitlines()
        if json.loads(line)["pseudonym"] == pseudonym.value
    ]
    assert (row["authority"], row["value"]) == (OWNER.authority, OWNER.value)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.4 x", "a.pdf"),
        (b"{\\rtf1 x}", "a.rtf"),
        (b"<ClinicalDocument/>", "a.txt"),
        (b"PK\x03\x04", "a.zip"),
        (b"gene\tJane_Doe\nEGFR\t1.0\nTP53\t2.0\n", "a.tsv"),
    ],
)
def test_what_has_no_rewriting_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(Undeclared, match="no de-identification for this format: not read"):
        rewritten(data, name, deidentifier(), People())
    assert people_of(data, name) == People()


def test_nothing_and_damage_are_damage() -> None:
    with pytest.raises(BrokenFile, match="empty"):
        rewritten(b"", "a", deidentifier(), People())
    assert people_of(b'{"resourceType"', "a.json") == People()


def test_a_sidecar_says_what_it_is_and_no_longer_whose() -> None:
    data = json.dumps(
        {"patient": str(OWNER), "date": "2024-05-01", "kind": "ct", "age_years": 93,
         "tumour_sample": "QF-T", "says": "Mr. Quillfeather, 555-201-3344"}
    ).encode()  # fmt: skip
    out = json.loads(rewritten_sidecar(data, "a.json", deidentifier()))
    assert out["patient"] == f"{AUTHORITY}|{deidentifier().pseudonym(OWNER).value}"
    assert out["date"] != "2024-05-01" and (out["kind"], out["age_years"]) == ("ct", 90)
    assert out["says"] == "Mr. [name], [phone]" and out["tumour_sample"].startswith("S-")


def test_a_picture_of_a_header_is_rewritten_as_what_it_is() -> None:
    data = sample("CT_small.dcm")
    out = rewritten(data, "any.txt", deidentifier(), People())
    assert out[128:132] == b"DICM" and leaks(out, people_of(data, "any.txt")) == []
