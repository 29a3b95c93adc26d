"""Reading: how fast FHIR becomes facts, and that a large export streams in little memory.

    python benchmarks/read.py                                   every section
    python benchmarks/read.py fhir --folder ../shared/data/fhir_r4
    python benchmarks/read.py stream --megabytes 1000
    python benchmarks/read.py stores --postgres postgresql://osler@localhost/benchmark

A section is a function of the arguments that gives lines to print; `SECTIONS` lists them, and
within one section everything is measured in the same run. `fhir` sets Osler's whole way, from bytes
to facts, beside parsing alone with `fhir.resources` (R4B) and with `json`. `stream` reads a bulk
export, which it makes first, in a process of its own and asks the system for its peak memory.
`stores` is `benchmarks/store.py`: facts a second into each store, and the time of `state(code)`.
"""

import argparse
import gc
import gzip
import importlib
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from store import insert_rates, state_times

from osler.readers import ndjson
from osler.readers.fhir import read
from osler.readers.reading import Context
from osler.record.moment import utc_now

Files = Mapping[str, bytes]


def fhir(arguments: argparse.Namespace) -> Iterator[str]:
    """MB/s and facts/s of reading bundles, beside its peers."""
    files = _unpacked(arguments.folder)
    if not files:
        yield f"fhir: skipped, no bundles in {arguments.folder}"
        return
    size = sum(map(len, files.values())) / 1e6
    counts = _Counts()
    yield f"fhir: {len(files)} files, {size:.1f} MB, seconds of processor time"
    ways: dict[str, Callable[[bytes], object]] = {
        "osler, bytes to facts": counts.read,
        "json.loads, parsing alone": json.loads,
    }
    try:
        peer = importlib.import_module("fhir.resources.R4B.bundle").Bundle
        ways["fhir.resources, parsing alone"] = peer.model_validate_json
    except ModuleNotFoundError:
        yield "  fhir.resources: skipped, not installed (pip install fhir.resources)"
    taken = _side_by_side(ways, list(files.values()))
    ours = taken["osler, bytes to facts"]
    for name, seconds in taken.items():
        said = f"  {name:30} {seconds:6.2f} s {size / seconds:7.1f} MB/s"
        yield f"{said}   {seconds / ours:5.2f} times osler's time"
    yield f"  {counts.sources} sources, {counts.facts} facts, {counts.facts / ours:.0f} facts/s"


def stream(arguments: argparse.Namespace) -> Iterator[str]:
    """Seconds, MB/s and peak memory of one large bulk export."""
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as folder:
        path = Path(folder) / "Observation.ndjson"
        _write_export(path, arguments.megabytes * 1_000_000)
        command = [sys.executable, __file__, "--measure", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        told = json.loads(done.stdout)
    size = told["bytes"] / 1e6
    yield f"stream: one export of {size:.0f} MB, {told['sources']} lines, {told['facts']} facts"
    seconds, peak = told["seconds"], told["peak_mb"]
    yield f"  {seconds:.1f} s, {size / seconds:.1f} MB/s, peak {peak:.0f} MB"


def stores(arguments: argparse.Namespace) -> Iterator[str]:
    """Insert rates and `state()` of SQLite, and of PostgreSQL where an address is given."""
    with tempfile.TemporaryDirectory(dir=arguments.scratch) as folder:
        os.environ["OSLER_HOME"] = folder
        where = [str(Path(folder) / "store"), *arguments.postgres]
        yield "stores: panels of 20 results, one patient, 100,000 facts"
        for line in (*insert_rates(where, Path(folder)), *state_times(where)):
            yield f"  {line}"


SECTIONS: Mapping[str, Callable[[argparse.Namespace], Iterator[str]]] = {
    "fhir": fhir,
    "stores": stores,
    "stream": stream,
}


class _Counts:
    """Reads as the intake does, and counts what it finds."""

    def __init__(self) -> None:
        self.sources = self.facts = 0
        self.now = utc_now()

    def read(self, data: bytes) -> None:
        items = read(data, Context(name="bundle.json", now=self.now)).items
        self.sources += len(items)
        self.facts += sum(len(item.facts) for item in items)


def _side_by_side(
    ways: Mapping[str, Callable[[bytes], object]], files: Sequence[bytes]
) -> dict[str, float]:
    """Seconds of each way over all files, file by file in turn: a busy machine is busy for all."""
    taken = dict.fromkeys(ways, 0.0)
    # What importing a peer left behind is not walked again by the collector, for any of them.
    gc.collect()
    gc.freeze()
    for data in files:
        for name, way in ways.items():
            gc.collect()
            begun = time.process_time()
            way(data)
            taken[name] += time.process_time() - begun
    return taken


def _unpacked(folder: Path) -> Files:
    found = {p.name: p.read_bytes() for p in sorted(folder.rglob("*.json*"))}
    return {n: gzip.decompress(d) if n.endswith(".gz") else d for n, d in found.items()}


def _write_export(path: Path, size: int) -> None:
    """Laboratory results of a thousand patients, who stand at the head of the same file."""
    written = 0
    with path.open("wb") as file:
        for number in range(1000):
            written += file.write(_line(_patient(number)))
        number = 0
        while written < size:
            written += file.write(_line(_result(number)))
            number += 1


def _line(body: Mapping[str, object]) -> bytes:
    return json.dumps(body).encode() + b"\n"


def _patient(number: int) -> dict[str, object]:
    kind = {"coding": [{"code": "MR"}]}
    own = {"type": kind, "system": "urn:benchmark", "value": str(number)}
    return {"resourceType": "Patient", "id": str(number), "identifier": [own]}


def _result(number: int) -> dict[str, object]:
    loinc = {"system": "http://loinc.org", "code": "2160-0", "display": "Creatinine"}
    when = f"{2000 + number % 20}-{number % 12 + 1:02}-{number % 28 + 1:02}T08:{number % 60:02}:00Z"
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "meta": {"versionId": "1", "lastUpdated": when},
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [loinc], "text": "Creatinine"},
        "subject": {"reference": f"Patient/{number % 1000}"},
        "effectiveDateTime": when,
        "issued": when,
        "valueQuantity": {
            "value": round(0.6 + number % 90 / 100, 2),
            "unit": "mg/dL",
            "system": "http://unitsofmeasure.org",
            "code": "mg/dL",
        },
        "referenceRange": [{"low": {"value": 0.6}, "high": {"value": 1.1}, "text": "adult"}],
    }


def _measure(path: Path) -> None:
    """Read one export here, and say what it took."""
    sources = facts = 0
    begun = time.perf_counter()
    for item in ndjson.read_file(path, Context(name=path.name, now=utc_now())).items:
        assert item.patient is not None
        sources, facts = sources + 1, facts + len(item.facts)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB
    told = {"bytes": path.stat().st_size, "sources": sources, "facts": facts}
    sys.stdout.write(json.dumps({**told, "seconds": seconds, "peak_mb": peak}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[[], *SECTIONS], help="default: all")
    parser.add_argument("--folder", type=Path, default=Path("../shared/data/fhir_r4"))
    parser.add_argument("--postgres", nargs="*", default=[], help="addresses of empty databases")
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--scratch", type=Path, help="where the export is made; it is removed")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        _measure(arguments.measure)
        return
    sys.stdout.write(f"Python {platform.python_version()}, {platform.machine()}\n")
    for name in arguments.sections or SECTIONS:
        for line in SECTIONS[name](arguments):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
