"""The record beside the findings: each statement once, and nothing that was taken back."""

from dataclasses import replace

from osler.assess.summary import summarise
from osler.record.fact import Assertion
from tests.record.examples import fact, record


def test_a_relatives_disease_is_no_problem_of_the_patient() -> None:
    theirs = fact(
        "colon cancer", assertion=Assertion.FAMILY, experiencer="father", status="partial"
    )
    (said,) = summarise(record(theirs))
    assert (said.group, said.text) == ("Family history", "father: colon cancer")
    assert summarise(record(replace(theirs, status="entered-in-error"))) == ()
