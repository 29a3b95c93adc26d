"""Film: frames by time, whatever the container, and what it says of itself."""

import struct
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from osler.errors import BrokenFile, InputError, Undeclared
from osler.readers import video
from osler.readers.large import large_pixels
from osler.readers.reading import Item
from osler.readers.resolve import ShownImage, show
from osler.readers.video_date import created
from osler.readers.video_open import frame_at, frames_between, look, middle_frame
from osler.record.locator import Clip, Tile, Whole
from osler.record.media import Media

from .drawn import NOW, context
from .films import STEP, write_film, write_gif

CONTAINERS = ("mp4", "mov", "avi", "mkv", "webm")


def read_one(path: Path, **fields: object) -> tuple[Item, Media]:
    (item,) = video.read_file(path, context(path.name, **fields)).items
    assert isinstance(item.facts[0].value, Media)
    return item, item.facts[0].value


def grey(pixels: np.ndarray) -> int:
    return int(np.median(pixels))


@pytest.mark.parametrize("ending", CONTAINERS)
def test_every_container(tmp_path: Path, ending: str) -> None:
    path = write_film(tmp_path / f"a.{ending}")
    with path.open("rb") as file:
        assert video.is_video(file.read(64))
    item, media = read_one(path)
    assert (item.source.kind, item.file, item.data, item.patient) == ("video", path, b"", None)
    stated = {
        "modality": "video", "frames": 20, "frame_rate_hz": 10.0, "duration_s": 2.0,
        "columns": 64, "rows": 48, "frame_times": None,
        "codec": "vp80" if ending == "webm" else "mpeg4",
    }  # fmt: skip
    assert {name: media.get(name) for name in stated} == stated
    for ms, n in ((0, 0), (99, 0), (100, 1), (1050, 10), (550, 5), (1999, 19)):
        assert abs(grey(frame_at(path, ms)) - n * STEP) <= 6
    with pytest.raises(BrokenFile, match="outside a moving picture of 2000 ms"):
        frame_at(path, 9000)


def test_uneven_frames_are_found_by_their_stamps(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "a.gif", [100, 50, 300, 100, 100, 700])
    item, media = read_one(path, kind="ultrasound")
    assert (item.source.media_type, media.modality) == ("image/gif", "ultrasound")
    assert (media.get("frames"), media.get("frame_times")) == (6, "uneven")
    for ms, n in ((0, 0), (99, 0), (100, 1), (149, 1), (150, 2), (449, 2), (450, 3), (650, 5)):
        assert frame_at(path, ms)[0, 0].tolist() == [n * 40, 0, 0]


def test_a_gif_that_does_not_move_is_a_picture(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "a.gif", [100])
    (item,) = video.read_file(path, context("a.gif", kind="fundus")).items
    assert (item.source.kind, item.source.media_type) == ("image", "image/gif")
    with pytest.raises(Undeclared):
        video.read_file(path, context("a.gif"))


def test_frames_spread_over_a_clip(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4")
    shown = frames_between(path, Clip(start_ms=0, end_ms=2000), 4)
    assert [round(grey(frame) / STEP) for frame in shown] == [2, 7, 12, 17]
    assert abs(grey(middle_frame(path)) - 10 * STEP) <= 6
    for clip, count in ((Clip(start_ms=5, end_ms=5), 1), (Clip(start_ms=0, end_ms=9), 0)):
        with pytest.raises(BrokenFile, match="nothing to show"):
            frames_between(path, clip, count)


def test_evidence_opens_from_a_path_and_from_bytes(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4")
    item, _ = read_one(path)
    for data in (path, path.read_bytes()):
        shown = show(data, item.source, Clip(start_ms=500, end_ms=900))
        assert isinstance(shown, ShownImage)
        assert abs(grey(shown.pixels) - 5 * STEP) <= 6
        whole = show(data, item.source, Whole())
        assert isinstance(whole, ShownImage)
        assert whole.pixels.shape == (48, 64, 3)
    with pytest.raises(BrokenFile, match="nothing to show"):
        show(path, item.source, Clip(start_ms=-5, end_ms=4))
    with pytest.raises(BrokenFile, match="by its clock, not by a tile"):
        large_pixels(path, "video", Tile(level=0, x=0, y=0, width=1, height=1))


def test_red_stays_red(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "a.gif", [100, 100])
    assert frame_at(path, 150)[3, 3].tolist() == [40, 0, 0]


def test_cut_short_it_is_read_in_part_or_refused(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "a.avi").read_bytes()
    path = tmp_path / "b.avi"
    troubles: set[bool | None] = set()
    for length in range(0, len(whole), len(whole) // 30):
        path.write_bytes(whole[:length])
        try:
            troubles.add(read_one(path)[0].trouble is not None)
        except BrokenFile:
            troubles.add(None)
    assert {True, None} <= troubles


@pytest.mark.parametrize("ending", CONTAINERS)
def test_bytes_changed_at_random_end_in_a_read_or_a_refusal(tmp_path: Path, ending: str) -> None:
    path = write_film(tmp_path / f"a.{ending}", frames=5)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(25):
        altered = bytearray(whole)
        for at in rng.integers(0, len(whole), 5):
            altered[at] ^= int(rng.integers(1, 256))
        path.write_bytes(altered)
        try:
            read_one(path)
            middle_frame(path)
        except InputError:
            continue


def movie(seconds: int, version: int = 0) -> bytes:
    """The boxes of an MP4 down to its movie header, and nothing else."""
    times = struct.pack(">QQ" if version else ">II", seconds, seconds)
    header = bytes([version, 0, 0, 0]) + times + bytes(80)
    header = struct.pack(">I4s", 8 + len(header), b"mvhd") + header
    film = struct.pack(">I4s", 8 + len(header), b"moov") + header
    return struct.pack(">I4s4s4s", 16, b"ftyp", b"isom", b"isom") + film


def since_1904(year: int) -> int:
    return int(
        (datetime(year, 5, 1, tzinfo=UTC) - datetime(1904, 1, 1, tzinfo=UTC)).total_seconds()
    )


@pytest.mark.parametrize("version", [0, 1])
def test_the_date_that_a_movie_header_states(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(movie(since_1904(2021), version))
    moment = created(path, NOW)
    assert moment is not None
    assert (moment.day.isoformat(), moment.zone_assumed) == ("2021-05-01", False)


@pytest.mark.parametrize(
    "data",
    [
        movie(0),
        movie(since_1904(1970)),
        movie(since_1904(2035)),
        movie(1 << 63, version=1),
        movie(since_1904(2021))[:40],
        b"\x00" * 600,
        b"\xff" * 600,
        b"",
    ],
)
def test_a_date_that_is_none(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    assert created(path, NOW) is None


def test_what_is_no_film() -> None:
    for head in (b"", b"Fat-free diet", b"\x00\x00\x00\x20ftypheic", b"RIFF\x00\x00\x00\x00WAVE"):
        assert not video.is_video(head)


def test_every_ultrasound_loop_of_the_development_data(shared_data: Path) -> None:
    clips = sorted((shared_data / "lung_ultrasound" / "clips").iterdir())
    assert clips
    for path in clips:
        item, media = read_one(path, kind="ultrasound")
        assert item.trouble is None
        assert media.get("frames")
        assert middle_frame(path).shape == (media.get("rows"), media.get("columns"), 3)


MEASURE = """
import re, sys, datetime
from pathlib import Path
from osler.readers import video
from osler.readers.reading import Context
from osler.readers.video_open import frames_between
from osler.record.locator import Clip
path = Path(sys.argv[1])
now = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)
(item,) = video.read_file(path, Context(name="a.mp4", now=now)).items
assert item.facts[0].value.get("duration_s") == 600.0
frames_between(path, Clip(start_ms=0, end_ms=600_000), 16)
# Not getrusage: its peak counts the parent's memory too, as it was when the child was forked.
status = Path("/proc/self/status").read_text()
peak = int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) * 1024
print(peak)
"""


@pytest.mark.slow
def test_ten_minutes_of_film_stay_small(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.mp4", frames=15_000, rate_hz=25, size=(1280, 720))
    assert look(path).frames == 15_000
    out = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True
    ).stdout
    assert int(out) < 600_000_000
