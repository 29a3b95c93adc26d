"""The store on one machine: a folder with a SQLite database and content-addressed files.

    with SqliteStore.open(folder) as store:
        with store.writing() as act:
            act.add(source, data, facts, patient=Identifier.parse("8823"))

One writer at a time, many readers (WAL).
"""

import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from osler.errors import NotFound, StoreReadOnly
from osler.home import home
from osler.ledger.log import Log
from osler.ledger.signing import SigningKey
from osler.record.blobs import Blobs
from osler.record.sql_store import SqlStore
from osler.record.sqlite_database import SqliteDatabase

__all__ = ["SqliteStore"]


@dataclass(slots=True)
class SqliteStore(SqlStore):
    """A `Store` in one folder. Build it with `open`."""

    database: SqliteDatabase

    @classmethod
    def open(cls, folder: Path, *, create: bool = True) -> Self:
        """Open the store in `folder`, making it when absent.

        Raises `NotFound` (absent, and not to be made), `StoreReadOnly`, `StoreBusy`,
        `StoreVersion`, or `StoreError` when the database is not a database.
        """
        file = folder / "osler.sqlite"
        if not file.exists() and not create:
            raise NotFound(f"no store in {folder}: `osler read PATH` makes one")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.W_OK):
                raise PermissionError(f"no permission to write to {folder}")
            database = SqliteDatabase.open(file)
        except OSError as error:
            raise StoreReadOnly(
                f"cannot write to the store in {folder} ({error.strerror or error}): "
                "give permission, or name another with --store"
            ) from error
        key = SigningKey.load_or_create(home() / "keys" / "ledger.key")
        return cls(database, Log(database, key), Blobs(folder / "blobs"))

    @classmethod
    def open_read_only(cls, folder: Path) -> Self:
        """Open the store in `folder` to read it; nothing is made, no signing key is needed."""
        file = folder / "osler.sqlite"
        if not file.exists():
            raise NotFound(f"no store in {folder}: `osler read PATH` makes one")
        database = SqliteDatabase.open_read_only(file)
        return cls(database, Log(database, None), Blobs(folder / "blobs"))

    @property
    def folder(self) -> Path:
        """Where the store is."""
        return self.database.file.parent

    @property
    def connection(self) -> sqlite3.Connection:
        """The open database file."""
        return self.database.connection
