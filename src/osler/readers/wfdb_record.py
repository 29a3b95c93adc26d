"""WFDB records (PhysioNet): a `.hea` header and the signal files it names, as one source.

    read(header_bytes, context)      context.companions holds {"100.dat": b"..."}
    wfdb_signal(item.data)           the samples, in millivolts

The source's bytes are an uncompressed tar of the header and its signal files, sorted by name
and without times or owners, so that the same files always have the same digest. Format:
"WFDB Applications Guide", header(5) and signal(5). A header without units means millivolts and
one without gain 200 units a millivolt (header(5)).
"""

import io
import re
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import wfdb

from osler.errors import BrokenFile, Undeclared, UnknownFormat
from osler.readers.media_fact import media_fact
from osler.readers.reading import Context, Item, Reading
from osler.readers.signal import ECG, Signal, ecg_attributes, lead_name, millivolts
from osler.record.fact import Fact
from osler.record.moment import Moment
from osler.record.source import AuthorRole, Source

__all__ = ["KIND", "read", "signal_files", "wfdb_signal"]

KIND = "wfdb"

_LONGEST_NAME = 100  # the name field of a USTAR header (POSIX.1-1988)

# What the wfdb library raises on damaged input: it has no error type of its own for these.
_DAMAGE = (ValueError, IndexError, KeyError, TypeError, AttributeError, OSError, OverflowError,
           MemoryError, RuntimeError)  # fmt: skip

# "# 69 M 1085 1629 x1" (MIT-BIH), "# age: 81" (PTB), "# <age>: 25" (the simulator's test files)
_AGES = (
    re.compile(r"^\s*(\d{1,3})\s+[MF]\b"),
    re.compile(r"^\s*<?age>?\s*:\s*(\d{1,3})\b", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decoded:
    """The voltage channels, the channels left out, and the header's own remarks."""

    signal: Signal
    left_out: tuple[str, ...]
    comments: tuple[str, ...]


def read(data: bytes, context: Context) -> Reading:
    """One source of kind `wfdb` with a MEDIA fact; `context.companions` are the signal files.

    Raises `BrokenFile` naming a signal file that did not come along, `Undeclared` when no channel
    is in volts, `UnknownFormat` for a record of several segments. WFDB names no patient.
    """
    header = PurePosixPath(context.name).name
    wanted = signal_files(data, context.name)
    missing = [name for name in wanted if name not in context.companions]
    if missing:
        raise BrokenFile(
            f"{context.name} names {', '.join(missing)}, which did not come along: "
            "put it beside the header and read the folder again"
        )
    packed = _pack({header: data, **{name: context.companions[name] for name in wanted}})
    decoded = _decoded(packed)
    source = Source.of(
        packed,
        kind=KIND,
        name=context.name,
        media_type="application/x-tar",
        author=AuthorRole.DEVICE,
    )
    trouble = None
    if decoded.left_out:
        trouble = f"not read as leads, for they are not in volts: {', '.join(decoded.left_out)}"
    fact = _fact(decoded, source, context)
    return Reading(items=(Item(source=source, data=packed, facts=(fact,), trouble=trouble),))


def signal_files(header: bytes, name: str) -> tuple[str, ...]:
    """The signal files that a header names, each once; raises `BrokenFile`, `UnknownFormat`."""
    lines = [
        line
        for line in header.decode("latin-1").splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    record = lines[0].split() if lines else []
    if len(record) < 2 or not record[1].isdecimal():
        raise BrokenFile(f"{name}, line 1: a WFDB header starts with a record name and a count")
    if "/" in record[0]:
        raise UnknownFormat(f"{name} is a record of several segments: read each segment's header")
    count = int(record[1])
    if count < 1 or len(lines) < 1 + count:
        raise BrokenFile(f"{name} announces {count} signals and describes {len(lines) - 1}")
    names = dict.fromkeys(line.split()[0] for line in lines[1 : 1 + count])
    for file in names:
        if PurePosixPath(file).name != file or file in {"~", ".", ".."} or "\\" in file:
            raise BrokenFile(f"{name} names '{file}': signal files stand beside their header")
    return tuple(names)


def wfdb_signal(data: bytes) -> Signal:
    """The samples of a source of kind `wfdb`; raises `BrokenFile` or `Undeclared`."""
    return _decoded(data).signal


def _pack(files: dict[str, bytes]) -> bytes:
    long = [name for name in files if len(name.encode()) > _LONGEST_NAME]
    if long:
        raise BrokenFile(
            f"'{long[0]}' is longer than the {_LONGEST_NAME} bytes that a packed record has room "
            "for: give it a shorter name, in its header too"
        )
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(files):
            entry = tarfile.TarInfo(name)  # time, owner and group are zero by default
            entry.size = len(files[name])
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(files[name]))
    return packed.getvalue()


def _unpack(data: bytes, folder: Path) -> str:
    """Write the files of a packed record into `folder`; returns the header's name."""
    headers = []
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for entry in tar:
                content = tar.extractfile(entry)
                if content is None or PurePosixPath(entry.name).name != entry.name:
                    raise BrokenFile(f"'{entry.name}' has no place in a packed WFDB record")
                (folder / entry.name).write_bytes(content.read())
                if entry.name.endswith(".hea"):
                    headers.append(entry.name)
    except tarfile.TarError as error:
        raise BrokenFile(f"a WFDB source is no tar of its files: {error}") from error
    if len(headers) != 1:
        raise BrokenFile(f"a WFDB source holds {len(headers)} headers (.hea), not one")
    return headers[0]


def _decoded(data: bytes) -> _Decoded:
    with TemporaryDirectory(prefix="osler-wfdb-") as name:
        header = _unpack(data, Path(name))
        try:
            record = wfdb.rdrecord(str(Path(name) / header.removesuffix(".hea")))
        except _DAMAGE as error:
            said = str(error).replace(name, "").strip() or type(error).__name__
            raise BrokenFile(f"{header} or its signal file is damaged: {said}") from error
    if record.p_signal is None or not record.fs or record.fs <= 0:
        raise BrokenFile(f"{header} holds no samples or states no sampling rate")
    factors, left_out = _units(record)
    if not factors:
        raise Undeclared(f"{header} has no channel in volts (it has {', '.join(left_out)})")
    columns = list(factors)
    signal = Signal(
        samples_mv=np.asarray(record.p_signal)[:, columns] * np.array(list(factors.values())),
        rate_hz=float(record.fs),
        leads=tuple(lead_name(record.sig_name[i] or f"channel {i}") for i in columns),
        start=_start(record),
    )
    return _Decoded(signal=signal, left_out=left_out, comments=tuple(record.comments or ()))


def _units(record: Any) -> tuple[dict[int, float], tuple[str, ...]]:
    """Millivolts a unit, by column, of those in volts; and the names of those that are not."""
    factors, left_out = {}, []
    for i, unit in enumerate(record.units):
        try:
            factors[i] = millivolts(unit)
        except Undeclared:
            left_out.append(f"{record.sig_name[i]} ({unit})")
    return factors, tuple(left_out)


def _start(record: Any) -> str | None:
    """The header's date and time; a time without a date places nothing and is left out."""
    if record.base_date is None:
        return None
    if record.base_time is None:
        return str(record.base_date.isoformat())
    return f"{record.base_date.isoformat()}T{record.base_time.strftime('%H:%M:%S')}"


def _age(comments: tuple[str, ...]) -> int | None:
    for comment in comments:
        for pattern in _AGES:
            found = pattern.match(comment)
            if found:
                return int(found.group(1))
    return None


def _fact(decoded: _Decoded, source: Source, context: Context) -> Fact:
    signal = decoded.signal
    return media_fact(
        source,
        "ecg",
        {**ecg_attributes(signal), "age_years": _age(decoded.comments)},
        context,
        code=ECG,
        taken=Moment.parse(signal.start, context.zone) if signal.start else None,
    )
