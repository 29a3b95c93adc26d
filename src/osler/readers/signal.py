"""An ECG as numbers: millivolts, one column a lead, at a stated rate.

    signal = signal_of(item.data, item.source.kind)      kinds "wfdb", "dicom/ecg" and "edf"
    signal.lead("II", "MLII")                            (n,) millivolts of the first one present

Samples that the recording marks as missing are NaN and stay NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from osler.errors import NotFound, Undeclared, UnknownFormat
from osler.record.fact import Code
from osler.record.media import Scalar

__all__ = ["ECG", "Signal", "ecg_attributes", "is_lead", "lead_name", "millivolts", "signal_of"]

ECG = Code(text="ECG recording", system="http://loinc.org", code="11524-6")

_TWELVE = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_LEADS = {name.casefold(): name for name in (*_TWELVE, "MLI", "MLII", "MLIII", "Vx", "Vy", "Vz")}

# UCUM codes and the spellings that recorders use for them.
_MILLIVOLTS: Mapping[str, float] = {
    "mv": 1.0,
    "millivolt": 1.0,
    "uv": 1e-3,
    "µv": 1e-3,  # micro sign
    "μv": 1e-3,  # Greek mu
    "microvolt": 1e-3,
    "nv": 1e-6,
    "nanovolt": 1e-6,
    "v": 1e3,
    "volt": 1e3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """A recording: `samples_mv` (n, leads) in millivolts, `rate_hz` samples a second.

    `leads` names the columns; `start` is when it began, as the file writes it, or None.
    """

    samples_mv: np.ndarray
    rate_hz: float
    leads: tuple[str, ...]
    start: str | None = None

    @property
    def duration_s(self) -> float:
        """Seconds from the first sample to the end of the last."""
        return len(self.samples_mv) / self.rate_hz

    def lead(self, *names: str) -> np.ndarray:
        """Millivolts (n,) of the first of these leads that was recorded; else `NotFound`."""
        return self.samples_mv[:, self.leads.index(self.present(*names))]

    def present(self, *names: str) -> str:
        """The first of these leads that was recorded, by its name here; else `NotFound`."""
        for name in names:
            for lead in self.leads:
                if lead.casefold() == name.casefold():
                    return lead
        raise NotFound(
            f"the recording has no lead {' or '.join(names)} (it has {', '.join(self.leads)})"
        )


def ecg_attributes(signal: Signal) -> dict[str, Scalar]:
    """What input contracts ask of a recording, as the recording itself says it."""
    return {
        "leads": ",".join(signal.leads),
        "rate_hz": signal.rate_hz,
        "duration_s": round(signal.duration_s, 3),
        "declared_by": "header",
    }


def signal_of(data: bytes | Path, kind: str) -> Signal:
    """The samples of a stored source; raises `BrokenFile`, `Undeclared` or `UnknownFormat`."""
    if kind == "edf":
        from osler.readers.edf import edf_signal

        return edf_signal(data)
    if isinstance(data, Path):
        data = data.read_bytes()
    # Imported here, so that a site that reads one format need not install the other's library.
    if kind == "wfdb":
        from osler.readers.wfdb_record import wfdb_signal

        return wfdb_signal(data)
    if kind == "dicom/ecg":
        from osler.readers.dicom_ecg import dicom_signal

        return dicom_signal(data)
    raise UnknownFormat(f"a source of kind '{kind}' holds no ECG: expected wfdb, dicom/ecg or edf")


def lead_name(stated: str) -> str:
    """The usual name of a lead: `Lead II`, `ii` and `Lead I (Einthoven)` become `II` and `I`.

    What is none of the usual leads keeps its own words, without commas, which part lead names.
    """
    words = stated.replace(",", " ").split("(")[0].split() or stated.replace(",", " ").split()
    if len(words) > 1 and words[0].casefold() == "lead":
        words = words[1:]
    bare = " ".join(words)
    return _LEADS.get(bare.casefold(), bare)


def is_lead(stated: str) -> bool:
    """Whether this is one of the usual leads, however it is spelt."""
    return lead_name(stated).casefold() in _LEADS


def millivolts(unit: str) -> float:
    """How many millivolts one of `unit` is; raises `Undeclared` for what is no voltage."""
    factor = _MILLIVOLTS.get(unit.strip().casefold())
    if factor is None:
        raise Undeclared(f"'{unit}' is no unit of voltage: state mV, uV or V in the header")
    return factor
