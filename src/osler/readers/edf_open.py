"""EDF, EDF+ and BDF files: the header checked before anything is allocated, samples by channel.

    recording = open_edf(data, "night.edf")        bytes, or a path whose samples stay on disk
    recording.channels[0].label, .unit, .rate_hz
    recording.samples(recording.channels[0])       float32 (n,) in the channel's own unit

Formats: Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+), BioSemi (BDF, 24 bits). Read here and
not by a library: it is two fixed tables of ASCII, and the libraries trust what the tables say.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from osler.errors import BrokenFile

__all__ = ["ANNOTATIONS", "Channel", "Recording", "is_edf", "open_edf"]

ANNOTATIONS = ("EDF Annotations", "BDF Annotations")

_EDF, _BDF = b"0       ", b"\xffBIOSEMI"
_HEAD = 256
_MOST_CHANNELS = 2048
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
# Label, transducer, unit, physical and digital range, filters, samples a record, reserved.
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One signal; `first` and `count` are its samples within a data record."""

    label: str
    unit: str
    rate_hz: float
    first: int
    count: int
    physical: tuple[float, float]
    digital: tuple[float, float]

    @property
    def is_annotations(self) -> bool:
        """Whether it holds words and times (EDF+), not samples."""
        return self.label in ANNOTATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording: `values` are the stored bytes, (records, bytes a record)."""

    patient: str
    recorded: str
    date: str
    time: str
    reserved: str
    record_s: float
    width: int
    announced: int
    everything: tuple[Channel, ...]
    values: np.ndarray

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The signals, without the annotations of EDF+."""
        return tuple(channel for channel in self.everything if not channel.is_annotations)

    @property
    def records(self) -> int:
        """The data records that are there whole."""
        return len(self.values)

    @property
    def duration_s(self) -> float:
        """Seconds recorded, gaps not counted."""
        return self.records * self.record_s

    def samples(self, channel: Channel) -> np.ndarray:
        """float32 (n,) in the channel's own unit."""
        raw = self._raw(channel)
        if self.width == 2:
            stored = raw.view("<i2").astype(np.float32)
        else:
            padded = np.zeros((len(raw) // 3, 4), np.uint8)
            padded[:, 1:] = raw.reshape(-1, 3)
            stored = (padded.view("<i4")[:, 0] >> 8).astype(np.float32)
        (low, high), (bottom, top) = channel.physical, channel.digital
        # The offset is worked out in 64 bits: the physical minimum added in 32 would blur the rest.
        gain = (high - low) / (top - bottom)
        stored *= gain
        stored += low - bottom * gain
        return stored

    def annotations(self) -> int:
        """How many annotations there are, the time-keeping ones not counted (EDF+ 2.2.4)."""
        count = 0
        for channel in self.everything:
            if channel.is_annotations:
                lists = self._raw(channel).tobytes().split(b"\x00")
                count += sum(1 for one in lists for text in one.split(b"\x14")[1:] if text)
        return count

    def _raw(self, channel: Channel) -> np.ndarray:
        start, end = channel.first * self.width, (channel.first + channel.count) * self.width
        return np.ascontiguousarray(self.values[:, start:end]).reshape(-1)


def is_edf(head: bytes) -> bool:
    """Whether these bytes begin as EDF or BDF does: version, and a header of whole 256 bytes."""
    if not head.startswith((_EDF, _BDF)) or len(head) < _HEAD:
        return False
    length, count = head[184:192].strip(b" \x00"), head[252:256].strip(b" \x00")
    return length.isdigit() and count.isdigit() and int(length) == _HEAD * (int(count) + 1)


def open_edf(data: bytes | Path, name: str) -> Recording:
    """The recording; raises `BrokenFile` for a header that does not hold together."""
    stored: np.ndarray
    try:
        if isinstance(data, Path):
            stored = np.memmap(data, dtype=np.uint8, mode="r")
        else:
            stored = np.frombuffer(data, dtype=np.uint8)
    except ValueError as error:
        raise BrokenFile(f"{name}: the file is empty") from error
    head = stored[:_HEAD].tobytes()
    if not is_edf(head):
        raise BrokenFile(f"{name}: no EDF header: its length and its count of signals disagree")
    count = int(head[252:256].strip(b" \x00"))
    length = _HEAD * (count + 1)
    if not 0 < count <= _MOST_CHANNELS or len(stored) < length:
        raise BrokenFile(f"{name}: {count} signals announced: the header is damaged or cut short")
    record_s = _number(head[244:252], f"{name}: duration of a data record")
    tables = _tables(stored[_HEAD:length].tobytes(), count)
    channels = _channels(tables, record_s, name)
    width = 3 if head.startswith(_BDF) else 2
    size = width * sum(channel.count for channel in channels)
    records = (len(stored) - length) // size
    if not records:
        raise BrokenFile(f"{name}: not one whole data record of {size} bytes: copy it again")
    announced = head[236:244].strip(b" \x00").decode("latin-1")
    return Recording(
        patient=_text(head[8:88]),
        recorded=_text(head[88:168]),
        date=_text(head[168:176]),
        time=_text(head[176:184]),
        reserved=_text(head[192:236]),
        record_s=record_s,
        width=width,
        announced=int(announced) if re.fullmatch(r"-?\d{1,8}", announced, re.ASCII) else -1,
        everything=channels,
        values=stored[length : length + records * size].reshape(records, size),
    )


def _tables(block: bytes, count: int) -> list[list[bytes]]:
    """The columns of the signal header, one list of `count` cells each."""
    columns, at = [], 0
    for width in _WIDTHS:
        columns.append([block[at + i * width : at + (i + 1) * width] for i in range(count)])
        at += width * count
    return columns


def _channels(tables: list[list[bytes]], record_s: float, name: str) -> tuple[Channel, ...]:
    channels: list[Channel] = []
    first = 0
    for row in zip(*tables, strict=True):
        label, unit, samples = row[0], row[2], row[8]
        said = _text(label) or f"channel {len(channels) + 1}"
        where = f"{name}: signal {len(channels) + 1}"
        count = int(_number(samples, f"{where}: samples a record"))
        words = said in ANNOTATIONS
        if count < 1 or not (record_s > 0 or words):
            raise BrokenFile(f"{where}: {count} samples in a record of {record_s:g} s")
        numbers = [0.0, 1.0, 0.0, 1.0] if words else [_number(v, where) for v in row[3:7]]
        if abs(numbers[2] - numbers[3]) < 1:
            raise BrokenFile(f"{where}: its digital range is empty, so that it has no scale")
        channels.append(
            Channel(
                label=said,
                unit=_text(unit),
                rate_hz=count / record_s if record_s > 0 else 0.0,
                first=first,
                count=count,
                physical=(numbers[0], numbers[1]),
                digital=(numbers[2], numbers[3]),
            )
        )
        first += count
    return tuple(channels)


def _number(cell: bytes, where: str) -> float:
    text = _text(cell)
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)) or abs(float(text)) > 1e12:
        raise BrokenFile(f"{where}: '{text}' is no number: the header is damaged")
    return float(text)


def _text(cell: bytes) -> str:
    """ASCII by the standard; recorders write Latin-1 (the micro sign), and some end with NUL."""
    return cell.decode("latin-1").replace("\x00", " ").strip()
