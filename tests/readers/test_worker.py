"""The worker: what kills a decoder is one reject, and everything else comes back as it was."""

import importlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from osler.errors import BrokenFile, Undeclared
from osler.readers import image
from osler.readers.worker import MEMORY_BYTES, Worker

from .drawn import context, png
from .films import write_film
from .recordings import edf, sine
from .slides import write_slide

BAD = "tests.readers.misbehaving"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with Worker(memory_bytes=300 << 20, seconds=20) as started:
        yield started


def ordered(folder: Path, word: str) -> Path:
    path = folder / f"{word}.bin"
    path.write_text(word, encoding="ascii")
    return path


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("segfault", r"a\.png: its decoder crashed \(killed by signal 11\)"),
        ("exit", r"a\.png: its decoder crashed \(exit status 3\)"),
        ("reserve", r"a\.png: its decoder needed more than 300 MB"),
        ("grow", r"a\.png: its decoder needed more than 300 MB"),
        ("bug", r"a\.png: its decoder stopped \(ZeroDivisionError at misbehaving\.py:\d+\)"),
    ],
)
def test_a_decoder_that_dies_is_one_reject(
    worker: Worker, tmp_path: Path, word: str, says: str
) -> None:
    with pytest.raises(BrokenFile, match=says) as caught:
        worker.read(BAD, ordered(tmp_path, word), context())
    assert "Jane" not in str(caught.value)
    (item,) = worker.read(BAD, ordered(tmp_path, "well"), context()).items
    assert item.source.name == "a.png"
    assert worker.starts == 2


def test_a_decoder_that_hangs_is_one_reject(worker: Worker, tmp_path: Path) -> None:
    worker.read(BAD, ordered(tmp_path, "well"), context())
    worker.seconds = 0.3
    began = time.monotonic()
    with pytest.raises(BrokenFile, match=r"a\.png: its decoder did not finish within 0\.3 seconds"):
        worker.read(BAD, ordered(tmp_path, "hang"), context())
    assert time.monotonic() - began < 5
    worker.seconds = 20
    assert worker.read(BAD, ordered(tmp_path, "well"), context()).items


def test_a_read_is_what_it_would_have_been_here(worker: Worker, tmp_path: Path) -> None:
    data = png()
    path = tmp_path / "a.png"
    path.write_bytes(data)
    given = context(kind="histology", declared={"stain": "H&E", "date": "2026-09-30"})
    assert worker.read("image", path, given) == image.read(data, given)


def test_twenty_reads_use_one_process(worker: Worker, tmp_path: Path) -> None:
    path = ordered(tmp_path, "well")
    pids = {worker.read(BAD, path, context()).items[0].trouble for _ in range(20)}
    assert (len(pids), worker.starts) == (1, 1)
    assert pids != {f"pid {os.getpid()}"}


def test_threads_take_turns(worker: Worker, tmp_path: Path) -> None:
    path = ordered(tmp_path, "well")
    names: list[str] = []

    def one(name: str) -> None:
        names.append(worker.read(BAD, path, context(name)).items[0].source.name)

    threads = [threading.Thread(target=one, args=(str(i),)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(names) == [str(i) for i in range(8)]
    assert worker.starts == 1


def test_our_errors_come_back_as_themselves(worker: Worker, tmp_path: Path) -> None:
    with pytest.raises(Undeclared, match=r"^a\.png: says nothing$"):
        worker.read(BAD, ordered(tmp_path, "undeclared"), context())
    with pytest.raises(BrokenFile, match="cannot be decoded"):
        worker.read("image", ordered(tmp_path, "well"), context(kind="fundus"))
    assert worker.starts == 1


def test_what_a_decoder_prints_disturbs_nothing(worker: Worker, tmp_path: Path) -> None:
    assert worker.read(BAD, ordered(tmp_path, "print"), context()).items[0].file


def test_it_runs_nothing_that_lies_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(9)", encoding="ascii")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.png"
    path.write_bytes(png())
    with Worker() as worker:
        assert worker.read("image", path, context(kind="fundus")).items


def test_slides_films_and_signals_are_read_there_as_here(worker: Worker, tmp_path: Path) -> None:
    worker.memory_bytes = MEMORY_BYTES
    paths = {
        "tiff": write_slide(tmp_path / "a.svs"),
        "video": write_film(tmp_path / "a.mp4"),
        "edf": tmp_path / "a.edf",
    }
    paths["edf"].write_bytes(edf(sine("ECG I")))
    for name, path in paths.items():
        here = importlib.import_module(f"osler.readers.{name}").read_file(path, context())
        assert worker.read(name, path, context()).items == tuple(here.items)
    assert worker.starts == 1
