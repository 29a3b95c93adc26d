"""The text encoder: unit vectors, the same alone or in a batch, nothing cut in silence."""

import numpy as np
import pytest

from osler.errors import WrongUse
from osler.model.known import check_known
from osler.model.text import LONGEST, WIDTH, TextEncoder
from osler.model.weights import OPEN_WEIGHTS

TEXTS = [
    "Chest pain on exertion.",
    "Angina.",
    "The wrist was broken in a fall three weeks ago and has been in a cast since then.",
    "",
    "Troponin 0.8 ng/mL",
]


def test_known_output(encoder: TextEncoder) -> None:
    check_known("minilm")


def test_unit_vectors(encoder: TextEncoder) -> None:
    vectors = encoder.embed(TEXTS)
    assert vectors.shape == (5, WIDTH)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(5), abs=1e-5)
    assert encoder.digest == OPEN_WEIGHTS["minilm"].digest


def test_a_batch_equals_one_by_one_in_the_order_given(encoder: TextEncoder) -> None:
    texts = [f"{text} {index}" for index in range(8) for text in TEXTS]
    together = encoder.embed(texts)
    alone = np.concatenate([encoder.embed([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-4


def test_nothing_to_embed(encoder: TextEncoder) -> None:
    assert encoder.embed([]).shape == (0, WIDTH)


def test_long_text_is_refused_or_cut_on_request(encoder: TextEncoder) -> None:
    fits = " ".join(["pain"] * (LONGEST - 2))
    assert encoder.pieces(fits) == LONGEST
    longer = fits + " and fever"
    with pytest.raises(WrongUse, match="258 word pieces"):
        encoder.embed([longer])
    assert np.array_equal(encoder.embed([longer], cut=True), encoder.embed([fits]))
