"""Pictures: every remark goes, every pixel stays."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin, TiffImagePlugin

from osler.errors import InputError, Undeclared
from osler.readers.deidentify_image import rewrite_image

SECRET = "Zebulon Quillfeather"
PIXELS = np.random.default_rng(0).integers(0, 255, (40, 56, 3), dtype=np.uint8)


def picture(form: str, orientation: int = 1) -> bytes:
    image, out = Image.fromarray(PIXELS), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = SECRET, orientation
    if form == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Patient", SECRET)
        info.add_itxt("Note", SECRET, zip=False)
        image.save(out, form, pnginfo=info, exif=exif, dpi=(300, 300))
    elif form == "JPEG":
        image.save(out, form, exif=exif, comment=SECRET.encode(), quality=90, progressive=True)
    else:
        tags = TiffImagePlugin.ImageFileDirectory_v2()
        tags[270], tags[306], tags[315] = SECRET, "2024:05:01 10:00:00", SECRET
        image.save(out, form, tiffinfo=tags, compression="tiff_lzw", resolution=300.0)
    return out.getvalue()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF"])
def test_remarks_go_and_pixels_stay(form: str) -> None:
    data = picture(form) + SECRET.encode()
    out = rewrite_image(data, "a")
    assert SECRET.encode() in data and SECRET.encode() not in out and b"2024:05" not in out
    assert np.array_equal(pixels(out), pixels(data))
    assert rewrite_image(out, "a") == out


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_the_physical_size_stays(form: str) -> None:
    dpi = Image.open(io.BytesIO(rewrite_image(picture(form), "a"))).info["dpi"]
    assert [round(float(side)) for side in dpi] == [300, 300]


def test_which_way_is_up_stays() -> None:
    out = rewrite_image(picture("JPEG", orientation=6), "a")
    assert Image.open(io.BytesIO(out)).getexif()[0x0112] == 6
    assert SECRET.encode() not in out


def test_a_tiff_of_several_pages_is_refused() -> None:
    out = io.BytesIO()
    page = Image.fromarray(PIXELS)
    page.save(out, "TIFF", save_all=True, append_images=[page])
    with pytest.raises(Undeclared, match="several pages"):
        rewrite_image(out.getvalue(), "a.tif")


@settings(max_examples=150)
@given(st.sampled_from(["PNG", "JPEG", "TIFF"]), st.data())
def test_damage_is_taken_or_refused(form: str, data: st.DataObject) -> None:
    whole = bytearray(picture(form))
    for _ in range(data.draw(st.integers(0, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(whole[: data.draw(st.integers(2, len(whole)))])
    with contextlib.suppress(InputError):
        rewrite_image(cut, "a")
