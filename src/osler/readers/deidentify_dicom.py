"""DICOM without what tells whose it is: PS3.15, Annex E, Basic Application Confidentiality Profile.

    rewrite_dicom(data, "IM0001", deidentifier, people, patient)

`deidentify_dicom.csv` is Table E.1-1 (2024e): each attribute's action under the Basic Profile and
under the options for modified dates and patient characteristics. Beyond it every private element,
curve, overlay and element of unknown type is removed, every UID but the standard's own replaced,
every other person's name emptied, every other date moved and every other text cleaned. PatientID
becomes the pseudonym, so that studies stay together. Pixels are not looked at: an instance whose
pixels may show a name, and an encapsulated document, are refused.
"""

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pydicom
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

from osler.errors import BrokenFile, Undeclared
from osler.readers.deidentify import AUTHORITY, Deidentifier
from osler.readers.deidentify_dates import moved_digits
from osler.readers.deidentify_people import Known, People, Person, name_words, telling
from osler.readers.deidentify_text import Cleaner
from osler.readers.dicom_header import DAMAGE, parse, quiet
from osler.readers.dicom_patient import dicom_identifier
from osler.record.patient import Identifier

__all__ = ["people_of_dicom", "rewrite_dicom", "table"]

_DATES = {"DA", "DT"}
_TEXT = {"LO", "LT", "SH", "ST", "UC", "UT"}
_RISKY_MODALITIES = {"US", "IVUS", "ES", "OT", "SC", "DOC", "XC", "GM"}
_SECONDARY = "1.2.840.10008.5.1.4.1.1.7"  # Secondary Capture and its multi-frame kin
_ENCAPSULATED = "1.2.840.10008.5.1.4.1.1.104."
_OWN = "1.2.840.10008."  # the standard's own instances: palettes, templates
_DIRECTORY = "1.2.840.10008.1.3.10"
_NO_INSTANCE_UIDS = {
    "CodingSchemeUID", "ContextUID", "MappingResourceUID", "ContextGroupExtensionCreatorUID",
    "SOPClassUID", "ReferencedSOPClassUID", "TransferSyntaxUID",
}  # fmt: skip
# Sequences whose items stay, themselves rewritten; every other one that the table names is emptied.
_WALKED = {
    "ContentSequence", "GraphicAnnotationSequence", "ReferencedImageSequence",
    "SourceImageSequence",
}  # fmt: skip
_DUMMIES = {
    "AE": "ANON", "AS": "", "CS": "ANON", "DS": "0", "IS": "0", "PN": "ANON", "TM": "000000",
    "UR": "urn:osler:deidentified", "DA": "", "DT": "",
    **dict.fromkeys(("LO", "SH", "LT", "ST", "UC", "UT"), "removed"),
    **dict.fromkeys(("FD", "FL", "SL", "SS", "UL", "US", "SV", "UV"), 0),
}  # fmt: skip
_OLDEST = 89


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    basic: str
    dates: bool
    characteristics: str


@cache
def table() -> dict[str, _Rule]:
    """Table E.1-1 by keyword: 617 attributes, all that have one name of their own."""
    text = resources.files("osler.readers").joinpath("deidentify_dicom.csv").read_text("utf-8")
    return {
        row["keyword"]: _Rule(
            basic=row["basic"],
            dates=row["modified_dates"] == "C",
            characteristics=row["characteristics"],
        )
        for row in csv.DictReader(io.StringIO(text))
    }


def people_of_dicom(data: bytes, name: str) -> People:
    """The patient of this header, and everybody else whom it names."""
    dataset = parse(data, name)
    owner = dicom_identifier(dataset)
    known = Known(
        names=name_words(*_values(dataset, ("PatientName", "OtherPatientNames"))),
        words=telling(
            *_values(dataset, ("PatientID", "PatientAddress", "PatientTelephoneNumbers")),
            *_values(dataset, ("AccessionNumber", "StudyInstanceUID")),
            *(uid for uid in _values(dataset, ("SOPInstanceUID",)) if not uid.startswith(_OWN)),
            *_values(dataset, ("InstitutionAddress", "OtherPatientIDs")),
        ),
    )
    names = {"ReferringPhysicianName", "PerformingPhysicianName", "OperatorsName"}
    staff = name_words(*_values(dataset, tuple(sorted(names))))
    ids = frozenset({owner} if owner else ())
    return People(persons=(Person(identifiers=ids, known=known),), others=Known(names=staff))


def rewrite_dicom(
    data: bytes,
    name: str,
    deidentifier: Deidentifier,
    people: People,
    patient: Identifier | None = None,
) -> bytes:
    """The instance without identity, its pixels as they were.

    Raises `BrokenFile` for damage and `Undeclared` where it cannot be shown to be clean.
    """
    dataset = parse(data, name)
    _refuse(dataset, name, deidentifier.pixels_trusted)
    own = dicom_identifier(dataset)
    owner = patient or own
    known = (people | people_of_dicom(data, name)).about(owner)
    cleaner = Cleaner(deidentifier=deidentifier, days=deidentifier.days(owner), known=known)
    rewriter = _Rewriter(cleaner=cleaner)
    try:
        with quiet():
            rewriter.dataset(dataset)
            _sign(dataset, cleaner, own)
            return _written(dataset)
    except (*DAMAGE, RecursionError) as error:
        raise BrokenFile(
            f"{name}: damaged DICOM ({error or type(error).__name__}): it cannot be written anew"
        ) from error


def _refuse(dataset: Dataset, name: str, trusted: bool) -> None:
    sop = str(dataset.get("SOPClassUID", ""))
    if sop.startswith(_ENCAPSULATED) or "EncapsulatedDocument" in dataset:
        raise Undeclared(
            f"{name}: an encapsulated document cannot be shown to be clean: not read; "
            "read its text as a note instead"
        )
    if _DIRECTORY in (sop, str(dataset.file_meta.get("MediaStorageSOPClassUID", ""))):
        raise Undeclared(f"{name}: a DICOMDIR lists names and is not needed: not read")
    burned = str(dataset.get("BurnedInAnnotation") or "").strip().upper()
    if burned == "YES":
        raise Undeclared(
            f"{name}: its header says that text is burned into the pixels (0028,0301): not read; "
            "mask it first"
        )
    risky = sop.startswith(_SECONDARY) or str(dataset.get("Modality", "")) in _RISKY_MODALITIES
    if risky and "PixelData" in dataset and burned != "NO" and not trusted:
        raise Undeclared(
            f"{name}: {dataset.get('Modality', 'a secondary capture')} pixels often show a name "
            "and the header does not say that these do not (0028,0301): not read; "
            "look at it and say so, or trust the pixels of this delivery"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rewriter:
    """One instance's rewriting, in place, sequences and all."""

    cleaner: Cleaner

    def dataset(self, dataset: Dataset) -> None:
        """Every element of a dataset or an item of a sequence."""
        for tag in list(dataset.keys()):
            if tag.is_private or tag.element == 0 or tag.group & 0xFF00 in (0x5000, 0x6000):
                del dataset[tag]
                continue
            self._element(dataset, dataset[tag])

    def _element(self, dataset: Dataset, element: DataElement) -> None:
        rule = table().get(element.keyword)
        if element.VR == "UN" or element.tag.group == 0xFFFC or self._is_removed(element, rule):
            del dataset[element.tag]
        elif element.VR == "SQ":
            self._sequence(element, rule)
        elif element.keyword == "PatientAge":
            _age(element)
        elif element.VR == "UI":
            self._uids(element)
        elif element.VR in _DATES:
            self._dates(element, rule)
        elif rule and not self._stays(element, rule):
            element.value = _dummy(element.VR) if "D" in rule.basic else _empty(element.VR)
        elif element.VR == "PN":
            element.value = ""
        elif element.VR in _TEXT:
            self._texts(element)

    def _is_removed(self, element: DataElement, rule: _Rule | None) -> bool:
        if rule is None or self._stays(element, rule):
            return False
        if element.VR in _DATES and rule.dates and self.cleaner.days is not None:
            return False
        return rule.basic == "X"

    def _stays(self, element: DataElement, rule: _Rule) -> bool:
        """Kept by an option: a time of day beside a moved date, or a characteristic."""
        if element.VR == "TM" and rule.dates and self.cleaner.days is not None:
            return True
        asked = self.cleaner.deidentifier.profile.characteristics
        return asked and rule.characteristics == "K"

    def _sequence(self, element: DataElement, rule: _Rule | None) -> None:
        if rule and element.keyword not in _WALKED:
            element.value = Sequence()
            return
        for item in element.value:
            self.dataset(item)

    def _uids(self, element: DataElement) -> None:
        if element.keyword in _NO_INSTANCE_UIDS:
            return
        hidden = self.cleaner.deidentifier
        element.value = _each(element.value, lambda uid: hidden.uid(str(uid)))

    def _dates(self, element: DataElement, rule: _Rule | None) -> None:
        days = self.cleaner.days
        if days is None or (rule and not rule.dates):
            element.value = ""
            return
        element.value = _each(element.value, lambda day: moved_digits(str(day), days) or "")

    def _texts(self, element: DataElement) -> None:
        element.value = _each(element.value, lambda text: self._fitting(element.VR, str(text)))

    def _fitting(self, vr: str, text: str) -> str:
        cleaned = self.cleaner.of(text)
        longest = {"SH": 16, "LO": 64}.get(vr)
        return cleaned if cleaned == text or longest is None else cleaned[:longest]


def _each(value: Any, change: Any) -> Any:
    if isinstance(value, MultiValue | list):
        return [change(one) for one in value]
    return change(value) if value not in (None, "") else value


def _age(element: DataElement) -> None:
    text = str(element.value or "")
    if text[:3].isdigit() and text[3:] == "Y" and int(text[:3]) > _OLDEST:
        element.value = "090Y"


def _dummy(vr: str) -> Any:
    return _DUMMIES.get(vr, b"")


def _empty(vr: str) -> Any:
    return b"" if vr.startswith("O") else None if vr not in _TEXT | {"CS", "PN", "AE"} else ""


def _sign(dataset: Dataset, cleaner: Cleaner, own: Identifier | None) -> None:
    """The pseudonym, and the statement that and how it was done (PS3.15, E.1.1; PS3.16, CID 7050).

    The pseudonym is that of the header's own identifier, where it has one.
    """
    deidentifier, moved = cleaner.deidentifier, cleaner.days is not None
    dataset.PatientName = ""
    dataset.PatientID = deidentifier.pseudonym(own).value if own else ""
    if own:
        dataset.IssuerOfPatientID = AUTHORITY
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = f"Osler {deidentifier.profile.name}, PS3.15 E.1-1 2024e"
    said = [("113100", "Basic Application Confidentiality Profile")]
    if moved:
        said.append(("113107", "Retain Longitudinal Temporal Information Modified Dates Option"))
    if deidentifier.profile.characteristics:
        said.append(("113108", "Retain Patient Characteristics Option"))
    dataset.DeidentificationMethodCodeSequence = Sequence([_code(*words) for words in said])
    dataset.LongitudinalTemporalInformationModified = "MODIFIED" if moved else "REMOVED"


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _written(dataset: pydicom.FileDataset) -> bytes:
    """A new file: an empty preamble, and of the file's meta information only what is needed."""
    syntax = dataset.file_meta.get("TransferSyntaxUID") or pydicom.uid.ImplicitVRLittleEndian
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = syntax
    dataset.file_meta = meta
    dataset.preamble = b"\0" * 128
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _values(dataset: Dataset, keywords: tuple[str, ...]) -> list[str]:
    found = []
    for keyword in keywords:
        value = dataset.get(keyword)
        several = value if isinstance(value, MultiValue | list) else [value]
        found += [str(one).replace("^", " ").strip() for one in several if one]
    return found
