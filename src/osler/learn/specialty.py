"""From a recipe and a folder of examples to a sealed specialty.

    folder = learn_specialty(histology(), data, out, report, date="2026-11-23")

Divide, train, choose the threshold, calibrate, measure, write, seal. The specialty is made in a
folder beside its place and renamed at the end: what stands under its name is whole.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from osler.engine.adapter import save_adapter
from osler.engine.settings import NumericSettings
from osler.errors import LearnError
from osler.judge.calibrator import Calibrator
from osler.judge.fit import fit_calibrator
from osler.judge.specialty import Specialty, seal_folder
from osler.judge.task import Task
from osler.learn.card import card, specialty_toml
from osler.learn.cross import divide_folds, out_of_fold
from osler.learn.evaluate import Evaluation, evaluate
from osler.learn.recipe import Recipe
from osler.learn.run import Run, data_digest, recipe_to_json
from osler.learn.split import Division, divide
from osler.learn.trainer import Examples, Progress, Trainer, Weights
from osler.model.weights import OPEN_WEIGHTS

__all__ = ["Report", "choose_threshold", "learn_specialty", "trainer_for"]

Report = Callable[[str, Mapping[str, float | int]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Learned:
    """Everything that goes into the folder."""

    recipe: Recipe
    weights: Weights
    probe: Weights
    calibrators: Mapping[str, Calibrator]
    training: Mapping[str, Any]
    evaluation: Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unseen:
    """Scores (n, labels) and truth (n,) to calibrate on, and whence they are."""

    scores: np.ndarray
    truth: np.ndarray
    about: Mapping[str, Any]


def learn_specialty(
    recipe: Recipe,
    data: Path,
    out: Path,
    report: Report,
    *,
    date: str,
    run_folder: Path | None = None,
    draws: int | None = None,
) -> Path:
    """Make the specialty folder `out` from the examples in `data`; returns `out`.

    `report` hears ("divided", rows of each part), ("epoch", metrics) once an epoch (of
    cross-fitting with the number of the fold), ("measured", metrics on `validation`) and ("sealed",
    sizes). `date` (ISO) goes into calibrators and card.
    `run_folder` keeps resolved recipe and metrics, also of a run that fails; `draws` is the
    bootstrap's. A specialty already in `out` is replaced, anything else there is not. Raises
    `LearnError`, and `WeightsMissing` where the base is not set up.
    """
    _check_place(out)
    trainer = trainer_for(recipe.network)
    examples = trainer.examples(data, recipe)
    division = divide(examples, recipe.parts)
    _check_classes(examples, division, recipe)
    folds = _folds(examples, division, recipe)
    report("divided", {name: len(rows) for name, rows in division.parts()})
    run = Run.start(run_folder, recipe, examples) if run_folder else None

    def progress(metrics: Mapping[str, float | int]) -> None:
        if run:
            run.write(metrics)
        report("epoch", metrics)

    weights = trainer.train(examples, division.fit, division.tune, recipe, progress)
    unseen = _unseen(trainer, examples, division, folds, recipe, weights, progress)
    learned = _finish(trainer, examples, division, recipe, weights, unseen, date, draws)
    found = {name: value.value for name, value in learned.evaluation.metrics.items()}
    report("measured", found)
    if run:
        run.write(found)
    _publish(learned, out, date)
    report("sealed", {"bytes": sum(p.stat().st_size for p in out.iterdir())})
    return out


def trainer_for(network: str) -> Trainer:
    """The trainer of a kind of network; raises `LearnError` for an unknown one."""
    match network:
        case "image-classifier":
            from osler.learn.images import ImageTrainer

            return ImageTrainer()
        case "beat-classifier":
            from osler.learn.beats import BeatTrainer

            return BeatTrainer()
        case _:
            raise LearnError(
                f"no trainer for the network '{network}'; there are image-classifier and "
                "beat-classifier"
            )


def choose_threshold(scores: np.ndarray, truth: np.ndarray) -> float:
    """The operating point on scores (n,) that maximises Youden's J for truth (n,) in {0, 1}.

    Between two neighbouring scores any point does as well: the middle is taken; of several best
    ones, that nearest to one half.
    """
    steps = np.unique(scores)
    middles = np.concatenate([[0.0], (steps[1:] + steps[:-1]) / 2, [1.0]])
    called = scores[None, :] >= middles[:, None]
    found = called[:, truth == 1].mean(axis=1)
    spared = 1 - called[:, truth == 0].mean(axis=1)
    best = found + spared
    ties = middles[best >= best.max() - 1e-12]
    return round(float(ties[np.argmin(np.abs(ties - 0.5))]), 6)


def _check_place(out: Path) -> None:
    if out.exists() and not (out / "specialty.toml").is_file() and any(out.iterdir()):
        raise LearnError(f"{out} exists and is no specialty: name another folder")


def _check_classes(examples: Examples, division: Division, recipe: Recipe) -> None:
    """Every label must be there to be learned, and the positive ones in every part."""
    for part, rows in division.parts():
        present = set(examples.labels[rows].tolist())
        for k, label in enumerate(recipe.task.labels):
            if k not in present and (part == "fit" or label in recipe.task.positive):
                raise LearnError(
                    f"the part '{part}' has no example of '{label}': add data, or divide it "
                    "otherwise (recipe.parts)"
                )


def _folds(examples: Examples, division: Division, recipe: Recipe) -> tuple[np.ndarray, ...]:
    """The folds of all but `validation`; none where the recipe calibrates on `calibrate`."""
    if not recipe.parts.folds:
        return ()
    rows = np.concatenate([division.fit, division.tune, division.calibrate])
    return divide_folds(examples, np.sort(rows), recipe)


def _unseen(
    trainer: Trainer,
    examples: Examples,
    division: Division,
    folds: tuple[np.ndarray, ...],
    recipe: Recipe,
    weights: Weights,
    progress: Progress,
) -> _Unseen:
    """Scores by networks that have not seen the rows: those out of fold, or of `calibrate`."""
    if folds:
        rows, scores = out_of_fold(trainer, examples, folds, recipe, progress)
    else:
        rows = division.calibrate
        scores = trainer.scores(weights, examples, rows, recipe)
    names = [sorted({examples.groups[row] for row in fold}) for fold in folds]
    about = {
        "fitted_on": "out-of-fold" if folds else "calibrate",
        "groups": len({examples.groups[row] for row in rows}),
        "folds": names,
    }
    return _Unseen(scores=scores, truth=examples.labels[rows], about=about)


def _finish(
    trainer: Trainer,
    examples: Examples,
    division: Division,
    recipe: Recipe,
    weights: Weights,
    unseen: _Unseen,
    date: str,
    draws: int | None,
) -> _Learned:
    """Threshold and calibrators on what was not seen, then the figures on `validation`."""
    truth, scores = unseen.truth, unseen.scores
    task = _with_threshold(recipe.task, scores, truth)
    recipe = replace(recipe, task=task)
    calibrators = {
        label: fit_calibrator(
            scores[:, task.labels.index(label)].tolist(),
            (truth == task.labels.index(label)).tolist(),
            name=f"{recipe.name}/{label}",
            population=recipe.population,
            fitted_on=date,
        )
        for label in task.positive
    }
    probe = trainer.probe(examples, division.fit, recipe)
    rows = division.validation
    evaluation = evaluate(
        task,
        calibrators,
        trainer.scores(weights, examples, rows, recipe),
        examples.labels[rows],
        [examples.groups[row] for row in rows],
        trainer.probe_scores(probe, examples, rows, recipe),
        np.bincount(examples.labels[division.fit], minlength=len(task.labels)),
        draws,
    )
    return _Learned(
        recipe=recipe,
        weights=weights,
        probe=probe,
        calibrators=calibrators,
        training=_training(examples, division, recipe, date) | {"calibrators": unseen.about},
        evaluation=evaluation,
    )


def _with_threshold(task: Task, scores: np.ndarray, truth: np.ndarray) -> Task:
    if len(task.labels) != 2:
        return task
    positive = task.labels.index(task.positive[0])
    return replace(task, threshold=choose_threshold(scores[:, positive], truth == positive))


def _training(examples: Examples, division: Division, recipe: Recipe, date: str) -> dict[str, Any]:
    """What `training.json` holds: enough to repeat the run, and to know what it has seen."""
    settings = NumericSettings.here()
    return {
        "recipe": recipe_to_json(recipe),
        "seed": recipe.seed,
        "date": date,
        "data_digest": data_digest(examples),
        "code": settings.code,
        "torch": settings.torch,
        "processor": settings.processor,
        "set_aside": len(division.aside),
        "parts": {
            name: _part(examples, rows, recipe.task, named=name != "validation")
            for name, rows in division.parts()
        },
    }


def _part(examples: Examples, rows: np.ndarray, task: Task, *, named: bool) -> dict[str, Any]:
    """Class counts; and, where weights or thresholds depend on the part, what stood in it."""
    counts = np.bincount(examples.labels[rows], minlength=len(task.labels)).tolist()
    part: dict[str, Any] = {"counts": dict(zip(task.labels, counts, strict=True))}
    if named:
        part["digests"] = sorted({examples.digests[row] for row in rows})
        groups = {examples.groups[row] for row in rows}
        # Where a file is its own group the two lists would be the same.
        part["groups"] = sorted(groups - set(part["digests"]))
    return part


def _publish(learned: _Learned, out: Path, date: str) -> None:
    """Write everything into a folder beside `out`, look at it as a reader would, and rename it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
    try:
        _write(learned, part, date)
        seal_folder(part)
        part.chmod(0o755)
        Specialty.load(part)
        if out.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".old", dir=out.parent))
            os.replace(out, old / out.name)
            os.replace(part, out)
            shutil.rmtree(old)
        else:
            os.replace(part, out)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _write(learned: _Learned, folder: Path, date: str) -> None:
    recipe = learned.recipe
    base = OPEN_WEIGHTS.get(recipe.base)
    about = {
        "base": recipe.base,
        "base_digest": base.digest if base else None,
        "recipe": recipe.name,
        "version": recipe.version,
        "extra": dict(recipe.extra),
    }
    save_adapter(folder / "adapter.safetensors", learned.weights, about)
    save_adapter(folder / "baselines.safetensors", learned.probe, about)
    calibrators = {label: c.to_json() for label, c in learned.calibrators.items()}
    texts = {
        "specialty.toml": specialty_toml(recipe),
        "calibrators.json": json.dumps(calibrators, sort_keys=True) + "\n",
        "training.json": json.dumps(learned.training, indent=1, sort_keys=True) + "\n",
        "README.md": card(recipe, learned.training, learned.evaluation, date),
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
