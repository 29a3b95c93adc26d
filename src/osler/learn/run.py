"""The folder of one training run: what was asked, on what, by which code, and how it went.

run = Run.start(folder, recipe, examples)     recipe.json, run.json
run.write({"epoch": 1, "loss": 0.4})          one JSON line of metrics.jsonl
recipe_from_json(recipe_to_json(recipe))      the recipe again
"""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from osler.engine.settings import NumericSettings
from osler.errors import ModelAltered
from osler.learn.recipe import Recipe
from osler.learn.trainer import Examples

__all__ = ["Run", "data_digest", "recipe_from_json", "recipe_to_json"]

_RECIPE = TypeAdapter(Recipe)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run's folder. Times are kept here and not in the specialty, whose bytes must repeat."""

    folder: Path
    began: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, folder: Path, recipe: Recipe, examples: Examples) -> Self:
        """Make the folder and write down what is about to be done."""
        folder.mkdir(parents=True, exist_ok=True)
        settings = NumericSettings.here()
        about = {
            "data_digest": data_digest(examples),
            "examples": len(examples),
            "seed": recipe.seed,
            "code": settings.code,
            "torch": settings.torch,
            "processor": settings.processor,
        }
        _write_json(folder / "recipe.json", recipe_to_json(recipe))
        _write_json(folder / "run.json", about)
        (folder / "metrics.jsonl").write_text("", encoding="utf-8")
        return cls(folder=folder)

    def write(self, metrics: Mapping[str, float | int]) -> None:
        """Add one line, with the seconds since the run began."""
        line = {**metrics, "seconds": round(time.monotonic() - self.began, 1)}
        with (self.folder / "metrics.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def recipe_to_json(recipe: Recipe) -> dict[str, Any]:
    """A resolved recipe as plain JSON."""
    whole: dict[str, Any] = json.loads(json.dumps(asdict(recipe)))
    return whole


def recipe_from_json(whole: Mapping[str, Any]) -> Recipe:
    """The inverse; raises `ModelAltered` when it is no recipe."""
    try:
        return _RECIPE.validate_python(dict(whole))
    except ValidationError as error:
        raise ModelAltered(f"the recipe of a specialty cannot be read: {error}") from error


def data_digest(examples: Examples) -> str:
    """SHA-256 over every example's name, label, part and file digest, whatever their order."""
    rows = zip(
        examples.names, examples.labels.tolist(), examples.stated, examples.digests, strict=True
    )
    lines = sorted(f"{digest} {label} {part or '-'} {name}" for name, label, part, digest in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _write_json(path: Path, whole: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n", encoding="utf-8")
