"""The size of a pixel: stated and the same both ways, or unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.readers.slide_spacing import spacing_um

OME = '<?xml version="1.0"?><OME><Image><Pixels SizeX="9" {}/></Image></OME>'


def mpp(x: str, y: str, vendor: str = "aperio") -> dict[str, str]:
    return {"openslide.mpp-x": x, "openslide.mpp-y": y, "openslide.vendor": vendor}


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        (mpp("0.25", "0.25"), 0.25),
        (mpp("0.250", "0.252"), 0.251),
        (mpp("0.25", "0.26"), None),
        (mpp("0.25", ""), None),
        (mpp("nan", "nan"), None),
        (mpp("inf", "inf"), None),
        (mpp("-1", "-1"), None),
        (mpp("0", "0"), None),
        (mpp("a lot", "a lot"), None),
        ({}, None),
        (mpp("0.5", "0.5", "generic-tiff"), 0.5),
        (mpp("352.8", "352.8", "generic-tiff"), None),
        ({"openslide.comment": OME.format('PhysicalSizeX="0.5" PhysicalSizeY="0.5"')}, 0.5),
        ({"openslide.comment": OME.format(
            'PhysicalSizeX="500" PhysicalSizeXUnit="nm" PhysicalSizeY="0.5"')}, 0.5),
        ({"openslide.comment": OME.format('PhysicalSizeX="0.5" PhysicalSizeY="2"')}, None),
        ({"openslide.comment": OME.format(
            'PhysicalSizeX="1" PhysicalSizeXUnit="parsec" PhysicalSizeY="1"')}, None),
        ({"openslide.comment": "ImageJ=1.5\nunit=um\n", "tiff.XResolution": "2",
          "tiff.YResolution": "2"}, 0.5),
        ({"openslide.comment": "ImageJ=1.5\nunit=inch\n", "tiff.XResolution": "2",
          "tiff.YResolution": "2"}, None),
        ({"openslide.comment": "ImageJ=1.5\nunit=um\n", "tiff.XResolution": "0",
          "tiff.YResolution": "0"}, None),
    ],
)  # fmt: skip
def test_spacing(properties: dict[str, str], expected: float | None) -> None:
    assert spacing_um(properties) == expected


@given(
    st.dictionaries(
        st.sampled_from(
            ["openslide.comment", "openslide.mpp-x", "openslide.mpp-y", "tiff.XResolution"]
        ),
        st.text(max_size=60) | st.floats().map(str),
    )
)
def test_any_words_give_a_length_or_nothing(properties: dict[str, str]) -> None:
    found = spacing_um(properties)
    assert found is None or 0 < found < float("inf")
