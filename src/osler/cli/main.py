"""The `osler` command: finds the group, runs it, and turns errors into sentences and exit codes.

Exit codes: 0 done, 1 failed, 2 wrong use, 3 done with rejects.
"""

import sys

import typer

from osler import __version__
from osler.cli import assess, bench, demo, knowledge, learn, models, read, record, verify
from osler.cli.console import err
from osler.errors import OslerError, WrongUse

__all__ = ["app", "main"]

app = typer.Typer(
    name="osler",
    help="Specialised multimodal models for clinical care, on a hospital's own machines.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("read")(read.read)
app.add_typer(record.app, name="record")
app.command("assess")(assess.assess)
app.command("verify")(verify.verify)
app.add_typer(learn.app, name="learn")
app.add_typer(bench.app, name="bench")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(models.app, name="models")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"osler {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True),
) -> None:
    """Specialised multimodal models for clinical care, on a hospital's own machines."""


def main() -> None:
    """Run the command line."""
    try:
        app()
    except OslerError as error:
        err.print(f"[bold red]osler:[/] {type(error).__name__}: ", end="")
        err.print(str(error), markup=False)
        sys.exit(2 if isinstance(error, WrongUse) else 1)
    except KeyboardInterrupt:
        err.print("osler: stopped")
        sys.exit(130)
