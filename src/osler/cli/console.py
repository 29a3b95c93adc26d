"""What every command shares: where it writes, how it fails, which store it opens.

out.print(table)              for people; nothing but the answer when piped
emit(value)                   for machines (`--json`)
with open_store(path) as store: ...
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from osler.record.sql_store import SqlStore

__all__ = ["AsJson", "StorePath", "default_store", "emit", "err", "look_into", "open_store", "out"]

_PIPED_WIDTH = 160  # a file or a pipe has no width of its own, and lines are not broken for it

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
StorePath = Annotated[
    str | None,
    typer.Option("--store", help="The store: a folder, or postgresql://USER@HOST/DATABASE."),
]


def emit(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def default_store() -> Path:
    """Where records live unless the operator names another folder."""
    from osler.home import home

    return home() / "store"


def open_store(where: str | None, *, create: bool = True) -> "SqlStore":
    """The named store, or the default one, to write to."""
    from osler.record.opening import open_store

    return open_store(where or default_store(), create=create)


def look_into(where: str | None) -> "SqlStore":
    """The named store, or the default one, to read only."""
    from osler.record.opening import look_into

    return look_into(where or default_store())
