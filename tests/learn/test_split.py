"""Dividing: no group in two parts, nothing lost, the same every time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import LearnError
from osler.learn.recipe import Parts
from osler.learn.split import PARTS, Division, divide
from osler.learn.trainer import Examples


def _examples(
    groups: list[str], labels: list[int], stated: list[str | None] | None = None
) -> Examples:
    names = tuple(f"{i}.png" for i in range(len(groups)))
    return Examples(
        names=names,
        groups=tuple(groups),
        labels=np.asarray(labels),
        stated=tuple(stated or [None] * len(groups)),
        digests=names,
        inputs=names,
    )


def _single(count: int) -> Examples:
    return _examples([f"g{i:04d}" for i in range(count)], [i % 2 for i in range(count)])


def _rows(division: Division) -> list[int]:
    return sorted([row for _, rows in division.parts() for row in rows] + list(division.aside))


@st.composite
def _crowds(draw: st.DrawFn) -> Examples:
    """Groups of one to six rows with labels of their own, and some stated parts."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=30, max_size=60))
    stated = draw(st.booleans())
    groups, labels, parts = [], [], []
    for i, size in enumerate(sizes):
        groups += [f"g{i}"] * size
        labels += draw(st.lists(st.integers(0, 2), min_size=size, max_size=size))
        word = draw(st.sampled_from(["train", "train", "validation", "test"])) if stated else None
        parts += [word] * size
    if stated:
        parts[-1] = "validation"
    return _examples(groups, labels, parts)


@given(_crowds(), st.integers(0, 5))
def test_every_row_is_in_one_part_and_every_group_too(examples: Examples, seed: int) -> None:
    try:
        division = divide(examples, Parts(seed=seed))
    except LearnError as error:
        assert "no examples are left" in str(error)
        return
    assert _rows(division) == list(range(len(examples)))
    groups = [{examples.groups[row] for row in rows} for _, rows in division.parts()]
    assert sum(map(len, groups)) == len(set().union(*groups))
    for row in division.validation:
        assert examples.stated[row] in (None, "validation")


@given(st.integers(0, 3))
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    examples = _single(60)
    order = np.random.default_rng(seed).permutation(60)
    moved = replace(
        examples,
        names=tuple(examples.names[i] for i in order),
        groups=tuple(examples.groups[i] for i in order),
        labels=examples.labels[order],
    )
    one, two = divide(examples, Parts()), divide(moved, Parts())
    for name in PARTS:
        first = {examples.groups[i] for i in getattr(one, name)}
        assert first == {moved.groups[i] for i in getattr(two, name)}


def test_shares_are_kept_in_every_label() -> None:
    division = divide(_single(200), Parts(tune=0.1, calibrate=0.2, validation=0.3))
    assert {name: len(rows) for name, rows in division.parts()} == {
        "fit": 80,
        "tune": 20,
        "calibrate": 40,
        "validation": 60,
    }
    assert all(np.sum(rows % 2 == 0) * 2 == len(rows) for _, rows in division.parts())


def test_another_seed_divides_otherwise() -> None:
    one, two = divide(_single(100), Parts(seed=1)), divide(_single(100), Parts(seed=2))
    assert not np.array_equal(one.validation, two.validation)


def test_the_folders_own_validation_is_kept() -> None:
    stated: list[str | None] = ["validation" if i < 20 else "train" for i in range(100)]
    examples = replace(_single(100), stated=tuple(stated))
    division = divide(examples, Parts())
    assert division.validation.tolist() == list(range(20))
    assert len(division.tune) == 8
    assert len(division.calibrate) == 16


def test_a_group_on_both_sides_leaves_the_training_side() -> None:
    examples = _single(60)
    stated = tuple("validation" if i < 10 else "train" for i in range(60))
    groups = (*examples.groups[:59], examples.groups[0])
    division = divide(replace(examples, stated=stated, groups=groups), Parts())
    assert division.aside.tolist() == [59]
    assert 0 in division.validation


def test_a_test_part_is_set_aside() -> None:
    stated = tuple("test" if i < 10 else None for i in range(60))
    division = divide(replace(_single(60), stated=stated), Parts())
    assert division.aside.tolist() == list(range(10))


def test_named_groups_go_where_they_are_named() -> None:
    examples = _examples(["a", "b", "c", "d", "e", "a"], [0, 1, 0, 1, 0, 1])
    named = {"fit": ("a",), "tune": ("b",), "calibrate": ("c",), "validation": ("d",)}
    division = divide(examples, Parts(named=named))
    assert division.fit.tolist() == [0, 5]
    assert division.validation.tolist() == [3]
    assert division.aside.tolist() == [4]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (Parts(named={"fit": ("a",), "rest": ("b",)}), "names the part 'rest'"),
        (Parts(named={"fit": ("a",), "tune": ("a",)}), "in fit and in tune"),
        (Parts(named={"fit": ("a",), "tune": ("b",)}), "part 'calibrate'"),
        (Parts(tune=0.5, calibrate=0.5), "leave nothing to fit"),
    ],
)
def test_a_division_that_cannot_be_is_refused(parts: Parts, words: str) -> None:
    with pytest.raises(LearnError, match=words):
        divide(_examples(["a", "b"], [0, 1]), parts)


def test_an_unknown_stated_part_is_named() -> None:
    with pytest.raises(LearnError, match=r"1\.png is in the part 'holdout'"):
        divide(_examples(["a", "b"], [0, 1], ["train", "holdout"]), Parts())


def test_an_empty_folder_is_refused() -> None:
    with pytest.raises(LearnError, match="no examples"):
        divide(_examples([], []), Parts())
