"""Calibrators as files: the same numbers back, and what was tampered with is refused."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.errors import ModelAltered
from osler.judge.calibrator import Calibrator
from osler.judge.number import Probability, Site

from .examples import POPULATION, calibrator

HERE = Site(name="here", populations=(POPULATION,))


@settings(deadline=None)  # the machine may be busy
@given(score=st.floats(0, 1))
def test_a_calibrator_comes_back_from_its_text(score: float) -> None:
    made = calibrator()
    again = Calibrator.from_json(json.loads(json.dumps(made.to_json())))
    assert again == made
    assert again.digest == made.digest
    assert again.judge(score, HERE) == made.judge(score, HERE)


@settings(deadline=None)  # the machine may be busy
@given(score=st.floats(0, 1), p=st.integers(0, 10**6), width=st.integers(0, 10))
def test_a_point_never_leaves_its_interval(score: float, p: int, width: int) -> None:
    low, high = p / 10**6, min(p + width, 10**6) / 10**6
    made = replace(calibrator(), steps=(0.5,), p0=(low,), p1=(high,))
    judged = made.judge(score, HERE)
    assert isinstance(judged, Probability)
    assert (judged.low, judged.high) == (low, high)


def test_between_two_steps_the_nearer_one_speaks() -> None:
    made = replace(calibrator(), steps=(0.2, 0.6), p0=(0.1, 0.5), p1=(0.2, 0.7))
    for score in (0.0, 0.2, 0.39):
        assert made.interval(score) == (0.1, 0.2)
    for score in (0.41, 0.6, 1.0):
        assert made.interval(score) == (0.5, 0.7)


def test_a_prediction_set_may_hold_both_labels_one_or_none() -> None:
    made = replace(calibrator(), keep_positive=0.3, keep_negative=0.6)
    assert made.prediction_set(0.1) == (False,)
    assert made.prediction_set(0.3) == made.prediction_set(0.6) == (True, False)
    assert made.prediction_set(0.9) == (True,)
    assert replace(made, keep_positive=0.8).prediction_set(0.7) == ()


@pytest.mark.parametrize("name", ["name", "population", "steps", "p0", "alpha", "keep_positive"])
def test_any_edit_changes_the_digest(name: str) -> None:
    whole = calibrator().to_json()
    edited: Any = {
        "name": "other",
        "population": whole["population"] | {"name": "This hospital"},
        "steps": (0.0, *whole["steps"][1:]),
        "p0": (*whole["p0"][:-1], whole["p1"][-1]),
        "alpha": 0.2,
        "keep_positive": 0.123,
    }[name]
    assert Calibrator.from_json(whole | {name: edited}).digest != calibrator().digest


@pytest.mark.parametrize(
    "edit",
    [
        {"steps": (0.5, 0.4)},
        {"steps": (0.5, 0.5), "p0": (0.1, 0.1), "p1": (0.2, 0.2)},
        {"steps": (), "p0": (), "p1": ()},
        {"steps": (0.5,), "p0": (0.1,), "p1": (1.2,)},
        {"steps": (0.5,), "p0": (0.4,), "p1": (0.2,)},
        {"steps": (0.5,), "p0": (-0.1,), "p1": (0.2,)},
        {"steps": (0.5,), "p0": (float("nan"),), "p1": (0.2,)},
        {"steps": ("half",), "p0": (0.1,), "p1": (0.2,)},
        {"p0": None},
        {"population": "everyone"},
        {"population": {"name": "p"}},
        {"alpha": 0},
        {"alpha": "0.1"},
        {"keep_negative": float("nan")},
        {"extra": 1},
    ],
)
def test_a_calibrator_that_makes_no_sense_is_refused(edit: dict[str, Any]) -> None:
    with pytest.raises(ModelAltered, match="install it again"):
        Calibrator.from_json(calibrator().to_json() | edit)


def test_a_calibrator_without_its_parts_is_refused() -> None:
    for name in calibrator().to_json():
        whole = calibrator().to_json()
        del whole[name]
        with pytest.raises(ModelAltered):
            Calibrator.from_json(whole)
