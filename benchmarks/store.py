"""How fast a store takes facts in, and how fast it says what holds.

    python benchmarks/store.py                       SQLite alone
    python benchmarks/store.py postgresql://...      beside PostgreSQL, in the same run

A part of `benchmarks/read.py`. Sources are laboratory panels of twenty results, as a message brings
them; every fact has its evidence, its clocks and its line in the ledger. The peer is the same JSON
put into a plain SQLite table, one row a fact, with nothing else kept.
"""

import json
import os
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from osler.record.codec import fact_to_json
from osler.record.fact import Code, Fact, FactKind, Quantity
from osler.record.locator import Evidence, Segment
from osler.record.moment import Moment, utc_now
from osler.record.opening import open_store
from osler.record.patient import Identifier
from osler.record.source import Source
from osler.record.sql_store import SqlStore

__all__ = ["insert_rates", "state_times"]

PANEL = 20
CODES = [Code(text=f"analyte {n}", system="http://loinc.org", code=f"{n}-0") for n in range(50)]
ANN = Identifier(authority="urn:benchmark", value="1")

Panels = list[tuple[Source, bytes, list[Fact]]]


def panels(count: int) -> Panels:
    """That many facts of one patient over ten years, in panels; one in fifty is a correction."""
    drawn = random.Random(17)
    now = utc_now()
    made: Panels = []
    for number in range(count // PANEL):
        data = f"panel {number}".encode()
        source = Source.of(data, kind="hl7v2", name=f"{number}.hl7")
        taken = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(hours=number * 17)
        facts = []
        for place in range(PANEL):
            corrects = drawn.random() < 0.02 and number
            order = drawn.randrange(number) if corrects else number
            facts.append(
                Fact(
                    kind=FactKind.OBSERVATION,
                    code=CODES[(order * PANEL + place) % len(CODES)],
                    value=_drawn_value(drawn),
                    evidence=Evidence(source=source.digest, at=Segment(number=place + 3, field=5)),
                    received_at=now,
                    valid_from=Moment.parse(taken.isoformat()),
                    recorded_at=Moment.parse((taken + timedelta(hours=2)).isoformat()),
                    recorded_inferred=False,
                    status="final",
                    identity=f"order {order}/{place}",
                )
            )
        made.append((source, data, facts))
    return made


def _drawn_value(drawn: random.Random) -> Quantity:
    return Quantity(value=Decimal(drawn.randrange(10, 200)), unit="mg/dL", ucum="mg/dL")


def insert(store: SqlStore, made: Panels) -> float:
    """Seconds to take them in, a hundred panels a transaction."""
    began = time.perf_counter()
    for start in range(0, len(made), 100):
        some = made[start : start + 100]
        with store.writing() as act:
            act.expect((source, facts) for source, _, facts in some)
            for source, data, facts in some:
                act.add(source, data, facts, patient=ANN)
    return time.perf_counter() - began


def plain(made: Panels, folder: Path) -> float:
    """Seconds to put the same JSON into one table."""
    connection = sqlite3.connect(folder / "plain.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE facts (code TEXT, fact TEXT)")
    began = time.perf_counter()
    for start in range(0, len(made), 100):
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO facts VALUES (?, ?)",
            [
                (fact.code.key, json.dumps(fact_to_json(fact)))
                for _, _, facts in made[start : start + 100]
                for fact in facts
            ],
        )
        connection.execute("COMMIT")
    return time.perf_counter() - began


def insert_rates(where: list[str], folder: Path, count: int = 100_000) -> Iterator[str]:
    """A line for each store and one for the peer."""
    made = panels(count)
    facts = sum(len(said) for _, _, said in made)
    peer = plain(made, folder)
    yield f"plain table           {facts / peer:9,.0f} facts/s"
    for place in where:
        with open_store(place) as store:
            took = insert(store, made)
        rate = f"{facts / took:9,.0f} facts/s"
        yield f"{_name(place):<22}{rate}   {peer / took:.2f} x the plain table"


def state_times(where: list[str], rounds: int = 300) -> Iterator[str]:
    """p50 and p95 of `state(code)` on the patient that `insert_rates` left, by both ways."""
    drawn = random.Random(18)
    asked = [
        (
            drawn.choice(CODES).key,
            datetime(2016, 1, 1, tzinfo=UTC) + timedelta(days=drawn.randrange(3000)),
            datetime(2016, 1, 1, tzinfo=UTC) + timedelta(days=drawn.randrange(3000)),
        )
        for _ in range(rounds)
    ]
    for place in where:
        with open_store(place) as store:
            times = []
            for code, as_of, known_at in asked:
                began = time.perf_counter()
                store.state(ANN, code, as_of, known_at)
                times.append(time.perf_counter() - began)
            yield f"{_name(place):<22}store.state(code, as_of, known_at)    {_quantiles(times)}"
            began = time.perf_counter()
            record = store.record(ANN)
            loaded = time.perf_counter() - began
            began = time.perf_counter()
            record.state(CODES[0].key)
            first = time.perf_counter() - began
            times = []
            for code, as_of, known_at in asked:
                began = time.perf_counter()
                record.state(code, as_of, known_at)
                times.append(time.perf_counter() - began)
            yield (
                f"{'':<22}record.state, {len(record.facts):,} facts in memory {_quantiles(times)} "
                f"(read in {loaded:.1f} s, first answer {first:.2f} s)"
            )


def _quantiles(times: list[float]) -> str:
    cuts = statistics.quantiles(times, n=20)
    return f"p50 {cuts[9] * 1000:.2f} ms  p95 {cuts[18] * 1000:.2f} ms"


def _name(place: str) -> str:
    return "PostgreSQL" if place.startswith("postgres") else "SQLite"


def main() -> None:
    """Print both."""
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["OSLER_HOME"] = scratch
        where = [str(Path(scratch) / "store"), *sys.argv[1:]]
        for line in (*insert_rates(where, Path(scratch)), *state_times(where)):
            sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
