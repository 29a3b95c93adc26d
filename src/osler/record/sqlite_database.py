"""The SQLite file under a store: opened, brought up to date, its troubles in Osler's words.

database = SqliteDatabase.open(folder / "osler.sqlite")
database = SqliteDatabase.open_read_only(folder / "osler.sqlite")
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from osler.errors import StoreBusy, StoreError, StoreReadOnly, StoreVersion
from osler.ledger.log import Log
from osler.record.schema import VERSION, migrate

__all__ = ["SqliteDatabase"]

_PATIENCE_S = 30  # how long a writer waits for another


@dataclass(slots=True)
class SqliteDatabase:
    """A `Database` in one file (WAL: one writer at a time, many readers)."""

    file: Path
    connection: sqlite3.Connection

    @classmethod
    def open(cls, file: Path) -> Self:
        """An open database with its tables.

        Raises `StoreReadOnly`, `StoreBusy`, `StoreVersion`, or `StoreError` for what is none.
        """
        with _named(file):
            connection = sqlite3.connect(file, isolation_level=None, timeout=_PATIENCE_S)
        try:
            with _named(file):
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten
                migrate(connection)
                connection.execute("PRAGMA foreign_keys = ON")
                Log(connection, None).create_tables()
        except StoreError:
            connection.close()
            raise
        return cls(file, connection)

    @classmethod
    def open_read_only(cls, file: Path) -> Self:
        """An open database that is only read, also on a medium that cannot be written to.

        Raises `StoreVersion` for another schema than this Osler's, and what `open` does.
        """
        address = f"{file.resolve().as_uri()}?mode=ro"
        if not os.access(file.parent, os.W_OK):
            address += "&immutable=1"  # else SQLite wants to make the files of its write-ahead log
        with _named(file):
            connection = sqlite3.connect(
                address, uri=True, isolation_level=None, timeout=_PATIENCE_S
            )
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != VERSION:
            connection.close()
            raise StoreVersion(
                f"the store has schema {version}, this Osler knows {VERSION}: read something "
                "into an older one to bring it up to date, or upgrade Osler for a newer one"
            )
        return cls(file, connection)

    @property
    def where(self) -> str:
        """The folder of the file."""
        return str(self.file.parent)

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.connection.in_transaction

    def execute(self, query: str, values: Sequence[Any] = (), /) -> Iterator[Any]:
        """Run one statement; its rows, as tuples."""
        return self.connection.execute(query, values)

    def executemany(self, query: str, values: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each row of values."""
        return self.connection.executemany(query, values)

    def begin(self) -> None:
        """Start to write; raises `StoreBusy` when another process does not finish in time."""
        with self.named():
            self.connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """End the transaction: all of it stands."""
        self.connection.execute("COMMIT")

    def rollback(self) -> None:
        """Undo what is open; SQLite has already done so by itself where the disk was full."""
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")

    @contextmanager
    def named(self) -> Iterator[None]:
        """What SQLite raises inside comes out as a `StoreError`."""
        with _named(self.file.parent):
            yield

    def forget(self) -> None:
        """Write the file anew without its free pages, and empty the write-ahead log."""
        with self.named():
            self.connection.execute("VACUUM")
            ((busy, *_),) = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if busy:
            raise StoreBusy(
                f"erased, but {self.where} is open elsewhere, so its write-ahead log still holds "
                "what it was: close the others and open the store once more"
            )

    def close(self) -> None:
        """Release the file."""
        self.connection.close()


@contextmanager
def _named(where: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        text = str(error)
        if "readonly" in text or "unable to open" in text:
            raise StoreReadOnly(
                f"cannot write to {where} ({text}): give permission or --store"
            ) from error
        if "locked" in text or "busy" in text:
            raise StoreBusy(
                f"{where} is in use by another process: try again when it is done"
            ) from error
        raise StoreError(f"{where}: {text}") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{where} is no Osler store ({error}): name another with --store"
        ) from error
