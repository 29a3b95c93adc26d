"""Small true files of every format, and ways to spoil them.

for name, data in seeds(folder): ...
spoilt(drawn, data)         one mutation of some bytes: cut, flipped, doubled, stuffed, renumbered
"""

import gzip
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

from .drawn import WFDB_HEADER, png
from .fhir_cases import PATIENT, SUBJECT
from .hl7v2_cases import CREATININE, PANEL, PID, message, msh

__all__ = ["seeds", "spoilt"]

_LARGEST = 64_000

_NOTE = (
    "Date: 2024-05-01\nPatient-ID: urn:h|1\n\nIMPRESSION:\nAdenocarcinoma of the left upper lobe, "
    "pT2a pN1 cM0. Osimertinib 80 mg once daily.\n\nPlan: repeat CT in 3 months.\n"
)
_RTF = rb"{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}\f0\fs20 Date: 2024-05-01\par\par Seen.\'e9\par}"
_VCF = (
    '##fileformat=VCFv4.2\n##reference=GRCh38\n##FILTER=<ID=PASS,Description="">\n'
    "##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations: 'Allele | "
    "Annotation | Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | Feature_ID | "
    "Transcript_BioType | Rank | HGVS.c | HGVS.p'\">\n"
    "##tumor_sample=T\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\n"
    "7\t55191822\t.\tT\tG\t90\tPASS\tANN=G|missense_variant|MODERATE|EGFR|x|transcript|NM_005228.5|"
    "protein_coding|21/28|c.2573T>G|p.Leu858Arg\tGT:AD:DP\t0/1:80,40:120\n"
)
_MAF = (
    "Hugo_Symbol\tNCBI_Build\tChromosome\tStart_Position\tEnd_Position\tReference_Allele\t"
    "Tumor_Seq_Allele1\tTumor_Seq_Allele2\tTumor_Sample_Barcode\tVariant_Classification\t"
    "HGVSp_Short\tt_depth\tt_alt_count\n"
    "EGFR\tGRCh38\t7\t55191822\t55191822\tT\tT\tG\tS1\tMissense_Mutation\tp.L858R\t120\t40\n"
    "TP53\tGRCh38\t17\t7675088\t7675088\tC\tC\tT\tS2\tMissense_Mutation\tp.R175H\t90\t30\n"
)
_MATRIX = "sample\tTCGA-A1-0001-01\tTCGA-A1-0002-01\nEGFR\t10.5\t2.25\nTP53\t7.5\tNA\nKRAS\t1\t2\n"
_SEG = "ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean\nS1\t7\t1000\t2000\t12\t0.8\n"


def _fhir() -> bytes:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": "urn:uuid:1", "resource": PATIENT},
            {
                "resource": {
                    "resourceType": "Observation", "id": "o", "status": "final", **SUBJECT,
                    "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
                    "effectiveDateTime": "2024-05-01T08:00:00+02:00",
                    "valueQuantity": {"value": 88.50, "unit": "umol/L"},
                    "referenceRange": [{"low": {"value": 49}, "high": {"value": 90}}],
                }
            },
            {
                "resource": {
                    "resourceType": "Condition", "id": "c", **SUBJECT,
                    "code": {"text": "adenocarcinoma"}, "onsetDateTime": "2019-05",
                    "stage": [{"summary": {"text": "pT2a"}}],
                }
            },
        ],
    }  # fmt: skip
    return json.dumps(bundle, indent=1).encode()


def _hl7() -> bytes:
    return message(msh("ORU^R01"), PID, PANEL, CREATININE.format(status="F"))


def _edf() -> bytes:
    def field(text: str, width: int) -> bytes:
        return text.encode().ljust(width)

    head = [("0", 8), ("X X X X", 80), ("Startdate 01-MAY-2024 X X X", 80), ("01.05.24", 8),
            ("08.00.00", 8), ("512", 8), ("", 44), ("4", 8), ("1", 8), ("1", 4)]  # fmt: skip
    signal = [("ECG II", 16), ("", 80), ("mV", 8), ("-5", 8), ("5", 8), ("-32768", 8),
              ("32767", 8), ("", 80), ("250", 8), ("", 32)]  # fmt: skip
    return b"".join(field(*one) for one in (*head, *signal)) + bytes(2 * 250 * 4)


def seeds(shared: Path | None) -> list[tuple[str, bytes]]:
    """One or several files of each format, none above 64 kB; pydicom's own where it is there."""
    found: list[tuple[str, bytes]] = [
        ("note.txt", _NOTE.encode()),
        ("letter.rtf", _RTF),
        ("bundle.json", _fhir()),
        ("bundle.json.gz", gzip.compress(_fhir(), mtime=0)),
        ("export.ndjson", b"\n".join(json.dumps(r).encode() for r in (PATIENT, PATIENT)) + b"\n"),
        ("result.hl7", _hl7()),
        ("panel.vcf", _VCF.encode()),
        ("panel.vcf.gz", gzip.compress(_VCF.encode(), mtime=0)),
        ("calls.maf", _MAF.encode()),
        ("expression.tsv", _MATRIX.encode()),
        ("segments.seg", _SEG.encode()),
        ("sleep.edf", _edf()),
        ("ecg.hea", WFDB_HEADER),
        *((f"picture.{form}", png(form=form)) for form in ("PNG", "JPEG", "TIFF", "GIF")),
    ]
    try:
        import pydicom.data
    except ModuleNotFoundError:
        return found
    folder = Path(pydicom.data.__file__).parent / "test_files"
    small = [p for p in sorted(folder.glob("*.dcm")) if p.stat().st_size <= _LARGEST]
    found += [(p.name, p.read_bytes()) for p in small]
    if shared:
        clips = sorted((shared / "lung_ultrasound" / "clips").glob("*"))
        found += [(p.name, p.read_bytes()) for p in clips if p.stat().st_size <= 4 * _LARGEST][:3]
    return found


def spoilt(drawn: random.Random, data: bytes) -> bytes:
    """The same bytes after one to four mutations."""
    for _ in range(drawn.randint(1, 4)):
        data = drawn.choice(_WAYS)(drawn, data)
    return data


def _cut(drawn: random.Random, data: bytes) -> bytes:
    return data[: drawn.randrange(len(data) + 1)]


def _flip(drawn: random.Random, data: bytes) -> bytes:
    spoiled = bytearray(data)
    for _ in range(drawn.randint(1, 8)):
        if spoiled:
            spoiled[drawn.randrange(len(spoiled))] = drawn.randrange(256)
    return bytes(spoiled)


def _double(drawn: random.Random, data: bytes) -> bytes:
    start = drawn.randrange(len(data) + 1)
    end = min(len(data), start + drawn.choice((1, 16, 256, 4096)))
    return data[:end] + data[start:end] * drawn.choice((1, 2, 50)) + data[end:]


def _drop(drawn: random.Random, data: bytes) -> bytes:
    start = drawn.randrange(len(data) + 1)
    return data[:start] + data[start + drawn.choice((1, 4, 64, 1024)) :]


def _stuff(drawn: random.Random, data: bytes) -> bytes:
    start = drawn.randrange(len(data) + 1)
    return data[:start] + drawn.choice(_STUFFING) + data[start:]


def _renumber(drawn: random.Random, data: bytes) -> bytes:
    """Another number where one stood: a length, a count, a date."""
    numbers = list(re.finditer(rb"\d+", data[:_LARGEST]))
    if not numbers:
        return _flip(drawn, data)
    one = drawn.choice(numbers)
    return data[: one.start()] + drawn.choice(_NUMBERS) + data[one.end() :]


def _field(drawn: random.Random, data: bytes) -> bytes:
    """Four bytes that may be a length become another."""
    start = drawn.randrange(len(data) + 1)
    return data[:start] + drawn.choice(_LENGTHS) + data[start + 4 :]


_STUFFING = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\\ud800", b"[" * 3000, b'{"a":' * 3000, b"{\\" * 2000,
    b"\r", b"\n\n", b"\t" * 500, b"|" * 500, b"NaN", b"-Infinity", b"1e999999", b"../../etc/passwd",
    b"9999-12-31", b"0000-00-00", b"\x1f\x8b\x08\x00", b"A" * 70_000,
)  # fmt: skip
_NUMBERS = (b"0", b"-1", b"99999999999999999999", b"1e308", b"NaN", b"0000", b"9999", b"65536",
            b"2147483648", b"1" * 5000)  # fmt: skip
_LENGTHS = (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80",
            b"\xfe\xff\xff\xff", b"\x01\x00\x00\x00")  # fmt: skip
_WAYS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _cut, _flip, _flip, _double, _drop, _stuff, _renumber, _renumber, _field,
)  # fmt: skip
