"""Segmentations, whole slides, enclosed documents, and evidence by tag."""

import io

import numpy as np
import pytest

from osler.errors import BrokenFile
from osler.readers.resolve import ShownImage, ShownText, show
from osler.record.fact import FactKind
from osler.record.locator import Tag, Tile
from osler.record.media import Media

from .dicom_cases import blank, codes, parsed, picture, sample, saved
from .drawn import context

pydicom = pytest.importorskip("pydicom")

from pydicom.dataset import Dataset  # noqa: E402
from pydicom.sequence import Sequence  # noqa: E402

from osler.readers.dicom import read  # noqa: E402
from osler.readers.dicom_document import enclosed  # noqa: E402
from osler.readers.dicom_tag import tag_text  # noqa: E402
from osler.readers.reading import Item  # noqa: E402

SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"


def item(data: bytes) -> Item:
    (found,) = read(data, context("IM1")).items
    return found


def test_a_segment_says_what_it_is_and_how_it_was_drawn() -> None:
    found = item(sample("liver.dcm"))
    whole, liver = found.facts
    assert isinstance(whole.value, Media) and whole.value.modality == "segmentation"
    assert liver.kind is FactKind.OBSERVATION
    assert (liver.code.text, liver.code.code) == ("Liver", "T-62000")
    words = str(liver.value)
    for part in ("'Liver'", "Tissue", "semiautomatic (SlicerEditor)", "3 frames", "1.2.392.200103"):
        assert part in words
    shown = show(found.data, found.source, liver.evidence.at)
    assert isinstance(shown, ShownText) and "Segment Label: Liver" in shown.marked


@pytest.mark.parametrize(("how", "status"), [("AUTOMATIC", "preliminary"), ("MANUAL", "final")])
def test_what_an_algorithm_drew_alone_is_preliminary(how: str, status: str) -> None:
    dataset = parsed("liver.dcm")
    segment = dataset.SegmentSequence[0]
    segment.SegmentAlgorithmType = how
    segment.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = codes(
        "24028007", "SCT", "Right"
    )
    fact = item(saved(dataset)).facts[1]
    assert (fact.status, fact.laterality) == (status, "right")


def slide(*, sparse: bool = False) -> tuple[bytes, np.ndarray]:
    """A level of 50 x 40 pixels in tiles of 16 x 16; the last of a sparse one is left out."""
    matrix = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) % 251
    matrix = matrix.astype(np.uint8)
    tiles = [
        (row, column, matrix[row : row + 16, column : column + 16])
        for row in range(0, 48, 16)
        for column in range(0, 64, 16)
    ]
    if sparse:
        tiles = tiles[:-1][::-1]
    dataset = picture(
        np.stack([tile for _, _, tile in tiles]),
        Modality="SM", ImageType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"],
        TotalPixelMatrixRows=40, TotalPixelMatrixColumns=50,
        DimensionOrganizationType="TILED_SPARSE" if sparse else "TILED_FULL",
        WindowCenter=128, WindowWidth=256,
    )  # fmt: skip
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = SLIDE
    measures, shared = Dataset(), Dataset()
    measures.PixelSpacing = [0.0005, 0.0005]
    shared.PixelMeasuresSequence = Sequence([measures])
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    if sparse:
        groups = []
        for row, column, _ in tiles:
            place, group = Dataset(), Dataset()
            place.RowPositionInTotalImagePixelMatrix = row + 1
            place.ColumnPositionInTotalImagePixelMatrix = column + 1
            group.PlanePositionSlideSequence = Sequence([place])
            groups.append(group)
        dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
    return saved(dataset), matrix[:40, :50]


@pytest.mark.parametrize("sparse", [False, True])
def test_a_tile_of_a_slide_is_cut_from_the_frames_it_lies_in(sparse: bool) -> None:
    data, matrix = slide(sparse=sparse)
    found = item(data)
    assert found.source.kind == "dicom/slide"
    media = found.facts[0].value
    assert isinstance(media, Media) and media.modality == "histology"
    assert media.get("rows") == 40 and media.get("columns") == 50
    assert media.get("spacing_um") == pytest.approx(0.5)
    shown = show(data, found.source, Tile(level=0, x=10, y=5, width=30, height=20))
    assert isinstance(shown, ShownImage)
    assert np.abs(shown.pixels[..., 0].astype(int) - matrix[5:25, 10:40]).max() <= 1
    corner = show(data, found.source, Tile(level=0, x=48, y=32, width=2, height=8))
    assert isinstance(corner, ShownImage)
    assert (corner.pixels == 255).all() == sparse
    for wrong in (Tile(level=0, x=40, y=0, width=20, height=8),
                  Tile(level=1, x=0, y=0, width=8, height=8)):  # fmt: skip
        with pytest.raises(BrokenFile, match="outside this level"):
            show(data, found.source, wrong)


def test_a_label_is_no_histology() -> None:
    dataset = pydicom.dcmread(io.BytesIO(slide()[0]))
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "LABEL", "NONE"]
    media = item(saved(dataset)).facts[0].value
    assert isinstance(media, Media) and media.modality == "slide label"


def test_an_enclosed_document_is_there_with_its_bytes() -> None:
    document = b"%PDF-1.4 odd" + b"!"
    dataset = blank(
        "1.2.840.10008.5.1.4.1.1.104.1", DocumentTitle="Discharge letter", ContentDate="20240502",
        MIMETypeOfEncapsulatedDocument="application/pdf", EncapsulatedDocument=document + b"\0",
        EncapsulatedDocumentLength=len(document),
    )  # fmt: skip
    data = saved(dataset)
    found = item(data)
    (fact,) = found.facts
    assert (found.source.kind, fact.code.text) == ("dicom/document", "Discharge letter")
    assert fact.kind is FactKind.REPORT
    assert fact.recorded_at is not None and fact.recorded_at.text == "20240502"
    assert enclosed(data) == ("application/pdf", document)
    shown = show(data, found.source, fact.evidence.at)
    assert isinstance(shown, ShownText) and "14 bytes" in shown.marked
    with pytest.raises(BrokenFile, match="no document is enclosed"):
        enclosed(sample("CT_small.dcm"))


def test_a_tag_opens_or_says_that_nothing_is_there() -> None:
    data = sample("liver.dcm")
    assert tag_text(data, "00620002[0].00620005") == "Liver"
    assert tag_text(data, "00280010") == "512"
    for path in ("00620002[1].00620005", "00620002.00620005", "0040A730[0]", "x", "00280010[0]"):
        with pytest.raises(BrokenFile, match="nothing at"):
            tag_text(data, path)
    assert Tag(path="00280010").path == "00280010"
