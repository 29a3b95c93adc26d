"""Deletion and insertion: a true map beats chance, a false one does not."""

import numpy as np
import pytest

from osler.errors import WrongUse
from osler.explain.faithfulness import faithfulness

_CELLS = 4


def _picture() -> np.ndarray:
    """Grey, with one bright cell of a 4 x 4 grid at row 1, column 2."""
    image = np.full((64, 64, 3), 90, dtype=np.uint8)
    image[16:32, 32:48] = 255
    return image


def _brightness(images: list[np.ndarray]) -> np.ndarray:
    """A model that looks at that cell and at nothing else."""
    return np.asarray([image[16:32, 32:48].mean() / 255 for image in images])


def _map(row: int, column: int) -> np.ndarray:
    cells = np.zeros((_CELLS, _CELLS))
    cells[row, column] = 1
    return cells


def test_the_true_map_is_better_than_random() -> None:
    judged = faithfulness(_brightness, _picture(), _map(1, 2))
    assert judged.deletion < judged.random_deletion
    assert judged.insertion > judged.random_insertion
    assert judged.better_than_random


def test_the_opposite_map_is_not() -> None:
    judged = faithfulness(_brightness, _picture(), -_map(1, 2))
    assert not judged.better_than_random
    assert judged.deletion > judged.random_deletion


def test_a_model_that_looks_at_nothing_has_no_faithful_map() -> None:
    judged = faithfulness(lambda images: np.full(len(images), 0.5), _picture(), _map(1, 2))
    assert judged.deletion == pytest.approx(0.5)
    assert judged.insertion == pytest.approx(0.5)
    assert not judged.better_than_random


def test_the_area_of_a_cell_removed_first_is_exact() -> None:
    """With 16 steps over 16 cells the score falls at the first step and stays."""
    image = _picture()
    ends = _brightness([image])[0]
    judged = faithfulness(_brightness, image, _map(1, 2), steps=16, random_maps=1)
    low = (judged.deletion - ends / 32) / (1 - 1 / 32)
    assert 90 / 255 <= low < ends


def test_the_same_seed_gives_the_same_numbers() -> None:
    first = faithfulness(_brightness, _picture(), _map(0, 0), seed=3)
    assert first == faithfulness(_brightness, _picture(), _map(0, 0), seed=3)
    assert first != faithfulness(_brightness, _picture(), _map(0, 0), seed=4)


def test_it_asks_as_often_as_it_says() -> None:
    asked: list[int] = []

    def score(images: list[np.ndarray]) -> np.ndarray:
        asked.append(len(images))
        return np.zeros(len(images))

    faithfulness(score, _picture(), _map(0, 0), steps=8, random_maps=3)
    assert sum(asked) == 2 * 7 * 4 + 2


@pytest.mark.parametrize("shape", [(4,), (1, 1), (2, 2, 2)])
def test_a_map_of_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(WrongUse, match="shape"):
        faithfulness(_brightness, _picture(), np.zeros(shape))
