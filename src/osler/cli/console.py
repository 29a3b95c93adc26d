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
    from osler.record.sqlite import SqliteStore

__all__ = ["AsJson", "StorePath", "default_store", "emit", "err", "look_into", "open_store", "out"]

_PIPED_WIDTH = 160  # a file or a pipe has no width of its own, and lines are not broken for it

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
StorePath = Annotated[
    Path | None, typer.Option("--store", help="The store's folder, if not the default one.")
]


def emit(value: Any) -> None:
    """One JSON document on standard output."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def default_store() -> Path:
    """Where records live unless the operator names another folder."""
    from osler.home import home

    return home() / "store"


def open_store(path: Path | None, *, create: bool = True) -> "SqliteStore":
    """The named store, or the default one, to write to."""
    from osler.record.sqlite import SqliteStore

    return SqliteStore.open(path or default_store(), create=create)


def look_into(path: Path | None) -> "SqliteStore":
    """The named store, or the default one, to read only."""
    from osler.record.sqlite import SqliteStore

    return SqliteStore.open_read_only(path or default_store())
