"""`osler learn`: make a specialty from labelled data."""

from pathlib import Path
from typing import Annotated

import typer

from osler.cli.console import err, out

__all__ = ["app"]

app = typer.Typer(help="Change what models know.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Change what models know."""


@app.command("specialty")
def specialty(
    name: Annotated[str, typer.Argument(help="A recipe: histology, cardiology.")],
    data: Annotated[Path, typer.Option(help="The labelled folder.")],
    folder: Annotated[
        Path | None, typer.Option("--out", help="Where it goes, if not this site's specialties.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed than the recipe's.")] = None,
) -> None:
    """Train, calibrate, measure and seal a specialty by its recipe."""
    from dataclasses import replace

    from osler.home import home
    from osler.learn.recipes import recipe
    from osler.learn.specialty import learn_specialty

    chosen = recipe(name)
    if seed is not None:
        chosen = replace(chosen, seed=seed)
    place = folder or home() / "specialties" / name
    made = learn_specialty(chosen, data, place, lambda line: err.print(line, markup=False))
    out.print(f"{name} is in {made}; its card is {made / 'README.md'}", markup=False)
