"""DICOM headers and frames, on the real files that pydicom and pydicom-data carry."""

import io

import numpy as np
import pytest

from osler.errors import BrokenFile
from osler.readers.frame import frame_of
from osler.readers.reading import Item
from osler.record.media import Media
from osler.record.patient import Identifier

from .dicom_cases import edited, sample
from .drawn import context, png

pydicom = pytest.importorskip("pydicom")

from osler.readers.dicom import read  # noqa: E402
from osler.readers.dicom_header import age_years, parse  # noqa: E402
from osler.readers.dicom_patient import dicom_identifier  # noqa: E402


def item(data: bytes, **declared: object) -> Item:
    (found,) = read(data, context("IM0001", declared=declared)).items
    return found


def media(data: bytes, **declared: object) -> Media:
    value = item(data, **declared).facts[0].value
    assert isinstance(value, Media)
    return value


def test_a_ct_says_what_it_is() -> None:
    found = item(sample("CT_small.dcm"))
    (fact,) = found.facts
    assert (found.source.kind, found.patient) == (
        "dicom",
        Identifier(authority="dicom", value="1CT1"),
    )
    seen = media(sample("CT_small.dcm"))
    stated = {"modality": "ct", "rows": 128, "columns": 128, "frames": 1, "declared_by": "header",
              "polarity": "MONOCHROME2"}  # fmt: skip
    assert {name: seen.get(name) for name in stated} == stated
    assert seen.get("spacing_um") == pytest.approx(661.468)
    assert seen.get("view") is None
    assert fact.identity == "1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322"
    assert fact.valid_from is not None
    assert fact.valid_from.text.startswith("19970430")


def test_the_sidecar_adds_and_never_overrides() -> None:
    seen = media(sample("CT_small.dcm"), anatomy="chest", spacing_um=1.0, says="a remark")
    assert seen.get("anatomy") == "chest"
    assert seen.get("says") == "a remark"
    assert seen.get("spacing_um") == pytest.approx(661.468)


def test_the_issuer_is_the_authority() -> None:
    issued = edited("CT_small.dcm", IssuerOfPatientID="urn:h")
    assert item(issued).patient == Identifier(authority="urn:h", value="1CT1")
    assert item(edited("CT_small.dcm", PatientID="  ")).patient is None
    assert dicom_identifier(pydicom.Dataset()) is None


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("045Y", 45),
        ("018M", 1),
        ("010W", 0),
        ("000Y", None),
        ("", None),
        ("45", None),
        ("xxxY", None),
    ],
)
def test_ages(text: str, years: int | None) -> None:
    dataset = pydicom.Dataset()
    dataset.add(pydicom.DataElement("PatientAge", "LO", text))
    assert age_years(dataset) == years


def test_spacing_that_says_nothing_stays_unknown() -> None:
    for spacing in ([0, 0], None):
        assert media(edited("CT_small.dcm", PixelSpacing=spacing)).get("spacing_um") is None
    single = edited("CT_small.dcm", PixelSpacing="0.5")
    assert media(single).get("spacing_um") is None


def test_the_headers_own_offset_dates_the_picture() -> None:
    dated = {"AcquisitionDate": "20200101", "AcquisitionTime": "233000.25"}
    fact = item(edited("CT_small.dcm", **dated, TimezoneOffsetFromUTC="-0500")).facts[0]
    assert fact.valid_from is not None
    assert fact.valid_from.earliest.isoformat() == "2020-01-02T04:30:00+00:00"
    assert not fact.valid_from.zone_assumed
    fact = item(edited("CT_small.dcm", **dated, TimezoneOffsetFromUTC=None)).facts[0]
    assert fact.valid_from is not None
    assert fact.valid_from.zone_assumed


@pytest.mark.parametrize("name", ["rtstruct.dcm", "rtplan.dcm", "DICOMDIR", "hotiron.dcm"])
def test_an_object_of_another_kind_is_kept_whole(name: str) -> None:
    found = item(sample(name))
    assert found.facts == ()
    assert found.trouble is not None
    assert "kept whole" in found.trouble


@pytest.mark.parametrize("keyword", ["Rows", "Columns", "PixelData"])
def test_an_image_without_its_parts_is_damaged(keyword: str) -> None:
    with pytest.raises(BrokenFile, match="ends before its pixels"):
        item(edited("CT_small.dcm", **{keyword: None}))


def test_a_header_in_the_wrong_form_is_not_quoted_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    dataset = pydicom.dcmread(io.BytesIO(sample("CT_small.dcm")))
    with pytest.warns(UserWarning, match="Smith"):
        dataset.StudyInstanceUID = "John Smith, born 1950"
    out = io.BytesIO()
    dataset.save_as(out)
    caplog.clear()
    item(out.getvalue())
    assert caplog.text == ""


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "test-SR.dcm", "693_J2KI.dcm"])
def test_a_file_cut_short_is_read_or_refused_and_nothing_else(name: str) -> None:
    whole = sample(name)
    refused = 0
    for length in sorted({*range(0, 2000, 97), *range(0, len(whole), len(whole) // 25)}):
        cut = whole[:length]
        try:
            read(cut, context("IM0001"))
        except BrokenFile as error:
            refused += 1
            assert "DICOM" in str(error)
        try:
            frame_of(cut, "dicom")
        except BrokenFile:
            continue
    assert refused > 5


def test_a_header_with_bytes_changed_is_read_or_refused() -> None:
    whole = sample("CT_small.dcm")
    for at in range(132, 2400, 7):
        altered = bytearray(whole)
        altered[at] ^= 0xFF
        try:
            read(bytes(altered), context("IM0001"))
            frame_of(bytes(altered), "dicom")
        except BrokenFile:
            continue


def test_white_is_bright_where_the_file_says_the_contrary() -> None:
    """RG1_UNCR.dcm is a chest film in MONOCHROME1: lungs come out darker than the mediastinum."""
    data = sample("RG1_UNCR.dcm")
    dataset = pydicom.dcmread(io.BytesIO(data))
    assert dataset.PhotometricInterpretation == "MONOCHROME1"
    grey = frame_of(data, "dicom")[..., 0].astype(float)
    rows, columns = grey.shape

    def mean(top: float, bottom: float, left: float, right: float) -> float:
        return float(
            grey[int(top * rows) : int(bottom * rows), int(left * columns) : int(right * columns)]
            .mean()
        )  # fmt: skip

    middle = mean(0.35, 0.6, 0.46, 0.54)
    assert mean(0.35, 0.6, 0.25, 0.35) < middle - 30
    assert mean(0.35, 0.6, 0.68, 0.78) < middle - 30
    flipped = io.BytesIO()
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.save_as(flipped)
    other = frame_of(flipped.getvalue(), "dicom")[..., 0].astype(float)
    assert np.abs(other + grey - 255).max() <= 1


def test_every_frame_of_a_colour_clip() -> None:
    data = sample("examples_ybr_color.dcm")
    first, last = frame_of(data, "dicom", 0), frame_of(data, "dicom", 29)
    assert first.shape == last.shape == (240, 320, 3)
    assert first.dtype == np.uint8
    assert not np.array_equal(first, last)
    assert media(data).get("frames") == 30
    # Left in YBR, an empty corner would be green: luma 0, both chromas at 128.
    corner = first[-20:, :20].reshape(-1, 3)
    assert corner.max() < 24
    for frame in (30, -1):
        with pytest.raises(BrokenFile, match=f"frame {frame} of 30"):
            frame_of(data, "dicom", frame)


def test_colours_are_those_of_the_reference_chart() -> None:
    """The test card of pydicom, in RGB and in YBR, shows the same colours."""
    rgb, ybr = (
        frame_of(sample(name), "dicom").astype(int)
        for name in ("SC_rgb.dcm", "SC_ybr_full_422_uncompressed.dcm")
    )
    assert tuple(rgb[5, 50]) == (255, 0, 0)
    assert np.abs(rgb - ybr)[::10].mean() < 3


def test_a_palette_is_looked_up() -> None:
    data = sample("examples_palette.dcm")
    shown = frame_of(data, "dicom")
    assert shown.shape[2] == 3
    assert np.any(shown[..., 0] != shown[..., 1]), "indices shown as grey are no picture"


def test_a_window_that_is_there_but_empty_states_nothing() -> None:
    plain = frame_of(sample("CT_small.dcm"), "dicom")
    empty = edited("CT_small.dcm", WindowCenter="", WindowWidth="")
    assert np.array_equal(frame_of(empty, "dicom"), plain)
    windowed = frame_of(edited("CT_small.dcm", WindowCenter=40, WindowWidth=400), "dicom")
    assert not np.array_equal(windowed, plain)


def test_plain_pictures_have_one_frame() -> None:
    assert frame_of(png(), "image").shape == (12, 8, 3)
    with pytest.raises(BrokenFile, match="frame 1 of 1"):
        frame_of(png(), "image", 1)
    with pytest.raises(BrokenFile, match="cannot be decoded"):
        frame_of(b"no picture", "image")
    with pytest.raises(BrokenFile, match="cannot be decoded"):
        frame_of(b"no dicom", "dicom")


def test_parse_refuses_what_has_no_class() -> None:
    with pytest.raises(BrokenFile, match="no SOP class"):
        parse(edited("CT_small.dcm", SOPClassUID=None), "IM0001")
