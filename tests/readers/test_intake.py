"""The intake: whose it is, what is kept, what waits; and nothing twice."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from osler.errors import NotFound, WrongUse
from osler.readers.files import find_files
from osler.readers.intake import take_in
from osler.record.fact import FactKind
from osler.record.patient import Identifier
from osler.record.sqlite import SqliteStore

from .drawn import WFDB_HEADER, WFDB_SAMPLES, png

# wfdb calls pandas in a way that pandas 3.1 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")

ANN = Identifier(authority="urn:h", value="1")
HISTOLOGY = json.dumps({"kind": "histology"})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(tmp_path / "store") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "export"
    made.mkdir()
    return made


def write(folder: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def dicom(patient: str, issuer: str = "") -> bytes:
    pydicom = pytest.importorskip("pydicom")
    from pydicom.data import get_testdata_file

    dataset = pydicom.dcmread(get_testdata_file("MR_small.dcm", download=False))
    dataset.PatientID, dataset.IssuerOfPatientID = patient, issuer
    out = io.BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def names(store: SqliteStore, patient: Identifier = ANN) -> list[str]:
    return sorted(source.name for source in store.record(patient).sources)


def test_a_folder_stands_for_the_patient_that_it_names(store: SqliteStore, folder: Path) -> None:
    write(folder, PATIENT="\ufeffurn:h|1\n\n", a_txt="Seen.", deep__b_txt="Seen again.")
    write(folder, other__PATIENT="urn:h|2\n", other__c_txt="Another.")
    done = take_in(store, [folder])
    assert (done.added, done.facts.total(), done.complete) == (3, 3, True)
    assert names(store) == ["a.txt", "deep/b.txt"]
    assert names(store, Identifier.parse("urn:h|2")) == ["other/c.txt"]


def test_the_operators_word_goes_before_the_folders(store: SqliteStore, folder: Path) -> None:
    write(folder, PATIENT="urn:h|1", a_txt="Seen.")
    done = take_in(store, [folder], patient=Identifier.parse("8823"))
    assert list(done.patients) == [Identifier.parse("8823")]


def test_a_file_of_such_a_folder_read_alone(store: SqliteStore, folder: Path) -> None:
    write(folder, PATIENT="urn:h|1", a_txt="Seen.")
    assert list(take_in(store, [folder / "a.txt"]).patients) == [ANN]


@pytest.mark.parametrize("content", ["", "\n", "urn:h|", "urn:h|1\nurn:h|2", b"\xff\xfe"])
def test_a_patient_file_that_names_nobody_or_two(
    store: SqliteStore, folder: Path, content: str | bytes
) -> None:
    write(folder, PATIENT=content, a_txt="Seen.")
    with pytest.raises(WrongUse, match=r"AUTHORITY\|VALUE"):
        take_in(store, [folder])
    assert store.patients() == []


def test_reading_again_adds_nothing(store: SqliteStore, folder: Path) -> None:
    write(folder, PATIENT="urn:h|1", a_txt="Seen.", b_png=png(), c_bin=b"\x00\x01")
    write(folder, b_png_json=HISTOLOGY)
    first = take_in(store, [folder])
    assert (first.added, first.known, len(first.rejected)) == (3, 0, 1)
    size = store.ledger.size
    again = take_in(store, [folder, folder / "a.txt"])
    assert (again.added, again.known, again.facts.total()) == (0, 3, 0)
    assert store.ledger.size == size


def test_what_does_not_say_whose_it_is_waits_for_a_person(store: SqliteStore, folder: Path) -> None:
    write(folder, a_txt="Seen.")
    done = take_in(store, [folder])
    assert [r.why for r in done.quarantined] == [
        "does not say whose it is: read it again with --patient, or `osler record bind` it"
    ]
    assert (done.complete, store.patients()) == (False, [])
    assert [held.source.name for held in store.unassigned()] == ["a.txt"]
    take_in(store, [folder], patient=ANN)
    assert store.unassigned() == []
    assert names(store) == ["a.txt"]


def test_a_header_that_names_somebody_else_waits(store: SqliteStore, folder: Path) -> None:
    write(folder, PATIENT="urn:h|1", a_txt="Seen.", b_dcm=dicom("2", "urn:h"))
    done = take_in(store, [folder])
    (held,) = done.quarantined
    assert held.name == "b.dcm"
    assert "urn:h|2's, the folder stands for urn:h|1: a person must decide" in held.why
    assert names(store) == ["a.txt"]
    assert [h.source.name for h in store.unassigned()] == ["b.dcm"]
    assert len(store.patients()) == 1


def test_the_sidecar_of_what_waits_waits_with_it(store: SqliteStore, folder: Path) -> None:
    write(folder, PATIENT="urn:h|1", b_dcm=dicom("2", "urn:h"), b_dcm_json='{"anatomy": "spine"}')
    take_in(store, [folder])
    assert sorted(h.source.name for h in store.unassigned()) == ["b.dcm", "b.dcm.json"]


def test_a_header_of_the_same_patient_without_its_authority(
    store: SqliteStore, folder: Path
) -> None:
    write(folder, PATIENT="urn:h|1", b_dcm=dicom("1"))
    assert take_in(store, [folder]).complete
    assert names(store) == ["b.dcm"]


@pytest.mark.parametrize("first", ["a.txt", "z.txt"], ids=["note first", "DICOM first"])
def test_one_folder_is_one_patient(store: SqliteStore, folder: Path, first: str) -> None:
    """`--patient 1` and a header that gives that number with its authority are one person."""
    (folder / first).write_text("Seen.")
    write(folder, b_dcm=dicom("1", "urn:h"))
    local = Identifier.parse("1")
    assert take_in(store, [folder], patient=local).complete
    assert len(store.patients()) == 1
    assert names(store, ANN) == names(store, local) == sorted([first, "b.dcm"])


def test_a_sidecar_is_a_persons_word_on_its_file(store: SqliteStore, folder: Path) -> None:
    write(folder, b_dcm=dicom("2", "urn:h"), b_dcm_json='{"patient": "urn:h|1"}')
    done = take_in(store, [folder])
    assert [r.why for r in done.remarks] == [
        "its own header names urn:h|2; its sidecar says it is urn:h|1's"
    ]
    assert names(store) == ["b.dcm", "b.dcm.json"]
    assert len(store.patients()) == 1


def test_a_sidecar_follows_the_patient_of_the_header(store: SqliteStore, folder: Path) -> None:
    write(folder, b_dcm=dicom("1", "urn:h"), b_dcm_json='{"anatomy": "spine"}')
    take_in(store, [folder])
    assert names(store) == ["b.dcm", "b.dcm.json"]
    assert store.unassigned() == []


@pytest.mark.parametrize(
    "files",
    [
        {"b_png": png()[:60], "b_png_json": HISTOLOGY},
        {"b_png": png(), "b_png_json": '{"kidn": "histology"}'},
        {"b_png": png(), "b_png_json": '{"patient": "", "kind": "histology"}'},
        {"b_png": png()},
        {"c_vcf_gz": b"\x1f\x8b\x08\x00"},
        {"d_json": '{"resourceType": "Patient"'},
        {"e_txt": ""},
        {"f_hea": WFDB_HEADER},
        {"g_bin": bytes(128) + b"DICM" + b"\x02\x00"},
    ],
    ids=" ".join,
)
def test_a_broken_file_is_kept_whole_and_listed(
    store: SqliteStore, folder: Path, files: dict[str, bytes | str]
) -> None:
    write(folder, PATIENT="urn:h|1", a_txt="Seen.", **files)
    done = take_in(store, [folder])
    (reject,) = done.rejected
    assert not done.complete
    assert reject.why
    kept = {h.source.name.rpartition("/")[2]: h.source for h in store.rejects()}
    for path in folder.iterdir():
        if path.name not in {"PATIENT", "a.txt"}:
            assert store.bytes_of(kept[path.name].digest) == path.read_bytes()
            assert kept[path.name].kind == "opaque"
    assert "a.txt" in names(store), "one bad file stops no other"


def test_a_reject_that_is_mended_is_read(store: SqliteStore, folder: Path) -> None:
    """The remedy that the message names must work: a picture, then its sidecar."""
    write(folder, PATIENT="urn:h|1", b_png=png())
    assert "b.png.json" in take_in(store, [folder]).rejected[0].why
    write(folder, b_png_json=HISTOLOGY)
    done = take_in(store, [folder])
    assert (done.added, done.facts.total(), done.complete) == (1, 1, True)
    assert store.rejects() == []
    (fact,) = store.record(ANN).of_kind(FactKind.MEDIA)
    assert fact.code.text == "histology image"


def test_a_file_that_cannot_be_opened_stops_no_other(store: SqliteStore, folder: Path) -> None:
    write(folder, PATIENT="urn:h|1", a_txt="Seen.", b_txt="Seen.")

    def vanish(name: str) -> None:
        (folder / "a.txt").unlink(missing_ok=True)

    done = take_in(store, [folder], progress=vanish)
    assert [(r.name, "cannot be opened" in r.why) for r in done.rejected] == [("a.txt", True)]
    assert names(store) == ["b.txt"]


def test_nothing_to_read(store: SqliteStore, folder: Path) -> None:
    with pytest.raises(WrongUse, match="nothing to read in"):
        take_in(store, [folder])
    write(folder, PATIENT="urn:h|1")
    (folder / ".git").mkdir()
    (folder / ".git" / "config.txt").write_text("no note")
    (folder / ".hidden.txt").write_text("no note")
    with pytest.raises(WrongUse, match="hidden files do not count"):
        take_in(store, [folder])
    with pytest.raises(NotFound, match="does not exist"):
        take_in(store, [folder / "absent"])


def test_the_files_of_a_recording_are_one(folder: Path) -> None:
    write(folder, ecg_hea=WFDB_HEADER, ecg_dat=WFDB_SAMPLES, ecg_txt="Sinus rhythm.")
    write(folder, ecg_hea_json='{"age_years": 60}', ecg_atr=b"\x00\x04")
    found = {file.name: file for file in find_files(folder)}
    assert sorted(found) == ["ecg.atr", "ecg.hea", "ecg.txt"], "a note beside it is not lost"
    assert [p.name for p in found["ecg.hea"].extras] == ["ecg.dat", "ecg.hea.json"]


@pytest.mark.parametrize("each", [False, True], ids=["the folder", "every file, as by a shell"])
def test_a_recording_is_read_once(store: SqliteStore, folder: Path, each: bool) -> None:
    pytest.importorskip("wfdb")
    write(folder, PATIENT="urn:h|1", ecg_hea=WFDB_HEADER, ecg_dat=WFDB_SAMPLES)
    write(folder, ecg_hea_json='{"age_years": 60}')
    done = take_in(store, sorted(folder.iterdir()) if each else [folder])
    assert (done.added, done.rejected, done.quarantined) == (1, [], [])
    (fact,) = store.record(ANN).of_kind(FactKind.MEDIA)
    assert names(store) == ["ecg.hea", "ecg.hea.json"]
    assert fact.code.text == "ECG recording"


def test_a_wrong_name_makes_no_difference(store: SqliteStore, folder: Path) -> None:
    write(folder, PATIENT="urn:h|1", scan_txt=dicom("1", "urn:h"), pic_vcf=png(form="JPEG"))
    done = take_in(store, [folder], kind="fundus")
    assert done.complete
    assert sorted(s.kind for s in store.record(ANN).sources) == ["dicom", "image"]


def test_a_link_out_of_the_folder_is_listed_and_not_read(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("another's")
    (folder / "note.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "scan.png").write_bytes(png())
    (tmp_path / "said.json").write_text(HISTOLOGY)
    (folder / "scan.png.json").symlink_to(tmp_path / "said.json")
    intake = take_in(store, [folder], patient=ANN)
    assert "a link to a file outside" in intake.rejected[0].why
    assert intake.added == 1, "the picture alone, kept whole: its sidecar is no word of this folder"
    assert take_in(store, [folder / "note.txt"], patient=ANN).added == 1, "named, it is meant"


def test_a_name_that_is_no_text(store: SqliteStore, folder: Path) -> None:
    try:
        (folder / "n\udcff.txt").write_bytes(b"Well.")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert take_in(store, [folder], patient=ANN).added == 1
    assert names(store) == ["n\ufffd.txt"]


def test_the_regions_that_a_sidecar_names_are_read_with_their_variants(
    store: SqliteStore, folder: Path
) -> None:
    vcf = (
        "##fileformat=VCFv4.2\n##reference=GRCh38\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        "7\t55191822\t.\tT\tG\t90\tPASS\t.\n"
    )
    write(folder, PATIENT="urn:h|1", panel_vcf=vcf, panel_bed="chr7\t55191000\t55192000\n")
    write(folder, panel_vcf_json='{"callable": "panel.bed"}')
    done = take_in(store, [folder])
    assert done.complete
    assert done.sources["vcf"] == done.sources["callable-regions"] == 1


A40 = (
    "MSH|^~\\&|ADT|HOSP|OSLER|X|20240501101500||ADT^A40^ADT_A39|1|P|2.5.1\r"
    "EVN|A40|20240501101500\rPID|1||1^^^&urn:h&URI^MR\rMRG|3^^^&urn:h&URI^MR\r"
)


def test_a_message_merges_patients_and_one_that_waits_does_not(
    store: SqliteStore, folder: Path
) -> None:
    write(folder, a40_hl7=A40, other__PATIENT="urn:h|2", other__a40_hl7=A40.replace("|1|P", "|2|P"))
    done = take_in(store, [folder / "other"])
    assert [r.name for r in done.quarantined] == ["a40.hl7"]
    assert store.patients() == []
    take_in(store, [folder / "a40.hl7"])
    (person,) = store.patients()
    assert {i.value for i in person.identifiers} == {"1", "3"}


def test_a_broken_file_is_whose_its_sidecar_says(store: SqliteStore, folder: Path) -> None:
    write(folder, q_bin=b"\x00\x01", q_bin_json='{"patient": "urn:h|1"}')
    take_in(store, [folder])
    assert names(store) == ["q.bin", "q.bin.json"]


def test_a_resource_called_patient_is_no_sidecar_of_the_patient_file(
    store: SqliteStore, folder: Path
) -> None:
    body = '{"resourceType": "Patient", "id": "p", "birthDate": "1961"}'
    write(folder, PATIENT="urn:h|1", PATIENT_json=body, README_md="About this folder.")
    take_in(store, [folder])
    # It has no identifier of its own, so it waits: but it was read, and the README was not.
    assert [held.source.name for held in store.unassigned()] == ["PATIENT.json"]
