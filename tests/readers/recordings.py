"""Small EDF and BDF files that the tests write for themselves, field by field."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

PATIENT = "MCH-0234567 F 02-MAY-1951 Doe_Jane"
RECORDED = "Startdate 02-MAR-2002 EMG561 BK/JOP Sony"


@dataclass(frozen=True, kw_only=True)
class Wave:
    """One signal: stored integers, (records, samples a record), and its header."""

    label: str
    stored: np.ndarray
    unit: str = "uV"
    physical: tuple[str, str] = ("-3276.8", "3276.7")
    digital: tuple[str, str] = ("-32768", "32767")


@dataclass(frozen=True, kw_only=True)
class Head:
    """The fields of the first 256 bytes."""

    patient: str = PATIENT
    recorded: str = RECORDED
    date: str = "02.03.02"
    time: str = "22.15.30"
    reserved: str = "EDF+C"
    record_s: str = "1"
    records: str | None = None
    bdf: bool = False


def sine(label: str, rate: int = 100, records: int = 4, unit: str = "uV") -> Wave:
    """A slow wave of 1000 stored units."""
    stored = np.round(1000 * np.sin(np.arange(rate * records) / 9)).astype(np.int32)
    return Wave(label=label, stored=stored.reshape(records, rate), unit=unit)


def words(lists: Sequence[bytes], width: int = 32) -> Wave:
    """The annotations of EDF+, one block of bytes a record."""
    blocks = [one.ljust(2 * width, b"\x00") for one in lists]
    stored = np.frombuffer(b"".join(blocks), "<i2").astype(np.int32).reshape(len(lists), width)
    return Wave(label="EDF Annotations", stored=stored, unit="")


def edf(*waves: Wave, head: Head | None = None) -> bytes:
    """The whole file."""
    head = head or Head()
    records = len(waves[0].stored)
    out = (b"\xffBIOSEMI" if head.bdf else b"0".ljust(8)) + b"".join(
        text.encode("latin-1").ljust(width)
        for text, width in (
            (head.patient, 80), (head.recorded, 80), (head.date, 8), (head.time, 8),
            (str(256 * (len(waves) + 1)), 8), (head.reserved, 44),
            (head.records or str(records), 8), (head.record_s, 8), (str(len(waves)), 4),
        )
    )  # fmt: skip
    columns = (
        ([wave.label for wave in waves], 16), ([""] * len(waves), 80),
        ([wave.unit for wave in waves], 8),
        ([wave.physical[0] for wave in waves], 8), ([wave.physical[1] for wave in waves], 8),
        ([wave.digital[0] for wave in waves], 8), ([wave.digital[1] for wave in waves], 8),
        ([""] * len(waves), 80), ([str(wave.stored.shape[1]) for wave in waves], 8),
        ([""] * len(waves), 32),
    )  # fmt: skip
    for cells, width in columns:
        out += b"".join(cell.encode("latin-1").ljust(width) for cell in cells)
    for n in range(records):
        for wave in waves:
            out += _packed(wave.stored[n], head.bdf)
    return out


def _packed(values: np.ndarray, bdf: bool) -> bytes:
    if not bdf:
        return values.astype("<i2").tobytes()
    return values.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
