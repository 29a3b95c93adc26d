"""From a raw score to a probability with an interval, by inductive Venn-Abers prediction.

    calibrator = fit_calibrator(scores, truth, ...)       (osler.judge.fit)
    calibrator.judge(0.83, site)      Probability where the site's population matches, else Score
    calibrator.prediction_set(0.83)   class-conditional conformal set

Source: Vovk, Petej and Fedorova 2015, "Large-scale probabilistic predictors with and without
guarantees of validity", section 3 (p0, p1; point estimate p1 / (1 - p0 + p1)); conformal sets:
Vovk 2012, "Conditional validity of inductive conformal predictors", label-conditional.
"""

import json
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import isfinite
from typing import Any, Self

from osler.errors import ModelAltered
from osler.judge.number import Population, Probability, Score, Site
from osler.record.source import digest_of

__all__ = ["Calibrator"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrator:
    """Step functions p0 and p1 over the score, and conformal thresholds for both labels.

    `steps` are score values, ascending; `p0[i]` and `p1[i]` hold for scores nearest above
    `steps[i]`. `keep_positive` is the least score at which the positive label stays in the
    prediction set, `keep_negative` the greatest at which the negative one does, each at
    `1 - alpha` coverage of its own class.
    """

    name: str
    population: Population
    steps: tuple[float, ...]
    p0: tuple[float, ...]
    p1: tuple[float, ...]
    alpha: float
    keep_positive: float
    keep_negative: float

    def interval(self, score: float) -> tuple[float, float]:
        """The Venn-Abers pair (p0, p1) at a score."""
        i = min(bisect_left(self.steps, score), len(self.steps) - 1)
        if i > 0 and score - self.steps[i - 1] < self.steps[i] - score:
            i -= 1
        low, high = sorted((self.p0[i], self.p1[i]))
        return low, high

    def point(self, score: float) -> float:
        """The single probability that minimises regret under log loss."""
        low, high = self.interval(score)
        # Rounding must not carry it out of its own interval when the two ends meet.
        return min(max(high / (1 - low + high), low), high)

    def judge(self, score: float, site: Site) -> Probability | Score:
        """A probability where the site belongs to the population; else the score, with why."""
        if not isfinite(score):
            return Score(value=score, because="the model gave no finite number")
        if self.population.name not in site.populations:
            return Score(
                value=score,
                because=f"calibrated on {self.population.name}, and {site.name} has not been "
                "shown to be like it",
            )
        low, high = self.interval(score)
        return Probability(
            value=self.point(score),
            low=low,
            high=high,
            calibrator=self.digest,
            population=self.population,
        )

    def prediction_set(self, score: float) -> tuple[bool, ...]:
        """The labels (True: positive) that cannot be ruled out at `1 - alpha`; may be empty."""
        kept = []
        if score >= self.keep_positive:
            kept.append(True)
        if score <= self.keep_negative:
            kept.append(False)
        return tuple(kept)

    @property
    def digest(self) -> str:
        """The calibrator's name in the ledger: SHA-256 of its JSON."""
        return digest_of(json.dumps(self.to_json(), sort_keys=True).encode())

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, readable by a person."""
        return asdict(self)

    @classmethod
    def from_json(cls, whole: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`; raises `ModelAltered` when it makes no sense."""
        try:
            fields = dict(whole)
            fields["population"] = Population(**fields["population"])
            for name in ("steps", "p0", "p1"):
                fields[name] = tuple(float(number) for number in fields[name])
            made = cls(**fields)
            wrong = made._wrong()
        except (KeyError, TypeError, ValueError) as error:
            raise ModelAltered(f"a calibrator file lacks {error}: install it again") from error
        if wrong:
            raise ModelAltered(f"a calibrator's {wrong}: install it again")
        return made

    def _wrong(self) -> str:
        """What cannot be in a calibrator that was fitted, or nothing."""
        if not len(self.steps) == len(self.p0) == len(self.p1) > 0:
            return "steps and probabilities are not equally many"
        if not all(a < b for a, b in pairwise(self.steps)):
            return "steps are out of order"
        if not all(0 <= a <= b <= 1 for a, b in zip(self.p0, self.p1, strict=True)):
            return "probabilities are none"
        if not 0 < self.alpha < 1 or not 0 <= self.population.prevalence <= 1:
            return "alpha or prevalence is none"
        if not (isfinite(self.keep_positive) and isfinite(self.keep_negative)):
            return "conformal thresholds are no numbers"
        return ""
