"""A bench result for people: rich renderables; whoever has a console prints them.

console.print(table(result))
"""

import math
from collections.abc import Mapping

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from osler.bench.run import BenchResult
from osler.judge.metrics import Measured

__all__ = ["table"]

_NAMES = {
    "auroc": "AUROC",
    "f1": "macro F1",
    "ece": "calibration error",
    "brier": "Brier score",
    "set_size": "labels in a prediction set",
    "coverage": "coverage of prediction sets",
}
_PER_CLASS = ("sensitivity", "ppv", "auroc", "coverage_positive", "coverage_negative")


def table(result: BenchResult) -> RenderableType:
    """Headline metrics beside the baselines, then the labels one by one."""
    return Group(_heading(result), _metrics(result), _labels(result), _footing(result))


def _heading(result: BenchResult) -> Text:
    part = f", part '{result.part}'" if result.part else ""
    words = f"{result.specialty} {result.version} on {result.data}{part}: {result.items} items"
    if result.left_out:
        words += f" ({result.left_out} left out: it learned from them)"
    return Text(words, style="bold")


def _metrics(result: BenchResult) -> Table:
    found = result.evaluation
    columns = (
        found.metrics,
        found.baselines["probe"],
        found.baselines["majority"],
        found.gains,
    )
    made = Table("", "this model", "linear probe", "most common label", "gain over the probe")
    for name in found.metrics:
        cells = [_cell(column, name) for column in columns]
        made.add_row(_NAMES.get(name, name.replace("_", " ")), *cells)
    return made


def _labels(result: BenchResult) -> Table:
    made = Table("label", "n", *(name.replace("_", " ") for name in _PER_CLASS))
    for label, found in result.evaluation.per_class.items():
        cells = [_cell(found, name) for name in _PER_CLASS]
        made.add_row(label, str(result.evaluation.counts[label]), *cells)
    return made


def _cell(found: Mapping[str, Measured], name: str) -> str:
    if name not in found:
        return ""
    return str(found[name]) if math.isfinite(found[name].value) else "no cases"


def _footing(result: BenchResult) -> Text:
    groups = next(iter(result.evaluation.metrics.values())).groups
    return Text(
        f"In brackets: 95 % intervals, bootstrap over {groups} groups, {result.evaluation.draws} "
        f"draws. torch {result.settings.torch}, {result.settings.processor}.",
        style="dim",
    )
