"""`osler demo`: a whole patient, all kinds of data, assessed; prints where the report is."""

from pathlib import Path
from typing import Annotated

import typer

from osler.cli.assess import show_assessed
from osler.cli.console import AsJson, err

__all__ = ["demo"]


def demo(
    folder: Annotated[
        Path, typer.Option("--out", help="Where patient, store and report go.")
    ] = Path("osler-demo"),
    as_json: AsJson = False,
) -> None:
    """Write the demonstration patient, read her, assess her, and say where the report is.

    She is composed: the history is written by a seeded script, the pictures are real ones of
    other people that come with Python packages. Nothing is opened and nothing is downloaded.
    """
    from osler.assess.run import assess_folder
    from osler.bench.demonstration.files import write_demonstration

    files = write_demonstration(folder / "patient")
    for name in files.missing:
        err.print(f"not in this demonstration, for it is not installed: {name}")
    with err.status("assessing"):
        done = assess_folder(folder / "patient", folder)
    show_assessed(done, as_json)
