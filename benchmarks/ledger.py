"""The ledger's cost: append, proof and check beside a plain SQLite insert of the same rows.

    python benchmarks/ledger.py --entries 100000

Both write to a new file on the same disk in the same run, in transactions of ``--batch`` lines;
what counts is the ratio. The plain table holds the line's number, kind and canonical JSON with the
same index: once with the text made beforehand (bare), once made on the way as the ledger must
(plain), so that the second ratio shows hashing, tree, guards and signing alone.
"""

import argparse
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from osler.ledger import JSON, Entry, Log, SigningKey
from osler.ledger.merkle import HASH_BYTES, verify_inclusion

AT = "2026-11-23T09:00:00Z"


def body(number: int) -> dict[str, JSON]:
    """A line of the size that an assessment leaves: three digests and a few numbers."""
    digest = f"{number:064x}"
    return {"record": digest, "model": digest[::-1], "report": digest, "findings": number % 17}


def open_file(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    return connection


def timed(
    connection: sqlite3.Connection, entries: int, batch: int, write: Callable[[range], None]
) -> list[float]:
    """Seconds of each transaction."""
    seconds = []
    for start in range(0, entries, batch):
        before = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        write(range(start, min(start + batch, entries)))
        connection.execute("COMMIT")
        seconds.append(time.perf_counter() - before)
    return seconds


def bare_rows(entries: int) -> list[tuple[int, str, str]]:
    lines = (Entry(index=n, at=AT, kind="assess", body=body(n)) for n in range(entries))
    return [(line.index, line.kind, line.to_json()) for line in lines]


def write_bare(
    connection: sqlite3.Connection, rows: list[tuple[int, str, str]], numbers: range
) -> None:
    for row in rows[numbers.start : numbers.stop]:
        connection.execute("INSERT INTO plain (line, kind, text) VALUES (?, ?, ?)", row)


def write_plain(connection: sqlite3.Connection, numbers: range) -> None:
    for number in numbers:
        entry = Entry(index=number, at=AT, kind="assess", body=body(number))
        connection.execute(
            "INSERT INTO plain (line, kind, text) VALUES (?, ?, ?)",
            (number, entry.kind, entry.to_json()),
        )


def write_ledger(log: Log, numbers: range) -> None:
    for number in numbers:
        log.append("assess", body(number), AT)
    log.seal()


def prove(log: Log, entries: int, count: int = 200) -> tuple[float, int]:
    """Seconds per inclusion proof made and verified, and its largest number of hashes."""
    latest = log.latest_checkpoint()
    if latest is None:
        raise SystemExit("nothing was sealed: give --entries of at least 1")
    hashes = 0
    before = time.perf_counter()
    for step in range(count):
        index = step * entries // count
        proof = log.inclusion(index)
        hashes = max(hashes, len(proof))
        if not verify_inclusion(log.entry(index).leaf, index, entries, proof, latest.root):
            raise SystemExit(f"the proof of line {index} does not hold")
    return (time.perf_counter() - before) / count, hashes


def run(entries: int, batch: int, folder: Path) -> list[str]:
    names = ("bare", "plain", "ledger")
    bare, plain, kept = (open_file(folder / f"{name}.sqlite") for name in names)
    for connection in (bare, plain):
        connection.execute("CREATE TABLE plain (line INTEGER PRIMARY KEY, kind TEXT, text TEXT)")
        connection.execute("CREATE INDEX plain_kind ON plain (kind, line)")
    key = SigningKey.load_or_create(folder / "key")
    log = Log(kept, key)
    log.create_tables()

    rows = bare_rows(entries)
    bare_s = timed(bare, entries, batch, lambda numbers: write_bare(bare, rows, numbers))
    plain_s = timed(plain, entries, batch, lambda numbers: write_plain(plain, numbers))
    ledger_s = timed(kept, entries, batch, lambda numbers: write_ledger(log, numbers))
    proof_s, hashes = prove(log, entries)
    before = time.perf_counter()
    audit = log.check(key.public, log.latest_checkpoint())
    check_s = time.perf_counter() - before
    audit.raise_if_broken()
    for connection in (bare, plain, kept):
        connection.close()

    sizes = [(folder / f"{name}.sqlite").stat().st_size for name in names]
    middle = statistics.median
    return [
        f"{entries} lines in transactions of {batch}; Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {platform.machine()}",
        f"bare insert    {entries / sum(bare_s):10.0f} lines/s",
        f"plain insert   {entries / sum(plain_s):10.0f} lines/s",
        f"ledger append  {entries / sum(ledger_s):10.0f} lines/s   "
        f"{sum(ledger_s) / sum(bare_s):.2f} x the bare, "
        f"{sum(ledger_s) / sum(plain_s):.2f} x the plain time "
        f"(by median transaction {middle(ledger_s) / middle(bare_s):.2f} x, "
        f"{middle(ledger_s) / middle(plain_s):.2f} x)",
        f"file           {sizes[2] / entries:10.0f} B/line    {sizes[2] / sizes[1]:.2f} x",
        f"proof          {hashes * HASH_BYTES:10d} B ({hashes} hashes), "
        f"{proof_s * 1e3:.2f} ms to make and verify",
        f"check          {check_s:10.2f} s for {audit.size} lines, {audit.checkpoints} checkpoints "
        f"({audit.size / check_s:.0f} lines/s)",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=1_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = run(chosen.entries, chosen.batch, Path(folder))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
