"""The number of a finding: a probability only where everything that makes it one holds.

number_of(score, of=15, calibrator=calibrator, site=site, study=study)
"""

from osler.assess.study import Study
from osler.judge.calibrator import Calibrator
from osler.judge.contract import unmet
from osler.judge.number import Probability, Score, Site

__all__ = ["number_of"]


def number_of(
    score: float, *, of: int, what: str, calibrator: Calibrator, site: Site, study: Study
) -> Probability | Score:
    """The highest of `of` scores, as the calibrator judges it for this site and this study.

    It stays a score for the highest of several, since the calibrator was fitted on single ones,
    and wherever the input does not keep the whole contract.
    """
    if of > 1:
        return Score(
            value=score, because=f"the highest of {of} {what}; the calibrator knows single ones"
        )
    broken = unmet(study.notes)
    if broken:
        return Score(value=score, because=f"outside the model's contract: {broken[0]}")
    return calibrator.judge(score, site)
