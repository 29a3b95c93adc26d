"""The PostgreSQL database under a store: its statements, its lock, its troubles in Osler's words.

    database = PostgresDatabase.open("postgresql://osler@db.hospital.example/osler")

One writer at a time, held by an advisory lock that ends with the transaction; readers wait for
nothing but an erasure, which writes the tables anew.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import psycopg
from psycopg.pq import TransactionStatus

from osler.errors import NotFound, StoreBusy, StoreError, StoreReadOnly, StoreVersion
from osler.record.postgres_ledger import LEDGER
from osler.record.schema import VERSION
from osler.record.tables import in_postgres

__all__ = ["PostgresDatabase"]

_PATIENCE = "30s"  # how long a writer waits for another
_WRITER = 0x05_1E_12  # the number of the lock that writers share
_PERSONAL = ("contents", "facts", "sources", "identifiers", "patients", "deliveries", "merges",
             "delivered")  # fmt: skip
_FORBIDDEN = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
_AS_BYTES = re.compile(r"CAST\((\w+) AS BLOB\)")


@dataclass(slots=True)
class PostgresDatabase:
    """A `Database` on a server."""

    connection: psycopg.Connection[tuple[Any, ...]]

    @classmethod
    def open(cls, conninfo: str) -> Self:
        """A connection, with the tables made where they are not there.

        Raises `StoreError` where no server answers, `StoreVersion`, `StoreReadOnly`.
        """
        opened = cls(_connect(conninfo))
        try:
            with opened.named():
                opened._make_tables()
        except StoreError:
            opened.close()
            raise
        return opened

    @classmethod
    def open_read_only(cls, conninfo: str) -> Self:
        """A connection that cannot write; raises `NotFound` where there is no store."""
        opened = cls(_connect(conninfo))
        with opened.named():
            opened.connection.execute("SET default_transaction_read_only = on")
            version = opened._version()
        if version is None:
            opened.close()
            raise NotFound(f"no store in {opened.where}: `osler read PATH --store URL` makes one")
        opened._check(version)
        return opened

    @property
    def where(self) -> str:
        """Host and database; the address may hold a password."""
        info = self.connection.info
        return f"postgresql://{info.host}:{info.port}/{info.dbname}"

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self.connection.info.transaction_status is not TransactionStatus.IDLE

    def execute(self, query: str, values: Sequence[Any] = (), /) -> Iterator[Any]:
        """Run one statement; its rows, as tuples."""
        cursor = self.connection.execute(_own(query), values)
        return iter(cursor) if cursor.description else iter(())

    def executemany(self, query: str, values: Iterable[Sequence[Any]], /) -> object:
        """Run one statement for each row of values."""
        with self.connection.cursor() as cursor:
            cursor.executemany(_own(query), values)
        return None

    def begin(self) -> None:
        """Start to write; raises `StoreBusy` when another process does not finish in time."""
        with self.named():
            self.connection.execute("BEGIN")
            try:
                self.connection.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
                self.connection.execute(f"SELECT pg_advisory_xact_lock({_WRITER})")
            except psycopg.Error:
                self.rollback()
                raise

    def commit(self) -> None:
        """End the transaction: all of it stands."""
        self.connection.execute("COMMIT")

    def rollback(self) -> None:
        """Undo what is open, if anything is and the server is still there."""
        if self.in_transaction and not self.connection.closed:
            self.connection.execute("ROLLBACK")

    @contextmanager
    def named(self) -> Iterator[None]:
        """What the server or its client raises inside comes out as a `StoreError`."""
        try:
            yield
        except psycopg.errors.LockNotAvailable as error:
            raise StoreBusy(
                f"{self.where} is in use by another process: try again when it is done"
            ) from error
        except _FORBIDDEN as error:
            raise StoreReadOnly(f"cannot write to {self.where} ({_said(error)})") from error
        except psycopg.Error as error:
            raise StoreError(f"{self.where}: {_said(error)}") from error

    def forget(self) -> None:
        """Let the server reclaim deleted rows; its write-ahead log is the operator's to rotate."""
        with self.named():
            self.connection.execute(f"SET lock_timeout = '{_PATIENCE}'")
            for table in _PERSONAL:
                self.connection.execute(f"VACUUM FULL {table}")

    def close(self) -> None:
        """Release the connection."""
        self.connection.close()

    def _make_tables(self) -> None:
        self.begin()  # two processes may open a new store at once
        try:
            version = self._version()
            if version is None:
                for statement in (*in_postgres(), *LEDGER):
                    self.connection.execute(statement)
                self.connection.execute("CREATE TABLE schema_version (version BIGINT NOT NULL)")
                self.connection.execute("INSERT INTO schema_version VALUES (%s)", (VERSION,))
            else:
                self._check(version)
            self.commit()
        finally:
            self.rollback()

    def _version(self) -> int | None:
        found = self.connection.execute("SELECT to_regclass('schema_version')").fetchone()
        if found is None or found[0] is None:
            return None
        row = self.connection.execute("SELECT version FROM schema_version").fetchone()
        return int(row[0]) if row else None

    def _check(self, version: int) -> None:
        if version != VERSION:
            self.rollback()
            self.close()
            raise StoreVersion(f"the store has schema {version}, this Osler knows {VERSION}")


def _connect(conninfo: str) -> psycopg.Connection[tuple[Any, ...]]:
    try:
        return psycopg.connect(conninfo, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        raise StoreError(
            f"no PostgreSQL store there ({_said(error)}): is the server running, and the address "
            "right?"
        ) from error


def _own(query: str) -> str:
    """The statement as PostgreSQL writes it: no query here holds a question mark or a percent."""
    if query == "BEGIN":  # to read the ledger, while another process may write to it
        return "BEGIN ISOLATION LEVEL REPEATABLE READ"
    return _AS_BYTES.sub(r"as_bytes(\1)", query).replace("?", "%s")


def _said(error: psycopg.Error) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
