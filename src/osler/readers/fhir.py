"""FHIR R4 in JSON (a Bundle or one resource, plain or gzip) to sources and facts.

    reading = read(data, Context(name="history.json", now=now))
    reading.items[3].source.kind        "fhir/Condition"
    reading.items[3].data               exactly the bytes of that resource in the file

Each resource is one source. Its patient is found by its own reference inside the Bundle, and is
None where there is none. Source: HL7 FHIR R4 (4.0.1), sections 2.36 (Bundle), 2.36.4 (references).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from osler.errors import UnknownFormat
from osler.readers.compressed import unpacked
from osler.readers.fhir_facts import facts_of
from osler.readers.fhir_values import Resource, rows
from osler.readers.json_slices import ANY, Slice, cut
from osler.readers.reading import Context, Item, Reading
from osler.record.patient import Identifier
from osler.record.source import AuthorRole, Source, digest_of

__all__ = ["MEDIA_TYPE", "read"]

MEDIA_TYPE = "application/fhir+json"

_URI = "urn:ietf:rfc:3986"
_AUTHORS = ("asserter", "performer", "requester", "recorder", "informationSource")
_PASSED_USE = {"old", "temp"}


def read(data: bytes, context: Context) -> Reading:
    """Every resource in the file.

    Raises `BrokenFile` (with line and column) for what is no JSON, `UnknownFormat` for JSON that
    is no FHIR.
    """
    whole = unpacked(data, context.name)
    rest, slices = cut(whole, ("entry", ANY, "resource"), context.name)
    kind = rest.get("resourceType") if isinstance(rest, Mapping) else None
    if not isinstance(kind, str):
        raise UnknownFormat(
            f"{context.name}: JSON without a resourceType, so no FHIR; it is kept whole"
        )
    if kind != "Bundle":
        slices = cut(whole, (), context.name)[1]
        return Reading(items=(_item(slices[0], "", _World.of((), (), whole), context),))
    entries = rest.get("entry")
    urls = [_full_url(entries, piece) for piece in slices]
    world = _World.of(slices, urls, whole)
    items = [_item(p, url, world, context) for p, url in zip(slices, urls, strict=True)]
    return Reading(items=(*items, *_empty_entries(whole, rest, slices, context)), container=True)


@dataclass(slots=True, kw_only=True)
class _World:
    """What references inside one file can reach; `digest` is the file's own."""

    digest: str
    resources: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    patients: dict[str, set[Identifier]] = field(default_factory=dict)

    @classmethod
    def of(cls, slices: tuple[Slice, ...], urls: list[str] | tuple[()], whole: bytes) -> "_World":
        world = cls(digest=digest_of(whole))
        for piece, url in zip(slices, urls, strict=True):
            body = piece.value
            if not isinstance(body, Mapping):
                continue
            kind = str(body.get("resourceType"))
            own = body.get("id")
            references = [r for r in (url, f"{kind}/{own}" if own else "") if r]
            for reference in references:
                world.resources.setdefault(reference, body)
                if kind == "Patient":
                    named = _patient_identifier(body, url, world.digest)
                    world.patients.setdefault(reference, set()).add(named)
        return world

    def patient(self, body: Mapping[str, Any], url: str) -> Identifier | None:
        """Whose the resource says it is, where that patient is in the same file."""
        if body.get("resourceType") == "Patient":
            return _patient_identifier(body, url, self.digest)
        for key in ("subject", "patient", "beneficiary", "for"):
            reference = body.get(key)
            if isinstance(reference, Mapping) and isinstance(reference.get("reference"), str):
                return self._resolve(reference["reference"], url)
        return None

    def _resolve(self, reference: str, url: str) -> Identifier | None:
        bare = reference.split("/_history/")[0]
        # Relative references are read against the server of the entry that holds them.
        base = "/".join(url.split("/")[:-2]) if url.startswith("http") else ""
        for candidate in (f"{base}/{bare}" if base else bare, bare):
            found = self.patients.get(candidate, set())
            if len(found) == 1:
                return next(iter(found))
        return None


def _patient_identifier(body: Mapping[str, Any], url: str, digest: str) -> Identifier:
    """The medical record number, else another identifier, else the Bundle's name for the patient.

    An identifier without a system was given by no one in particular: it is passed over. A bare
    `id` means nothing outside its own file, so the file's digest is its authority.
    """
    given = [row for row in rows(body.get("identifier")) if _is_given(row)]
    numbers = [row for row in given if _is_record_number(row)]
    for row in (*numbers, *given):
        return Identifier(authority=row["system"].strip(), value=row["value"].strip())
    if url:
        return Identifier(authority=_URI, value=url)
    return Identifier(authority=f"urn:osler:file:{digest[:16]}", value=str(body.get("id") or "1"))


def _is_given(row: Mapping[str, Any]) -> bool:
    system, value = row.get("system"), row.get("value")
    if not isinstance(system, str) or not isinstance(value, str):
        return False
    # A bar parts authority and value wherever Osler writes them; a URI holds none (RFC 3986).
    given = bool(system.strip() and value.strip()) and "|" not in system
    return given and row.get("use") not in _PASSED_USE


def _is_record_number(row: Mapping[str, Any]) -> bool:
    kind = row.get("type")
    return isinstance(kind, Mapping) and any(
        coding.get("code") == "MR" for coding in rows(kind.get("coding"))
    )


def _item(piece: Slice, url: str, world: _World, context: Context) -> Item:
    body = piece.value if isinstance(piece.value, Mapping) else {}
    kind = body.get("resourceType")
    name = f"{context.name}#{piece.pointer}" if piece.pointer else context.name
    source = Source.of(
        piece.data,
        kind=f"fhir/{kind}" if isinstance(kind, str) else "fhir/unknown",
        name=name,
        media_type=MEDIA_TYPE,
        author=_author(body, world),
    )
    if not isinstance(kind, str):
        return Item(source=source, data=piece.data, trouble="an entry without a resourceType")
    resource = Resource(
        type=kind,
        body=body,
        digest=source.digest,
        context=context,
        others=world.resources,
        server=_server(url, kind),
    )
    facts = facts_of(resource)
    if facts is None:
        resource.troubles.append(f"FHIR {kind} is kept whole; Osler reads no facts from it yet")
    # A fact asks the same date more than once; a trouble is told once.
    troubles = "; ".join(dict.fromkeys(resource.troubles))
    return Item(
        source=source,
        data=piece.data,
        facts=tuple(facts or ()),
        patient=world.patient(body, url),
        trouble=troubles or None,
    )


def _server(url: str, kind: str) -> str:
    """The base of a RESTful `fullUrl` (FHIR R4, 2.36.4), with its slash; empty for a UUID."""
    base, found, _ = url.rpartition(f"{kind}/")
    return base if found and base.startswith(("http://", "https://")) else ""


def _author(body: Mapping[str, Any], world: _World) -> AuthorRole:
    for key in _AUTHORS:
        held = body.get(key)
        people = list(rows(held)) if isinstance(held, list) else [held]
        for person in people:
            if isinstance(person, Mapping) and _is_practitioner(person.get("actor", person), world):
                return AuthorRole.CLINICIAN
    return AuthorRole.SYSTEM


def _is_practitioner(reference: Any, world: _World) -> bool:
    words = reference.get("reference") if isinstance(reference, Mapping) else None
    if not isinstance(words, str):
        return False
    kind = str(world.resources.get(words, {}).get("resourceType", ""))
    return kind.startswith("Practitioner") or words.split("/")[-2:-1] in (
        ["Practitioner"],
        ["PractitionerRole"],
    )


def _full_url(entries: Any, piece: Slice) -> str:
    index = int(piece.pointer.split("/")[2])
    url = entries[index].get("fullUrl") if isinstance(entries, list) else None
    return url if isinstance(url, str) else ""


def _empty_entries(
    whole: bytes, rest: Mapping[str, Any], slices: tuple[Slice, ...], context: Context
) -> list[Item]:
    """Entries without a resource (a deletion, say) are kept as they stand."""
    entries = rest.get("entry")
    full = {piece.pointer for piece in slices}
    count = len(entries) if isinstance(entries, list) else 0
    if all(f"/entry/{index}/resource" in full for index in range(count)):
        return []
    kept = []
    for piece in cut(whole, ("entry", ANY), context.name)[1]:
        if f"{piece.pointer}/resource" in full:
            continue
        name = f"{context.name}#{piece.pointer}"
        source = Source.of(piece.data, kind="fhir/entry", name=name, media_type=MEDIA_TYPE)
        why = "a Bundle entry that holds no resource: kept whole, nothing is read from it"
        kept.append(Item(source=source, data=piece.data, trouble=why))
    return kept
