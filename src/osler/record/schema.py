"""The tables of the SQLite store, as numbered migrations that run once each, in order."""

import sqlite3

from osler.errors import StoreVersion

__all__ = ["MIGRATIONS", "migrate"]

_FIRST = """
CREATE TABLE patients (
    key INTEGER PRIMARY KEY,
    digest_key BLOB NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE identifiers (
    authority TEXT NOT NULL,
    value TEXT NOT NULL,
    patient INTEGER NOT NULL REFERENCES patients (key),
    PRIMARY KEY (authority, value)
);
CREATE TABLE deliveries (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    received_at TEXT NOT NULL
);
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL,
    patient INTEGER REFERENCES patients (key),
    kind TEXT NOT NULL,
    media_type TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    author TEXT NOT NULL,
    stream TEXT NOT NULL,
    delivery TEXT REFERENCES deliveries (digest),
    received_at TEXT NOT NULL,
    trouble TEXT
);
CREATE UNIQUE INDEX one_source_a_patient
    ON sources (digest, ifnull(patient, 0), kind = 'opaque');
CREATE TABLE facts (
    source INTEGER NOT NULL REFERENCES sources (id),
    ordinal INTEGER NOT NULL,
    patient INTEGER NOT NULL REFERENCES patients (key),
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    fact TEXT NOT NULL,
    PRIMARY KEY (source, ordinal)
);
CREATE INDEX facts_of_patient ON facts (patient, kind, code);
"""

MIGRATIONS: tuple[str, ...] = (_FIRST,)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database up to date; raises `StoreVersion` when it is newer than this Osler."""
    if _version(connection) == len(MIGRATIONS):
        return
    # Two processes may open a new store at once: the version that counts is read under the lock.
    connection.execute("BEGIN IMMEDIATE")
    try:
        for script in MIGRATIONS[_version(connection) :]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise StoreVersion(
            f"the store has schema {version}, this Osler knows {len(MIGRATIONS)}: upgrade Osler"
        )
    return int(version)
