"""Known outputs: one for every network, and a difference is an error."""

from types import MappingProxyType

import numpy as np
import pytest

from osler.errors import ModelAltered, NotFound
from osler.model import known
from osler.model.efficientnet import EfficientNetLite0
from osler.model.weights import OPEN_WEIGHTS


def test_every_network_has_one() -> None:
    assert set(known.known_outputs()) == set(OPEN_WEIGHTS)


def test_unknown_name() -> None:
    with pytest.raises(NotFound, match="smollm2"):
        known.check_known("gpt")


def test_the_picture_is_in_range() -> None:
    picture = known.known_picture()
    assert picture.shape == (224, 224, 3)
    assert 0 <= picture.min() < picture.max() <= 1
    assert float(picture.sum()) == pytest.approx(75305.546, abs=0.001)


@pytest.mark.parametrize(
    ("words", "shift"), [("class 806", 0.0), ("class 807", 0.01), ("class 807", np.nan)]
)
def test_a_difference_is_an_error(
    network: EfficientNetLite0, monkeypatch: pytest.MonkeyPatch, words: str, shift: float
) -> None:
    right = known.known_outputs()["efficientnet-lite0"].numbers
    answer = (words, (right[0] + shift, *right[1:]))
    answers = MappingProxyType({"efficientnet-lite0": lambda: answer})
    monkeypatch.setattr(known, "_ANSWERS", answers)
    with pytest.raises(ModelAltered, match="does not give its known output"):
        known.check_known("efficientnet-lite0")
