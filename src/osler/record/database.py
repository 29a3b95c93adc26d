"""The SQLite file under the store: opened, brought up to date, its troubles in Osler's words.

connection = connect(folder / "osler.sqlite")
begin(connection, folder)          waits for another writer, then raises `StoreBusy`
"""

import os
import sqlite3
from pathlib import Path

from osler.errors import StoreBusy, StoreError, StoreReadOnly, StoreVersion
from osler.ledger.log import Log
from osler.record.schema import MIGRATIONS, migrate

__all__ = ["begin", "connect", "connect_read_only", "named"]

_PATIENCE_S = 30  # how long a writer waits for another


def connect(database: Path) -> sqlite3.Connection:
    """An open database with its tables; raises what `SqliteStore.open` does."""
    try:
        connection = sqlite3.connect(database, isolation_level=None, timeout=_PATIENCE_S)
    except sqlite3.OperationalError as error:
        raise named(error, database) from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection)
        Log(connection, None).create_tables()
    except StoreError:
        connection.close()
        raise
    except sqlite3.OperationalError as error:
        connection.close()
        raise named(error, database) from error
    except sqlite3.DatabaseError as error:
        connection.close()
        raise StoreError(
            f"{database} is no Osler store ({error}): name another with --store"
        ) from error
    return connection


def connect_read_only(database: Path) -> sqlite3.Connection:
    """An open database that is only read, also on a medium that cannot be written to.

    Raises `StoreVersion` for another schema than this Osler's, and what `connect` does.
    """
    address = f"{database.resolve().as_uri()}?mode=ro"
    if not os.access(database.parent, os.W_OK):
        address += "&immutable=1"  # else SQLite wants to make the files of its write-ahead log
    try:
        connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=_PATIENCE_S)
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.OperationalError as error:
        raise named(error, database) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(
            f"{database} is no Osler store ({error}): name another with --store"
        ) from error
    if version != len(MIGRATIONS):
        connection.close()
        raise StoreVersion(
            f"the store has schema {version}, this Osler knows {len(MIGRATIONS)}: read something "
            "into an older one to bring it up to date, or upgrade Osler for a newer one"
        )
    return connection


def begin(connection: sqlite3.Connection, folder: Path) -> None:
    """Start to write; raises `StoreBusy` when another process does not finish in time."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        raise named(error, folder) from error


def named(error: sqlite3.OperationalError, database: Path) -> StoreError:
    """The store's own error for what SQLite says."""
    text = str(error)
    if "readonly" in text or "unable to open" in text:
        return StoreReadOnly(f"cannot write to {database} ({text}): give permission or --store")
    if "locked" in text or "busy" in text:
        return StoreBusy(f"{database} is in use by another process: try again when it is done")
    return StoreError(f"{database}: {text}")
