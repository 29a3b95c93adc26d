"""FHIR R4 without what tells whose it is: Bundles, single resources and NDJSON, packed or not.

    rewrite_fhir(data, "history.json", deidentifier, people, patient)

Names, telecom, photos, contacts and narratives are dropped; identifiers become pseudonyms under
`urn:osler:deidentified`; ids, references and UIDs are rewritten alike wherever they stand; of an
address state, country and three digits of a US zip stay; every date moves with its patient at the
precision it had; free text is cleaned (`osler.readers.deidentify_text`, with its limits). Codes
and the digits of numbers stay exactly as they were sent.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from osler.errors import BrokenFile, Undeclared
from osler.readers.compressed import unpacked
from osler.readers.deidentify import AUTHORITY, Deidentifier
from osler.readers.deidentify_dates import born_over_89_years_before, moved
from osler.readers.deidentify_fhir_people import anchor, fhir_people, rows
from osler.readers.deidentify_fhir_rules import (
    ATTACHMENTS,
    CODE_LIKE,
    DATED,
    DROPPED,
    DROPPED_IN,
    SMALL_ZIPS,
    TELLING_EXTENSIONS,
    TITLED,
)
from osler.readers.deidentify_json import Number, loaded, written
from osler.readers.deidentify_people import People
from osler.readers.deidentify_text import Cleaner
from osler.record.patient import Identifier

__all__ = ["people_of_fhir", "rewrite_fhir"]

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_REFERENCE = re.compile(
    r"(?:(?P<base>https?://\S+?)/)?(?P<kind>[A-Z][A-Za-z]{2,40})/(?P<id>[A-Za-z0-9.-]{1,64})"
    r"(?P<version>/_history/[\w.-]{1,64})?(?:#\S*)?"
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_ROUGH = re.compile(r"\d{4}(?:-\d\d)?", re.ASCII)
_OID = re.compile(r"(?:urn:oid:)?([0-2](?:\.\d+){4,})")
_SUBJECTS = ("subject", "patient", "beneficiary", "for", "individual")
_SERVER = "https://deidentified.invalid"
_OLDEST_YEARS = 89
_MASKED = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "masked",
        }
    ]
}


def people_of_fhir(data: bytes, name: str) -> People:
    """Whom these resources name; raises `BrokenFile` for what is no JSON."""
    bodies = [body for body, _ in _documents(data, name)]
    return fhir_people(pair for body in bodies for pair in _resources(body))


def rewrite_fhir(
    data: bytes,
    name: str,
    deidentifier: Deidentifier,
    people: People,
    patient: Identifier | None = None,
) -> bytes:
    """The same resources without identity; packed bytes come back unpacked.

    `patient` is whose the operator says they are. Raises `Undeclared` for JSON that is no FHIR.
    """
    documents = list(_documents(data, name))
    for body, _ in documents:
        if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
            raise Undeclared(f"{name}: JSON that is no FHIR: no de-identification for it: not read")
    people = people | fhir_people(pair for body, _ in documents for pair in _resources(body))
    walker = _Walker(deidentifier=deidentifier, people=people, given=patient)
    try:
        return b"".join(written(walker.document(body)) + end for body, end in documents)
    except RecursionError as error:
        raise BrokenFile(f"{name}: nested too deeply to be read") from error


def _documents(data: bytes, name: str) -> Iterator[tuple[Any, bytes]]:
    """The one document, or those of NDJSON, each with what ends it."""
    try:
        text = unpacked(data, name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenFile(f"{name}: byte {error.start} is no UTF-8; JSON always is") from error
    try:
        yield loaded(text, name), b"\n"
        return
    except BrokenFile:
        first, _, rest = text.strip().partition("\n")
        if not rest or not first.rstrip().endswith("}"):
            raise
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield loaded(line, f"{name}, line {number}"), b"\n"


def _resources(body: Any) -> Iterator[tuple[Mapping[str, Any], str]]:
    if not isinstance(body, Mapping):
        return
    if body.get("resourceType") != "Bundle":
        yield body, ""
    for entry in rows(body.get("entry")):
        inner = entry.get("resource")
        if isinstance(inner, Mapping):
            url = entry.get("fullUrl")
            yield inner, url if isinstance(url, str) else ""
    for inner in rows(body.get("contained")):
        yield inner, ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walker:
    """One file's rewriting; `cleaner` is that of the patient whose resource is walked."""

    deidentifier: Deidentifier
    people: People
    given: Identifier | None
    cleaner: Cleaner | None = None
    cleaners: dict[Identifier | None, Cleaner] = field(default_factory=dict)

    def document(self, body: dict[str, Any]) -> Any:
        """A Bundle or a resource, each of its resources with its own patient's shift."""
        if body.get("resourceType") != "Bundle":
            return self._about(body, "").resource(body)
        mine = self._about({}, "")
        bundle = mine.members({k: v for k, v in body.items() if k != "entry"}, "Bundle")
        if isinstance(body.get("entry"), list):
            bundle["entry"] = [self._entry(entry, mine) for entry in body["entry"]]
        return bundle

    def _entry(self, entry: Any, mine: "_Walker") -> Any:
        if not isinstance(entry, dict):
            return None
        said = entry.get("fullUrl")
        url = said if isinstance(said, str) else ""
        new: dict[str, Any] = {"fullUrl": self.reference(url)} if url else {}
        request = entry.get("request")
        if isinstance(request, dict):
            target = request.get("url")
            # A search (`Patient?identifier=...`) carries what was taken out elsewhere.
            new["request"] = {k: v for k, v in request.items() if k == "method"}
            if isinstance(target, str) and "?" not in target:
                new["request"]["url"] = self.reference(target)
        inner = entry.get("resource")
        if isinstance(inner, dict):
            new["resource"] = self._about(inner, url).resource(inner)
        rest = {k: v for k, v in entry.items() if k not in {"fullUrl", "request", "resource"}}
        return mine.members(rest, "entry") | new

    def _about(self, body: Mapping[str, Any], url: str) -> "_Walker":
        """This walker, with the shift and the words of the patient whom the resource is about."""
        patient = self.given or self._patient(body, url)
        if patient not in self.cleaners:
            self.cleaners[patient] = Cleaner(
                deidentifier=self.deidentifier,
                days=self.deidentifier.days(patient),
                known=self.people.about(patient),
            )
        return replace(self, cleaner=self.cleaners[patient])

    def _patient(self, body: Mapping[str, Any], url: str) -> Identifier | None:
        if body.get("resourceType") == "Patient":
            return anchor(body, url)
        for key in _SUBJECTS:
            held = body.get(key)
            words = held.get("reference") if isinstance(held, Mapping) else None
            if not isinstance(words, str):
                continue
            bare = words.split("/_history/")[0]
            base = "/".join(url.split("/")[:-2]) if url.startswith("http") else ""
            for candidate in (f"{base}/{bare}", bare):
                if candidate in self.people.references:
                    return self.people.references[candidate]
            if "Patient/" in bare:
                # Nobody here says who that is: the reference itself is the same all through.
                return Identifier(authority="urn:osler:file", value=bare.rsplit("/", 1)[-1])
        alone = set(self.people.references.values())
        return alone.pop() if len(alone) == 1 else None

    def resource(self, body: dict[str, Any]) -> dict[str, Any]:
        """One resource; its kind decides what else is dropped."""
        kind = body.get("resourceType")
        kind = kind if isinstance(kind, str) else ""
        dropped = DROPPED_IN.get(kind, frozenset())
        kept = {k: v for k, v in body.items() if k not in dropped}
        if kind == "Patient" and "link" in kept:
            kept["_patient_link"] = kept.pop("link")
        name = kept.get("name")
        if isinstance(name, str) and kind in {"Organization", "Location"}:
            kept["name"] = f"{kind} {self.deidentifier.token('name', name)}"
        elif kind in TITLED:
            kept.pop("name", None)
        new = self.members(kept, kind)
        if "_patient_link" in new:
            new["link"] = new.pop("_patient_link")
        if kind in {"Organization", "Location"} and isinstance(kept.get("name"), str):
            new["name"] = kept["name"]
        return self._birth(self._binary(new, body, kind), body)

    def _birth(self, new: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        born = body.get("birthDate")
        if isinstance(born, str) and (
            "birthDate" not in new or born_over_89_years_before(born, self.deidentifier.today)
        ):
            new.pop("birthDate", None)
            new["_birthDate"] = _MASKED
        return new

    def _binary(self, new: dict[str, Any], body: Mapping[str, Any], kind: str) -> dict[str, Any]:
        return {**new, **self._attachment(body, new)} if kind == "Binary" else new

    def members(self, body: Mapping[str, Any], within: str) -> dict[str, Any]:
        """An object's members, without those that were dropped."""
        new = {}
        for key, value in body.items():
            if key in DROPPED or key.removeprefix("_") in DROPPED:
                continue
            rewritten = self.member(key, value, body, within)
            if rewritten is not None:
                new[key] = rewritten
        return new

    def member(self, key: str, value: Any, beside: Mapping[str, Any], within: str) -> Any:
        """One member's new value, or None to drop it."""
        if isinstance(value, list):
            kept = [self.member(key, inner, beside, within) for inner in value]
            # In arrays beside `_key` the places count: null stays where it stood.
            kept = kept if f"_{key}" in beside else [k for k in kept if k is not None]
            return kept if kept or not value else None
        if isinstance(value, dict):
            return self._object(key, value, within)
        if isinstance(value, Number):
            return self._number(key, value, beside)
        if isinstance(value, str):
            return self._text(key, value, beside)
        return value

    def _object(self, key: str, value: dict[str, Any], within: str) -> Any:
        if isinstance(value.get("resourceType"), str):
            return self.resource(value)
        if "div" in value or _is_name(value):
            return None
        if key == "identifier" or key.endswith("Identifier"):
            return self._identifier(value)
        if key.casefold().endswith("address") or {"city", "postalCode"} & value.keys():
            return _address(value)
        url = value.get("url")
        if isinstance(url, str) and url.endswith(TELLING_EXTENSIONS):
            return None
        if {"data", "contentType"} & value.keys() and "origin" not in value:
            kept = {k: v for k, v in value.items() if k not in {"data", "url", "hash", "size"}}
            return self.members(kept, key) | self._attachment(value, {})
        if self._is_reference(key, value):
            return self._referring(key, value)
        return self.members(value, key)

    def _is_reference(self, key: str, value: Mapping[str, Any]) -> bool:
        if isinstance(value.get("reference"), str):
            return True
        # {"display": "Dr Smith"}: a Coding has a system or code beside its words.
        return "display" in value and key != "coding" and not {"system", "code"} & value.keys()

    def _referring(self, key: str, value: Mapping[str, Any]) -> dict[str, Any] | None:
        target = value.get("reference")
        kind = str(value.get("type") or "")
        found = _REFERENCE.fullmatch(target) if isinstance(target, str) else None
        kind = found["kind"] if found else kind
        names_nobody = bool(kind) and kind not in TITLED
        medical = key in {"result", "medicationReference", "reasonReference", "condition"}
        dropped = {"reference"} if names_nobody or medical else {"reference", "display"}
        new = self.members({k: v for k, v in value.items() if k not in dropped}, key)
        if isinstance(target, str):
            new = {"reference": self.reference(target), **new}
        return new or None

    def reference(self, target: str) -> str:
        """A reference or full URL, rewritten so that it still leads to the same resource."""
        if target.startswith("#"):
            return f"#{self._own_id(target[1:])}"
        if target.startswith("urn:uuid:"):
            return f"urn:uuid:{self._own_id(target.removeprefix('urn:uuid:'))}"
        if target.startswith("urn:oid:"):
            return f"urn:oid:{self.deidentifier.uid(target.removeprefix('urn:oid:'))}"
        found = _REFERENCE.fullmatch(target)
        if found is None:
            bare = re.fullmatch(r"[A-Z][A-Za-z]{2,40}", target)
            return target if bare else f"urn:osler:{self.deidentifier.token('link', target)}"
        base = ""
        if found["base"]:
            base = f"{_SERVER}/{self.deidentifier.token('server', found['base'])}/"
        return f"{base}{found['kind']}/{self._own_id(found['id'])}{found['version'] or ''}"

    def _own_id(self, value: str) -> str:
        if _UUID.fullmatch(value):
            return self.deidentifier.uuid(value)
        return f"r-{self.deidentifier.token('id', value)}"

    def _identifier(self, value: Mapping[str, Any]) -> dict[str, Any] | None:
        system, number = value.get("system"), value.get("value")
        new = {k: v for k, v in value.items() if k in {"use", "type", "period"}}
        new = self.members(new, "identifier")
        if not isinstance(number, str):
            return new or None
        if system == "urn:ietf:rfc:3986" and number.startswith(("urn:", "http")):
            return {**new, "system": system, "value": self.reference(number)}
        authority = system.strip() if isinstance(system, str) else ""
        named = Identifier(authority=authority or "unstated", value=number.strip())
        hidden = self.deidentifier.pseudonym(named)
        # What no authority gave stays without one: nobody may take it for a patient's number.
        return {**new, **({"system": AUTHORITY} if authority else {}), "value": hidden.value}

    def _attachment(self, value: Mapping[str, Any], new: dict[str, Any]) -> dict[str, Any]:
        new.pop("data", None)
        kind = str(value.get("contentType") or "").partition(";")[0].strip().casefold()
        data = value.get("data")
        if kind not in ATTACHMENTS or not isinstance(data, str):
            return {"_data": _MASKED} if isinstance(data, str) else {}
        try:
            text = base64.b64decode(data, validate=False).decode()
        except (binascii.Error, ValueError):
            return {"_data": _MASKED}
        return {"data": base64.b64encode(self._cleaner.of(text).encode()).decode()}

    def _text(self, key: str, value: str, beside: Mapping[str, Any]) -> str | None:
        if key == "id" or key.removeprefix("_") == "id":
            return self._own_id(value)
        if key in {"uid", "uri"} and (found := _OID.fullmatch(value)):
            return value.replace(found[1], self.deidentifier.uid(found[1]))
        if _DAY.fullmatch(value) or (_ROUGH.fullmatch(value) and DATED.fullmatch(key)):
            days = self._cleaner.days
            return moved(value, days) if days is not None else None
        if key == "reference":
            return self.reference(value)
        if key in CODE_LIKE or (key == "data" and "origin" in beside):
            return value
        of_a_code = key == "display" and bool({"system", "code"} & beside.keys())
        return self._cleaner.of(value, names=(not of_a_code and key != "text") or key == "note")

    def _number(self, key: str, value: Number, beside: Mapping[str, Any]) -> Number:
        unit = beside.get("code") or beside.get("unit")
        if key != "value" or unit not in {"a", "year", "years", "yr"}:
            return value
        whole = value.partition(".")[0]
        return Number("90") if whole.isdigit() and int(whole[:5]) > _OLDEST_YEARS else value

    @property
    def _cleaner(self) -> Cleaner:
        assert self.cleaner is not None
        return self.cleaner


def _is_name(value: Mapping[str, Any]) -> bool:
    return bool({"family", "given"} & value.keys())


def _address(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """State and country; of a US ZIP code three digits, where enough people live there."""
    new = {k: v for k, v in value.items() if k in {"use", "type", "state", "country"}}
    code = value.get("postalCode")
    if isinstance(code, str) and re.fullmatch(r"\d{5}(?:-?\d{4})?", code, re.ASCII):
        new["postalCode"] = "000" if code[:3] in SMALL_ZIPS else code[:3]
    return {k: v for k, v in new.items() if isinstance(v, str)} or None
