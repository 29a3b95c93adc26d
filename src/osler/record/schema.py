"""The numbered migrations that bring an older SQLite store up to date, each run once, in order."""

import sqlite3
from collections.abc import Callable

from osler.errors import StoreVersion
from osler.record.second_schema import to_second
from osler.record.tables import run

__all__ = ["STEPS", "VERSION", "migrate"]

# What takes a store from a version to the next. Version 1 was before identity could be mended.
STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: to_second}
VERSION = 2


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database up to date; raises `StoreVersion` when it is newer than this Osler."""
    if _version(connection) == VERSION:
        return
    # Two processes may open a new store at once: the version that counts is read under the lock.
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)
        if version == 0:
            run(connection)
        else:
            for number in range(version, VERSION):
                STEPS[number](connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise StoreVersion(
            f"the store has schema {version}, this Osler knows {VERSION}: upgrade Osler"
        )
    return int(version)
