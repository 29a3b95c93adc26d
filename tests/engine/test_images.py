"""The image model: scores that repeat to the bit, and maps that add up."""

import numpy as np
import pytest
import torch

from osler.engine.adapter import load_adapter
from osler.engine.images import ImageModel, adapted, softmax, turned
from osler.errors import ModelAltered
from osler.judge.specialty import Specialty
from osler.model.efficientnet import load_efficientnet
from tests.learn.painted import paint


@pytest.fixture(scope="module")
def model(painted: Specialty) -> ImageModel:
    return ImageModel(painted)


def test_it_tells_the_colours_apart(model: ImageModel) -> None:
    scores = model.scores([paint(i % 2, 1000 + i) for i in range(10)])
    assert scores.shape == (10, 2)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores.sum(axis=1), 1)
    assert (scores.argmax(axis=1) == np.arange(10) % 2).mean() >= 0.9


def test_a_score_does_not_depend_on_its_neighbours(model: ImageModel) -> None:
    pictures = [paint(i % 2, 2000 + i) for i in range(5)]
    together = model.scores(pictures)
    backwards = model.scores(pictures[::-1])[::-1]
    alone = np.concatenate([model.scores([picture]) for picture in pictures])
    assert together.tobytes() == backwards.tobytes() == alone.tobytes()


def test_threads_set_by_others_do_not_change_a_bit(model: ImageModel) -> None:
    before = torch.get_num_threads()
    expected = model.scores([paint(1, 7)])
    try:
        torch.set_num_threads(2)
        assert model.scores([paint(1, 7)]).tobytes() == expected.tobytes()
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_a_second_load_gives_the_same_bytes(painted: Specialty, model: ImageModel) -> None:
    picture = paint(0, 8)
    assert ImageModel(painted).scores([picture]).tobytes() == model.scores([picture]).tobytes()


def test_no_pictures_give_no_scores(model: ImageModel) -> None:
    assert model.scores([]).shape == (0, 2)


@pytest.mark.parametrize("seed", range(3))
def test_the_map_adds_up_to_the_log_odds(model: ImageModel, seed: int) -> None:
    picture = paint(seed % 2, 3000 + seed, side=96)
    score = model.scores([picture])[0, 1]
    cells = model.evidence_map(picture)
    assert cells.ndim == 2
    assert cells.sum() == pytest.approx(np.log(score / (1 - score)), abs=1e-4)
    np.testing.assert_allclose(model.evidence_map(picture, "normal"), -cells, atol=1e-5)


def test_every_view_turns_back() -> None:
    x = torch.arange(9.0).reshape(3, 3)
    views = [turned(x, view) for view in range(8)]
    assert len({tuple(v.flatten().tolist()) for v in views}) == 8
    assert all(torch.equal(turned(v, i, back=True), x) for i, v in enumerate(views))


def test_softmax_of_large_logits_is_finite() -> None:
    given = np.array([[1000.0, 0.0], [0.0, 0.0]])
    np.testing.assert_allclose(softmax(given), np.array([[1.0, 0.0], [0.5, 0.5]]))


def test_a_difference_without_a_place_is_refused(painted: Specialty) -> None:
    delta = load_adapter(painted).tensor("delta.head.conv.weight")
    with pytest.raises(ModelAltered, match="no place"):
        adapted(load_efficientnet(), {"delta.tail.weight": delta})
    with pytest.raises(ModelAltered, match="no place"):
        adapted(load_efficientnet(), {"delta.stem.conv.weight": delta})
