"""De-identification of one file, whatever its format: what the intake calls before it reads.

    people |= people_of(data, name)                             first, over the whole delivery
    data = rewritten(data, name, deidentifier, people, patient) then, file by file
    name = deidentifier.name(name)                              a file's name tells too

A format without a rewriting is refused (`Undeclared`), never let through: what comes out is clean
as far as `osler.readers.deidentify_text` can tell, or nothing comes out.
"""

import json
import re
from collections.abc import Callable
from pathlib import PurePosixPath

from osler.errors import BrokenFile, InputError, Undeclared
from osler.readers.compressed import unpacked
from osler.readers.deidentify import Deidentifier
from osler.readers.deidentify_dates import moved
from osler.readers.deidentify_fhir import people_of_fhir, rewrite_fhir
from osler.readers.deidentify_files import rewrite_edf, rewrite_maf, rewrite_vcf, rewrite_wfdb
from osler.readers.deidentify_hl7 import people_of_hl7, rewrite_hl7
from osler.readers.deidentify_image import rewrite_image
from osler.readers.deidentify_people import People
from osler.readers.deidentify_text import Cleaner
from osler.readers.image import MAGIC
from osler.readers.note import text_of
from osler.readers.recognise import is_wfdb_header
from osler.record.patient import Identifier

__all__ = ["people_of", "rewritten", "rewritten_sidecar"]

_HEAD = 4096
_TEXT_ENDINGS = (".txt", ".md", ".text", "")
_HL7 = re.compile(rb"[\s\x0b]*(?:MSH|FHS|BHS)[^\w\s]")
_MAF = re.compile(rb"(?:#[^\n]*\n)*[^\n]*\bHugo_Symbol\t")
_EDF = re.compile(rb"(?:0 {7}|\xffBIOSEMI)")
_FRONT = re.compile(r"^Patient-ID:[ \t]*(\S.*?)[ \t]*\r?$", re.MULTILINE)
# Of a sidecar's members only these stay: what a picture or a table is, not whose.
_SIDECAR_KEPT = {
    "kind", "view", "laterality", "build", "origin", "spacing_um", "polarity", "modality",
    "anatomy", "rate_hz", "fps", "unit", "units", "specimen", "magnification", "note_type",
}  # fmt: skip
_SIDECAR_SAMPLES = {"tumor", "tumour", "normal", "sample", "tumor_sample", "normal_sample"}


def people_of(data: bytes, name: str) -> People:
    """Whom this file names; nobody where its format names no people or it is damaged."""
    try:
        match _format(data, name):
            case "fhir":
                return people_of_fhir(data, name)
            case "hl7":
                return people_of_hl7(data, name)
            case "dicom":
                from osler.readers.deidentify_dicom import people_of_dicom

                return people_of_dicom(data, name)
    except InputError:
        pass  # the same file is listed with its damage when it is rewritten
    return People()


def rewritten(
    data: bytes,
    name: str,
    deidentifier: Deidentifier,
    people: People,
    patient: Identifier | None = None,
) -> bytes:
    """The file without identity; packed text comes back unpacked.

    `patient` is whose the operator or the folder says it is, by the original identifier; else the
    file's own word counts. Raises `Undeclared` for a format without a rewriting or an instance
    that cannot be shown to be clean, `BrokenFile` for damage.
    """
    kind = _format(data, name)
    if kind == "dicom":
        from osler.readers.deidentify_dicom import rewrite_dicom

        return rewrite_dicom(data, name, deidentifier, people, patient)
    if kind == "fhir":
        return rewrite_fhir(data, name, deidentifier, people, patient)
    if kind == "hl7":
        return rewrite_hl7(data, name, deidentifier, people, patient)
    if kind == "image":
        return rewrite_image(data, name)
    if kind == "note":
        return _note(data, name, deidentifier, people, patient)
    rewriting = _OTHERS.get(kind)
    if rewriting is None:
        raise Undeclared(f"{name}: no de-identification for this format: not read")
    return rewriting(data, name, _cleaner(deidentifier, people, patient))


def rewritten_sidecar(
    data: bytes, name: str, deidentifier: Deidentifier, patient: Identifier | None = None
) -> bytes:
    """A sidecar with its patient as a pseudonym, its date moved, and only members that are known."""
    try:
        declared = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenFile(f"{name}: no JSON ({error})") from error
    if not isinstance(declared, dict):
        raise BrokenFile(f"{name}: a sidecar is a JSON object")
    kept = {key: value for key, value in declared.items() if key in _SIDECAR_KEPT}
    told = declared.get("patient")
    if isinstance(told, str):
        patient = Identifier.parse(told)
        hidden = deidentifier.pseudonym(patient)
        kept["patient"] = f"{hidden.authority}|{hidden.value}"
    day, days = declared.get("date"), deidentifier.days(patient)
    if isinstance(day, str) and days is not None and (new := moved(day, days)):
        kept["date"] = new
    for key in _SIDECAR_SAMPLES & declared.keys():
        kept[key] = f"S-{deidentifier.token('sample', str(declared[key]))}"
    return json.dumps(kept, indent=1, sort_keys=True).encode() + b"\n"


_OTHERS: dict[str, Callable[[bytes, str, Cleaner], bytes]] = {
    "vcf": rewrite_vcf,
    "maf": rewrite_maf,
    "wfdb": rewrite_wfdb,
    "edf": rewrite_edf,
}


def _note(
    data: bytes, name: str, deidentifier: Deidentifier, people: People, patient: Identifier | None
) -> bytes:
    text, _ = text_of(data, name)
    told = _FRONT.search(text)
    if patient is None and told and "|" in told[1]:
        authority, _, value = told[1].partition("|")
        if authority.strip() and value.strip():
            patient = Identifier.parse(told[1])
    return _cleaner(deidentifier, people, patient).of(text).encode()


def _cleaner(deidentifier: Deidentifier, people: People, patient: Identifier | None) -> Cleaner:
    return Cleaner(
        deidentifier=deidentifier, days=deidentifier.days(patient), known=people.about(patient)
    )


def _format(data: bytes, name: str) -> str:
    """Which rewriting the bytes take, by what they are; empty for none."""
    if not data:
        raise BrokenFile(f"{name}: the file is empty")
    if data[128:132] == b"DICM":
        return "dicom"
    if data.startswith(MAGIC):
        return "image"
    head = (unpacked(data, name) if data.startswith(b"\x1f\x8b") else data)[:_HEAD]
    if head.startswith(b"##fileformat=VCF"):
        return "vcf"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return "fhir"
    forms = (("hl7", _HL7), ("maf", _MAF), ("edf", _EDF))
    for kind, form in forms:
        if form.match(head.removeprefix(b"\xef\xbb\xbf")):
            return kind
    if is_wfdb_header(head):
        return "wfdb"
    ending = PurePosixPath(name).suffix.casefold()
    plain = b"\0" not in head and not head.startswith((b"%PDF", b"{\\rtf", b"<"))
    return "note" if plain and ending in _TEXT_ENDINGS else ""
