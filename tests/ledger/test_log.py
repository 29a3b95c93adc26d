"""Writing, reading and proving; the caller's transaction decides what stays."""

import json
import sqlite3
import subprocess
import sys

import pytest

from osler.errors import LedgerAltered, NotFound, WrongUse
from osler.ledger import Checkpoint, Log, SigningKey
from osler.ledger.merkle import EMPTY_ROOT, root, verify_consistency, verify_inclusion

from .conftest import AT, Bench


def test_an_empty_log_is_legal(bench: Bench) -> None:
    assert bench.log.size == 0
    assert bench.log.latest_checkpoint() is None
    assert list(bench.log.entries()) == []
    with bench.transaction() as log:
        sealed = log.seal()
    assert (sealed.size, sealed.root) == (0, EMPTY_ROOT)
    assert bench.log.check(bench.key.public, sealed).problems == ()


def test_lines_come_back_as_written_and_in_order(bench: Bench) -> None:
    bench.write(7)
    assert [entry.body["n"] for entry in bench.log.entries()] == list(range(7))
    assert [entry.index for entry in bench.log.entries("read")] == [0, 3, 6]
    assert [entry.index for entry in bench.log.entries("read", 1, 6)] == [3]
    assert [entry.index for entry in bench.log.entries(start=5)] == [5, 6]
    entry = bench.log.entry(4)
    assert (entry.at, entry.kind, entry.body) == (AT, "assess", {"n": 4})
    with pytest.raises(NotFound, match="no line 7"):
        bench.log.entry(7)


def test_reading_while_writing_ends(bench: Bench) -> None:
    bench.write(3)
    with bench.transaction() as log:
        for entry in log.entries():
            log.append("copy", entry.body, AT)
        log.seal()
    assert bench.log.size == 6


def test_every_seal_has_the_root_of_its_lines(bench: Bench) -> None:
    leaves = []
    for number in range(70):
        with bench.transaction() as log:
            leaves.append(log.append("read", {"n": number}, AT).leaf)
            sealed = log.seal()
        assert (sealed.size, sealed.root) == (number + 1, root(leaves))
        assert bench.log.latest_checkpoint() == sealed


def test_all_proofs_from_stored_nodes_verify(bench: Bench) -> None:
    bench.write(21)
    leaves = [entry.leaf for entry in bench.log.entries()]
    roots = [root(leaves[:size]) for size in range(22)]
    for new in range(22):
        for index in range(new):
            proof = bench.log.inclusion(index, new)
            assert verify_inclusion(leaves[index], index, new, proof, roots[new])
        for old in range(new + 1):
            proof = bench.log.consistency(old, new)
            assert verify_consistency(old, new, roots[old], roots[new], proof)
    assert bench.log.inclusion(4) == bench.log.inclusion(4, 21)
    with pytest.raises(NotFound, match="21 lines, not 22"):
        bench.log.inclusion(0, 22)
    with pytest.raises(NotFound, match="21 lines, not 22"):
        bench.log.consistency(0, 22)


def test_the_callers_rollback_leaves_no_line(bench: Bench) -> None:
    bench.connection.execute("CREATE TABLE act (what TEXT)")
    bench.write(5)
    bench.connection.execute("BEGIN IMMEDIATE")
    bench.connection.execute("INSERT INTO act VALUES ('assessed')")
    for number in range(3):
        bench.log.append("assess", {"lost": number}, AT)
    bench.log.seal()
    bench.connection.execute("ROLLBACK")
    assert bench.log.size == 5
    assert bench.connection.execute("SELECT count(*) FROM act").fetchone() == (0,)
    bench.write(4)  # the tree goes on from what stayed, not from what was taken back
    audit = bench.log.check(bench.key.public)
    assert (audit.size, audit.checkpoints, audit.problems) == (9, 9, ())


def test_two_connections_write_one_log(bench: Bench) -> None:
    connection = sqlite3.connect(bench.path, isolation_level=None)
    other = Log(connection, bench.key)
    for number in range(6):
        bench.write(1)
        connection.execute("BEGIN IMMEDIATE")
        other.append("other", {"n": number}, AT)
        other.seal()
        connection.execute("COMMIT")
    connection.close()
    assert bench.log.size == 12
    assert bench.log.check(bench.key.public).problems == ()


def test_writing_needs_a_transaction_and_a_key(bench: Bench) -> None:
    with pytest.raises(WrongUse, match="BEGIN IMMEDIATE"):
        bench.log.append("read", {}, AT)
    with pytest.raises(WrongUse, match="BEGIN IMMEDIATE"):
        bench.log.seal()
    with pytest.raises(WrongUse, match="reading only"):
        Log(bench.connection, None).seal()
    with pytest.raises(WrongUse, match="cannot be called"):
        Log(bench.connection, bench.key, origin="two words")
    assert bench.log.size == 0


def test_sealing_twice_gives_the_same_checkpoint(bench: Bench) -> None:
    with bench.transaction() as log:
        log.append("read", {}, AT)
        assert log.seal() == log.seal()
    assert bench.log.check(bench.key.public).checkpoints == 1


def test_sealing_with_another_key_is_refused(bench: Bench) -> None:
    bench.write(2)
    stranger = Log(bench.connection, SigningKey.generate())
    bench.connection.execute("BEGIN")
    with pytest.raises(LedgerAltered, match="key file was replaced or the checkpoint forged"):
        stranger.seal()
    bench.connection.execute("ROLLBACK")


def test_sealing_over_a_changed_tree_is_refused(bench: Bench) -> None:
    bench.write(6)
    bench.tamper("UPDATE ledger_node SET hash = zeroblob(32) WHERE number = 2")
    bench.connection.execute("BEGIN")
    bench.log.append("read", {}, AT)
    with pytest.raises(LedgerAltered, match="no longer extends its checkpoint at size 6"):
        bench.log.seal()
    bench.connection.execute("ROLLBACK")
    bench.tamper("DELETE FROM ledger_node")
    with pytest.raises(LedgerAltered, match="lacks the node over lines 0 to 3"):
        bench.log.inclusion(5)


def test_a_refused_body_leaves_nothing(bench: Bench) -> None:
    with bench.transaction() as log, pytest.raises(WrongUse, match="cannot be written"):
        log.append("read", {"x": float("nan")}, AT)
    assert bench.log.size == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_line SET text = 'x' WHERE line = 0",
        "DELETE FROM ledger_line WHERE line = 1",
        "INSERT OR REPLACE INTO ledger_line VALUES (0, 'read', '{}', x'00')",
        "UPDATE ledger_node SET hash = x'00'",
        "DELETE FROM ledger_node",
        "INSERT OR REPLACE INTO ledger_node VALUES (0, x'00')",
        "UPDATE ledger_checkpoint SET text = ''",
        "DELETE FROM ledger_checkpoint",
        "INSERT OR REPLACE INTO ledger_checkpoint VALUES (2, '')",
    ],
)
def test_the_tables_are_append_only(bench: Bench, statement: str) -> None:
    bench.write(2)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        bench.connection.execute(statement)
    assert bench.log.check(bench.key.public).problems == ()


def test_reading_a_changed_line_is_refused(bench: Bench) -> None:
    bench.write(3)
    bench.tamper("UPDATE ledger_line SET text = replace(text, '\"n\":1', '\"n\":2')")
    assert bench.log.entry(0).index == 0
    with pytest.raises(LedgerAltered, match="ledger line 1 was changed"):
        bench.log.entry(1)
    with pytest.raises(LedgerAltered, match="ledger line 1 was changed"):
        list(bench.log.entries())


def test_stored_text_is_canonical_json(bench: Bench) -> None:
    bench.write(1)
    text, leaf = bench.connection.execute("SELECT text, leaf FROM ledger_line").fetchone()
    assert json.loads(text) == {"at": AT, "body": {"n": 0}, "index": 0, "kind": "read"}
    assert leaf == bench.log.entry(0).leaf


def test_create_tables_keeps_the_callers_transaction_open(bench: Bench) -> None:
    bench.connection.execute("BEGIN")
    bench.log.create_tables()
    assert bench.connection.in_transaction
    bench.connection.execute("ROLLBACK")


def test_the_checkpoint_goes_through_text_to_a_witness(bench: Bench) -> None:
    bench.write(4)
    latest = bench.log.latest_checkpoint()
    assert latest is not None
    bench.write(5)
    kept = Checkpoint.parse(latest.text())
    audit = bench.log.check(bench.key.public, kept)
    assert (audit.size, audit.witnessed_size, audit.problems) == (9, 4, ())
    audit.raise_if_broken()


def test_importing_the_room_imports_no_cryptography() -> None:
    script = "import sys, osler.ledger; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
