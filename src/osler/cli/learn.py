"""`osler learn`: make a specialty from labelled data."""

from collections.abc import Mapping
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
    from osler.record.moment import utc_now

    chosen = recipe(name)
    if seed is not None:
        chosen = replace(chosen, seed=seed)
    now = utc_now()
    made = learn_specialty(
        chosen,
        data,
        folder or home() / "specialties" / name,
        _tell,
        date=now.date().isoformat(),
        run_folder=home() / "runs" / f"{name}-{now:%Y%m%dT%H%M%S}",
    )
    out.print(f"{name} is in {made}; its card is {made / 'README.md'}", markup=False)


def _tell(what: str, values: Mapping[str, float | int]) -> None:
    """One line a step, on standard error."""
    shown = "  ".join(
        f"{key} {value:.4f}" if isinstance(value, float) else f"{key} {value}"
        for key, value in values.items()
    )
    err.print(f"{what}: {shown}", markup=False)
