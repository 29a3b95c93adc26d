"""A drawn heart: an ECG whose every beat is known, and WFDB records of it with annotations."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import wfdb

__all__ = ["SYMBOLS", "draw", "rhythm_of", "write_record"]

# Each wave: seconds from the QRS, width (s), height (mV). S comes early and looks like N.
_NORMAL = ((-0.16, 0.02, 0.15), (-0.025, 0.008, -0.1), (0.0, 0.010, 1.0), (0.25, 0.05, 0.3))
_WIDE = ((-0.05, 0.03, -0.4), (0.0, 0.035, 1.4), (0.3, 0.06, -0.5))
_FUSED = ((-0.16, 0.02, 0.15), (0.0, 0.022, 1.2), (0.27, 0.05, -0.1))
_ODD = ((0.0, 0.012, 0.6), (0.09, 0.012, -0.6), (0.2, 0.03, 0.3))
_WAVES = {"+": (), "N": _NORMAL, "A": _NORMAL[1:], "V": _WIDE, "F": _FUSED, "Q": _ODD, "/": _WIDE}
SYMBOLS = ("N", "A", "V", "F", "Q")


def rhythm_of(beats: int, seed: int) -> list[str]:
    """Mostly normal beats, with every other kind among them."""
    random = np.random.default_rng(seed)
    kinds = random.choice(SYMBOLS, beats, p=(0.6, 0.14, 0.14, 0.06, 0.06))
    kinds[:3] = "N"
    return [str(kind) for kind in kinds]


def draw(
    symbols: Sequence[str], rate_hz: float = 360.0, seed: int = 0, noise: float = 0.01
) -> tuple[np.ndarray, np.ndarray]:
    """Millivolts (n,) of a lead with those beats, and the samples (beats,) of their QRS."""
    random = np.random.default_rng(seed)
    at = [1.0]
    for symbol in symbols[1:]:
        early = {"A": 0.55, "V": 0.65}.get(symbol, 1.0)
        at.append(at[-1] + 0.8 * early * (1 + 0.02 * random.standard_normal()))
    time = np.arange(round((at[-1] + 1.0) * rate_hz)) / rate_hz
    lead = noise * random.standard_normal(len(time)) + 0.2 * np.sin(2 * np.pi * 0.2 * time)
    for symbol, centre in zip(symbols, at, strict=True):
        for offset, width, height in _WAVES[symbol]:
            lead += height * np.exp(-0.5 * ((time - centre - offset) / width) ** 2)
    return lead, np.round(np.array(at) * rate_hz).astype(np.int64)


def write_record(
    folder: Path, name: str, symbols: Sequence[str], seed: int = 0, lead: str = "MLII"
) -> None:
    """A record of two leads at 360 Hz with an annotation file."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn, peaks = draw(symbols, seed=seed)
    wfdb.wrsamp(
        name,
        fs=360,
        units=["mV", "mV"],
        sig_name=["V1", lead],
        p_signal=np.stack([-0.5 * drawn, drawn], axis=1),
        fmt=["16", "16"],
        comments=["61 F 1 2 x1"],
        write_dir=str(folder),
    )
    wfdb.wrann(name, "atr", peaks, symbol=list(symbols), fs=360, write_dir=str(folder))
