"""Every kind of tampering, by editing the database as an attacker would, has its own name."""

import sqlite3

import pytest

from osler.errors import LedgerAltered
from osler.ledger import Audit, Checkpoint, Entry, Log, SigningKey
from osler.ledger.merkle import leaf_hash

from .conftest import AT, Bench


def problems(bench: Bench, witnessed: Checkpoint | None = None) -> tuple[str, ...]:
    return bench.log.check(bench.key.public, witnessed).problems


def latest(bench: Bench) -> Checkpoint:
    checkpoint = bench.log.latest_checkpoint()
    assert checkpoint is not None
    return checkpoint


def replace_line(bench: Bench, index: int, n: int) -> None:
    """Put in another line together with its right hash."""
    text = Entry(index=index, at=AT, kind="assess", body={"n": n}).to_json()
    bench.tamper()
    bench.connection.execute(
        "UPDATE ledger_line SET kind = 'assess', text = ?, leaf = ? WHERE line = ?",
        (text, leaf_hash(text.encode()), index),
    )


def rewrite(bench: Bench, lines: int, per_seal: int = 1) -> None:
    """All of it anew, signed with the true key: what its holder could do."""
    tables = ("ledger_line", "ledger_node", "ledger_checkpoint")
    bench.tamper(*(f"DELETE FROM {table}" for table in tables))
    for start in range(0, lines, per_seal):
        with bench.transaction() as log:
            for number in range(start, start + per_seal):
                log.append("forged", {"n": number}, AT)
            log.seal()


def test_an_untouched_ledger_has_no_problem(bench: Bench) -> None:
    bench.write(40, per_seal=7)
    audit = bench.log.check(bench.key.public, latest(bench))
    assert audit == Audit(size=40, checkpoints=6, witnessed_size=40, problems=())


def test_a_changed_text_is_named_alone(bench: Bench) -> None:
    bench.write(40)
    bench.tamper("UPDATE ledger_line SET text = replace(text, '17}', '18}') WHERE line = 17")
    audit = bench.log.check(bench.key.public, latest(bench))
    assert len(audit.problems) == 1
    with pytest.raises(LedgerAltered, match=r"^ledger line 17 was changed: its text no longer"):
        audit.raise_if_broken()


@pytest.mark.parametrize("value", ["'not json'", "x'fffefd'", "17", "''"])
def test_a_text_that_is_no_line_is_named(bench: Bench, value: str) -> None:
    bench.write(9)
    bench.tamper(f"UPDATE ledger_line SET text = {value} WHERE line = 4")
    assert problems(bench)[0].startswith("ledger line 4 was changed: this is not a ledger line")


def test_a_changed_hash_is_named(bench: Bench) -> None:
    bench.write(9)
    bench.tamper("UPDATE ledger_line SET leaf = zeroblob(32) WHERE line = 4")
    assert problems(bench)[0].startswith("ledger line 4 was changed: its text no longer")


def test_a_changed_kind_is_named(bench: Bench) -> None:
    bench.write(9)
    bench.tamper("UPDATE ledger_line SET kind = 'hidden' WHERE line = 4")
    assert problems(bench) == (
        "ledger line 4 was changed: it is filed as 'hidden', but its text says 'assess'",
    )


def test_a_line_changed_with_its_hash_is_narrowed_to_its_pair(bench: Bench) -> None:
    bench.write(40, per_seal=10)
    replace_line(bench, 17, 99)
    found = problems(bench)
    assert found[0].startswith("ledger lines 16 to 17 were changed together with their hashes")
    assert found[1].startswith("ledger lines 10 to 19 were changed: they no longer have the root")
    assert len(found) == 2


def test_a_line_changed_with_the_whole_tree_is_narrowed_to_its_checkpoint(bench: Bench) -> None:
    bench.write(40, per_seal=10)
    kept = bench.connection.execute("SELECT size, text FROM ledger_checkpoint").fetchall()
    rewrite(bench, 40)
    bench.tamper("DELETE FROM ledger_checkpoint")
    bench.connection.executemany("INSERT INTO ledger_checkpoint VALUES (?, ?)", kept)
    assert problems(bench) == (
        "ledger lines 0 to 9 were changed: they no longer have the root that was signed at size 10",
    )


def test_a_deleted_line_is_missing(bench: Bench) -> None:
    bench.write(40, per_seal=10)
    bench.tamper("DELETE FROM ledger_line WHERE line = 17")
    assert problems(bench) == ("ledger line 17 is missing: deleted, while line 18 is there",)
    bench.tamper("DELETE FROM ledger_line WHERE line IN (18, 19)")
    assert problems(bench, latest(bench)) == (
        "ledger lines 17 to 19 are missing: deleted, while line 20 is there",
    )


def test_a_deleted_line_that_the_rest_closed_up_on_is_seen(bench: Bench) -> None:
    bench.write(12)
    bench.tamper(
        "DELETE FROM ledger_line WHERE line = 5",
        "UPDATE ledger_line SET line = line - 1 WHERE line > 5",
    )
    assert problems(bench)[0] == ("ledger line 5 was moved: its text says that it is line 6")


def test_reordered_lines_are_named(bench: Bench) -> None:
    bench.write(12)
    bench.tamper(
        "UPDATE ledger_line SET line = -1 WHERE line = 3",
        "UPDATE ledger_line SET line = 3 WHERE line = 7",
        "UPDATE ledger_line SET line = 7 WHERE line = -1",
    )
    found = problems(bench)
    assert found[0] == "ledger line 3 was moved: its text says that it is line 7"
    assert found[1] == "ledger line 7 was moved: its text says that it is line 3"


def test_a_line_put_in_below_zero_is_named(bench: Bench) -> None:
    bench.write(3)
    bench.tamper("INSERT INTO ledger_line VALUES (-1, 'read', '{}', x'00')")
    assert problems(bench)[0].startswith("ledger line -1 was put in")


def test_a_line_added_without_sealing_is_named(bench: Bench) -> None:
    bench.write(3)
    with bench.transaction() as log:
        log.append("forged", {}, AT)
    assert problems(bench) == (
        "ledger lines 3 to 3 are under no signed checkpoint: they were added without sealing",
    )


def test_a_checkpoint_of_another_key_is_forged(bench: Bench) -> None:
    bench.write(4)
    thief = Log(bench.connection, SigningKey.generate())
    bench.tamper("DELETE FROM ledger_checkpoint WHERE size > 0")
    bench.connection.execute("BEGIN")
    thief.seal()
    bench.connection.execute("COMMIT")
    assert problems(bench)[0].startswith("ledger checkpoint at size 4 is forged: the checkpoint")
    assert "another key" in problems(bench)[0]


def test_a_checkpoint_with_a_bad_signature_is_forged(bench: Bench) -> None:
    bench.write(4)
    made = latest(bench)
    false = Checkpoint(
        origin=made.origin,
        size=made.size,
        root=leaf_hash(b"another"),
        key_id=made.key_id,
        signature=made.signature,
    )
    bench.tamper()
    bench.connection.execute(
        "UPDATE ledger_checkpoint SET text = ? WHERE size = 4", (false.text(),)
    )
    found = problems(bench)
    assert found[0].startswith("ledger checkpoint at size 4 is forged: the checkpoint at size 4")
    assert "the signature over these" in found[0]
    bench.tamper("UPDATE ledger_checkpoint SET text = x'ff' WHERE size = 4")
    assert "is forged: this is not a signed checkpoint" in problems(bench)[0]


def test_a_checkpoint_moved_to_another_size_is_named(bench: Bench) -> None:
    bench.write(4)
    bench.tamper(
        "UPDATE ledger_checkpoint SET text = (SELECT text FROM ledger_checkpoint WHERE size = 2) "
        "WHERE size = 3"
    )
    assert problems(bench) == (
        "ledger checkpoint at size 3 was moved: it was signed for 'osler' at size 2",
    )


def test_a_changed_tree_node_is_named(bench: Bench) -> None:
    bench.write(8)
    bench.tamper("UPDATE ledger_node SET hash = zeroblob(32) WHERE number = 2")
    (problem,) = problems(bench)
    assert problem.startswith("ledger lines 0 to 3 were changed together with their hashes, or the")


def test_a_log_cut_short_is_seen_by_its_own_checkpoints(bench: Bench) -> None:
    bench.write(8)
    bench.tamper("DELETE FROM ledger_line WHERE line >= 5")
    found = problems(bench)
    assert found[0].startswith("the ledger was cut short: it ends before line 5, but the tree")
    assert found[1] == (
        "the ledger was cut short: a checkpoint was signed at size 6, but only 5 lines are there"
    )


def cut(bench: Bench, size: int) -> None:
    """Take the end off with everything that speaks of it."""
    bench.tamper(
        f"DELETE FROM ledger_line WHERE line >= {size}",
        f"DELETE FROM ledger_node WHERE number >= {size - size.bit_count()}",
        f"DELETE FROM ledger_checkpoint WHERE size > {size}",
    )


def test_a_log_cut_short_without_trace_is_seen_by_the_witness_only(bench: Bench) -> None:
    bench.write(8)
    witnessed = latest(bench)
    cut(bench, 5)
    assert problems(bench) == ()
    assert problems(bench, witnessed) == (
        "the ledger was cut short: a witness saw 8 lines, it now has 5, so lines 5 to 7 are gone",
    )


def test_a_log_rewritten_by_the_keys_holder_is_seen_by_the_witness_only(bench: Bench) -> None:
    bench.write(8)
    witnessed = latest(bench)
    rewrite(bench, 12)
    assert problems(bench) == ()
    (problem,) = problems(bench, witnessed)
    assert problem.startswith("the ledger was rewritten: among lines 0 to 7 at least one")


def test_a_witness_that_does_not_count_is_named(bench: Bench) -> None:
    bench.write(3)
    made = latest(bench)
    stranger = Checkpoint.sign(SigningKey.generate(), origin="osler", size=3, root=made.root)
    assert problems(bench, stranger)[0].startswith("the witnessed checkpoint at size 3 does not")
    elsewhere = Checkpoint.sign(bench.key, origin="elsewhere", size=3, root=made.root)
    assert problems(bench, elsewhere) == (
        "the witnessed checkpoint is of ledger 'elsewhere', not 'osler'",
    )


def test_the_first_problem_is_raised_with_the_number_of_others(bench: Bench) -> None:
    bench.write(8)
    bench.tamper("UPDATE ledger_line SET text = 'x' WHERE line IN (2, 5)")
    with pytest.raises(LedgerAltered, match=r"^ledger line 2 was changed.*\(1 more problems"):
        bench.log.check(bench.key.public).raise_if_broken()


def test_a_check_sees_one_state_and_leaves_the_callers_transaction(bench: Bench) -> None:
    bench.write(2)
    bench.connection.execute("BEGIN")
    assert problems(bench) == ()
    assert bench.connection.in_transaction
    bench.connection.execute("ROLLBACK")
    assert problems(bench) == ()
    assert not bench.connection.in_transaction


def test_a_file_opened_for_reading_only_can_be_checked(bench: Bench) -> None:
    bench.write(5)
    connection = sqlite3.connect(f"file:{bench.path}?mode=ro", uri=True, isolation_level=None)
    assert Log(connection, None).check(bench.key.public, latest(bench)).problems == ()
    connection.close()
