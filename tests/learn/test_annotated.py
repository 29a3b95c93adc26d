"""Annotated records: a beat an example, a record a group, and what is left out."""

from pathlib import Path

import numpy as np
import pytest

from osler.errors import LearnError
from osler.learn.annotated import annotated_beats, strips_of
from osler.learn.trainer import Examples
from osler.model.ecg import CLASSES
from tests.learn.heart import draw, write_record

LEADS = ("MLII", "II")


def test_every_beat_is_an_example_of_its_record(tmp_path: Path) -> None:
    write_record(tmp_path, "a1", "NNNVNA")
    write_record(tmp_path, "b2", ["N", "N", "F", "+", "N", "Q"], lead="II")
    examples = annotated_beats(tmp_path, LEADS)
    # The rhythm mark + is no beat.
    assert "".join(CLASSES[k] for k in examples.labels) == "NNNVNS" + "NNFNQ"
    assert examples.groups == ("a1",) * 6 + ("b2",) * 5
    assert examples.names[3] == f"a1:{draw('NNNVNA')[1][3]}"
    assert len(set(examples.digests)) == 2 and set(examples.stated) == {None}


def test_rows_come_from_their_own_record(tmp_path: Path) -> None:
    write_record(tmp_path, "a1", "NNNVNA")
    write_record(tmp_path, "b2", "NNNN", seed=3)
    inputs = strips_of(annotated_beats(tmp_path, LEADS))
    rows = np.array([9, 3, 0, 7])
    whole = inputs.windows(np.arange(10))
    assert np.array_equal(inputs.windows(rows), whole[rows])
    assert np.array_equal(inputs.rhythm(rows), inputs.rhythm(np.arange(10))[rows])
    strip, beat = inputs[7]
    assert np.array_equal(strip.windows(np.array([beat]))[0], whole[7])
    assert len(inputs[2:8]) == 6


def test_paced_records_are_left_out(tmp_path: Path) -> None:
    write_record(tmp_path, "a1", "NNNV")
    write_record(tmp_path, "paced", "NN/N")
    assert set(annotated_beats(tmp_path, LEADS).groups) == {"a1"}


def test_an_empty_folder_says_what_it_should_hold(tmp_path: Path) -> None:
    with pytest.raises(LearnError, match="annotated WFDB record"):
        annotated_beats(tmp_path, LEADS)


@pytest.mark.parametrize(
    ("ending", "said"), [("atr", r"a1.atr is missing"), ("dat", r"a1.hea cannot be learned from")]
)
def test_a_missing_file_is_named(tmp_path: Path, ending: str, said: str) -> None:
    write_record(tmp_path, "a1", "NNNV")
    (tmp_path / f"a1.{ending}").unlink()
    with pytest.raises(LearnError, match=said):
        annotated_beats(tmp_path, LEADS)


def test_a_record_without_the_lead_is_named(tmp_path: Path) -> None:
    write_record(tmp_path, "a1", "NNNV", lead="V5")
    with pytest.raises(LearnError, match=r"a1.hea .* no lead MLII or II"):
        annotated_beats(tmp_path, LEADS)


def test_examples_of_another_trainer_are_refused() -> None:
    examples = Examples(
        names=("x",),
        groups=("x",),
        labels=np.zeros(1, np.int64),
        stated=(None,),
        digests=("d",),
        inputs=("x.png",),
    )
    with pytest.raises(LearnError, match="no heartbeats"):
        strips_of(examples)
