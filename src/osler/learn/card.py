"""The two texts of a specialty: `specialty.toml`, read by machines, and the model card.

text = specialty_toml(recipe)                          `osler.judge.specialty` reads it
text = card(recipe, training, evaluation, date)        README.md
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from osler.judge.contract import Contract, Requirement
from osler.judge.metrics import Measured
from osler.judge.task import Task
from osler.learn.evaluate import Evaluation
from osler.learn.recipe import Recipe

__all__ = ["card", "specialty_toml"]


def specialty_toml(recipe: Recipe) -> str:
    """The recipe's public half, as TOML."""
    whole = {
        "name": recipe.name,
        "title": recipe.title,
        "version": recipe.version,
        "intended_use": recipe.intended_use,
        "limits": list(recipe.limits),
        "network": recipe.network,
        "base": recipe.base,
        "task": _task(recipe.task),
        "contract": _contract(recipe.contract),
    }
    return "\n".join(_tables(whole)).lstrip("\n") + "\n"


def card(recipe: Recipe, training: Mapping[str, Any], evaluation: Evaluation, date: str) -> str:
    """The model card, as Markdown."""
    sections = (
        f"# {recipe.title}",
        f"Osler specialty `{recipe.name}`, version {recipe.version}, trained {date}.",
        f"**Question.** {recipe.task.question} Labels: {', '.join(recipe.task.labels)}.",
        f"**Intended use.** {recipe.intended_use}",
        "## Limits",
        "\n".join(f"- {limit}" for limit in recipe.limits),
        "## When it may be asked",
        "\n".join(f"- {_asked(r)}" for r in recipe.contract.requirements),
        "## Measured",
        _measured_text(recipe, evaluation),
        "## Data",
        f"{recipe.data}. Population of the calibrators: {recipe.population}.",
        _parts_table(recipe, training),
        "## How it was made",
        _made(recipe, training),
    )
    return "\n\n".join(sections) + "\n"


def _task(task: Task) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "question": task.question,
        "kind": task.kind,
        "labels": list(task.labels),
        "positive": list(task.positive),
    }
    if task.threshold is not None:
        whole["threshold"] = task.threshold
    return whole | {"wording": dict(task.wording)}


def _contract(contract: Contract) -> dict[str, Any]:
    return {
        "modality": contract.modality,
        "requirements": [_requirement(r) for r in contract.requirements],
    }


def _requirement(requirement: Requirement) -> dict[str, Any]:
    whole = {
        "attribute": requirement.attribute,
        "why": requirement.why,
        "one_of": list(requirement.one_of) or None,
        "minimum": requirement.minimum,
        "maximum": requirement.maximum,
        "refuse": [str(met) for met in requirement.refuse],
    }
    return {name: value for name, value in whole.items() if value is not None}


def _tables(whole: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """TOML lines of a mapping: its own values first, then its tables and lists of tables."""
    for name, value in whole.items():
        if not _is_table(value):
            yield f"{_key(name)} = {_value(value)}"
    for name, value in whole.items():
        below = f"{path}.{_key(name)}" if path else _key(name)
        if isinstance(value, Mapping):
            yield from ("", f"[{below}]")
            yield from _tables(value, below)
        elif _is_table(value):
            for entry in value:
                yield from ("", f"[[{below}]]")
                yield from _tables(entry, below)


def _is_table(value: object) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], Mapping)
    return isinstance(value, Mapping)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _value(name)


def _value(value: str | float | int | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(v) for v in value)}]" if value else "[]"
    if isinstance(value, str):
        # A TOML basic string escapes as JSON does, but for DEL, which JSON leaves bare.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def _asked(requirement: Requirement) -> str:
    refused = " and ".join(str(met) for met in requirement.refuse)
    name = requirement.attribute.replace("_", " ")
    text = f"{name}: {requirement.wanted} ({requirement.why})"
    return f"{text}; not assessed when {refused}" if refused else text


def _measured_text(recipe: Recipe, evaluation: Evaluation) -> str:
    first = next(iter(evaluation.metrics.values()))
    counts = ", ".join(f"{n} {label}" for label, n in evaluation.counts.items())
    lines = [
        f"On the validation part ({counts}; {first.groups} groups), which neither weights, "
        f"threshold nor calibrators have seen. In brackets: 95 % interval, bootstrap over groups, "
        f"{evaluation.draws} draws.",
        "",
        "| | this model | linear probe on fixed features | most common label |",
        "|---|---|---|---|",
    ]
    probe, majority = evaluation.baselines["probe"], evaluation.baselines["majority"]
    for name in evaluation.metrics:
        cells = " | ".join(_cell(column, name) for column in (evaluation.metrics, probe, majority))
        lines.append(f"| {_named(name)} | {cells} |")
    lines += ["", "Gain over the linear probe, in pairs: " + _listed(evaluation.gains) + "."]
    if recipe.task.threshold is not None:
        lines += ["", f"Threshold on the raw score: {recipe.task.threshold:g} (Youden's J)."]
    lines += ["", "| label | " + " | ".join(_PER_CLASS) + " |"]
    lines.append("|---|" + "---|" * len(_PER_CLASS))
    for label, found in evaluation.per_class.items():
        cells = " | ".join(_cell(found, name) for name in _PER_CLASS)
        lines.append(f"| {label} | {cells} |")
    lines += ["", "Coverage is that of the conformal sets, meant to be 0.9 for each class."]
    return "\n".join(lines)


_PER_CLASS = ("sensitivity", "ppv", "auroc", "coverage_positive", "coverage_negative")

_NAMES = {"auroc": "AUROC", "f1": "macro F1", "ece": "calibration error", "brier": "Brier score"}


def _named(name: str) -> str:
    return _NAMES.get(name, name.replace("_", " "))


def _cell(found: Mapping[str, Measured], name: str) -> str:
    """A number with its interval; empty where it does not apply, said where it has no cases."""
    if name not in found:
        return ""
    return str(found[name]) if math.isfinite(found[name].value) else "no cases"


def _listed(found: Mapping[str, Measured]) -> str:
    return "; ".join(f"{_named(name)} {value}" for name, value in found.items())


def _parts_table(recipe: Recipe, training: Mapping[str, Any]) -> str:
    lines = [
        f"| part | {' | '.join(recipe.task.labels)} | used for |",
        "|---|" + "---|" * (len(recipe.task.labels) + 1),
    ]
    for name, use in (_CROSS_USES if training["calibrators"]["folds"] else _USES).items():
        counts = training["parts"][name]["counts"]
        cells = " | ".join(str(counts[label]) for label in recipe.task.labels)
        lines.append(f"| {name} | {cells} | {use} |")
    aside = training["set_aside"]
    lines += [
        "",
        f"Set aside: {aside}. No group stands in two parts; split seed "
        f"{recipe.parts.seed}. Data digest `{training['data_digest']}`.",
    ]
    return "\n".join(lines)


_USES = {
    "fit": "weights",
    "tune": "choosing the epoch",
    "calibrate": "threshold, calibrators",
    "validation": "the figures above",
}
_CROSS_USES = {
    "fit": "weights; calibrators, out of fold",
    "tune": "choosing the epoch; calibrators, out of fold",
    "calibrate": "calibrators, out of fold",
    "validation": "the figures above",
}


def _calibrated(recipe: Recipe, training: Mapping[str, Any]) -> str:
    """How the calibrators were fitted, and on how many groups."""
    made = training["calibrators"]
    fitted = "The threshold and the calibrators" if len(recipe.task.labels) == 2 else "Calibrators"
    if not made["folds"]:
        return f"{fitted} were fitted on the `calibrate` part, {made['groups']} groups."
    return (
        f"{fitted} were fitted on scores out of fold of the {made['groups']} groups of `fit`, "
        f"`tune` and `calibrate`: in {len(made['folds'])} folds by group, each scored by a network "
        "trained by the same recipe, the next fold choosing the epoch and the others setting the "
        "weights (cross-conformal prediction, Vovk 2015). Those networks served for nothing else; "
        "the specialty's own weights saw `fit`, its epoch was chosen on `tune`."
    )


def _made(recipe: Recipe, training: Mapping[str, Any]) -> str:
    return (
        f"Base: {recipe.base}. Seed {recipe.seed}, {recipe.epochs} epochs, batch {recipe.batch}. "
        f"Osler {training['code']}, torch {training['torch']}, on {training['processor']}. The "
        "resolved recipe and the digests of all that it learned from are in `training.json`.\n\n"
        f"{_calibrated(recipe, training)}\n\n"
        f"To make it again: `osler learn specialty {recipe.name} --data FOLDER --out FOLDER`. The "
        "same recipe, data and kind of machine give the same bytes."
    )
