"""A study says what is known of it, and what does not fit the patient."""

from dataclasses import replace

from tests.assess.studies import picture, study_of

DECLARED = {"kind": "histology", "stain": "H&E", "spacing_um": 1.0}


def test_what_nobody_stated_is_unknown() -> None:
    assert study_of(picture(), {"kind": "histology"}).stated("spacing_um") is None


def test_the_age_may_come_from_the_record() -> None:
    study = replace(study_of(picture(), DECLARED), age_years=51)
    assert study.stated("age_years") == 51


def test_an_age_that_does_not_fit_is_said() -> None:
    study = study_of(picture(), {**DECLARED, "age_years": 42})
    assert not study.remarks
    (line,) = replace(study, age_years=51).remarks
    assert "42" in line
    assert "51" in line
    assert not replace(study, age_years=43).remarks


def test_a_remark_and_a_declaration_are_both_shown() -> None:
    study = study_of(picture(), {**DECLARED, "says": "from the archive"})
    lines = replace(study, remark="its header names somebody else").remarks
    assert lines[0] == "its header names somebody else"
    assert "from the archive" in lines[1]
