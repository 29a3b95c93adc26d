"""Cross-fitting: a score for every example, from a network that never saw its patient.

    folds = divide_folds(examples, rows, recipe)                 arrays of rows, apart by group
    rows, scores = out_of_fold(trainer, examples, folds, recipe, progress)

A calibrator needs scores on people whom the network did not learn from. Where there are few, one
part set aside for it holds too few of them to stand for the next. So everybody but `validation` is
divided into folds; each is scored by a network trained on the others, and all scores are pooled:
the cross-conformal prediction of Vovk 2015 (Annals of Mathematics and Artificial Intelligence 74,
"Cross-conformal predictors", section 3), by group instead of by example.

The networks serve only for this. The calibrators then stand over the specialty's own weights,
trained by the same recipe; that both err alike on a new patient is an assumption, and coverage
holds for beats or fields drawn from patients like these, not for each patient.
"""

import numpy as np

from osler.errors import LearnError
from osler.learn.recipe import Recipe
from osler.learn.trainer import Examples, Progress, Trainer

__all__ = ["divide_folds", "out_of_fold"]

_FEWEST = 3  # one to score, one to choose the epoch on, and something to learn from


def divide_folds(examples: Examples, rows: np.ndarray, recipe: Recipe) -> tuple[np.ndarray, ...]:
    """Divide `rows` into `recipe.parts.folds` arrays of rows (ascending) that share no group.

    The groups that hold most of anything are placed first, each into the fold that has least of
    what it brings: of each positive label, and of all other rows. The seed of the parts decides
    between equals; the order of the rows does not matter. Raises `LearnError` for fewer than three
    folds, and where a fold would have no example of a positive label.
    """
    count = recipe.parts.folds
    if count < _FEWEST:
        raise LearnError(f"the recipe's parts.folds is {count}: write 0, or {_FEWEST} and more")
    names, member = np.unique(np.asarray(examples.groups, dtype=str)[rows], return_inverse=True)
    shares = _shares(examples.labels[rows], member, len(names), recipe)
    random = np.random.default_rng(recipe.parts.seed).permutation(len(names))
    order = random[np.argsort(-shares.max(axis=1)[random], kind="stable")]
    held = np.zeros((count, shares.shape[1]))
    sizes = np.zeros(count, dtype=np.int64)
    fold_of = np.empty(len(names), dtype=np.int64)
    for group in order:
        # The sum of squared shares over folds and labels grows by this product, twice, and by
        # what no choice of fold changes.
        fold = np.lexsort((sizes, held @ shares[group]))[0]
        fold_of[group] = fold
        held[fold] += shares[group]
        sizes[fold] += 1
    folds = tuple(np.sort(rows[fold_of[member] == fold]) for fold in range(count))
    _check(examples, folds, recipe)
    return folds


def out_of_fold(
    trainer: Trainer,
    examples: Examples,
    folds: tuple[np.ndarray, ...],
    recipe: Recipe,
    progress: Progress,
) -> tuple[np.ndarray, np.ndarray]:
    """All rows (n,) of the folds, ascending, and their scores (n, labels), out of fold.

    For each fold the next one chooses the epoch and all others set the weights: so no row that is
    scored had any part in the network that scores it, and each row serves once for the choice of
    an epoch. `progress` hears the trainer's metrics, with the number of the fold from 1.
    """
    scores = []
    for k, fold in enumerate(folds):
        tune = folds[(k + 1) % len(folds)]
        others = [f for j, f in enumerate(folds) if j not in (k, (k + 1) % len(folds))]
        fit = np.sort(np.concatenate(others))
        weights = trainer.train(examples, fit, tune, recipe, _of_fold(progress, k + 1))
        scores.append(trainer.scores(weights, examples, fold, recipe))
    rows = np.concatenate(folds)
    order = np.argsort(rows)
    return rows[order], np.concatenate(scores)[order]


def _shares(labels: np.ndarray, member: np.ndarray, groups: int, recipe: Recipe) -> np.ndarray:
    """What part of each positive label, and of all other rows, a group holds: (groups, P + 1)."""
    positive = [recipe.task.labels.index(label) for label in recipe.task.positive]
    kinds = np.column_stack([labels == k for k in positive] + [~np.isin(labels, positive)])
    counts = np.zeros((groups, kinds.shape[1]))
    np.add.at(counts, member, kinds)
    return np.asarray(counts / np.maximum(counts.sum(axis=0), 1))


def _check(examples: Examples, folds: tuple[np.ndarray, ...], recipe: Recipe) -> None:
    for label in recipe.task.positive:
        own = recipe.task.labels.index(label)
        if not all(np.any(examples.labels[fold] == own) for fold in folds):
            raise LearnError(
                f"a fold has no example of '{label}': with too few groups that hold one, "
                f"{len(folds)} folds cannot be made; lower the recipe's parts.folds, or add data"
            )


def _of_fold(progress: Progress, fold: int) -> Progress:
    return lambda metrics: progress({"fold": fold, **metrics})
