"""Promise 1: nothing is called a probability without a calibrator for this very population."""

import math

import pytest

from osler.judge.number import Population, Probability, Score, Site

from .examples import POPULATION, calibrator


@pytest.mark.parametrize(
    "populations",
    [(), ("elsewhere",), (POPULATION.upper(),), (POPULATION + " ",), (POPULATION[:-1],)],
)
def test_no_probability_without_the_matching_population(populations: tuple[str, ...]) -> None:
    made = calibrator()
    for score in (0.0, 0.3, 1.0):
        judged = made.judge(score, Site(name="St Elsewhere", populations=populations))
        assert isinstance(judged, Score)
        assert judged.value == score
        assert POPULATION in judged.because
        assert "St Elsewhere" in judged.because
        assert str(judged) == f"score {score:.2f}"


def test_a_probability_says_who_made_it_one() -> None:
    made = calibrator()
    judged = made.judge(0.9, Site(name="here", populations=("other", POPULATION)))
    assert isinstance(judged, Probability)
    assert judged.calibrator == made.digest
    assert judged.population == made.population
    assert judged.population.prevalence == 0.525
    assert judged.low <= judged.value <= judged.high
    assert str(judged).startswith("probability ")


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_no_probability(score: float) -> None:
    judged = calibrator().judge(score, Site(name="here", populations=(POPULATION,)))
    assert isinstance(judged, Score)


@pytest.mark.parametrize(
    ("low", "value", "high"),
    [(0.5, 0.4, 0.6), (0.1, 0.7, 0.6), (-0.1, 0, 1), (0, 1, 1.1), (0.1, math.nan, 0.2)],
)
def test_a_probability_lies_in_its_interval(low: float, value: float, high: float) -> None:
    someone = Population(name="p", cases=1, prevalence=0.1, fitted_on="2026-01-01")
    with pytest.raises(ValueError, match="no probability"):
        Probability(value=value, low=low, high=high, calibrator="c", population=someone)
