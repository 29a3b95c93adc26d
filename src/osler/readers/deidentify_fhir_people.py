"""Whom FHIR resources name: patients with their numbers and addresses, and everybody else.

people = fhir_people(resources)         (body, fullUrl) pairs, parsed
anchor(body)                            the identifier that stands for a Patient resource
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from osler.readers.deidentify_people import Known, People, Person, name_words, telling
from osler.readers.fhir_people import identifier_of, is_given
from osler.record.patient import Identifier

__all__ = ["anchor", "fhir_people", "rows"]

_NAMED = {"Practitioner", "RelatedPerson", "Person", "Organization", "Location"}
_ADDRESS = ("line", "text")


def fhir_people(resources: Iterable[tuple[Mapping[str, Any], str]]) -> People:
    """What the resources say of people; `url` is the entry's fullUrl or empty."""
    persons: list[Person] = []
    references: dict[str, Identifier] = {}
    names: set[str] = set()
    words: set[str] = set()
    for body, url in resources:
        kind = body.get("resourceType")
        if kind == "Patient":
            known = _known(body)
            named = anchor(body, url)
            numbers = {
                Identifier(authority=row["system"].strip(), value=row["value"].strip())
                for row in rows(body.get("identifier"))
                if is_given(row)
            }
            persons.append(Person(identifiers=frozenset({named, *numbers}), known=known))
            own = body.get("id")
            for reference in (url, f"Patient/{own}" if own else ""):
                if reference:
                    references[reference] = named
        elif kind in _NAMED:
            known = _known(body)
            # An organisation's name is common words; only whole it tells anything.
            names |= known.names if kind not in {"Organization", "Location"} else set()
            words |= known.words
    return People(
        persons=tuple(persons),
        others=Known(names=frozenset(names), words=frozenset(words)),
        references=references,
    )


def anchor(body: Mapping[str, Any], url: str = "") -> Identifier:
    """The identifier by which this patient's dates move: what the reader takes, but file-free."""
    named = identifier_of(body, url, str)
    if named.authority.startswith("urn:osler:file:"):
        return Identifier(authority="urn:osler:file", value=named.value)
    return named


def rows(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of an array, or the one object that stands without one."""
    if isinstance(value, Mapping):
        yield value
    elif isinstance(value, list):
        yield from (row for row in value if isinstance(row, Mapping))


def _known(body: Mapping[str, Any]) -> Known:
    names: set[str] = set()
    words: set[str] = set()
    bare = body.get("name")
    if isinstance(bare, str):
        words |= telling(bare)
    people = [body, *rows(body.get("contact"))]
    for person in people:
        for name in rows(person.get("name")):
            names |= name_words(*_texts(name, ("family", "given", "text")))
        for row in rows(person.get("telecom")):
            words |= telling(*_texts(row, ("value",)))
        for row in rows(person.get("address")):
            words |= telling(*_texts(row, _ADDRESS))
            # A city of one word is looked for as a name is: "reading" is none.
            for city in _texts(row, ("city", "district")):
                names |= {city} if city.isalpha() else set()
                words |= set() if city.isalpha() else telling(city)
    for row in rows(body.get("identifier")):
        words |= telling(*_texts(row, ("value",)))
    for row in rows(body.get("extension")):
        if str(row.get("url", "")).endswith("mothersMaidenName"):
            names |= name_words(*_texts(row, ("valueString",)))
    return Known(names=frozenset(names), words=frozenset(words))


def _texts(row: Mapping[str, Any], keys: tuple[str, ...]) -> Iterator[str]:
    for key in keys:
        value = row.get(key)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (part for part in value if isinstance(part, str))
