"""A picture is looked at in fields of the model's own size, and every doubt is said."""

import io

import pytest
from PIL import Image

from osler.assess.fields import examine_image
from osler.errors import NotAssessable
from osler.judge.contract import Contract
from osler.judge.number import Probability, Score, Site
from osler.record.locator import Box
from tests.assess.studies import POPULATION, Darkness, dark_specialty, held, picture, study_of

HERE = Site(name="here")
VOUCHED = Site(name="here", populations=(POPULATION.name,))
DECLARED = {"kind": "histology", "stain": "H&E", "spacing_um": 1.0}


def test_the_evidence_is_the_box_of_the_strongest_field() -> None:
    study = study_of(picture(dark=slice(60, 80)), DECLARED)
    (finding,) = examine_image(Darkness(), dark_specialty(), study, HERE)
    assert finding.answer == "dark"
    assert finding.positive
    assert finding.evidence[0].at == Box(frame=0, x=60, y=0, width=20, height=20)
    assert finding.counts[0].number > 0


def test_fields_follow_the_stated_spacing() -> None:
    study = study_of(picture(dark=slice(60, 100)), {**DECLARED, "spacing_um": 0.5})
    (finding,) = examine_image(Darkness(), dark_specialty(), study, HERE)
    at = finding.evidence[0].at
    assert isinstance(at, Box)
    assert at.width == 40  # 20 um wide at half a micrometre a pixel
    assert any("resampled from 0.5 um" in note for note in finding.notes)


def test_what_was_not_found_is_worded_as_what_was_looked_for() -> None:
    study = study_of(picture(), DECLARED)
    (finding,) = examine_image(Darkness(), dark_specialty(), study, HERE)
    assert not finding.positive
    assert finding.wording == "no dark field was seen"


def test_the_highest_of_several_fields_is_never_a_probability() -> None:
    study = study_of(picture(dark=slice(60, 80)), DECLARED)
    (finding,) = examine_image(Darkness(), dark_specialty(), study, VOUCHED)
    assert isinstance(finding.number, Score)
    assert "overlapping fields" in finding.number.because


@pytest.mark.parametrize(("site", "kind"), [(HERE, Score), (VOUCHED, Probability)])
def test_one_field_is_a_probability_only_where_the_population_is_vouched_for(
    site: Site, kind: type
) -> None:
    study = study_of(picture(20, 20, slice(0, 20)), DECLARED)
    (finding,) = examine_image(Darkness(), dark_specialty(), study, site)
    assert isinstance(finding.number, kind)


def test_outside_its_contract_a_number_is_never_a_probability() -> None:
    specialty = dark_specialty()
    declared = {"kind": "histology", "spacing_um": 1.0}  # the stain is not stated
    study = held(study_of(picture(20, 20, slice(0, 20)), declared), specialty)
    (finding,) = examine_image(Darkness(), specialty, study, VOUCHED)
    assert isinstance(finding.number, Score)
    assert "contract" in finding.number.because


def test_a_score_where_both_labels_are_possible_abstains() -> None:
    study = study_of(picture(20, 20, slice(0, 10)), DECLARED)
    (finding,) = examine_image(Darkness(), dark_specialty(), study, HERE)
    assert set(finding.possible) == {"light", "dark"}
    assert finding.abstains


def test_a_picture_smaller_than_a_field_is_refused() -> None:
    study = study_of(picture(12, 12), DECLARED)
    with pytest.raises(NotAssessable, match="smaller than one field"):
        examine_image(Darkness(), dark_specialty(), study, HERE)


def test_unknown_is_never_met_and_shown_when_it_does_not_refuse() -> None:
    specialty = dark_specialty()
    study = held(study_of(picture(), {"kind": "histology", "spacing_um": 1.0}), specialty)
    assert Contract.admits(study.notes)
    (finding,) = examine_image(Darkness(), specialty, study, HERE)
    assert any(note.startswith("stain is not stated") for note in finding.notes)
    unknown = held(study_of(picture(), {"kind": "histology", "stain": "H&E"}), specialty)
    assert not Contract.admits(unknown.notes)


def test_the_figure_is_a_picture_of_both_views() -> None:
    study = study_of(picture(dark=slice(60, 80)), DECLARED)
    (finding,) = examine_image(Darkness(), dark_specialty(), study, HERE)
    image = Image.open(io.BytesIO(finding.figure.data))
    assert image.width > image.height
    assert finding.faithful is not None
    assert "random marks" in finding.faithful
