"""Whose a FHIR resource is: references and identifiers to the patients that a delivery names.

    named = identifier_of(patient_body, url, digest)
    people = People(digest=digest, known=context.people)
    people.add(patient_body, url)
    claim = people.whose(body, url)         .patient, or .disputed where the resource disagrees
    links = people.links(patient_body, url) what `Patient.link` says

A patient is the number that an authority gave, never a name, and a reference that leads nowhere
gives none. Source: HL7 FHIR R4 (4.0.1), sections 2.3.0 (references), 2.36.4 and 8.1.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from osler.record.patient import Identifier, Link

__all__ = ["Claim", "People", "identifier_of", "is_given"]

_URI = "urn:ietf:rfc:3986"
_PASSED_USE = {"old", "temp"}
_SUBJECTS = ("subject", "patient", "beneficiary", "for")
_PLAIN = {"reference", "display", "type"}  # a Reference that makes one claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Whose a resource says it is; `disputed` is a sentence where it says two things."""

    patient: Identifier | None = None
    disputed: str | None = None


@dataclass(slots=True, kw_only=True)
class People:
    """The patients of one file, and those of its delivery by reference (`known`).

    `digest` is asked for the file's own digest, which costs a pass over it, by need.
    """

    digest: Callable[[], str]
    known: Mapping[str, Identifier] = field(default_factory=dict)
    _own: dict[str, set[Identifier]] = field(default_factory=dict)
    _all: dict[Identifier, set[Identifier]] = field(default_factory=dict)
    _numbers: set[Identifier] = field(default_factory=set)
    _served: set[str] = field(default_factory=set)

    def add(self, body: Mapping[str, Any], url: str) -> None:
        """Learn a Patient resource of this file."""
        named = identifier_of(body, url, self.digest)
        own = body.get("id")
        for reference in (url, f"Patient/{own}" if own else ""):
            if reference:
                self._own.setdefault(reference, set()).add(named)
        if own and url.startswith("http"):
            self._served.add(f"Patient/{own}")
        given = _given_to(body)
        self._all.setdefault(named, set()).update(given)
        self._numbers.update(given)

    def whose(self, body: Mapping[str, Any], url: str) -> Claim:
        """Whose the resource says it is, as far as its own words lead to a patient."""
        if body.get("resourceType") == "Patient":
            return Claim(patient=identifier_of(body, url, self.digest))
        told = [held for key in _SUBJECTS if isinstance(held := body.get(key), dict)]
        if len(told) == 1 and told[0].keys() <= _PLAIN and "contained" not in body:
            words = told[0].get("reference")
            return Claim(patient=self.resolve(words, url) if isinstance(words, str) else None)
        return self._weighed(told, body, url)

    def _weighed(self, told: list[dict[str, Any]], body: Mapping[str, Any], url: str) -> Claim:
        """The one patient of several claims, or the dispute between them."""
        claims: list[Identifier] = []
        unknown: set[str] = set()
        for held in told:
            found = list(self._claims(held, body, url))
            words = held.get("reference")
            if not found and isinstance(words, str) and "Patient/" in words:
                unknown.add(words.split("/_history/")[0])
            claims.extend(found)
        if claims:
            claims.extend(_contained(body) if "contained" in body else ())
        first = claims[0] if claims else None
        others = {one for one in claims[1:] if not self._same(first, one)}
        if first and others:
            names = " and ".join(str(one) for one in (first, *sorted(others)))
            return Claim(disputed=f"it says that it is {names}'s: a person must decide")
        if len(unknown) > 1:
            return Claim(disputed="it names two subjects: a person must decide")
        return Claim(patient=first)

    def links(self, body: Mapping[str, Any], url: str) -> tuple[tuple[Link, ...], bool]:
        """The merges that a Patient resource states, and whether each could be followed."""
        this = identifier_of(body, url, self.digest)
        found, all_followed = [], True
        for row in _rows(body.get("link")):
            if row.get("type") not in {"replaced-by", "replaces"}:
                continue
            held = row.get("other")
            claims = list(self._claims(held, body, url)) if isinstance(held, Mapping) else []
            if not claims:
                all_followed = False
            elif claims[0] != this:
                kept, merged = (
                    (claims[0], this) if row["type"] == "replaced-by" else (this, claims[0])
                )
                found.append(Link(kept=kept, merged=merged))
        return tuple(found), all_followed

    def resolve(self, reference: str, url: str) -> Identifier | None:
        """The patient that a reference leads to, read against the server of its entry."""
        bare = reference.split("/_history/")[0]
        if not url.startswith("http"):
            return self._named(bare)
        there = self._named(f"{'/'.join(url.split('/')[:-2])}/{bare}")
        # A relative reference means the entry's own server, and no other server's same id.
        return there if there or bare in self._served else self._named(bare)

    def _named(self, reference: str) -> Identifier | None:
        """The one patient of that name; None where two share it."""
        found = self._own.get(reference)
        if found:
            return next(iter(found)) if len(found) == 1 else None
        return self.known.get(reference) if self.known else None

    def _claims(
        self, held: Mapping[str, Any], body: Mapping[str, Any], url: str
    ) -> Iterator[Identifier]:
        words = held.get("reference")
        if isinstance(words, str):
            if words.startswith("#"):
                yield from _contained(body, words[1:])
            elif found := self.resolve(words, url):
                yield found
        logical = held.get("identifier")
        kind = held.get("type", "Patient")
        if isinstance(logical, Mapping) and is_given(logical) and kind == "Patient":
            yield _as_identifier(logical)

    def _same(self, one: Identifier | None, other: Identifier) -> bool:
        """Equal, or numbers of two authorities of which nothing says that they are two people."""
        if one is None or one == other or other in self._all.get(one, ()):
            return True
        return one.authority != other.authority and other not in self._numbers


def identifier_of(body: Mapping[str, Any], url: str, digest: Callable[[], str]) -> Identifier:
    """The medical record number, else another identifier, else the Bundle's name for the patient.

    An identifier without a system was given by no one in particular: it is passed over. A bare
    `id` means nothing outside its own file, so the file's digest is its authority.
    """
    given = [row for row in _rows(body.get("identifier")) if is_given(row)]
    for row in (*(row for row in given if _is_record_number(row)), *given):
        return _as_identifier(row)
    if url:
        return Identifier(authority=_URI, value=url)
    return Identifier(authority=f"urn:osler:file:{digest()[:16]}", value=str(body.get("id") or "1"))


def is_given(row: Mapping[str, Any]) -> bool:
    """Whether an authority gave this identifier, and it is in use."""
    system, value = row.get("system"), row.get("value")
    if not isinstance(system, str) or not isinstance(value, str):
        return False
    # A bar parts authority and value wherever Osler writes them; a URI holds none (RFC 3986).
    given = bool(system.strip() and value.strip()) and "|" not in system
    return given and row.get("use") not in _PASSED_USE


def _as_identifier(row: Mapping[str, Any]) -> Identifier:
    return Identifier(authority=row["system"].strip(), value=row["value"].strip())


def _given_to(body: Mapping[str, Any]) -> set[Identifier]:
    return {_as_identifier(row) for row in _rows(body.get("identifier")) if is_given(row)}


def _contained(body: Mapping[str, Any], own: str | None = None) -> Iterator[Identifier]:
    """Patients inside the resource (of that id) to whom an authority gave a number."""
    for inner in _rows(body.get("contained")):
        is_it = inner.get("resourceType") == "Patient" and own in (None, inner.get("id"))
        if is_it and _given_to(inner):
            yield identifier_of(inner, "", str)


def _is_record_number(row: Mapping[str, Any]) -> bool:
    kind = row.get("type")
    return isinstance(kind, Mapping) and any(
        coding.get("code") == "MR" for coding in _rows(kind.get("coding"))
    )


def _rows(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, list):
        yield from (row for row in value if isinstance(row, dict))
