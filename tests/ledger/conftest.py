"""A ledger in a database file of its own, and the tampering that its tests need."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from osler.ledger import Log, SigningKey
from osler.ledger.tables import KEYS

AT = "2026-11-23T09:00:00Z"


class Bench:
    """A ledger whose transactions, and whose guards, the test holds in its hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA synchronous = OFF")  # no test here cuts the power
        self.key = SigningKey.generate()
        self.log = Log(self.connection, self.key)
        self.log.create_tables()

    @contextmanager
    def transaction(self) -> Iterator[Log]:
        self.connection.execute("BEGIN IMMEDIATE")
        yield self.log
        self.connection.execute("COMMIT")

    def write(self, lines: int, per_seal: int = 1) -> None:
        """Append lines, sealing after every ``per_seal`` of them."""
        for start in range(0, lines, per_seal):
            with self.transaction() as log:
                for number in range(start, min(start + per_seal, lines)):
                    log.append("assess" if number % 3 else "read", {"n": number}, AT)
                log.seal()

    def tamper(self, *statements: str) -> None:
        """Do what an attacker with the file would: drop the guards, then edit."""
        for table in KEYS:
            for guard in ("update", "delete", "insert"):
                self.connection.execute(f"DROP TRIGGER IF EXISTS {table}_{guard}")
        for statement in statements:
            self.connection.execute(statement)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "store.sqlite")
    yield made
    made.connection.close()
