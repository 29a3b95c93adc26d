"""`osler bench`: how good a specialty is, with intervals and baselines, in one run."""

from pathlib import Path
from typing import Annotated

import typer

from osler.cli.console import AsJson, emit, err, out

__all__ = ["app"]

app = typer.Typer(help="Measure what models know.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Measure what models know."""


@app.command("run")
def run(
    name: Annotated[str, typer.Argument(help="An installed specialty.")],
    data: Annotated[Path, typer.Option(help="A labelled folder.")],
    part: Annotated[
        str | None, typer.Option(help="Only this part of the folder, such as validation.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Every metric with its 95 % interval, beside a frozen linear probe and the majority.

    Items that the specialty was trained on are left out, and counted.
    """
    from osler.bench.run import run as measure
    from osler.bench.table import table
    from osler.judge.specialty import find_specialty

    with err.status(f"measuring {name}"):
        result = measure(find_specialty(name), data, part)
    if as_json:
        emit(result.to_json())
    else:
        out.print(table(result))
