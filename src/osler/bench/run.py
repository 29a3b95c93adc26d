"""Measures an installed specialty on a folder of labelled examples.

    result = run(find_specialty("histology"), folder, part="validation")
    result.to_json()["auroc"]                 {"value", "low", "high", "n", "groups"}

What the specialty learned from is left out first, by the digest of the file and with it the rest
of its group (patient, record), and how many were left out is part of the result.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from osler.engine.adapter import load_adapter, load_tensors
from osler.engine.settings import NumericSettings
from osler.errors import ModelAltered, WrongUse
from osler.judge.specialty import Specialty
from osler.learn.evaluate import Evaluation, evaluate
from osler.learn.run import data_digest, recipe_from_json
from osler.learn.specialty import trainer_for
from osler.learn.trainer import Examples

__all__ = ["BenchResult", "run"]

_LEARNED_FROM = ("fit", "tune", "calibrate")


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchResult:
    """One run: what was measured on what, and the evaluation.

    `left_out` counts the items that the specialty had learned from; `others` those of parts that
    were not asked for.
    """

    specialty: str
    version: str
    digest: str
    data: str
    data_digest: str
    part: str | None
    items: int
    left_out: int
    others: int
    settings: NumericSettings
    evaluation: Evaluation

    def to_json(self) -> dict[str, Any]:
        """Metrics at the top, beside what they were measured on."""
        return {
            "specialty": {"name": self.specialty, "version": self.version, "digest": self.digest},
            "data": self.data,
            "data_digest": self.data_digest,
            "part": self.part,
            "n": self.items,
            "left_out": self.left_out,
            "others": self.others,
            "settings": self.settings.to_json(),
            **self.evaluation.to_json(),
        }


def run(
    specialty: Specialty, data: Path, part: str | None = None, *, draws: int | None = None
) -> BenchResult:
    """Evaluate on the folder `data`, or on one part that it states; `draws` of the bootstrap.

    Raises `LearnError` for a folder that cannot be read, `WrongUse` when no example is left, and
    `ModelAltered`.
    """
    recipe = recipe_from_json(specialty.training["recipe"])
    trainer = trainer_for(specialty.network)
    examples = trainer.examples(data, recipe)
    asked = _asked(examples, part)
    rows = asked[~_learned_from(specialty, examples)[asked]]
    if not len(rows):
        raise WrongUse(
            f"nothing in {data} is left to measure {specialty.name} on: of {len(examples)} items "
            f"{len(asked)} are in part '{part or 'any'}', and it learned from all of those"
        )
    weights = load_adapter(specialty).weights
    probe = load_tensors(specialty, "baselines.safetensors").weights
    evaluation = evaluate(
        specialty.task,
        specialty.calibrators,
        trainer.scores(weights, examples, rows, recipe),
        examples.labels[rows],
        [examples.groups[row] for row in rows],
        trainer.probe_scores(probe, examples, rows, recipe),
        _prior(specialty),
        draws,
    )
    return BenchResult(
        specialty=specialty.name,
        version=specialty.version,
        digest=specialty.digest,
        data=data.name,
        data_digest=data_digest(examples),
        part=part,
        items=len(rows),
        left_out=len(asked) - len(rows),
        others=len(examples) - len(asked),
        settings=NumericSettings.here(),
        evaluation=evaluation,
    )


def _asked(examples: Examples, part: str | None) -> np.ndarray:
    if part is None:
        return np.arange(len(examples))
    rows = np.flatnonzero([stated == part for stated in examples.stated])
    if not len(rows):
        stated = sorted({word for word in examples.stated if word}) or ["no parts"]
        raise WrongUse(f"the folder has no part '{part}'; it states {', '.join(stated)}")
    return rows


def _learned_from(specialty: Specialty, examples: Examples) -> np.ndarray:
    """True (n,) for items whose file set a weight, an epoch, a threshold or a calibrator.

    So are the other items of a group that holds such a file: they are of the same patient. A
    group's name alone leaves nothing out, for it may mean somebody else in another collection (two
    hospitals can both have a record 101). A patient of whom the folder holds new files only is
    therefore measured on; where names are known to agree, keep such files out of the folder.
    """
    try:
        parts = [specialty.training["parts"][name] for name in _LEARNED_FROM]
        digests = {digest for part in parts for digest in part["digests"]}
    except KeyError as error:
        raise ModelAltered(
            f"the training record of {specialty.name} lacks {error}: what it learned from cannot "
            "be left out; train it again"
        ) from error
    own = zip(examples.digests, examples.groups, strict=True)
    groups = {group for digest, group in own if digest in digests}
    return np.asarray([group in groups for group in examples.groups])


def _prior(specialty: Specialty) -> np.ndarray:
    counts = specialty.training["parts"]["fit"]["counts"]
    return np.asarray([counts[label] for label in specialty.task.labels], dtype=np.float64)
