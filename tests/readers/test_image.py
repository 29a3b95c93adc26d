"""Plain pictures: what they are is said by a person or not at all."""

import io

import numpy as np
import pytest
from PIL import Image

from osler.errors import BrokenFile, Undeclared
from osler.readers.image import open_image, picture_rgb, read
from osler.record.fact import FactKind
from osler.record.media import Media

from .drawn import context, png


def test_a_picture_with_its_sidecar() -> None:
    declared = {"kind": "histology", "stain": "H&E", "spacing_um": 0.5, "date": "2026-09-30"}
    (item,) = read(png(), context(declared=declared)).items
    (fact,) = item.facts
    assert (item.source.kind, item.source.media_type) == ("image", "image/png")
    assert (fact.kind, str(fact.valid_from)) == (FactKind.MEDIA, "2026-09-30")
    assert isinstance(fact.value, Media)
    assert fact.value.modality == "histology"
    stated = {"stain": "H&E", "spacing_um": 0.5, "rows": 12, "columns": 8, "polarity": "RGB"}
    assert {name: fact.value.get(name) for name in stated} == stated
    assert fact.value.get("declared_by") == "sidecar"
    assert fact.value.get("view") is None
    assert item.patient is None


def test_a_picture_that_the_operator_named() -> None:
    (item,) = read(png(form="JPEG"), context("a.bin", kind="fundus")).items
    assert isinstance(item.facts[0].value, Media)
    assert item.facts[0].value.get("declared_by") == "operator"
    assert item.source.media_type == "image/jpeg"


def test_the_sidecar_goes_before_the_operators_word_for_all() -> None:
    (item,) = read(png(), context(kind="fundus", declared={"kind": "histology"})).items
    assert item.facts[0].code.text == "histology image"


def test_a_picture_that_nobody_named() -> None:
    with pytest.raises(Undeclared, match=r"a\.png\.json.*--as KIND"):
        read(png(), context())
    with pytest.raises(Undeclared):
        read(png(), context(declared={"stain": "H&E"}))


def test_a_date_that_is_none() -> None:
    with pytest.raises(BrokenFile, match="'yesterday' is no date"):
        read(png(), context(declared={"kind": "histology", "date": "yesterday"}))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_a_picture_cut_short_anywhere(form: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (40, 40, 3), dtype=np.uint8)
    whole = png(noise, form)
    for length in range(0, len(whole) - 300, max(1, len(whole) // 40)):
        with pytest.raises(BrokenFile, match=r"a\.png: the picture cannot be decoded"):
            open_image(whole[:length], "a.png")


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_a_picture_with_any_byte_changed_opens_or_is_refused(form: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (16, 16, 3), dtype=np.uint8)
    whole = png(noise, form)
    for at in range(len(whole)):
        altered = bytearray(whole)
        altered[at] ^= 0xFF
        try:
            open_image(bytes(altered), "a.png")
        except BrokenFile:
            continue


@pytest.mark.parametrize("side", [9_700, 20_000])
def test_a_whole_slide_is_too_large(side: int) -> None:
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG")
    with pytest.raises(BrokenFile, match="whole slide"):
        open_image(out.getvalue(), "slide.png")


def test_a_picture_of_several_pages_says_that_one_is_looked_at() -> None:
    page = Image.fromarray(np.zeros((4, 4, 3), dtype=np.uint8))
    out = io.BytesIO()
    page.save(out, "TIFF", save_all=True, append_images=[page, page])
    (item,) = read(out.getvalue(), context(kind="histology")).items
    assert item.trouble == "only the first of its 3 pictures is looked at"


def test_sixteen_bits_of_grey_are_scaled_and_not_cut_off() -> None:
    ramp = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    image = open_image(png(ramp), "a.png")
    shown = picture_rgb(image)
    assert shown.shape == (16, 16, 3)
    assert shown.dtype == np.uint8
    assert (shown[0, 0, 0], shown[-1, -1, 0]) == (0, 255)
    assert np.all(np.diff(shown[..., 0].ravel().astype(int)) >= 0)
    assert len(np.unique(shown)) > 250
    (item,) = read(png(ramp), context(kind="radiograph")).items
    assert isinstance(item.facts[0].value, Media)
    assert item.facts[0].value.get("polarity") == "MONOCHROME2"


def test_colours_come_out_as_they_are() -> None:
    array = np.random.default_rng(2).integers(0, 255, (5, 7, 3), dtype=np.uint8)
    assert np.array_equal(picture_rgb(open_image(png(array), "a")), array)
    grey = array[..., 0].copy()
    assert np.array_equal(picture_rgb(open_image(png(grey), "a"))[..., 2], grey)


def test_pixels_that_are_no_numbers() -> None:
    with pytest.raises(BrokenFile, match="no numbers"):
        picture_rgb(open_image(png(np.full((3, 3), np.nan, np.float32), "TIFF"), "a.tiff"))
