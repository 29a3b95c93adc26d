"""What a store asks of the database under it: the ledger's few statements, and transactions.

    database.begin()           one writer at a time; waits, then raises `StoreBusy`
    database.commit()          or `database.rollback()`, which may be called at any time

`osler.record.sqlite_database` and `osler.record.postgres_database` are the two there are.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from osler.ledger import database

__all__ = ["Database"]


class Database(database.Database, Protocol):
    """A database that holds one store; statements are in SQL that both kinds take."""

    @property
    def where(self) -> str:
        """What to call the store in a message, without any password."""

    def begin(self) -> None:
        """Start to write; raises `StoreBusy` when another process does not finish in time."""

    def commit(self) -> None:
        """End the transaction: all of it stands."""

    def rollback(self) -> None:
        """Undo what is open, if anything is."""

    def named(self) -> AbstractContextManager[None]:
        """What the database raises inside comes out as Osler's own `StoreError`."""

    def forget(self) -> None:
        """Leave nothing of deleted rows on the disk; called outside a transaction."""

    def close(self) -> None:
        """Release the connection."""
