"""EDF, EDF+ and BDF signals: one source and one MEDIA fact with its channels, units and rates.

    flow = read_file(path, context)          kind `edf`, `item.file` is the path
    edf_signal(data)                         the ECG leads in millivolts
    edf_channel(data, "EEG Fpz-Cz")          one channel, in its own unit

The patient field holds a code that no authority gave, so nobody is named by it: the intake asks.
Annotations are counted, not made facts.
"""

import re
from datetime import date
from pathlib import Path

import numpy as np

from osler.errors import BrokenFile, InputError, Undeclared
from osler.readers.edf_open import Channel, Recording, open_edf
from osler.readers.media_fact import media_fact
from osler.readers.on_disk import read_on_disk
from osler.readers.reading import Context, Flow, Item, Reading
from osler.readers.signal import ECG, Signal, is_lead, lead_name, millivolts
from osler.record.fact import Code
from osler.record.media import Scalar
from osler.record.moment import Moment
from osler.record.source import AuthorRole, Source

__all__ = ["KIND", "edf_channel", "edf_signal", "read", "read_file"]

KIND = "edf"

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MOST_SAMPLES = 60_000_000  # of all ECG leads together, as 32-bit numbers
_NO_DATE = "1985-01-01"  # what the standard has anonymised files say


def read_file(path: Path, context: Context) -> Flow:
    """One recording, one source, one fact; raises `BrokenFile`."""
    recording = open_edf(path, context.name)
    source = Source.of_file(
        path, kind=KIND, name=context.name, media_type="application/edf", author=AuthorRole.DEVICE
    )
    modality, code = _modality(recording, context)
    day = _day(recording)
    fact = media_fact(
        source, modality, _attributes(recording, day), context,
        code=code, taken=_start(recording, day, context),
    )  # fmt: skip
    trouble = _trouble(recording)
    return Flow(items=iter([Item(source=source, file=path, facts=(fact,), trouble=trouble)]))


def read(data: bytes, context: Context) -> Reading:
    """The same of bytes."""
    return read_on_disk(read_file, data, context)


def edf_signal(data: bytes | Path) -> Signal:
    """The ECG leads in millivolts; those at another rate than the first are left out.

    Raises `BrokenFile`, and `Undeclared` when no channel is an ECG lead in volts.
    """
    recording = open_edf(data, "the recording")
    leads = {
        _lead(name): channel
        for name, channel in _named(recording).items()
        if _is_ecg(channel) and _factor(channel)
    }
    if not leads:
        said = ", ".join(channel.label for channel in recording.channels)
        raise Undeclared(f"no channel is an ECG lead in volts (it has {said})")
    rate_hz = next(iter(leads.values())).rate_hz
    chosen = {name: channel for name, channel in leads.items() if channel.rate_hz == rate_hz}
    if sum(channel.count for channel in chosen.values()) * recording.records > _MOST_SAMPLES:
        raise BrokenFile("the recording is too long to be held as a whole: cut it into hours")
    columns = [recording.samples(channel) * _factor(channel) for channel in chosen.values()]
    return Signal(samples_mv=np.stack(columns, axis=1), rate_hz=rate_hz, leads=tuple(chosen))


def edf_channel(data: bytes | Path, name: str) -> tuple[np.ndarray, float, str]:
    """Samples (n,) of one channel, its rate in Hz and its unit: mV for a voltage, else as stated.

    `name` is one of the fact's `leads`, or what `edf_signal` calls it; else `BrokenFile`.
    """
    recording = open_edf(data, "the recording")
    named = _named(recording)
    channel = named.get(name) or next((c for n, c in named.items() if _lead(n) == name), None)
    if channel is None:
        raise BrokenFile(f"there is no channel {name} (it has {', '.join(named)})")
    factor = _factor(channel)
    samples = recording.samples(channel)
    return (samples * factor, channel.rate_hz, "mV") if factor else (
        samples, channel.rate_hz, channel.unit
    )  # fmt: skip


def _named(recording: Recording) -> dict[str, Channel]:
    """The channels by label, without commas; one that comes twice is numbered."""
    named: dict[str, Channel] = {}
    for channel in recording.channels:
        label = " ".join(channel.label.replace(",", " ").split())
        name, again = label, 2
        while name in named:
            name, again = f"{label} ({again})", again + 1
        named[name] = channel
    return named


def _is_ecg(channel: Channel) -> bool:
    """EDF+ 2.1.3: labels begin with the type of signal; bare leads are called by their name."""
    word = channel.label.split()[0].upper()
    return word in {"ECG", "EKG"} or is_lead(channel.label)


def _lead(label: str) -> str:
    first, _, rest = label.partition(" ")
    return (
        lead_name(rest) if first.upper() in {"ECG", "EKG"} and is_lead(rest) else lead_name(label)
    )


def _factor(channel: Channel) -> float:
    """Millivolts in one of the channel's unit, or 0 for what is no voltage."""
    try:
        return millivolts(channel.unit)
    except InputError:
        return 0.0


def _modality(recording: Recording, context: Context) -> tuple[str, Code]:
    declared = context.declared.get("kind") or context.kind
    channels = recording.channels
    if isinstance(declared, str):
        modality = declared
    elif channels and all(_is_ecg(channel) for channel in channels):
        modality = "ecg"
    elif channels and all(channel.label.upper().startswith("EEG") for channel in channels):
        modality = "eeg"
    else:
        modality = "recording"
    words = {"ecg": ECG, "eeg": Code(text="EEG recording"), "recording": Code(text="recording")}
    return modality, words.get(modality, Code(text=f"{modality} recording"))


def _attributes(recording: Recording, day: date | None) -> dict[str, Scalar]:
    channels = recording.channels
    rates = {channel.rate_hz for channel in channels}
    return {
        "leads": ",".join(_named(recording)),
        "units": ",".join(channel.unit.replace(",", " ") for channel in channels),
        "rate_hz": round(rates.pop(), 6) if len(rates) == 1 else None,
        "rates_hz": ",".join(f"{channel.rate_hz:g}" for channel in channels) if rates else None,
        "duration_s": round(recording.duration_s, 3),
        "annotations": recording.annotations() or None,
        "age_years": _age(recording, day),
        "declared_by": "header",
    }


def _trouble(recording: Recording) -> str | None:
    said = []
    if recording.announced not in {-1, recording.records}:
        said.append(f"{recording.announced} data records announced, {recording.records} there")
    if recording.reserved.startswith(("EDF+D", "BDF+D")):
        said.append("it has gaps: samples count what was recorded, not the clock")
    return "; ".join(said) or None


def _day(recording: Recording) -> date | None:
    """The day it began: `Startdate 02-MAR-2002` of EDF+, else `02.03.02`, 1985 to 2084."""
    words = recording.recorded.split()
    if words[:1] == ["Startdate"] and len(words) > 1:
        return _edf_plus_day(words[1])
    found = re.fullmatch(r"(\d\d)[.:/-](\d\d)[.:/-](\d\d)", recording.date, re.ASCII)
    if found is None:
        return None
    day, month, year = (int(part) for part in found.groups())
    return _date(year + (1900 if year >= 85 else 2000), month, day)


def _edf_plus_day(text: str) -> date | None:
    found = re.fullmatch(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})", text, re.ASCII)
    if found is None or found[2].upper() not in _MONTHS:
        return None
    return _date(int(found[3]), _MONTHS.index(found[2].upper()) + 1, int(found[1]))


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _start(recording: Recording, day: date | None, context: Context) -> Moment | None:
    if day is None or day.isoformat() == _NO_DATE:
        return None
    time = re.fullmatch(r"(\d\d)[.:](\d\d)[.:](\d\d)", recording.time, re.ASCII)
    whole = f"{day.isoformat()}T{':'.join(time.groups())}" if time else day.isoformat()
    try:
        return Moment.parse(whole, context.zone)
    except BrokenFile:
        return None


def _age(recording: Recording, day: date | None) -> int | None:
    """Whole years from the birth date of EDF+ (`code sex 02-AUG-1951 name`) to the recording."""
    words = recording.patient.split()
    born = _edf_plus_day(words[2]) if len(words) > 2 else None
    if born is None or day is None or day.isoformat() == _NO_DATE:
        return None
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return years if 0 <= years <= 130 else None
