"""FHIR R4 data types to Osler's nouns: concepts, quantities, times, and whether they are there.

    resource.concept("/code")               Code | None
    resource.moment("/onsetDateTime")       Moment | None; a wrong date is put on `troubles`
    resource.fact(FactKind.CONDITION, code, "/code", ...)

Source: HL7 FHIR R4 (4.0.1), section 2.24 (data types).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from osler.errors import BrokenFile
from osler.readers.reading import Context
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue, Quantity
from osler.record.locator import Evidence, Pointer
from osler.record.moment import Moment
from osler.record.source import Stream

__all__ = [
    "LOINC",
    "SNOMED",
    "UCUM",
    "Resource",
    "code_of",
    "codes_in",
    "decimal_of",
    "number_text",
    "quantity_of",
    "rows",
]

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"

# Where a concept has several codings, the one that Osler's tables of knowledge are written in.
_PREFERRED = (
    SNOMED,
    LOINC,
    "http://www.nlm.nih.gov/research/umls/rxnorm",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://hl7.org/fhir/sid/icd-10",
)

# Where each type says when the hospital's system knew.
_RECORDED = ("/issued", "/recordedDate", "/dateAsserted")
_RECORDED_BY_TYPE = {
    "AdverseEvent": ("/recordedDate",),
    "CarePlan": ("/created",),
    "ClinicalImpression": ("/date",),
    "Composition": ("/date",),
    "Consent": ("/dateTime",),
    "DetectedIssue": (),
    "DeviceUseStatement": ("/recordedOn",),
    "DocumentReference": ("/date",),
    "FamilyMemberHistory": ("/date",),
    "Immunization": ("/recorded",),
    "MedicationRequest": ("/authoredOn",),
    "NutritionOrder": ("/dateTime",),
    "QuestionnaireResponse": ("/authored",),
    "ServiceRequest": ("/authoredOn",),
    "Specimen": ("/receivedTime",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One parsed resource and what a fact needs of its surroundings.

    `others` maps references to the resources of the same bundle; `server` is the base address that
    the bundle's `fullUrl` gives it, if any; `modified` is when a server's history says that it
    stored this version; `troubles` collects what was not understood.
    """

    type: str
    body: Mapping[str, Any]
    digest: str
    context: Context
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    server: str = ""
    modified: str | None = None
    troubles: list[str] = field(default_factory=list)
    known: list[tuple[Moment | None, bool]] = field(default_factory=list)

    @property
    def identity(self) -> str | None:
        """The business identity `[server/]Type/id`, or None for a resource without an id.

        An id means something on its own server only: another hospital's `Condition/1` is another.
        """
        own = self.body.get("id")
        return f"{self.server}{self.type}/{own}" if isinstance(own, str) and own else None

    def at(self, path: str) -> Any:
        """The value at a JSON pointer, or None where nothing stands."""
        value: Any = self.body
        for step in _steps(path):
            if type(value) is dict:
                value = value.get(step)
            elif type(value) is list:
                value = value[int(step)] if step.isdigit() and int(step) < len(value) else None
            else:
                return None
        return value

    def text(self, path: str) -> str | None:
        """The string there, if it is one."""
        value = self.at(path)
        return value if isinstance(value, str) and value.strip() else None

    def concept(self, path: str) -> Code | None:
        """The CodeableConcept or Coding there."""
        return code_of(self.at(path))

    def word(self, path: str) -> str | None:
        """The bare code of the CodeableConcept there, as codes are written: `active`, `refuted`.

        Older exports (STU3) have the code itself there, and some only words: `Entered in error`.
        """
        if self.at(path) is None:
            return None
        coded = (
            c["code"] for c in rows(self.at(f"{path}/coding")) if isinstance(c.get("code"), str)
        )
        found = next(coded, None) or self.text(f"{path}/text") or self.text(path)
        return "-".join(found.casefold().split()) if found else None

    def moment(self, path: str) -> Moment | None:
        """The date, dateTime or instant there."""
        text = self.text(path)
        return None if text is None else self._moment_of(text, path)

    def _moment_of(self, text: str, path: str) -> Moment | None:
        try:
            return Moment.parse(text, self.context.zone)
        except (BrokenFile, OverflowError):
            self.troubles.append(f"{path}: '{text[:40]}' is no date")
            return None

    def started(self, *names: str) -> Moment | None:
        """The first of `nameDateTime`, `name` or the start of `namePeriod` that is there."""
        for name in names:
            for member, path in _starts(name):
                if member in self.body and (found := self.moment(path)):
                    return found
        return None

    def ended(self, *names: str) -> Moment | None:
        """The end of the first period among these that has one."""
        for name in names:
            for member, path in _ends(name):
                if member in self.body and (found := self.moment(path)):
                    return found
        return None

    def recorded(self, valid_from: Moment | None) -> tuple[Moment | None, bool]:
        """When the hospital's system knew, and whether that had to be inferred."""
        if not self.known:
            self.known.append(self._recorded())
        stated, inferred = self.known[0]
        return (stated, inferred) if stated else (valid_from, True)

    def _recorded(self) -> tuple[Moment | None, bool]:
        for path in (*_RECORDED, *_RECORDED_BY_TYPE.get(self.type, ())):
            if path[1:] in self.body and (found := self.moment(path)):
                return found, False
        if self.modified and (found := self._moment_of(self.modified, "lastModified")):
            return found, True
        return self.moment("/meta/lastUpdated"), True

    def identity_at(self, path: str) -> str | None:
        """The business identity of the resource that a Reference leads to, where it says one."""
        words = self.text(f"{path}/reference")
        if words:
            if words.startswith("#"):
                return f"{self.identity or self.type}{words}"
            if other := self.others.get(words):
                kind, own = other.get("resourceType"), other.get("id")
                words = f"{kind}/{own}" if own else words
            words = words.split("/_history/")[0]
            return f"{self.server}{words}" if words.count("/") == 1 else words
        value = self.text(f"{path}/identifier/value")
        system = self.text(f"{path}/identifier/system")
        return f"{system}|{value}" if value and system else value

    def fact(
        self,
        kind: FactKind,
        code: Code,
        path: str,
        *,
        value: FactValue = None,
        valid_from: Moment | None = None,
        valid_to: Moment | None = None,
        status: str | None = None,
        assertion: Assertion = Assertion.PRESENT,
        experiencer: str = "patient",
        part: str | None = None,
        laterality: str | None = None,
        specimen: str | None = None,
        replaces: str | None = None,
        stream: Stream = Stream.EHR,
    ) -> Fact:
        """A fact of this resource; `path` is where its value stands, `part` tells siblings apart.

        Several facts of one resource get identities of their own, lest one replace another; those
        of a resource without an id have none, and are replaced by nothing.
        """
        recorded_at, inferred = self.recorded(valid_from)
        whole = self.identity
        return Fact(
            kind=kind,
            code=code,
            evidence=Evidence(source=self.digest, at=Pointer(path=path)),
            received_at=self.context.now,
            value=value,
            valid_from=valid_from,
            valid_to=valid_to,
            recorded_at=recorded_at,
            recorded_inferred=inferred,
            status=status or self.text("/status") or "unknown",
            assertion=assertion,
            experiencer=experiencer,
            stream=stream,
            identity=f"{whole}#{part}" if part and whole else whole,
            replaces=replaces,
            laterality=laterality,
            specimen=specimen,
        )

    def withdrawal(self, kind: FactKind, code: Code, identity: str | None) -> Fact:
        """That the server removed a statement; the history says when, and so it is not inferred."""
        when = self._moment_of(self.modified, "lastModified") if self.modified else None
        return Fact(
            kind=kind,
            code=code,
            evidence=Evidence(source=self.digest, at=Pointer(path="/request/method")),
            received_at=self.context.now,
            recorded_at=when,
            recorded_inferred=when is None,
            status="entered-in-error",
            identity=identity,
        )


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.split("/")[1:])


# Each with the member of the resource that it begins at, which most often is not there.
@lru_cache(maxsize=64)
def _starts(name: str) -> tuple[tuple[str, str], ...]:
    paths = (f"/{name}DateTime", f"/{name}Period/start", f"/{name}", f"/{name}/start")
    return tuple((path.split("/")[1], path) for path in paths)


@lru_cache(maxsize=64)
def _ends(name: str) -> tuple[tuple[str, str], ...]:
    paths = (f"/{name}Period/end", f"/{name}/end")
    return tuple((path.split("/")[1], path) for path in paths)


def rows(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON array, whatever else stands there."""
    if isinstance(value, list):
        yield from (row for row in value if isinstance(row, dict))


def codes_in(value: Any, system: str) -> list[str]:
    """The codes of one system in a CodeableConcept."""
    held = rows(value.get("coding")) if isinstance(value, dict) else ()
    return [c["code"] for c in held if c.get("system") == system and isinstance(c.get("code"), str)]


def code_of(value: Any) -> Code | None:
    """A `Code` of a CodeableConcept or a Coding, or None where neither words nor code are given.

    Of several codings the first in a system that Osler's knowledge is written in is taken; the
    others stay in the source.
    """
    if not isinstance(value, dict):
        return None
    held = value.get("coding")
    # Most concepts have one coding: nothing to choose.
    alone = held[0] if isinstance(held, list) and len(held) == 1 else None
    codings = [alone] if isinstance(alone, dict) else list(rows(held)) or [value]
    coded = [c for c in codings if isinstance(c.get("code"), str) and c["code"]]
    best: Mapping[str, Any] = min(coded, key=_rank) if len(coded) > 1 else coded[0] if coded else {}
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        words = (best.get("display"), *(c.get("display") for c in codings))
        text = next((w for w in words if isinstance(w, str) and w.strip()), best.get("code"))
    if not isinstance(text, str):
        return None
    system = best.get("system")
    return Code(
        text=text.strip(),
        system=system if isinstance(system, str) else None,
        code=str(best["code"]) if best else None,
    )


def _rank(coding: Mapping[str, Any]) -> int:
    system = coding.get("system")
    return _PREFERRED.index(system) if system in _PREFERRED else len(_PREFERRED)


def decimal_of(value: Any) -> Decimal | None:
    """A JSON number as a `Decimal` with the digits that were sent, or None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def quantity_of(
    value: Any, low: Decimal | None = None, high: Decimal | None = None
) -> Quantity | None:
    """A FHIR Quantity, or None where it has no number; `ucum` only where the system is UCUM."""
    if not isinstance(value, Mapping):
        return None
    number = decimal_of(value.get("value"))
    if number is None:
        return None
    code, unit, sign = value.get("code"), value.get("unit"), value.get("comparator")
    ucum = code if isinstance(code, str) and value.get("system") == UCUM else None
    return Quantity(
        value=number,
        unit=unit if isinstance(unit, str) else ucum,
        ucum=ucum,
        comparator=sign if isinstance(sign, str) else None,
        low=low,
        high=high,
    )


def number_text(value: Any) -> str:
    """A Quantity in words, empty where there is none: `5 mg`."""
    quantity = quantity_of(value)
    return str(quantity) if quantity else ""
