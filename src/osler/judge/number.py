"""The two kinds of number: a raw `Score`, and a `Probability` that can say who made it one.

    calibrator.judge(score, site) -> Probability | Score

Nothing but a calibrator builds a `Probability`, and only for a site whose population is the
one it was fitted on (promise 1 of the design).
"""

from dataclasses import dataclass

__all__ = ["Population", "Probability", "Score", "Site"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Whom a calibrator was fitted on: a name, how many, how common the finding was, when."""

    name: str
    cases: int
    prevalence: float
    fitted_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The hospital that asks: its name, zone, and the populations that its officer vouched for."""

    name: str
    zone: str = "UTC"
    populations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A model's raw number in [0, 1]: higher means more of it, and nothing more.

    `because` says why it is no probability.
    """

    value: float
    because: str

    def __str__(self) -> str:
        return f"score {self.value:.2f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probability:
    """A calibrated probability, its interval and the calibrator that answers for it."""

    value: float
    low: float
    high: float
    calibrator: str
    population: Population

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.value <= self.high <= 1:
            raise ValueError(f"no probability: {self.low} <= {self.value} <= {self.high}")

    def __str__(self) -> str:
        return f"probability {self.value:.0%} ({self.low:.0%} to {self.high:.0%})"
