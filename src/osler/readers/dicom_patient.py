"""Whose a DICOM instance says it is: PatientID (0010,0020) of its issuer (0010,0021).

    dicom_identifier(dataset)       Identifier, or None
    other_identifiers(dataset)      the same person's identifiers of other issuers, as links
    dispute(dataset)                a sentence where the header names two patients, else None

A name is never looked at.
"""

import pydicom
from pydicom.multival import MultiValue

from osler.readers.dicom_header import items_of, stated
from osler.record.patient import Identifier, Link

__all__ = ["dicom_identifier", "dispute", "other_identifiers"]

# What may name another identifier without contradiction: what the values were before they were
# coerced (0400,0561), and everything of the patient's own group.
_EARLIER = 0x04000561
_PATIENT_GROUP = 0x0010
_DEEPEST = 12


def dicom_identifier(dataset: pydicom.Dataset) -> Identifier | None:
    """The patient the header names; None where it names nobody, or several in one element."""
    if isinstance(dataset.get("PatientID"), MultiValue):
        return None
    value = stated(dataset, "PatientID")
    return Identifier(authority=_issuer(dataset) or "dicom", value=value) if value else None


def _issuer(dataset: pydicom.Dataset) -> str | None:
    """IssuerOfPatientID, else the universal identifier of its qualifiers (0010,0024)."""
    told = stated(dataset, "IssuerOfPatientID")
    if told:
        return told
    for item in items_of(dataset, "IssuerOfPatientIDQualifiersSequence"):
        universal = stated(item, "UniversalEntityID")
        if universal:
            iso = stated(item, "UniversalEntityIDType") == "ISO"
            return f"urn:oid:{universal}" if iso else universal
    return None


def other_identifiers(dataset: pydicom.Dataset) -> tuple[Link, ...]:
    """Links to the identifiers of (0010,1002), where both sides name who gave them."""
    main = dicom_identifier(dataset)
    if main is None or not _issuer(dataset):
        return ()
    others = []
    for item in items_of(dataset, "OtherPatientIDsSequence"):
        other = dicom_identifier(item)
        if other is not None and _issuer(item) and other != main:
            others.append(Link(kept=main, merged=other))
    return tuple(others)


def dispute(dataset: pydicom.Dataset) -> str | None:
    """Why it cannot be said whose this is, where the header contradicts itself."""
    if isinstance(dataset.get("PatientID"), MultiValue):
        return "the header's PatientID (0010,0020) holds more than one identifier"
    main = dicom_identifier(dataset)
    if main is None:
        return None
    for place, nested in _nested(dataset, "", 0):
        other = dicom_identifier(nested)
        if other is not None and _contradicts(main, other):
            return f"the header names {main}, its element {place} names {other}"
    return None


def _contradicts(main: Identifier, other: Identifier) -> bool:
    """Another value of the same issuer; another issuer's value is no contradiction."""
    unstated = "dicom" in (main.authority, other.authority)
    return other.value != main.value and (unstated or other.authority == main.authority)


def _nested(dataset: pydicom.Dataset, path: str, depth: int) -> list[tuple[str, pydicom.Dataset]]:
    found: list[tuple[str, pydicom.Dataset]] = []
    for element in dataset:
        tag = int(element.tag)
        if element.VR != "SQ" or tag == _EARLIER or tag >> 16 == _PATIENT_GROUP:
            continue
        for index, item in enumerate(element.value):
            place = f"{path}{tag:08X}[{index}]"
            if "PatientID" in item:
                found.append((place, item))
            if depth < _DEEPEST:
                found += _nested(item, place + ".", depth + 1)
    return found
