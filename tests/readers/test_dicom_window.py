"""Grey values against the formulas of PS3.3 C.11, written out here once more."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .dicom_cases import parsed, picture, saved

pydicom = pytest.importorskip("pydicom")

from osler.readers.dicom_frame import dicom_frame  # noqa: E402
from osler.readers.dicom_groups import frame_header  # noqa: E402
from osler.readers.dicom_window import grey_levels, rescaled  # noqa: E402

RAMP = np.arange(-512, 512, dtype=np.int16).reshape(32, 32)


def shown(stored: np.ndarray = RAMP, **elements: Any) -> np.ndarray:
    return grey_levels(stored, frame_header(picture(stored, **elements)))


def linear(x: float, centre: float, width: float) -> float:
    """C.11.2.1.2.1, as the standard's pseudo-code has it, with y from 0 to 1."""
    if x <= centre - 0.5 - (width - 1) / 2:
        return 0
    if x > centre - 0.5 + (width - 1) / 2:
        return 1
    return (x - (centre - 0.5)) / (width - 1) + 0.5


@given(st.integers(-400, 400), st.integers(1, 900))
def test_linear(centre: int, width: int) -> None:
    expected = [linear(float(x), centre, width) for x in RAMP.ravel()]
    found = shown(WindowCenter=centre, WindowWidth=width)
    assert np.allclose(found.ravel(), expected)


def test_linear_exact_and_sigmoid() -> None:
    x = RAMP.astype(float)
    window: dict[str, Any] = {"WindowCenter": 40, "WindowWidth": 80}
    exact = shown(**window, VOILUTFunction="LINEAR_EXACT")
    assert np.allclose(exact, np.clip((x - 40) / 80 + 0.5, 0, 1))
    sigmoid = shown(**window, VOILUTFunction="SIGMOID")
    assert np.allclose(sigmoid, 1 / (1 + np.exp(-4 * (x - 40) / 80)))


def test_the_window_is_of_rescaled_values() -> None:
    changed = shown(RescaleSlope=2, RescaleIntercept=-100, WindowCenter=0, WindowWidth=101)
    assert np.allclose(changed[16, 0:60], [linear(2.0 * x - 100, 0, 101) for x in RAMP[16]])


def test_a_dull_frame_is_not_stretched_within_its_window() -> None:
    flat = np.full((8, 8), 20, np.int16)
    flat[0, 0] = 30
    found = shown(flat, WindowCenter=50, WindowWidth=101)
    assert found.min() == pytest.approx(0.205) and found.max() == pytest.approx(0.305)


def test_the_first_of_several_windows_is_taken() -> None:
    several = shown(WindowCenter=[40, 300], WindowWidth=[80, 20])
    assert np.array_equal(several, shown(WindowCenter=40, WindowWidth=80))


@pytest.mark.parametrize("width", [0, -5, 0.5])
def test_a_window_that_cannot_be_states_nothing(width: float) -> None:
    assert np.array_equal(shown(WindowCenter=40, WindowWidth=width), shown())


def test_padding_does_not_stretch_the_picture() -> None:
    padded = RAMP // 8
    plain = shown(padded[4:])
    padded = padded.copy()
    padded[:4] = -2000
    assert np.allclose(shown(padded, PixelPaddingValue=-2000)[4:], plain)
    assert not np.allclose(shown(padded)[4:], plain)
    padded[:2] = -2001
    ranged = shown(padded, PixelPaddingValue=-2001, PixelPaddingRangeLimit=-2000)
    assert np.allclose(ranged[4:], plain)


def test_monochrome1_is_the_inverse() -> None:
    window: dict[str, Any] = {"WindowCenter": 0, "WindowWidth": 400}
    inverse = shown(**window, PhotometricInterpretation="MONOCHROME1")
    assert np.allclose(inverse, 1 - shown(**window))


@pytest.mark.parametrize("name", ["mlut_18.dcm", "vlut_04.dcm"])
def test_tables_give_what_pydicom_gives(name: str) -> None:
    dataset = parsed(name)
    values = pydicom.pixels.apply_modality_lut(dataset.pixel_array, dataset)
    assert np.array_equal(rescaled(dataset.pixel_array, frame_header(dataset)), values)
    grey = dicom_frame(saved(dataset))[..., 0]
    if dataset.get("VOILUTSequence"):
        table = pydicom.pixels.apply_voi(values, dataset)
        bits = dataset.VOILUTSequence[0].LUTDescriptor[2]
        assert np.abs(grey.astype(int) - np.round(table / (2**bits - 1) * 255)).max() <= 1
    assert grey.min() < 40 < 200 < grey.max()
