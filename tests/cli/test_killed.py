"""A reading that is killed at any moment leaves a sound store, and the next one completes it."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from osler.ledger.signing import PublicKey
from osler.record.sqlite import SqliteStore

TRIALS = int(os.environ.get("OSLER_KILL_TRIALS", "3"))


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two patients' notes, results and an export large enough to be written in several parts."""
    folder = tmp_path_factory.mktemp("delivery")
    for number in range(60):
        day = f"2024-01-{number % 28 + 1:02}"
        text = f"Patient-ID: urn:h|{number % 2}\nDate: {day}\n\nSeen. {number}\n"
        (folder / f"note{number:02}.txt").write_text(text * (1 + 300 * (number % 7 == 0)))
    patients = [
        {
            "resourceType": "Patient",
            "id": f"{n}",
            "identifier": [{"system": "urn:h", "value": f"{n}"}],
        }
        for n in "01"
    ]
    results = [
        {
            "resourceType": "Observation", "id": f"o{n}", "status": "final",
            "subject": {"reference": f"Patient/{n % 2}"}, "code": {"text": "creatinine"},
            "effectiveDateTime": "2024-01-02T08:00:00Z",
            "valueQuantity": {"value": 60 + n % 50, "unit": "umol/L"},
        }
        for n in range(6000)
    ]  # fmt: skip
    for name, rows in (("Patient", patients), ("Observation", results)):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{name}.ndjson").write_text(lines)
    return folder


def read(delivery: Path, store: Path) -> list[str]:
    return [sys.executable, "-m", "osler", "read", str(delivery), "--store", str(store), "--json"]


def content(store: Path) -> str:
    """A digest of what the store holds, apart from when it came and in which order."""
    with SqliteStore.open(store, create=False) as opened:
        rows = []
        for patient in opened.patients():
            record = opened.record(patient.identifiers[0])
            rows += [f"{patient.name} {s.digest} {s.kind} {s.name}" for s in record.sources]
            rows += [
                f"{patient.name} {f.evidence} {f.code} {f.value} {f.identity}" for f in record.facts
            ]
        for source in opened.database.execute("SELECT DISTINCT digest FROM sources"):
            assert opened.bytes_of(source[0]) is not None
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def test_killed_at_any_moment(delivery: Path, tmp_path: Path, own_home: Path) -> None:
    whole = tmp_path / "whole"
    began = time.monotonic()
    subprocess.run(read(delivery, whole), capture_output=True, check=True)
    takes = time.monotonic() - began
    expected = content(whole)
    public = PublicKey.load(own_home / "keys" / "ledger.key.pub")
    moments = random.Random(17)
    killed = 0
    for trial in range(TRIALS):
        store = tmp_path / f"store{trial}"
        process = subprocess.Popen(
            read(delivery, store), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.1, takes))
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        if (store / "osler.sqlite").exists():
            with SqliteStore.open(store) as opened:
                assert opened.ledger.check(public).problems == ()
                assert list(opened.unvouched()) == []
                facts = dict(opened.facts_digests())
                for index, digest in facts.items():
                    assert opened.ledger.entry(index).body["facts_digest"] == digest
        subprocess.run(read(delivery, store), capture_output=True, check=True)
        assert content(store) == expected
        assert not list((store / "blobs").glob("*/.partial-*"))
    assert killed >= TRIALS // 2, "most trials must have been cut short, or they show nothing"
