"""Whose, when and which side: what the header says of itself, and what contradicts it."""

import io
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.errors import BrokenFile, InputError, UnknownFormat
from osler.readers.dicom_opening import is_dicom, other_face
from osler.record.media import Media
from osler.record.patient import Identifier, Link

from .dicom_cases import blank, codes, edited, parsed, picture, sample, saved
from .drawn import context

pydicom = pytest.importorskip("pydicom")

from pydicom.dataset import Dataset  # noqa: E402
from pydicom.sequence import Sequence  # noqa: E402
from pydicom.uid import DeflatedExplicitVRLittleEndian  # noqa: E402

from osler.readers.dicom import read  # noqa: E402
from osler.readers.dicom_frame import dicom_frame  # noqa: E402
from osler.readers.dicom_header import parse  # noqa: E402
from osler.readers.reading import Item  # noqa: E402
from osler.readers.worker import Worker  # noqa: E402


def item(data: bytes, **fields: Any) -> Item:
    (found,) = read(data, context("IM1", **fields)).items
    return found


def someone(value: str, issuer: str | None = None) -> Any:
    dataset = Dataset()
    dataset.PatientID = value
    if issuer:
        dataset.IssuerOfPatientID = issuer
    return dataset


def small(**elements: Any) -> Any:
    return picture(np.arange(64, dtype=np.uint8).reshape(8, 8), **elements)


@pytest.mark.parametrize("name", ["rtstruct.dcm", "ExplVR_BigEndNoMeta.dcm", "OT-PAL-8-face.dcm"])
def test_a_dataset_without_preamble_is_recognised_by_its_first_elements(name: str) -> None:
    data = sample(name)
    assert data[128:132] != b"DICM" and is_dicom(data[:4096])


@pytest.mark.parametrize(
    "data", [b"", b"\x08\x00", b"\x08\x00\x05\x00CS", b"\0" * 4096, b"{}", b"\x08\x00 words",
             b"\x02\x00\x00\x00UL\x04\x00\xff\xff\xff\xffabcdefgh"],
)  # fmt: skip
def test_what_only_begins_alike_is_no_dicom(data: bytes) -> None:
    assert not is_dicom(data)


@pytest.mark.parametrize(("magic", "what"), [(b"MZ", "Windows program"), (b"II*\0", "TIFF")])
def test_a_polyglot_is_read_as_dicom_and_noted(magic: bytes, what: str) -> None:
    plain = saved(small())
    data = magic + plain[len(magic) :]
    assert what in str(other_face(data)) and other_face(plain) is None
    found = item(data)
    assert found.facts and found.trouble is not None and what in found.trouble


def test_two_patients_in_one_header_are_disputed() -> None:
    main = small(PatientID="P1", IssuerOfPatientID="A")
    main.OtherPatientIDsSequence = Sequence([someone("P9", "A")])
    assert item(saved(main)).disputed is None, "the patient's own group says who else"
    main.ReferencedStudySequence = Sequence([someone("P1", "A"), someone("77", "B")])
    assert item(saved(main)).disputed is None, "another issuer's number is no contradiction"
    main.OriginalAttributesSequence = Sequence([someone("P0", "A")])
    assert item(saved(main)).disputed is None, "what it was before it was corrected"
    main.ReferencedStudySequence = Sequence([someone("P2", "A")])
    assert "names A|P2" in str(item(saved(main)).disputed)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_two_identifiers_in_one_element_name_nobody() -> None:
    found = item(saved(small(PatientID=["P1", "P2"])))
    assert found.patient is None and "more than one identifier" in str(found.disputed)


def test_other_identifiers_are_links_where_both_issuers_are_named() -> None:
    dataset = small(PatientID="P1", IssuerOfPatientID="A")
    dataset.OtherPatientIDsSequence = Sequence([someone("X", "B"), someone("Y")])
    kept, merged = Identifier(authority="A", value="P1"), Identifier(authority="B", value="X")
    assert item(saved(dataset)).links == (Link(kept=kept, merged=merged),)
    del dataset.IssuerOfPatientID
    assert item(saved(dataset)).links == ()


def test_the_universal_issuer_stands_where_no_other_does() -> None:
    dataset, qualifier = small(), Dataset()
    qualifier.UniversalEntityID, qualifier.UniversalEntityIDType = "1.2.3", "ISO"
    dataset.IssuerOfPatientIDQualifiersSequence = Sequence([qualifier])
    assert item(saved(dataset)).patient == Identifier(authority="urn:oid:1.2.3", value="P1")


@pytest.mark.parametrize(
    ("elements", "side"),
    [
        ({"ImageLaterality": "L"}, "left"),
        ({"Laterality": "R"}, "right"),
        ({"ImageLaterality": "B"}, "bilateral"),
        ({"ImageLaterality": "U"}, None),
        ({"ImageLaterality": "L", "Laterality": "R"}, None),
        ({"StudyDescription": "left knee"}, None),
    ],
)
def test_laterality_comes_from_coded_fields(elements: dict[str, str], side: str | None) -> None:
    fact = item(saved(small(**elements))).facts[0]
    assert isinstance(fact.value, Media)
    assert (fact.laterality, fact.value.get("laterality")) == (side, side)


def test_laterality_of_a_coded_region() -> None:
    dataset = small(AnatomicRegionSequence=codes("72696002", "SCT", "Knee"))
    dataset.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = codes("7771000", "SCT", "L")
    fact = item(saved(dataset)).facts[0]
    assert isinstance(fact.value, Media)
    assert (fact.laterality, fact.value.get("anatomy")) == ("left", "Knee")


def test_its_two_clocks() -> None:
    dated = {"AcquisitionDateTime": "20240501101112.5-0500", "ContentDate": "20240503",
             "ContentTime": "080000", "StudyDate": "20240401"}  # fmt: skip
    fact = item(saved(small(**dated)), zone="Europe/Berlin").facts[0]
    assert fact.valid_from is not None and fact.recorded_at is not None
    assert fact.valid_from.earliest.isoformat() == "2024-05-01T15:11:12+00:00"
    assert fact.recorded_at.earliest.isoformat() == "2024-05-03T06:00:00+00:00"
    assert not fact.recorded_inferred and fact.recorded_at.zone_assumed
    fact = item(saved(small(StudyDate="20240401", InstanceCreationDate="20240402"))).facts[0]
    assert fact.recorded_at is not None and fact.recorded_at.text == "20240402"
    undated = item(saved(small())).facts[0]
    assert undated.valid_from is None and undated.recorded_inferred


def test_frames_declared_beyond_the_data_are_refused_before_decoding() -> None:
    for elements in (
        {"NumberOfFrames": 10**6}, {"NumberOfFrames": 2**31 - 1}, {"NumberOfFrames": -1},
        {"Rows": 65535, "Columns": 65535}, {"Rows": 0},
    ):  # fmt: skip
        with pytest.raises(BrokenFile, match=r"IM1: .*(declared|takes)"):
            item(edited("CT_small.dcm", **elements))


def test_a_codestream_of_another_size_is_refused() -> None:
    for name in ("693_J2KI.dcm", "SC_rgb_jpeg_dcmtk.dcm", "JPEGLSNearLossless_08.dcm"):
        with pytest.raises(BrokenFile, match="the compressed frame"):
            item(edited(name, Rows=7))


def test_a_deflate_bomb_is_refused() -> None:
    dataset = blank()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    data = saved(dataset)
    stream = io.BytesIO(data)
    stream.seek(132)
    pydicom.filereader._read_file_meta_info(stream)
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    with pytest.raises(BrokenFile, match="unpacks to more than 96 MiB"):
        parse(data[: stream.tell()] + bomb, "IM1")


def test_sequences_nested_without_end_are_read_or_refused() -> None:
    item_start = b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    opening = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff" + item_start
    head = saved(blank())
    for depth in (50, 5000):
        try:
            read(head + opening * depth, context("IM1"))
        except BrokenFile as error:
            assert str(error).startswith("IM1")


def test_jpeg_extended_at_12_bits_has_no_free_decoder() -> None:
    with pytest.raises(UnknownFormat, match="no decoder is installed for 'JPEG Extended"):
        item(sample("JPGExtended.dcm"))


def test_a_frame_that_kills_its_decoder_is_one_reject(tmp_path: Path) -> None:
    """Two bytes of a lossless JPEG at which GDCM 3.2.6 ends its process; without GDCM, unread."""
    data = bytearray(sample("bad_sequence.dcm"))
    data[2000], data[2808] = 0x80, 0xFF
    file = tmp_path / "IM1"
    file.write_bytes(data)
    with Worker() as worker, pytest.raises(InputError, match=r"IM1: .*decode[rd]"):
        worker.read("dicom", file, context("IM1"))


def test_an_ultrasound_loop_says_its_rate() -> None:
    stored = np.zeros((3, 8, 8), np.uint8)
    for elements, rate, uneven in (
        ({"FrameTime": 40}, 25.0, None),
        ({"CineRate": 30}, 30.0, None),
        ({"FrameTimeVector": [0, 20, 20]}, 50.0, None),
        ({"FrameTimeVector": [0, 10, 30]}, 50.0, "uneven"),
        ({"FrameTime": 0}, None, None),
        ({}, None, None),
    ):
        value = item(saved(picture(stored, **elements))).facts[0].value
        assert isinstance(value, Media)
        assert (value.get("frame_rate_hz"), value.get("frame_times")) == (rate, uneven)


def test_an_ultrasound_region_states_its_spacing() -> None:
    dataset, region = small(Modality="US"), Dataset()
    region.RegionSpatialFormat = 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = 0.02
    dataset.SequenceOfUltrasoundRegions = Sequence([region])
    value = item(saved(dataset)).facts[0].value
    assert isinstance(value, Media) and value.get("spacing_um") == pytest.approx(200)


def test_a_picture_is_found_again_in_space() -> None:
    value = item(sample("CT_small.dcm")).facts[0].value
    assert isinstance(value, Media)
    assert value.get("position_mm") == "-158.135803\\-179.035797\\-75.699997"
    assert value.get("orientation") == "1.000000\\0.000000\\0.000000\\0.000000\\1.000000\\0.000000"
    assert value.get("thickness_mm") == 5
    assert value.get("codec") == "uncompressed"
    assert value.get("series") == parsed("CT_small.dcm").SeriesInstanceUID


def test_frames_are_addressed_one_by_one() -> None:
    data = saved(picture(np.stack([np.full((8, 8), 10 * i, np.uint8) for i in range(5)]),
                         WindowCenter=128, WindowWidth=256))  # fmt: skip
    assert [int(dicom_frame(data, i)[0, 0, 0]) for i in range(5)] == [0, 10, 20, 30, 40]
