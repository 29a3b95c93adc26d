"""Beat detection beside wfdb's XQRS, on a folder of annotated WFDB records, in one run.

    python benchmarks/beats.py FOLDER

Prints sensitivity and positive predictive value at 150 ms (ANSI/AAMI EC57), ventricular beats
missed, and the time of one as a ratio of the other's.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import wfdb
from wfdb.processing import xqrs_detect

from osler.model.beats_detect import detect_beats
from osler.model.ecg import CLASS_OF

TOLERANCE_S = 0.15

Detector = Callable[[np.ndarray, float], np.ndarray]


def matches(found: np.ndarray, true: np.ndarray, tolerance: float) -> np.ndarray:
    """For each true beat whether a found one, used once, lies within the tolerance."""
    hit = np.zeros(len(true), dtype=bool)
    at = 0
    for i, beat in enumerate(true):
        while at < len(found) and found[at] < beat - tolerance:
            at += 1
        if at < len(found) and found[at] <= beat + tolerance:
            hit[i] = True
            at += 1
    return hit


def measure(name: str, detect: Detector, records: list[Path]) -> float:
    beats = hits = calls = missed = 0
    seconds = 0.0
    for header in records:
        record = wfdb.rdrecord(str(header.with_suffix("")), channels=[0])
        notes = wfdb.rdann(str(header.with_suffix("")), "atr")
        kept = [i for i, symbol in enumerate(notes.symbol) if symbol in CLASS_OF]
        true = notes.sample[kept]
        ventricular = np.asarray([CLASS_OF[notes.symbol[i]] == "V" for i in kept])
        begun = time.perf_counter()
        found = np.sort(detect(record.p_signal[:, 0], float(record.fs)))
        seconds += time.perf_counter() - begun
        hit = matches(found, true, TOLERANCE_S * record.fs)
        beats, hits, calls = beats + len(true), hits + int(hit.sum()), calls + len(found)
        missed += int(np.sum(ventricular & ~hit))
    sys.stdout.write(
        f"{name:6} {beats} beats  sensitivity {hits / beats:.4f}  ppv {hits / calls:.4f}  "
        f"ventricular missed {missed}  {seconds:.1f} s\n"
    )
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    records = sorted(parser.parse_args().folder.glob("*.hea"))
    ours = measure("osler", detect_beats, records)
    peer = measure("xqrs", lambda x, fs: xqrs_detect(x, fs, verbose=False), records)
    sys.stdout.write(f"time, ours over XQRS's: {ours / peer:.2f}\n")


if __name__ == "__main__":
    main()
