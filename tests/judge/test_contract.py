"""Contracts: what is not stated is never met."""

import math
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osler.judge.contract import Contract, Met, Requirement, unmet

STAIN = Requirement(attribute="stain", why="trained on it", one_of=("H&E",))
SPACING = Requirement(attribute="spacing_um", why="scale", minimum=0.4, maximum=0.6)
LEAD = Requirement(
    attribute="leads", why="one channel", one_of=("II", "MLII"), refuse=(Met.NO, Met.UNKNOWN)
)
AGE = Requirement(attribute="age_years", why="adults", minimum=18, refuse=(Met.NO,))
STATED = Requirement(attribute="anatomy", why="to be read with it")


@settings(deadline=None)  # the machine may be busy
@given(
    one_of=st.lists(st.text(max_size=3), max_size=3).map(tuple),
    minimum=st.none() | st.floats(allow_nan=False),
    maximum=st.none() | st.floats(allow_nan=False),
    seen=st.sampled_from([None, "", "  ", math.nan]),
)
def test_unknown_is_never_met(
    one_of: tuple[str, ...], minimum: float | None, maximum: float | None, seen: str | float | None
) -> None:
    asked = Requirement(attribute="a", why="b", one_of=one_of, minimum=minimum, maximum=maximum)
    note = asked.check(seen)
    assert note.met is Met.UNKNOWN
    assert note.refuses
    assert unmet([note]) == (note,)
    assert "is not stated" in str(note)


@pytest.mark.parametrize(
    ("asked", "seen", "met"),
    [
        (STAIN, "H&E", Met.YES),
        (STAIN, "h&e", Met.YES),
        (STAIN, "IHC", Met.NO),
        (STAIN, 1, Met.NO),
        (LEAD, "MLII, V5", Met.YES),
        (LEAD, "V1,V5", Met.NO),
        (LEAD, "III", Met.NO),
        (SPACING, 0.5, Met.YES),
        (SPACING, 0.4, Met.YES),
        (SPACING, 0.39, Met.NO),
        (SPACING, 5, Met.NO),
        (SPACING, "0.5", Met.NO),
        (SPACING, True, Met.NO),
        (SPACING, math.inf, Met.NO),
        (AGE, 18, Met.YES),
        (AGE, 17, Met.NO),
        (AGE, math.inf, Met.YES),
        (STATED, "lymph node", Met.YES),
        (STATED, 3, Met.YES),
        (
            Requirement(attribute="a", why="b", one_of=("node, axillary",)),
            "node, axillary",
            Met.YES,
        ),
    ],
)
def test_one_attribute(asked: Requirement, seen: str | float, met: Met) -> None:
    assert asked.check(seen).met is met


def test_a_note_says_what_was_seen_and_what_is_needed() -> None:
    assert str(STAIN.check("IHC")) == "stain is IHC; the model needs H&E (trained on it)"
    assert str(SPACING.check(2)) == "spacing um is 2; the model needs 0.4 to 0.6 (scale)"
    assert str(AGE.check(17)) == "age years is 17; the model needs at least 18 (adults)"
    assert str(AGE.check(40)) == "age years is 40, as the model needs"
    assert "the model needs stated" in str(STATED.check(None))
    assert "at most 3" in str(Requirement(attribute="a", why="b", maximum=3).check(4))


@pytest.mark.parametrize(
    ("stated", "admitted", "seen"),
    [
        ({"stain": "H&E", "age_years": 60}, True, 0),
        ({"stain": "H&E"}, True, 1),  # the age may be unknown, and a reader sees that it is
        ({"stain": "H&E", "age_years": 9}, False, 1),
        ({"age_years": 60}, False, 1),
        ({}, False, 2),
    ],
)
def test_a_contract_admits_or_refuses(
    stated: Mapping[str, str | int], admitted: bool, seen: int
) -> None:
    contract = Contract(modality="histology", requirements=(STAIN, AGE))
    notes = contract.check(stated.get)
    assert len(notes) == 2
    assert contract.admits(notes) is admitted
    assert len(unmet(notes)) == seen
