"""`osler models`: open weights and specialties on this machine."""

import typer
from rich.markup import escape
from rich.table import Table

from osler.cli.console import AsJson, emit, err, out

__all__ = ["app"]

app = typer.Typer(help="Weights and specialties on this machine.", no_args_is_help=True)


@app.command("setup")
def set_up() -> None:
    """Convert the open weights once, and check every network by digest and by a known output."""
    from osler.model.known import check_known
    from osler.model.weights import OPEN_WEIGHTS
    from osler.model.weights import set_up as convert

    with err.status("setting up the open weights"):
        done = convert(lambda line: err.print(line, markup=False))
        for name in OPEN_WEIGHTS:
            check_known(name)
    for one in done:
        state = "made" if one.made else "was there"
        out.print(f"{one.name}: {state}, {one.num_bytes / 1e6:.0f} MB, known output holds")


@app.command("list")
def show_all(as_json: AsJson = False) -> None:
    """Open weights with their state; specialties with version and digest."""
    from osler.judge.specialty import installed
    from osler.model.weights import status

    weights, specialties = status(), installed()
    if as_json:
        emit(
            {
                "weights": [{"name": s.weights.name, "state": s.state} for s in weights],
                "specialties": [
                    {"name": s.name, "version": s.version, "digest": s.digest} for s in specialties
                ],
            }
        )
        return
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("name", "what", "state"):
        table.add_column(title)
    for one in weights:
        table.add_row(one.weights.name, escape(one.weights.what), one.state)
    for specialty in specialties:
        table.add_row(
            specialty.name, escape(specialty.title), f"{specialty.version} {specialty.digest[:12]}"
        )
    out.print(table)
