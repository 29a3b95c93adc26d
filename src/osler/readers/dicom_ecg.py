"""DICOM ECG waveforms: the original rhythm as one source, in millivolts, with the usual lead names.

    item = ecg_item(dataset, data, context)      called by osler.readers.dicom
    dicom_signal(item.data)                      the samples

Standard: DICOM PS3.3 C.10.9 (Waveform Module) and A.34.3, A.34.4 (12-lead and General ECG). Of
several multiplex groups the longest that is not derived is read: a median beat is no rhythm.
"""

import numpy as np
import pydicom
from pydicom.waveforms import multiplex_array

from osler.errors import BrokenFile, Undeclared
from osler.readers.dicom_header import age_years, moment, parse, quiet, recorded, stated
from osler.readers.dicom_patient import dicom_identifier
from osler.readers.media_fact import media_fact
from osler.readers.reading import Context, Item
from osler.readers.signal import ECG, Signal, ecg_attributes, lead_name, millivolts
from osler.record.source import AuthorRole, Source

__all__ = ["KIND", "dicom_signal", "ecg_item"]

KIND = "dicom/ecg"


def ecg_item(dataset: pydicom.Dataset, data: bytes, context: Context) -> Item:
    """The instance as one source of kind `dicom/ecg` with a MEDIA fact.

    Raises `BrokenFile` when the samples cannot be read and `Undeclared` when a channel's unit
    is missing or no voltage, for a guessed scale would move every threshold.
    """
    signal = _signal(dataset, context.name)
    source = Source.of(
        data,
        kind=KIND,
        name=context.name,
        media_type="application/dicom",
        author=AuthorRole.DEVICE,
    )
    fact = media_fact(
        source,
        "ecg",
        {**ecg_attributes(signal), "age_years": age_years(dataset)},
        context,
        code=ECG,
        taken=moment(dataset, context, ("AcquisitionDateTime", "AcquisitionDate", "ContentDate")),
        recorded_at=recorded(dataset, context),
        identity=stated(dataset, "SOPInstanceUID"),
    )
    return Item(source=source, data=data, facts=(fact,), patient=dicom_identifier(dataset))


def dicom_signal(data: bytes) -> Signal:
    """The samples of a source of kind `dicom/ecg`; raises `BrokenFile` or `Undeclared`."""
    with quiet():
        return _signal(parse(data, "the waveform"), "the waveform")


def _signal(dataset: pydicom.Dataset, name: str) -> Signal:
    index = _rhythm(dataset, name)
    group = dataset.WaveformSequence[index]
    try:
        # As real quantities: stored value x sensitivity x correction factor + baseline, in the
        # channel's own unit (PS3.3 C.10.9.1.4.2), which the next line turns into millivolts.
        samples = multiplex_array(dataset, index, as_raw=False)
        channels = list(group.ChannelDefinitionSequence)
        rate_hz = float(group.SamplingFrequency)
    except (AttributeError, KeyError, ValueError, TypeError) as error:
        raise BrokenFile(f"{name}: damaged waveform, multiplex group {index}: {error}") from error
    if samples.shape[1] != len(channels) or not rate_hz > 0:
        raise BrokenFile(f"{name}: multiplex group {index} does not describe its channels or rate")
    leads = tuple(_lead(channel, i) for i, channel in enumerate(channels))
    factors = [_millivolts(c, lead, name) for c, lead in zip(channels, leads, strict=True)]
    return Signal(
        samples_mv=samples * np.array(factors), rate_hz=rate_hz, leads=leads, start=_start(dataset)
    )


def _rhythm(dataset: pydicom.Dataset, name: str) -> int:
    """The index of the longest multiplex group that was recorded, not computed."""
    groups = dataset.get("WaveformSequence") or []
    length = {
        i: int(group.get("NumberOfWaveformSamples") or 0)
        for i, group in enumerate(groups)
        if str(group.get("WaveformOriginality") or "ORIGINAL") != "DERIVED"
    }
    if not any(length.values()):
        raise BrokenFile(f"{name} holds no recorded waveform (5400,0100)")
    return max(length, key=lambda i: (length[i], -i))


def _lead(channel: pydicom.Dataset, index: int) -> str:
    """The channel's lead: its source's code meaning (003A,0208), else its label."""
    source = channel.get("ChannelSourceSequence") or []
    meaning = str(source[0].get("CodeMeaning") or "") if source else ""
    stated = meaning.strip() or str(channel.get("ChannelLabel") or "").strip()
    return lead_name(stated) if stated else f"channel {index + 1}"


def _millivolts(channel: pydicom.Dataset, lead: str, name: str) -> float:
    """Millivolts in one unit of the channel (003A,0211)."""
    units = channel.get("ChannelSensitivityUnitsSequence") or []
    if "ChannelSensitivity" not in channel or not units:
        raise Undeclared(f"{name}: lead {lead} states no sensitivity or unit (003A,0210 and 0211)")
    return millivolts(str(units[0].get("CodeValue") or ""))


def _start(dataset: pydicom.Dataset) -> str | None:
    """AcquisitionDateTime (0008,002A), else acquisition or content date; None when unstated."""
    whole = str(dataset.get("AcquisitionDateTime") or "")
    return whole or str(dataset.get("AcquisitionDate") or dataset.get("ContentDate") or "") or None
