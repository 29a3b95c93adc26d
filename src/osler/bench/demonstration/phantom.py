"""A CT series of the demonstration patient that no scanner made: a phantom of a chest.

    for name, data in phantom_series(): ...        one DICOM instance a slice

Soft tissue, two lungs, a spine, and a mass of 38 mm in the right upper lobe as her story has it.
Every slice says in its header that it is synthetic; values are Hounsfield units.
"""

import io
import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np

from osler.bench.demonstration.fhir import PATIENT

__all__ = ["SLICES", "phantom_series"]

SLICES = 24
_SIDE = 128
_SPACING_MM = 2.8
_STEP_MM = 5.0
_AIR, _LUNG, _TISSUE, _BONE, _MASS = -1000, -850, 40, 500, 55
_CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"


def phantom_series() -> Iterator[tuple[str, bytes]]:
    """Each slice's name and bytes; nothing where pydicom is not installed."""
    try:
        import pydicom  # an extra
    except ModuleNotFoundError:
        return
    for number in range(SLICES):
        dataset = _header(pydicom, number)
        dataset.PixelData = (_slice(number) + 1024).astype("<u2").tobytes()
        out = io.BytesIO()
        dataset.save_as(out, enforce_file_format=True)
        yield f"images/ct-chest/{number + 1:03}.dcm", out.getvalue()


def _header(pydicom: Any, number: int) -> Any:
    dataset = pydicom.Dataset()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = _CT_IMAGE
    dataset.file_meta.MediaStorageSOPInstanceUID = _uid(f"slice {number}")
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset.file_meta.ImplementationClassUID = _uid("osler")
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = _CT_IMAGE
    dataset.SOPInstanceUID = _uid(f"slice {number}")
    dataset.StudyInstanceUID = _uid("study")
    dataset.SeriesInstanceUID = _uid("series")
    dataset.FrameOfReferenceUID = _uid("frame of reference")
    dataset.ImageType = ["DERIVED", "SECONDARY", "AXIAL"]
    dataset.Modality = "CT"
    dataset.PatientID, dataset.IssuerOfPatientID = PATIENT.value, PATIENT.authority
    dataset.PatientName = "Demo^Patient"
    dataset.PatientBirthDate, dataset.PatientSex, dataset.PatientAge = "19610314", "F", "065Y"
    dataset.StudyDescription = "CT chest, synthetic phantom"
    dataset.SeriesDescription = "synthetic phantom, no scan of anybody"
    dataset.BodyPartExamined = "CHEST"
    dataset.StudyDate = dataset.SeriesDate = dataset.AcquisitionDate = "20260824"
    dataset.ContentDate = "20260824"
    dataset.StudyTime = dataset.AcquisitionTime = dataset.ContentTime = "101500"
    dataset.TimezoneOffsetFromUTC = "+0200"
    dataset.InstanceNumber = number + 1
    dataset.ImagePositionPatient = [-_SIDE / 2 * _SPACING_MM] * 2 + [number * _STEP_MM]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [_SPACING_MM, _SPACING_MM]
    dataset.SliceThickness = _STEP_MM
    dataset.Rows = dataset.Columns = _SIDE
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.RescaleSlope, dataset.RescaleIntercept, dataset.RescaleType = 1, -1024, "HU"
    dataset.WindowCenter, dataset.WindowWidth = -500, 1500
    return dataset


def _slice(number: int) -> np.ndarray:
    """Hounsfield units (rows, columns) of one slice, feet first."""
    row, column = np.indices((_SIDE, _SIDE)).astype(float)
    x, y = (column - _SIDE / 2) * _SPACING_MM, (row - _SIDE / 2) * _SPACING_MM
    z = (number - SLICES / 2) * _STEP_MM
    values = np.full((_SIDE, _SIDE), _AIR)
    values[(x / 165) ** 2 + (y / 115) ** 2 <= 1] = _TISSUE
    reach = np.sqrt(max(0.0, 1 - (z / 75) ** 2))
    for side in (-1, 1):
        inside = ((x - side * 75) / (62 * reach + 1)) ** 2 + (y / (82 * reach + 1)) ** 2 <= 1
        values[inside] = _LUNG
    values[(x / 18) ** 2 + ((y - 85) / 18) ** 2 <= 1] = _BONE
    # In patient coordinates her right lies at negative x; the upper lobe towards the head.
    values[(x + 80) ** 2 + (y + 10) ** 2 + (z - 35) ** 2 <= 19**2] = _MASS
    return values


def _uid(name: str) -> str:
    """The same for ever: 2.25 and a UUID (PS3.5, B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'{PATIENT.authority}/{name}').int}"
