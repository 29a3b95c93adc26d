"""The store that a folder or an address names.

with open_store(Path("store")) as store: ...
with open_store("postgresql://osler@db.hospital.example/osler") as store: ...
with look_into(where) as store: ...            to read only
"""

from pathlib import Path

from osler.record.sql_store import SqlStore
from osler.record.sqlite import SqliteStore

__all__ = ["look_into", "open_store"]

_POSTGRES = ("postgresql://", "postgres://")


def open_store(where: str | Path, *, create: bool = True) -> SqlStore:
    """Open a store to write to; raises what `SqliteStore.open` and `PostgresStore.open` do."""
    if str(where).startswith(_POSTGRES):
        from osler.record.postgres import PostgresStore  # psycopg is an extra

        return PostgresStore.open(str(where))
    return SqliteStore.open(Path(where), create=create)


def look_into(where: str | Path) -> SqlStore:
    """Open a store to read from; nothing is made."""
    if str(where).startswith(_POSTGRES):
        from osler.record.postgres import PostgresStore

        return PostgresStore.open_read_only(str(where))
    return SqliteStore.open_read_only(Path(where))
