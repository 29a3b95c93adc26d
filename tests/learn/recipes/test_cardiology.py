"""The cardiology recipe: its contract, its wording, and parts that share no patient."""

from pathlib import Path

import pytest

from osler.judge.contract import Contract, Met, unmet
from osler.learn.recipes.cardiology import cardiology
from osler.learn.specialty import trainer_for
from osler.learn.split import divide
from osler.record.media import Media

# De Chazal et al. 2004, table I: DS1.
DS1 = [str(n) for n in (101, 106, 108, 109, 112, 114, 115, 116, 118, 119, 122, 124)] + [
    str(n) for n in (201, 203, 205, 207, 208, 209, 215, 220, 223, 230)
]


def test_the_parts_are_ds1_and_share_no_record() -> None:
    named = [record for part in cardiology().parts.named.values() for record in part]
    assert sorted(named) == DS1


@pytest.mark.parametrize(
    ("stated", "admitted", "noted"),
    [
        ({"leads": "MLII,V1", "rate_hz": 360, "duration_s": 1805, "age_years": 69}, True, []),
        ({"leads": "I,II,III", "rate_hz": 500, "duration_s": 10}, True, ["age_years"]),
        ({"leads": "I,II", "rate_hz": 500, "duration_s": 10, "age_years": 9}, False, ["age_years"]),
        ({"leads": "V1,V5", "rate_hz": 360, "duration_s": 60, "age_years": 50}, False, ["leads"]),
        ({"leads": "II", "rate_hz": 50, "duration_s": 5, "age_years": 50}, False, None),
        ({}, False, None),
    ],
)
def test_when_it_may_be_asked(
    stated: dict[str, str | int], admitted: bool, noted: list[str] | None
) -> None:
    notes = cardiology().contract.check(Media(modality="ecg", attributes=stated).get)
    assert Contract.admits(notes) is admitted
    if noted is not None:
        assert [note.requirement.attribute for note in unmet(notes)] == noted


def test_an_unknown_age_is_noted_and_not_refused() -> None:
    age = next(r for r in cardiology().contract.requirements if r.attribute == "age_years")
    assert age.check(None).met is Met.UNKNOWN and not age.check(None).refuses


@pytest.mark.parametrize("label", ["S", "V"])
def test_absence_is_worded_as_what_was_looked_for(label: str) -> None:
    task = cardiology().task
    absent = task.worded(f"no {label}").format(found=0, beats=70, lead="II")
    assert "found by the model in the 70 beats looked at in II" in absent
    assert "normal" not in absent and "{" not in absent
    assert task.worded(label).format(found=3, beats=70, lead="II").count("3") == 1


def test_its_calibrators_stand_on_more_than_one_part() -> None:
    assert cardiology().parts.folds == 5


@pytest.mark.slow
def test_every_part_has_what_it_needs(shared_data: Path) -> None:
    recipe = cardiology()
    examples = trainer_for(recipe.network).examples(shared_data / "ecg_mitbih", recipe)
    division = divide(examples, recipe.parts)
    assert len(examples) == 51_021 and not len(division.aside)
    for _, rows in division.parts():
        for label in recipe.task.positive:
            own = examples.labels[rows] == recipe.task.labels.index(label)
            assert own.sum() >= 90
