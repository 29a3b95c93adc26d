"""Which reader: by the bytes, whatever the name says."""

import gzip

import pytest

from osler.errors import BrokenFile, UnknownFormat
from osler.readers.recognise import is_wfdb_header, recognise, wfdb_words

from .drawn import WFDB_HEADER, context, png

DICOM = bytes(128) + b"DICM" + bytes(64)
VCF = b"##fileformat=VCFv4.2\n#CHROM\tPOS\n"
FHIR = b'{"resourceType": "Patient"}'


@pytest.mark.parametrize("name", ["a.dcm", "a.png", "a.json", "a.vcf", "a.txt", "a", "a.exe"])
@pytest.mark.parametrize(
    ("data", "reader"),
    [
        (DICOM, "dicom"),
        (png(), "image"),
        (png(form="JPEG"), "image"),
        (png(form="TIFF"), "tiff"),
        (b"\x00\x00\x00\x20ftypisom" + bytes(20), "video"),
        (b"\x1a\x45\xdf\xa3" + bytes(60), "video"),
        (b"RIFF\x00\x10\x00\x00AVI LIST", "video"),
        (b"GIF89a" + bytes(20), "video"),
        (b"ZISRAWFILE" + bytes(20), "slide"),
        (b"0".ljust(184) + b"512".ljust(68) + b"1   ", "edf"),
        (b"\xffBIOSEMI".ljust(184) + b"512".ljust(68) + b"1   ", "edf"),
        (VCF, "vcf"),
        (gzip.compress(VCF, mtime=0), "vcf"),
        (FHIR, "fhir"),
        (b"\xef\xbb\xbf \n" + FHIR, "fhir"),
        (gzip.compress(FHIR, mtime=0), "fhir"),
    ],
)
def test_the_bytes_decide(data: bytes, reader: str, name: str) -> None:
    pytest.importorskip("pydicom")
    found = recognise(data, context(name))
    assert getattr(found, "__module__", "") == f"osler.readers.{reader}"


@pytest.mark.parametrize("name", ["letter.txt", "letter.MD", "letter", "export.v2/letter"])
def test_text_is_a_note_by_its_ending(name: str) -> None:
    found = recognise(b"Dear colleague,\n", context(name))
    assert getattr(found, "__module__", "") == "osler.readers.note"


def test_text_of_another_ending_is_a_note_if_the_operator_says_so() -> None:
    with pytest.raises(UnknownFormat, match="kept whole"):
        recognise(b"Dear colleague,\n", context("letter.rtf"))
    found = recognise(b"Dear colleague,\n", context("letter.rtf", kind="note"))
    assert getattr(found, "__module__", "") == "osler.readers.note"


@pytest.mark.parametrize("name", ["a.txt", "a", "a.bin"])
def test_bytes_that_nothing_knows(name: str) -> None:
    with pytest.raises(UnknownFormat):
        recognise(b"\x00\x01\x02", context(name))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x1f\x8b",
        gzip.compress(FHIR, mtime=0)[:15],
        gzip.compress(FHIR * 99, mtime=0)[:12] + b"\xff" * 40,
    ],
)
def test_empty_and_damaged_files(data: bytes) -> None:
    with pytest.raises(BrokenFile):
        recognise(data, context("a.json"))(data, context("a.json"))


def test_lines_of_json_that_are_no_fhir() -> None:
    with pytest.raises(UnknownFormat):
        recognise(b'{"question": "Why?"}\n{"question": "How?"}\n', context("a.jsonl"))


@pytest.mark.parametrize(
    "header",
    [
        WFDB_HEADER,
        b"# made by hand\n" + WFDB_HEADER,
        b"100 2 360 650000\r\n100.dat 212 200 11 1024 995 -22131 0 MLII\r\n",
        b"a103l 3 250.0 82500 09:30:00\na103l.mat 16+24 7247/mV 16 0 -3604 0 0 II\n",
        b"multi/2 1 360 1000\nseg1 500\nseg2 500\n",
    ],
)
def test_wfdb_headers(header: bytes) -> None:
    assert is_wfdb_header(header)


@pytest.mark.parametrize(
    "note",
    [
        b"Bed 4 12/05/2024\nSeen with cough for 3 days.\n",
        b"Fat-free diet since May.\n",
        b"0       is the pain score today.\n",
        b"Ward 12 2024\n\nImpression: stable.\n",
        b"Na 140 138\nK 4.1\n",
        b"Seen.\n",
    ],
)
def test_a_note_that_begins_like_a_header_is_a_note(note: bytes) -> None:
    assert not is_wfdb_header(note)
    assert getattr(recognise(note, context("n.txt")), "__module__", "") == "osler.readers.note"


def test_the_files_that_a_header_names() -> None:
    assert {"ecg", "ecg.dat"} == wfdb_words(WFDB_HEADER)
