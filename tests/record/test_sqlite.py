"""What is SQLite's own: full disks, foreign keys, and stores of the first schema."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from osler.errors import NotFound, StoreError
from osler.ledger.entry import JSON
from osler.ledger.log import Log
from osler.ledger.signing import SigningKey
from osler.record.codec import fact_to_json
from osler.record.people import People
from osler.record.source import digest_of
from osler.record.sqlite import SqliteStore

from .examples import ANN, fact, source

FIRST = """
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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    with SqliteStore.open(folder) as opened:
        yield opened


def test_what_sqlite_says_inside_an_act_is_an_error_of_the_store(store: SqliteStore) -> None:
    store.connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="full"), store.writing() as act:
        act.add(source(b"x"), b"x", [fact()] * 400, patient=ANN)
    assert store.patients() == []


def test_a_store_is_not_made_by_looking(folder: Path) -> None:
    for look in (SqliteStore.open_read_only, lambda f: SqliteStore.open(f, create=False)):
        with pytest.raises(NotFound, match="osler read"):
            look(folder)
    assert not folder.exists()


def test_foreign_keys_are_on(store: SqliteStore) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.connection.execute("INSERT INTO identifiers VALUES (1, 'a', 'b', 99)")


def test_a_store_of_the_first_schema_is_brought_up_to_date(folder: Path, own_home: Path) -> None:
    folder.mkdir()
    database = sqlite3.connect(folder / "osler.sqlite", isolation_level=None)
    database.executescript(FIRST)
    database.execute("PRAGMA user_version = 1")
    database.execute(
        "INSERT INTO patients VALUES (1, ?, '2026-10-01T12:00:00+00:00')", (b"k" * 32,)
    )
    database.execute("INSERT INTO identifiers VALUES ('urn:h', '1', 1)")
    made, said = source(b"cough"), fact("cough")
    database.execute(
        "INSERT INTO sources VALUES (1, ?, 1, 'note', 'application/octet-stream', 'a.txt', 5, "
        "'unstated', 'ehr', NULL, '2026-10-01T12:00:00+00:00', NULL)",
        (made.digest,),
    )
    database.execute(
        "INSERT INTO facts VALUES (1, 0, 1, 'condition', 'cough', ?)",
        (json.dumps(fact_to_json(said)),),
    )
    stood = json.dumps(["a.txt", made.media_type, "unstated", "ehr", None,
                        "2026-10-01T12:00:00+00:00", None])  # fmt: skip
    log = Log(database, SigningKey.load_or_create(own_home / "keys" / "ledger.key"))
    log.create_tables()
    database.execute("BEGIN")
    first_digest = digest_of(json.dumps(fact_to_json(said), sort_keys=True).encode())
    digest = People(database).digest  # type: ignore[arg-type]
    body: dict[str, JSON] = {
        "row": 1, "patient": digest(1, "patient"), "identifier": digest(1, str(ANN)),
        "source": digest(1, made.digest), "kind": "note", "size": 5, "facts": 1,
        "facts_digest": first_digest, "understood": True, "as_received": digest(1, stood),
    }  # fmt: skip
    log.append("read", body, at="2026-10-01T12:00:00Z")
    log.seal()
    database.execute("COMMIT")
    database.close()
    (folder / "blobs" / made.digest[:2]).mkdir(parents=True)
    (folder / "blobs" / made.digest[:2] / made.digest).write_bytes(b"cough")

    with SqliteStore.open(folder) as store:
        assert [f.code.text for f in store.record(ANN).facts] == ["cough"]
        assert store.bytes_of(made.digest) == b"cough"
        assert list(store.unvouched()) == []
        assert dict(store.facts_digests()) == {0: first_digest}
        with store.writing() as act:
            assert act.add(source(b"gout"), b"gout", [fact("gout")], patient=ANN).new
        assert [e.body["row"] for e in store.ledger.entries("read")] == [1, 2]
