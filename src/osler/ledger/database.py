"""What the ledger asks of the database that it lives in.

    Log(sqlite3.connect(path, isolation_level=None), key)      a SQLite connection is one as it is

Queries are SQL that SQLite and PostgreSQL both take, with `?` for a value; where only SQLite takes
it (`CAST(text AS BLOB)`), another backend translates.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

__all__ = ["Database"]


class Database(Protocol):
    """A connection whose transactions are begun and ended by `execute` alone."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    def execute(self, query: str, values: Sequence[Any] = ..., /) -> Iterator[Any]:
        """Run one statement; its rows, as tuples."""

    def executemany(self, query: str, values: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each row of values."""
