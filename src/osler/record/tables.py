"""The tables of a store, in words that SQLite takes as they are and PostgreSQL in its own types.

run(connection)                         every table and index, in SQLite
for statement in in_postgres(): ...     the same in PostgreSQL
"""

import sqlite3

__all__ = ["TABLES", "in_postgres", "run"]

TABLES = """
CREATE TABLE patients (
    key INTEGER PRIMARY KEY,
    digest_key BLOB,
    created_at TEXT NOT NULL,
    erased_at TEXT
);
CREATE TABLE identifiers (
    number INTEGER PRIMARY KEY,
    authority TEXT NOT NULL,
    value TEXT NOT NULL,
    patient INTEGER NOT NULL REFERENCES patients (key),
    UNIQUE (authority, value)
);
CREATE TABLE merges (
    number INTEGER PRIMARY KEY,
    kept INTEGER NOT NULL REFERENCES patients (key),
    merged INTEGER NOT NULL REFERENCES patients (key),
    named_kept INTEGER NOT NULL,
    named_merged INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    undone_at TEXT,
    why TEXT NOT NULL
);
CREATE TABLE deliveries (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    erased_at TEXT
);
CREATE TABLE contents (
    digest TEXT PRIMARY KEY,
    data BLOB NOT NULL
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
    trouble TEXT,
    disputed INTEGER NOT NULL
);
CREATE UNIQUE INDEX one_source_a_patient
    ON sources (digest, (coalesce(patient, 0)), (kind = 'opaque'));
CREATE INDEX sources_of_patient ON sources (patient, id);
CREATE TABLE facts (
    source INTEGER NOT NULL REFERENCES sources (id),
    ordinal INTEGER NOT NULL,
    patient INTEGER REFERENCES patients (key),
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    scope TEXT NOT NULL,
    identity TEXT,
    replaces TEXT,
    stream TEXT NOT NULL,
    status TEXT NOT NULL,
    assertion TEXT NOT NULL,
    began INTEGER NOT NULL,
    began_by INTEGER NOT NULL,
    ended INTEGER,
    known INTEGER NOT NULL,
    known_by INTEGER NOT NULL,
    received INTEGER NOT NULL,
    said INTEGER NOT NULL,
    fact TEXT NOT NULL,
    PRIMARY KEY (source, ordinal)
);
CREATE INDEX facts_of_code ON facts (patient, code, began, began_by, known, kind, stream, scope);
CREATE INDEX facts_of_identity ON facts (identity, patient, known) WHERE identity IS NOT NULL;
CREATE INDEX facts_that_replace ON facts (patient) WHERE replaces IS NOT NULL;
CREATE TABLE delivered (
    delivery TEXT NOT NULL REFERENCES deliveries (digest),
    digest TEXT NOT NULL,
    PRIMARY KEY (digest, delivery)
);
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
);
"""


def run(connection: sqlite3.Connection) -> None:
    """Make every table in an empty SQLite database."""
    for statement in TABLES.split(";\n"):
        connection.execute(statement)


def in_postgres() -> list[str]:
    """The statements that make the tables in PostgreSQL, where they are not there yet."""
    text = TABLES.replace("INTEGER PRIMARY KEY", "BIGSERIAL PRIMARY KEY")
    text = text.replace(" INTEGER", " BIGINT").replace(" BLOB", " BYTEA")
    text = text.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")
    text = text.replace("INDEX ", "INDEX IF NOT EXISTS ")
    return [statement for statement in text.split(";\n") if statement.strip()]
