"""Spoilt files of every format end in a reading or in one reject, in bounded time and memory.

OSLER_MUTATIONS=20000 python -m pytest -s tests/readers/test_mutated.py
"""

import contextlib
import os
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from osler.errors import InputError
from osler.readers.files import File
from osler.readers.parse import Parser
from osler.readers.reading import Flow, Item
from osler.readers.resolve import show
from osler.record.fact import Fact

from .drawn import WFDB_SAMPLES
from .mutations import seeds, spoilt

MUTATIONS = int(os.environ.get("OSLER_MUTATIONS", "1500"))
LONGEST_S = 5.0
MOST_MEGABYTES = 600

# wfdb calls pandas in a way that pandas 3.1 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")


@pytest.mark.timeout(3600)
def test_no_mutation_escapes(tmp_path: Path) -> None:
    shared = Path(os.environ.get("OSLER_SHARED_DATA", "../shared/data"))
    originals = seeds(shared if shared.is_dir() else None)
    drawn = random.Random(20261124)
    done: Counter[str] = Counter()
    slow: list[tuple[float, str]] = []
    parser = Parser()
    before = _resident()
    (tmp_path / "ecg.dat").write_bytes(WFDB_SAMPLES)
    try:
        for number in range(MUTATIONS):
            name, data = originals[number % len(originals)]
            spoiled = data if number < len(originals) else spoilt(drawn, data)
            path = tmp_path / name
            path.write_bytes(spoiled)
            companions = (tmp_path / "ecg.dat",) if name == "ecg.hea" else ()
            file = File(path=path, name=name, patient=None, companions=companions)
            began = time.monotonic()
            try:
                done[_outcome(parser, file)] += 1
            except Exception as error:
                kept = tmp_path.parent / f"escaped-{number}-{name}"
                kept.write_bytes(spoiled)
                raise AssertionError(f"{type(error).__name__} escaped from {kept}") from error
            slow.append((time.monotonic() - began, f"{name} ({number})"))
            path.unlink()
    finally:
        parser.close()
    slow.sort(reverse=True)
    ours = _resident()
    sys.stdout.write(
        f"\n{MUTATIONS} inputs: {dict(done)}; slowest {slow[:3]}; resident {ours:.0f} MB "
        f"({before:.0f} before)\n"
    )
    assert sum(done.values()) == MUTATIONS
    assert done["read"] >= len(originals) // 2, "else this shows nothing"
    if "OSLER_MUTATIONS" in os.environ:  # a measurement; the suite runs on machines that are busy
        assert slow[0][0] < LONGEST_S
    # The decoders' process is held to its own limit (tests/readers/test_worker.py).
    assert ours - before < MOST_MEGABYTES


def _outcome(parser: Parser, file: File) -> str:
    parsed = parser.parse(file, {})
    if parsed.reading is None:
        assert parsed.error is not None
        assert str(parsed.error), "a reject says why"
        # A reader's own fault inside the decoders' process is caught there, and is none less one.
        assert "its decoder stopped" not in str(parsed.error), parsed.error
        return "rejected"
    items = []
    try:
        items = list(parsed.reading.items)
    except InputError:
        return "read in part"
    if isinstance(parsed.reading, Flow) and not items:
        return "empty"
    for item in items[:3]:
        for fact in item.facts[:3]:
            _opens(item.data or file.path.read_bytes(), item, fact)
    return "read" if any(item.facts for item in items) else "kept whole"


def _opens(data: bytes, item: Item, fact: Fact) -> None:
    """Evidence of a spoilt file opens, or says that it does not."""
    with contextlib.suppress(InputError):
        show(data, item.source, fact.evidence.at)


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
