"""Real pictures under headers of the demonstration patient's own: nobody else's name stays in them.

    data = of_hers(data, taken="2024-03-12")

The pixels and samples are untouched. Who, when and where are replaced; everything private, every
name of a person and every number of another system is taken out.
"""

import io
import uuid
from typing import Any

from osler.bench.demonstration.fhir import PATIENT

__all__ = ["of_hers"]

_GONE = (
    "AccessionNumber", "AdditionalPatientHistory", "DeviceSerialNumber", "InstitutionAddress",
    "InstitutionName", "InstitutionalDepartmentName", "IssuerOfPatientID", "OtherPatientIDs",
    "OtherPatientIDsSequence", "PatientAge", "PatientComments", "PatientID", "PatientSize",
    "PatientWeight", "PerformedProcedureStepID", "ReferencedStudySequence",
    "RequestAttributesSequence", "RequestingService", "StationName", "StudyID",
)  # fmt: skip
_DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")
_TIMES = ("StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime")


def of_hers(data: bytes, taken: str) -> bytes:
    """The same instance, made hers on that day; raises `ModuleNotFoundError` without pydicom."""
    import pydicom  # an extra

    dataset = pydicom.dcmread(io.BytesIO(data))
    dataset.remove_private_tags()
    dataset.walk(_without_names)
    for word in (*_GONE, *_DATES, *_TIMES):
        if word in dataset:
            delattr(dataset, word)
    for element in [e for e in dataset if e.VR in {"DA", "TM", "DT"}]:
        del dataset[element.tag]
    spacing = dataset.get("PixelSpacing")
    if spacing is not None and not all(spacing):  # a spacing of 0 is one that nobody knew
        del dataset.PixelSpacing
    day = taken.replace("-", "")
    dataset.PatientID, dataset.IssuerOfPatientID = PATIENT.value, PATIENT.authority
    dataset.PatientName, dataset.PatientBirthDate = "Demo^Patient", "19610314"
    dataset.PatientSex = "F"
    for date, time in zip(_DATES, _TIMES, strict=True):
        setattr(dataset, date, day)
        setattr(dataset, time, "101500")
    for word in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        if word in dataset:
            setattr(dataset, word, _uid(str(dataset[word].value)))
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.preamble = bytes(128)  # some hold a TIFF header: the picture of another program
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _without_names(dataset: Any, element: Any) -> None:
    if element.VR == "PN":
        element.value = ""


def _uid(old: str) -> str:
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'{PATIENT.authority}/{old}').int}"
