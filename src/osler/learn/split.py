"""Divides examples into parts that share no group: a patient or record stands in one part only.

    division = divide(examples, recipe.parts)
    division.fit, division.tune, division.calibrate, division.validation    rows of `examples`

`fit` sets the weights, `tune` chooses the epoch, `calibrate` the threshold and the calibrators,
and `validation` serves the figures alone. The division depends on the names of the groups
and the seed, never on the order of the rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from osler.errors import LearnError
from osler.learn.recipe import Parts
from osler.learn.trainer import Examples

__all__ = ["PARTS", "Division", "divide"]

PARTS = ("fit", "tune", "calibrate", "validation")
# What folders call their parts. A test part is set aside: nothing here may learn from it.
_STATED = {
    "fit": "fit",
    "train": "fit",
    "tune": "tune",
    "calibrate": "calibrate",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "aside",
}


def _no_rows() -> np.ndarray:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """Rows (integer arrays, ascending) of each part; `aside` are those of no part.

    Set aside are the rows of a stated test part, of groups that `Parts.named` does not name, and
    training rows whose group also stands in a later part (the same image filed twice, say).
    """

    fit: np.ndarray
    tune: np.ndarray
    calibrate: np.ndarray
    validation: np.ndarray
    aside: np.ndarray = field(default_factory=_no_rows)

    def parts(self) -> Iterator[tuple[str, np.ndarray]]:
        """The four parts by name, in order of use."""
        return ((name, getattr(self, name)) for name in PARTS)


def divide(examples: Examples, parts: Parts) -> Division:
    """Divide by `parts`; raises `LearnError` for an unknown part or one that comes out empty."""
    if not len(examples):
        raise LearnError("the folder holds no examples to divide")
    groups = np.asarray(examples.groups, dtype=str)
    if parts.named:
        assigned = _by_name(groups, parts.named)
    else:
        assigned = _stated(examples)
        _settle_shared_groups(assigned, groups)
        _share_out(assigned, groups, examples.labels, parts)
    rows = {name: np.flatnonzero(assigned == name) for name in (*PARTS, "aside")}
    for name in PARTS:
        if not len(rows[name]):
            raise LearnError(
                f"no examples are left for the part '{name}' ({len(examples)} in "
                f"{len(set(examples.groups))} groups): add data or change the recipe's shares"
            )
    return Division(**rows)


def _by_name(groups: np.ndarray, named: Mapping[str, tuple[str, ...]]) -> np.ndarray:
    """The part of each row where the recipe names whole groups."""
    unknown = sorted(set(named) - set(PARTS))
    if unknown:
        raise LearnError(f"the recipe names the part '{unknown[0]}'; there are {', '.join(PARTS)}")
    place: dict[str, str] = {}
    for part, members in named.items():
        for group in members:
            if place.setdefault(group, part) != part:
                raise LearnError(f"the recipe puts group {group} in {place[group]} and in {part}")
    return np.asarray([place.get(group, "aside") for group in groups.tolist()], dtype="<U10")


def _stated(examples: Examples) -> np.ndarray:
    """The part that the folder states for each row; `fit` where it states none."""
    assigned = np.full(len(examples), "fit", dtype="<U10")
    for row, word in enumerate(examples.stated):
        if word is None:
            continue
        if word.strip().casefold() not in _STATED:
            raise LearnError(
                f"{examples.names[row]} is in the part '{word}'; "
                f"write one of {', '.join(_STATED)}, or leave the column out"
            )
        assigned[row] = _STATED[word.strip().casefold()]
    return assigned


def _settle_shared_groups(assigned: np.ndarray, groups: np.ndarray) -> None:
    """Where one group is stated in several parts, its rows stay only in the last of them."""
    order = (*PARTS, "aside")
    rank = np.asarray([order.index(part) for part in assigned.tolist()])
    _, member = np.unique(groups, return_inverse=True)
    last = np.zeros(member.max() + 1, dtype=np.int64)
    np.maximum.at(last, member, rank)
    assigned[rank < last[member]] = "aside"


def _share_out(assigned: np.ndarray, groups: np.ndarray, labels: np.ndarray, parts: Parts) -> None:
    """Move shares of the `fit` rows to the parts that the folder does not state."""
    shares = {"tune": parts.tune, "calibrate": parts.calibrate, "validation": parts.validation}
    wanted = {name: share for name, share in shares.items() if not np.any(assigned == name)}
    if sum(wanted.values()) >= 1:
        raise LearnError(f"the recipe's shares leave nothing to fit on: {wanted}")
    pool = np.flatnonzero(assigned == "fit")
    if not wanted or not len(pool):
        return
    cuts = np.cumsum(list(wanted.values()))
    names = (*wanted, "fit")
    random = np.random.default_rng(parts.seed)
    for members in _strata(pool, groups, labels):
        order = random.permutation(len(members))
        sizes = np.asarray([len(members[i]) for i in order])
        # A group goes where the middle of its rows falls, so that large groups do not overshoot.
        middles = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
        for i, slot in zip(order, np.searchsorted(cuts, middles, side="right"), strict=True):
            assigned[members[i]] = names[slot]


def _strata(pool: np.ndarray, groups: np.ndarray, labels: np.ndarray) -> list[list[np.ndarray]]:
    """The pool's groups (rows of each), sorted by name, apart by their most frequent label."""
    strata: dict[int, list[np.ndarray]] = {}
    by_group = np.argsort(groups[pool], kind="stable")
    ends = np.flatnonzero(np.diff(np.unique(groups[pool], return_inverse=True)[1][by_group])) + 1
    for rows in np.split(pool[by_group], ends):
        counts = np.bincount(labels[rows].astype(np.int64))
        strata.setdefault(int(counts.argmax()), []).append(rows)
    return [strata[label] for label in sorted(strata)]
