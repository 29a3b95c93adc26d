"""Signals: leads by their usual names, units turned into millivolts or refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import NotFound, Undeclared, UnknownFormat
from osler.readers.signal import Signal, lead_name, millivolts, signal_of

SIGNAL = Signal(samples_mv=np.arange(12.0).reshape(6, 2), rate_hz=2.0, leads=("V1", "MLII"))


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("Lead I (Einthoven)", "I"),
        ("Lead II", "II"),
        ("lead avr", "aVR"),
        ("ii", "II"),
        ("mlii", "MLII"),
        ("v5", "V5"),
        ("ECG 1", "ECG 1"),
        ("chest, upper", "chest upper"),
        ("(none)", "(none)"),
    ],
)
def test_leads_have_one_name(stated: str, name: str) -> None:
    assert lead_name(stated) == name


@given(st.text(max_size=30))
def test_no_lead_name_divides_a_list_of_leads(stated: str) -> None:
    assert "," not in lead_name(stated)


def test_the_first_lead_wanted_that_is_there() -> None:
    assert SIGNAL.present("ii", "mlii") == "MLII"
    assert SIGNAL.lead("MLII").tolist() == [1, 3, 5, 7, 9, 11]
    assert SIGNAL.duration_s == 3.0


def test_an_absent_lead_is_named_with_those_there() -> None:
    with pytest.raises(NotFound, match=r"no lead II or I \(it has V1, MLII\)"):
        SIGNAL.lead("II", "I")


@pytest.mark.parametrize(("unit", "factor"), [("mV", 1), ("uV", 1e-3), ("µV", 1e-3), ("V", 1e3)])
def test_voltages_become_millivolts(unit: str, factor: float) -> None:
    assert millivolts(unit) == factor


@pytest.mark.parametrize("unit", ["", "NU", "mmHg", "mVV"])
def test_what_is_no_voltage_is_refused(unit: str) -> None:
    with pytest.raises(Undeclared, match="no unit of voltage"):
        millivolts(unit)


def test_other_kinds_of_source_hold_no_signal() -> None:
    with pytest.raises(UnknownFormat, match="'note'"):
        signal_of(b"x", "note")
