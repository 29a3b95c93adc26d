"""The ECG strip is well-formed SVG at true scale, with the marked beats on it."""

from xml.etree import ElementTree

import numpy as np

from osler.assess.strip import Mark, strip

SVG = "{http://www.w3.org/2000/svg}"


def drawn(marks: list[Mark], start_s: float = 0.0) -> ElementTree.Element:
    samples = np.sin(np.arange(3600) / 30)
    return ElementTree.fromstring(strip(samples, 360.0, "II", marks, start_s, 5.0))


def test_five_seconds_are_125_millimetres_wide() -> None:
    width = float(drawn([]).attrib["viewBox"].split()[2])
    assert width == 5.0 * 25 * 4  # 25 mm a second, 4 units a millimetre


def test_only_beats_inside_the_strip_are_marked() -> None:
    inside = Mark(at_s=6.0, label="V", strong=True)
    outside = Mark(at_s=1.0, label="S", strong=False)
    words = [text.text for text in drawn([inside, outside], start_s=4.0).iter(f"{SVG}text")]
    assert "V" in words
    assert "S" not in words


def test_a_strong_mark_is_shaded() -> None:
    weak = drawn([Mark(at_s=1.0, label="N", strong=False)])
    strong = drawn([Mark(at_s=1.0, label="V", strong=True)])
    assert not list(weak.iter(f"{SVG}rect"))
    assert len(list(strong.iter(f"{SVG}rect"))) == 1


def test_a_lead_has_the_recordings_own_words() -> None:
    drawing = strip(np.zeros(720), 360.0, '<script>"&', [], 0.0, 2.0)
    assert ElementTree.fromstring(drawing).attrib["aria-label"] == 'ECG lead <script>"&'
