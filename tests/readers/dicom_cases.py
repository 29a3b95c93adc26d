"""DICOM instances for the tests: those that pydicom carries, changed ones and written ones."""

import io
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pydicom = pytest.importorskip("pydicom")

from pydicom.dataset import Dataset, FileMetaDataset  # noqa: E402
from pydicom.sequence import Sequence  # noqa: E402
from pydicom.uid import ExplicitVRLittleEndian, generate_uid  # noqa: E402

CT = "1.2.840.10008.5.1.4.1.1.2"


def on_disk() -> list[Path]:
    """Every test file of pydicom and of the package pydicom-data, without a download."""
    root = Path(pydicom.__file__).parent / "data"
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    try:
        more = distribution("pydicom-data").files or []
    except PackageNotFoundError:
        more = []
    files += [Path(str(file.locate())) for file in more if "/data/" in str(file)]
    return [path for path in files if path.suffix not in (".py", ".pyc")]


def sample(name: str) -> bytes:
    """One of them by its name."""
    for path in on_disk():
        if path.name == name:
            return path.read_bytes()
    pytest.skip(f"{name} is absent: install pydicom-data (osler[demo])")


def parsed(name: str) -> Any:
    return pydicom.dcmread(io.BytesIO(sample(name)))


def saved(dataset: Any) -> bytes:
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def edited(name: str, **elements: Any) -> bytes:
    """A sample with elements set, or taken away by None."""
    dataset = parsed(name)
    for keyword, value in elements.items():
        if value is None:
            del dataset[keyword]
        else:
            setattr(dataset, keyword, value)
    out = io.BytesIO()
    dataset.save_as(out)
    return out.getvalue()


def coded(value: str, scheme: str, meaning: str) -> Any:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def codes(value: str, scheme: str, meaning: str) -> Any:
    return Sequence([coded(value, scheme, meaning)])


def blank(sop_class: str = CT, **elements: Any) -> Any:
    """A small valid instance of a class, without pixels."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = sop_class
    uid = generate_uid()
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid
    dataset.PatientID = "P1"
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def picture(stored: np.ndarray, **elements: Any) -> Any:
    """An instance whose frames are these values: (rows, columns) or (frames, rows, columns)."""
    dataset = blank()
    *count, dataset.Rows, dataset.Columns = stored.shape
    if count:
        dataset.NumberOfFrames = count[0]
    bits = 8 * stored.dtype.itemsize
    dataset.Modality = "CT"
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = int(stored.dtype.kind == "i")
    dataset.PixelData = stored.astype(stored.dtype.newbyteorder("<")).tobytes()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset
