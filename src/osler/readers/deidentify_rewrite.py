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

from osler.errors import InputError, Undeclared, UnknownFormat
from osler.readers.deidentify import Deidentifier
from osler.readers.deidentify_dates import moved
from osler.readers.deidentify_fhir import people_of_fhir, rewrite_fhir
from osler.readers.deidentify_files import (
    rewrite_edf,
    rewrite_maf,
    rewrite_vcf,
    rewrite_wfdb,
    sample_token,
)
from osler.readers.deidentify_hl7 import people_of_hl7, rewrite_hl7
from osler.readers.deidentify_image import rewrite_image
from osler.readers.deidentify_people import People
from osler.readers.deidentify_text import Cleaner
from osler.readers.note import text_of
from osler.readers.reading import Context
from osler.readers.recognise import HEAD_BYTES, format_of
from osler.readers.sidecar import parse_sidecar
from osler.record.moment import utc_now
from osler.record.patient import Identifier

__all__ = ["people_of", "rewritten", "rewritten_sidecar"]

_OLDEST = 89
_FRONT = re.compile(r"^Patient-ID:[ \t]*(\S.*?)[ \t]*\r?$", re.MULTILINE)


def people_of(data: bytes, name: str) -> People:
    """Whom this file names; nobody where its format names no people or it is damaged."""
    try:
        match _format(data, name):
            case "fhir" | "ndjson":
                return people_of_fhir(data, name)
            case "hl7v2":
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
    if kind in {"fhir", "ndjson"}:
        return rewrite_fhir(data, name, deidentifier, people, patient)
    if kind == "hl7v2":
        return rewrite_hl7(data, name, deidentifier, people, patient)
    if kind in {"image", "tiff"}:
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
    """A sidecar with its patient as a pseudonym and its date moved; raises `BrokenFile`."""
    kept = dict(parse_sidecar(data, name))
    told = kept.get("patient")
    if isinstance(told, str):
        patient = Identifier.parse(told)
        hidden = deidentifier.pseudonym(patient)
        kept["patient"] = f"{hidden.authority}|{hidden.value}"
    cleaner = _cleaner(deidentifier, People(), patient)
    day = kept.pop("date", None)
    if isinstance(day, str) and cleaner.days is not None and (new := moved(day, cleaner.days)):
        kept["date"] = new
    column, words, age = kept.get("tumour_sample"), kept.get("says"), kept.get("age_years")
    if isinstance(column, str):
        kept["tumour_sample"] = sample_token(column, cleaner)
    if isinstance(words, str):
        kept["says"] = cleaner.of(words)
    if isinstance(age, float) and age > _OLDEST:
        kept["age_years"] = _OLDEST + 1
    return json.dumps(kept, indent=1, sort_keys=True).encode() + b"\n"


_OTHERS: dict[str, Callable[[bytes, str, Cleaner], bytes]] = {
    "vcf": rewrite_vcf,
    "maf": rewrite_maf,
    "wfdb_record": rewrite_wfdb,
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
    """What the intake takes the bytes to be, so that both see the same format; empty for none."""
    try:
        kind = format_of(data[:HEAD_BYTES], Context(name=name, now=utc_now()))
    except UnknownFormat:
        return ""
    marked_up = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return "" if kind == "note" and marked_up else kind
