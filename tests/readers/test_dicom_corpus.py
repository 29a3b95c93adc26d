"""Every DICOM file at hand is read or rejected with a reason, and its pixels are pydicom's own."""

import io
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest

from osler.errors import InputError
from osler.readers.dicom_opening import is_dicom
from osler.readers.resolve import show

from .dicom_cases import on_disk
from .drawn import context

pydicom = pytest.importorskip("pydicom")

from osler.readers.dicom import read  # noqa: E402
from osler.readers.dicom_header import parse  # noqa: E402
from osler.readers.dicom_pixels import has_pixels, stored_frame  # noqa: E402

FILES = on_disk()
# pydicom stops at these, for they state no transfer syntax; the bytes show how they are encoded.
UNSTATED = {"OT-PAL-8-face.dcm", "meta_missing_tsyntax.dcm", "no_meta.dcm"}


@pytest.fixture(params=FILES, ids=[path.name for path in FILES])
def path(request: pytest.FixtureRequest) -> Path:
    assert isinstance(request.param, Path)
    return request.param


def outcome(data: bytes, name: str) -> str:
    """What became of a file: the kinds it was read as, or why it was rejected."""
    try:
        reading = read(data, context(name))
    except InputError as error:
        assert name in str(error), "a reject names its file"
        return "rejected: " + str(error).replace(name, "").strip(": ")[:80]
    for item in reading.items:
        for fact in item.facts:
            assert show(item.data, item.source, fact.evidence.at) is not None
    return "read as " + ", ".join(item.source.kind for item in reading.items)


def test_a_file_is_read_or_rejected_with_a_reason(path: Path) -> None:
    data = path.read_bytes()
    if not is_dicom(data[:4096]):
        pytest.skip("no DICOM: other readers are asked")
    began = time.perf_counter()
    assert outcome(data, path.name)
    assert time.perf_counter() - began < 5


@pytest.mark.filterwarnings("ignore::UserWarning")  # what pydicom says of padding and encodings
def test_its_pixels_are_those_of_pydicom(path: Path) -> None:
    data = path.read_bytes()
    try:
        dataset = parse(data, path.name)
        held = has_pixels(dataset)
        stored = stored_frame(dataset)[0] if held else None
    except InputError:
        stored = None
    if stored is None:
        pytest.skip("no pixels, or rejected")
    reference = pydicom.dcmread(io.BytesIO(data), force=True)
    if path.name in UNSTATED:
        reference.file_meta = dataset.file_meta
    frame = pydicom.pixels.pixel_array(reference, index=0, raw=True)
    assert stored.dtype == frame.dtype and np.array_equal(stored, frame)
    if stored.ndim == 2:  # pixel_array of the whole instance turns luma and chroma into RGB
        whole = reference.pixel_array
        assert np.array_equal(stored, whole if whole.ndim == 2 else whole[0])


def pydicom_decodes(data: bytes) -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _ = pydicom.dcmread(io.BytesIO(data), force=True).pixel_array
        except Exception:  # noqa: BLE001  (whatever pydicom raises, it does not decode)
            return
        yield


def test_nothing_that_pydicom_decodes_is_rejected(path: Path) -> None:
    data = path.read_bytes()
    if not is_dicom(data[:4096]):
        pytest.skip("no DICOM: other readers are asked")
    for _ in pydicom_decodes(data):
        assert outcome(data, path.name).startswith("read as")


def test_the_count_of_what_was_read() -> None:
    """The table of docs/log.md; run with -s to see it."""
    try:
        version("pydicom-data")
    except PackageNotFoundError:
        pytest.skip("pydicom-data is absent (osler[demo])")
    table: Counter[str] = Counter()
    for path in FILES:
        data = path.read_bytes()
        if is_dicom(data[:4096]):
            table[outcome(data, path.name)] += 1
        else:
            table["no DICOM"] += 1
    print("\n".join(f"{count:4} {what}" for what, count in table.most_common()))  # noqa: T201
    read_count = sum(count for what, count in table.items() if what.startswith("read as"))
    assert read_count >= 180 and sum(table.values()) == len(FILES)


def test_the_shared_folder(shared_data: Path) -> None:
    files = sorted((shared_data / "dicom").glob("*.dcm"))
    assert {path.name: outcome(path.read_bytes(), path.name) for path in files} == {
        path.name: "read as "
        + {"test-SR.dcm": "dicom/sr", "waveform_ecg.dcm": "dicom/ecg"}.get(path.name, "dicom")
        for path in files
    }
