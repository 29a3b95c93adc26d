"""The table for people says the same as the JSON."""

import io

from rich.console import Console

from osler.bench.run import run
from osler.bench.table import table
from osler.judge.specialty import Specialty
from tests.learn.painted import DRAWS


def test_it_shows_model_and_baselines(painted: Specialty) -> None:
    result = run(painted, painted.folder.parent / "data", draws=DRAWS)
    console = Console(width=200, file=io.StringIO(), record=True)
    console.print(table(result))
    text = console.export_text()
    assert str(result.evaluation.metrics["auroc"]) in text
    assert str(result.evaluation.baselines["probe"]["auroc"]) in text
    assert f"{result.left_out} left out" in text
    assert "metastasis" in text
