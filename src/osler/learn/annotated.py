"""Annotated heartbeats from a folder of WFDB records: one example a beat, one group a record.

    examples = annotated_beats(folder, ("MLII", "II"))
    beats = strips_of(examples)                 the prepared leads, and where each row stands

A record is `NAME.hea`, its signal files and `NAME.atr`. Records with paced beats are left out, as
ANSI/AAMI EC57 asks (section 4.2.2) and as de Chazal et al. 2004 do; in MIT-BIH these are 102, 104,
107 and 217. Annotations that mark no beat (rhythm changes, noise, flutter waves) are passed over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
import wfdb

from osler.errors import InputError, LearnError, NotFound
from osler.learn.trainer import Examples
from osler.model.beat_windows import Strip
from osler.model.ecg import CLASS_OF, CLASSES
from osler.readers.reading import Context
from osler.readers.signal import signal_of
from osler.readers.wfdb_record import read, signal_files
from osler.record.moment import utc_now

__all__ = ["StripRows", "annotated_beats", "strips_of"]

_PACED = "/"
# What wfdb raises on a damaged annotation file.
_DAMAGE = (ValueError, IndexError, KeyError, TypeError, OSError)


@dataclass(frozen=True, slots=True)
class StripRows(Sequence[tuple[Strip, int]]):
    """The inputs of `Examples`: row i is beat `place[i, 1]` of strip `place[i, 0]`."""

    strips: tuple[Strip, ...]
    place: np.ndarray

    def __len__(self) -> int:
        return len(self.place)

    @overload
    def __getitem__(self, row: int) -> tuple[Strip, int]: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[tuple[Strip, int]]: ...
    def __getitem__(self, row: int | slice) -> tuple[Strip, int] | Sequence[tuple[Strip, int]]:
        """The strip and the beat's number in it."""
        if isinstance(row, slice):
            return StripRows(self.strips, self.place[row])
        return self.strips[self.place[row, 0]], int(self.place[row, 1])

    def by_strip(self, rows: np.ndarray) -> Iterator[tuple[Strip, np.ndarray, np.ndarray]]:
        """For each strip that `rows` touch: it, where in `rows`, and which of its beats."""
        owner = self.place[rows, 0]
        for index in np.unique(owner):
            where = np.flatnonzero(owner == index)
            yield self.strips[index], where, self.place[rows[where], 1]

    def rhythm(self, rows: np.ndarray) -> np.ndarray:
        """Rhythm features (rows, 13)."""
        out = np.empty((len(rows), self.strips[0].rhythm.shape[1]), np.float32)
        for strip, where, beats in self.by_strip(rows):
            out[where] = strip.rhythm[beats]
        return out

    def windows(self, rows: np.ndarray, shift: np.ndarray | None = None) -> np.ndarray:
        """Windows (rows, 2, 432), each moved by `shift` (rows,) samples."""
        moved = np.zeros(len(rows), np.int64) if shift is None else shift
        out: np.ndarray | None = None
        for strip, where, beats in self.by_strip(rows):
            cut = strip.windows(beats, moved[where])
            if out is None:
                out = np.empty((len(rows), *cut.shape[1:]), np.float32)
            out[where] = cut
        if out is None:
            raise LearnError("no beats were asked for: a part of the recipe is empty")
        return out


def annotated_beats(folder: Path, leads: tuple[str, ...]) -> Examples:
    """Every annotated beat below `folder`, in the first of `leads` that a record has.

    Raises `LearnError` naming the file when a record cannot be read, lacks its annotations or
    the leads, or when there is none.
    """
    names: list[str] = []
    groups: list[str] = []
    digests: list[str] = []
    labels: list[int] = []
    strips: list[Strip] = []
    place: list[np.ndarray] = []
    for header in sorted(folder.glob("*.hea")):
        samples, classes = _annotations(header)
        if not len(samples):
            continue
        strip, digest = _strip(header, samples, leads)
        names += [f"{header.stem}:{sample}" for sample in samples]
        groups += [header.stem] * len(samples)
        digests += [digest] * len(samples)
        labels += classes
        beats = np.arange(len(samples))
        place.append(np.stack([np.full_like(beats, len(strips)), beats], axis=1))
        strips.append(strip)
    if not strips:
        raise LearnError(
            f"{folder} holds no annotated WFDB record: expected NAME.hea, NAME.dat and NAME.atr"
        )
    return Examples(
        names=tuple(names),
        groups=tuple(groups),
        labels=np.array(labels, np.int64),
        stated=(None,) * len(names),
        digests=tuple(digests),
        inputs=StripRows(tuple(strips), np.concatenate(place)),
    )


def strips_of(examples: Examples) -> StripRows:
    """The inputs of examples read here; raises `LearnError` for those of another trainer."""
    if not isinstance(examples.inputs, StripRows):
        raise LearnError("these examples are no heartbeats: read them with BeatTrainer.examples")
    return examples.inputs


def _annotations(header: Path) -> tuple[np.ndarray, list[int]]:
    """Sample and class of every beat; none at all for a record with paced beats."""
    path = header.with_suffix(".atr")
    if not path.is_file():
        raise LearnError(f"{path} is missing: the beats of {header.name} have no labels")
    try:
        marks = wfdb.rdann(str(header.with_suffix("")), "atr")
    except _DAMAGE as error:
        raise LearnError(f"{path} is no WFDB annotation file: {error}") from error
    if _PACED in marks.symbol:
        return np.zeros(0, np.int64), []
    beats = [i for i, symbol in enumerate(marks.symbol) if symbol in CLASS_OF]
    classes = [CLASSES.index(CLASS_OF[marks.symbol[i]]) for i in beats]
    return np.asarray(marks.sample, np.int64)[beats], classes


def _strip(header: Path, samples: np.ndarray, leads: tuple[str, ...]) -> tuple[Strip, str]:
    """The prepared lead, and the digest of the record as the store would name it."""
    data = header.read_bytes()
    try:
        beside = {
            name: (header.parent / name).read_bytes()
            for name in signal_files(data, header.name)
            if (header.parent / name).is_file()
        }
        reading = read(data, Context(name=header.name, now=utc_now(), companions=beside))
        source = reading.items[0].source
        signal = signal_of(reading.items[0].data, source.kind)
        return Strip.of(signal.lead(*leads), signal.rate_hz, samples), source.digest
    except (InputError, NotFound) as error:
        raise LearnError(f"{header} cannot be learned from: {error}") from error
