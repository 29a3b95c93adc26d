"""Looks at an ECG beat by beat with a beat model, and marks on the strip what it went by.

examine_ecg(model, specialty, study, site) -> one Finding for each label that asks attention
"""

from typing import Protocol

import numpy as np

from osler.assess.assessment import Count, Figure, Finding
from osler.assess.number import number_of
from osler.assess.strip import Mark, strip
from osler.assess.study import Study
from osler.errors import NotAssessable
from osler.judge.number import Site
from osler.judge.specialty import Specialty
from osler.readers.signal import Signal, signal_of
from osler.record.locator import Evidence, Samples

__all__ = ["BeatReader", "Beats", "examine_ecg"]

_MOST_EVIDENCE = 12
_STRIP_S = 10.0
_HALF_BEAT_S = 0.3
_HALF_QRS_S = 0.2
# Median likeness of beats to their median: noise is below 0.1, every record of DS1 above 0.5.
_LEAST_LIKENESS = 0.3
_MOST_MISSING = 0.02  # the share of a lead that may be missing without a word


class Beats(Protocol):
    """Heartbeats found in one lead: where, and their scores."""

    @property
    def lead(self) -> str:
        """The lead that was read."""

    @property
    def peaks(self) -> np.ndarray:
        """R peaks (n,), sample indices at the recording's own rate."""

    @property
    def scores(self) -> np.ndarray:
        """Scores (n, labels), rows summing to 1."""


class BeatReader(Protocol):
    """What is asked of a beat model."""

    def classify(self, signal: Signal) -> Beats:
        """Find and score the beats of a recording."""


def examine_ecg(
    model: BeatReader, specialty: Specialty, study: Study, site: Site
) -> tuple[Finding, ...]:
    """One finding for each positive label; raises `NotAssessable` for no beats, and for noise."""
    signal = signal_of(study.data, study.source.kind)
    beats = model.classify(signal)
    if len(beats.peaks) == 0:
        raise NotAssessable(f"no heartbeat was found in lead {beats.lead}")
    alike = _likeness(beats, signal)
    if alike < _LEAST_LIKENESS:
        raise NotAssessable(
            f"what was found in lead {beats.lead} does not look like heartbeats of one heart "
            f"(median correlation {alike:.2f}): noise or a loose electrode is likely"
        )
    answers = beats.scores.argmax(axis=1)
    return tuple(
        _finding(label, beats, answers, signal, specialty, study, site)
        for label in specialty.task.positive
    )


def _finding(
    label: str,
    beats: Beats,
    answers: np.ndarray,
    signal: Signal,
    specialty: Specialty,
    study: Study,
    site: Site,
) -> Finding:
    task = specialty.task
    index = task.labels.index(label)
    scores = beats.scores[:, index]
    called = np.flatnonzero(answers == index)
    strongest = int(np.argmax(scores))
    shown = called[np.argsort(-scores[called], kind="stable")][:_MOST_EVIDENCE]
    found = len(called) > 0
    wording = task.worded(label if found else f"no {label}")
    return Finding(
        specialty=specialty.name,
        title=specialty.title,
        question=task.question,
        answer=label if found else f"no {label}",
        wording=wording.format(found=len(called), beats=len(answers), lead=beats.lead),
        positive=found,
        number=number_of(
            float(scores[strongest]),
            of=len(scores),
            what="beats",
            calibrator=specialty.calibrators[label],
            site=site,
            study=study,
        ),
        possible=(),
        abstains=None,
        counts=tuple(
            Count(label=name, number=int(np.sum(answers == i)), of=len(answers))
            for i, name in enumerate(task.labels)
        ),
        evidence=tuple(_beat(int(beats.peaks[i]), signal, beats.lead, study) for i in (*shown,))
        or (Evidence(source=study.source.digest, at=_everything(signal, beats.lead)),),
        notes=(*study.shown_notes, *_missing(signal, beats.lead)),
        remarks=study.remarks,
        limits=specialty.limits,
        intended_use=specialty.intended_use,
        faithful=None,
        figure=_figure(beats, answers, index, strongest, signal, specialty, study),
        taken=study.taken,
        model=specialty.digest,
    )


def _likeness(beats: Beats, signal: Signal) -> float:
    """The median correlation of beats with their median beat: near 0 for noise, 1 at best."""
    samples = np.nan_to_num(signal.samples_mv[:, signal.leads.index(beats.lead)])
    half = max(1, round(_HALF_QRS_S * signal.rate_hz))
    whole = [p for p in beats.peaks if half <= p <= len(samples) - half]
    if not whole:
        return 1.0  # a single beat at the edge has nothing to be unlike
    windows = np.stack([samples[p - half : p + half] for p in whole])
    windows = windows - windows.mean(axis=1, keepdims=True)
    usual = np.median(windows, axis=0)
    sizes = np.linalg.norm(windows, axis=1) * np.linalg.norm(usual)
    return float(np.median(windows @ usual / np.maximum(sizes, 1e-12)))


def _missing(signal: Signal, lead: str) -> tuple[str, ...]:
    share = float(np.mean(np.isnan(signal.samples_mv[:, signal.leads.index(lead)])))
    if share <= _MOST_MISSING:
        return ()
    return (f"{share:.0%} of lead {lead} is missing from the recording; of that nothing is said",)


def _beat(peak: int, signal: Signal, lead: str, study: Study) -> Evidence:
    half = round(_HALF_BEAT_S * signal.rate_hz)
    at = Samples(
        channel=lead,
        start=max(0, peak - half),
        end=min(len(signal.samples_mv), peak + half),
    )
    return Evidence(source=study.source.digest, at=at)


def _everything(signal: Signal, lead: str) -> Samples:
    return Samples(channel=lead, start=0, end=len(signal.samples_mv))


def _figure(
    beats: Beats,
    answers: np.ndarray,
    index: int,
    strongest: int,
    signal: Signal,
    specialty: Specialty,
    study: Study,
) -> Figure:
    """Ten seconds around the strongest beat, every beat under its label."""
    length = len(signal.samples_mv) / signal.rate_hz
    centre = float(beats.peaks[strongest]) / signal.rate_hz
    start = max(0.0, min(centre - _STRIP_S / 2, length - _STRIP_S))
    marks = [
        Mark(
            at_s=float(peak) / signal.rate_hz,
            label=specialty.task.labels[answer],
            strong=bool(answer == index),
        )
        for peak, answer in zip(beats.peaks, answers, strict=True)
    ]
    column = signal.leads.index(beats.lead)
    samples = np.nan_to_num(signal.samples_mv[:, column])
    label = specialty.task.labels[index]
    return Figure(
        name=f"{study.source.digest[:12]}-{label}.svg",
        media_type="image/svg+xml",
        data=strip(samples, signal.rate_hz, beats.lead, marks, start, min(_STRIP_S, length)),
        caption=(
            f"Lead {beats.lead}, {start:.1f} to {start + min(_STRIP_S, length):.1f} s. Above each "
            "beat the class that the model gave it (N normal, S supraventricular, V ventricular, "
            f"F fusion, Q unclassifiable); {label} beats are shaded."
        ),
    )
