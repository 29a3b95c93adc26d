"""Coded entries of DICOM (PS3.3 section 8) as codes, and the side of the body they name.

    code_of(item)               Code(text="Liver", system="http://snomed.info/sct", code="10200004")
    laterality(header)          "left", "right", "bilateral", or None: unstated or unpaired

Names of systems: PS3.16 table 8-1.
"""

import pydicom

from osler.readers.dicom_header import items_of, stated
from osler.record.fact import Code

__all__ = ["code_of", "first_code", "laterality", "side_of"]

_SYSTEMS = {
    "SCT": "http://snomed.info/sct",
    "SRT": "http://snomed.info/srt",
    "SNM3": "http://snomed.info/srt",
    "99SDM": "http://snomed.info/srt",
    "LN": "http://loinc.org",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "UCUM": "http://unitsofmeasure.org",
    "RADLEX": "http://radlex.org",
    "FMA": "http://www.fma.org",
    "UMLS": "http://www.nlm.nih.gov/research/umls",
    "NCIt": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
}

_SIDES = {"L": "left", "R": "right", "B": "bilateral"}

# SNOMED CT, and the SNOMED-RT codes that older instances carry.
_SIDE_CODES = {
    "7771000": "left", "24028007": "right", "51440002": "bilateral",
    "G-A101": "left", "G-A100": "right", "G-A102": "bilateral",
}  # fmt: skip
_SIDE_SCHEMES = {"SCT", "SRT", "SNM3", "99SDM"}


def code_of(item: pydicom.Dataset) -> Code | None:
    """One coded entry; None where it holds neither a code nor words."""
    value = stated(item, "CodeValue") or stated(item, "LongCodeValue")
    value = value or stated(item, "URNCodeValue")
    text = stated(item, "CodeMeaning") or value
    if text is None:
        return None
    scheme = stated(item, "CodingSchemeDesignator")
    if value is None or scheme is None:
        return Code(text=text)
    return Code(text=text, system=_system(item, scheme), code=value)


def _system(item: pydicom.Dataset, scheme: str) -> str:
    """The URI of a scheme; a private one keeps its name, which means nothing elsewhere."""
    uid = stated(item, "CodingSchemeUID")
    known = _SYSTEMS.get(scheme)
    return known or (f"urn:oid:{uid}" if uid else f"urn:dicom:scheme:{scheme}")


def first_code(dataset: pydicom.Dataset, keyword: str) -> Code | None:
    """The first entry of a code sequence."""
    return next((code_of(item) for item in items_of(dataset, keyword)), None)


def side_of(item: pydicom.Dataset) -> str | None:
    """The side that a coded entry names, if it names one."""
    if stated(item, "CodingSchemeDesignator") not in _SIDE_SCHEMES:
        return None
    return _SIDE_CODES.get(stated(item, "CodeValue") or "")


def laterality(*headers: pydicom.Dataset) -> str | None:
    """What the coded fields of the headers say, where they agree."""
    said = set()
    for header in headers:
        for keyword in ("FrameLaterality", "ImageLaterality", "Laterality"):
            said.add(_SIDES.get(stated(header, keyword) or ""))
        for keyword, modifier in (
            ("AnatomicRegionSequence", "AnatomicRegionModifierSequence"),
            ("PrimaryAnatomicStructureSequence", "PrimaryAnatomicStructureModifierSequence"),
        ):
            for region in items_of(header, keyword):
                said.update(side_of(item) for item in items_of(region, modifier))
    said.discard(None)
    return said.pop() if len(said) == 1 else None
