"""What tables of molecular data share: what parts their columns, and whose a sample is.

    delimiter_of(b"Hugo_Symbol\\tEntrez_Gene_Id\\tS1")     "\\t"
    cells_of('a,"b, c"', ",")                            ["a", "b, c"]
    patient_of("TCGA-2F-A9KO-01A-11R")                   Identifier, of the GDC's authority

A sample's name is a patient only in a TCGA barcode, whose first three parts are the participant
(NCI GDC, "TCGA Barcode"). Any other waits for a person.
"""

import csv
import re
from collections.abc import Sequence

from osler.errors import BrokenFile
from osler.record.patient import Identifier

__all__ = ["TCGA", "cells_of", "delimiter_of", "patient_of", "same_patient"]

TCGA = "https://gdc.cancer.gov/tcga"
"""The authority of a TCGA participant's identifier."""

_BARCODE = re.compile(r"(TCGA-[A-Z0-9]{2}-[A-Z0-9]{4})(?:-[A-Z0-9-]*)?")


def delimiter_of(line: bytes) -> str | None:
    """Tab or comma; None where the line has neither."""
    if b"\t" in line:
        return "\t"
    return "," if b"," in line else None


def cells_of(line: str, delimiter: str, name: str = "table") -> list[str]:
    """The cells of one line, without their quotes (RFC 4180; a cell never runs over a line)."""
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=False), [])
    except csv.Error as error:
        raise BrokenFile(f"{name}: a line is no {delimiter!r}-parted table ({error})") from error


def patient_of(sample: str) -> Identifier | None:
    """Whose the sample is, where its name says so."""
    found = _BARCODE.fullmatch(sample)
    return Identifier(authority=TCGA, value=found[1]) if found else None


def same_patient(samples: Sequence[str]) -> bool:
    """Whether no two of these names are of different participants."""
    return len({patient for sample in samples if (patient := patient_of(sample))}) < 2
