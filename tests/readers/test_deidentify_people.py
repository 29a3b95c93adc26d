"""Whom a delivery names: each patient's own words, and a check that none is left."""

import gzip

from osler.readers.deidentify_people import Known, People, Person, leaks, name_words, telling
from osler.record.patient import Identifier

JANE = Identifier(authority="urn:a", value="1")
JOHN = Identifier(authority="urn:a", value="2")
PEOPLE = People(
    persons=(
        Person(identifiers=frozenset({JANE}), known=Known(names=name_words("Dr Jane Q. Doe"))),
        Person(identifiers=frozenset({JOHN}), known=Known(words=telling("12 Foo Street", "US"))),
    ),
    others=Known(names=frozenset({"Grant"})),
)


def test_a_patients_words_are_hers_and_the_staffs() -> None:
    assert PEOPLE.about(JANE).names == {"Jane", "Doe", "Grant"}
    assert PEOPLE.about(JANE).words == frozenset()
    assert PEOPLE.about(Identifier(authority="dicom", value="1")).names == {"Jane", "Doe", "Grant"}


def test_of_nobody_known_everything_is_looked_for() -> None:
    assert PEOPLE.about(None).words == {"12 Foo Street"}
    assert PEOPLE.about(None).names == {"Jane", "Doe", "Grant"}


def test_joined_people_are_both() -> None:
    joined = People() | PEOPLE | PEOPLE
    assert joined == PEOPLE


def test_leaks_are_named() -> None:
    assert leaks(b"JANE of 12 FOO street", PEOPLE) == ["12 Foo Street", "Jane"]
    assert leaks(gzip.compress(b"Grant"), PEOPLE) == ["Grant"]
    assert leaks(b"jane doe-eyed Grants 112 Foo Streets", PEOPLE) == []
