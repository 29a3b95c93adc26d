"""Documents in FHIR to NOTE facts whose evidence opens on the document's own text.

    facts = document_reference(resource)    also composition, binary, media, diagnostic_report

What a document says of the patient is not read here. A document that only stands at an address is
not fetched. Source: HL7 FHIR R4 (4.0.1), sections 2.24.0.2 (Attachment), 2.37, 9.1 and 10.3.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from osler.errors import BrokenFile
from osler.readers.attachment import bytes_of, media_type_of
from osler.readers.fhir_values import Resource, code_of, rows
from osler.record.fact import Code, Fact, FactKind
from osler.record.media import Media
from osler.record.moment import Moment

__all__ = ["attached", "binary", "composition", "document_reference", "media", "replaced_by"]


def document_reference(resource: Resource) -> list[Fact]:
    """A NOTE for each content that is there, dated by its context, else by the reference."""
    code = resource.concept("/type") or resource.concept("/category/0")
    start = resource.moment("/context/period/start") or resource.moment("/date")
    status = resource.text("/status")
    if status == "current":
        status = resource.text("/docStatus") or status
    paths = [f"/content/{i}/attachment" for i, _ in enumerate(rows(resource.at("/content")))]
    return list(_notes(resource, code or Code(text="document"), paths, start, status))


def attached(resource: Resource, code: Code, start: Moment | None) -> list[Fact]:
    """A NOTE for each document that a DiagnosticReport presents."""
    held = resource.at("/presentedForm")
    if held is None:
        return []
    paths = [f"/presentedForm/{index}" for index, _ in enumerate(rows(held))]
    return list(_notes(resource, code, paths, start, resource.text("/status")))


def binary(resource: Resource) -> list[Fact]:
    """The document that a Binary is; it says of itself neither what it is nor of when."""
    return list(_notes(resource, Code(text="document"), [""], None, None))


def composition(resource: Resource) -> list[Fact]:
    """A NOTE for the document and one for each of its sections, however deep."""
    code = resource.concept("/type") or Code(text="document")
    date = resource.moment("/date")
    replaces = replaced_by(resource, "targetReference")
    whole = resource.fact(FactKind.NOTE, code, "/resourceType", valid_from=date, replaces=replaces)
    found = [whole]
    for path, section in _sections(resource.at("/section"), "/section", 8):
        title = section.get("title")
        words = Code(text=title) if isinstance(title, str) and title.strip() else None
        named = code_of(section.get("code")) or words or Code(text="section")
        where = f"{path}/text/div" if resource.text(f"{path}/text/div") else path
        found.append(resource.fact(FactKind.NOTE, named, where, valid_from=date, part=path))
    return found


def media(resource: Resource) -> list[Fact]:
    """A picture or recording that stands in a resource: that it is there, and what it is of."""
    kind = media_type_of(resource.at("/content") or {}) if _is_object(resource, "/content") else ""
    start = resource.started("created")
    code = resource.concept("/type") or resource.concept("/modality") or Code(text="media")
    if kind.startswith("text/") or kind == "application/pdf":
        return list(_notes(resource, code, ["/content"], start, None))
    site = resource.concept("/bodySite")
    told = {"anatomy": site.text if site else None, "view": _words(resource.concept("/view"))}
    modality = resource.concept("/modality") or resource.concept("/type")
    value = Media(
        modality=modality.text if modality else "unknown",
        attributes={key: words for key, words in told.items() if words},
    )
    path = "/content" if resource.at("/content") is not None else "/resourceType"
    return [resource.fact(FactKind.MEDIA, code, path, value=value, valid_from=start)]


def replaced_by(resource: Resource, target: str = "target") -> str | None:
    """The identity of the document that this one says that it replaces."""
    for index, row in enumerate(rows(resource.at("/relatesTo"))):
        if row.get("code") == "replaces":
            return resource.identity_at(f"/relatesTo/{index}/{target}")
    return None


def _notes(
    resource: Resource, code: Code, paths: list[str], start: Moment | None, status: str | None
) -> Iterator[Fact]:
    several = len(paths) > 1 or resource.type == "DiagnosticReport"
    replaces = replaced_by(resource) if resource.type == "DocumentReference" else None
    for path in paths:
        held = resource.at(path) if path else resource.body
        where = _opens(resource, held, path) if isinstance(held, dict) else None
        if where is not None:
            yield resource.fact(
                FactKind.NOTE,
                code,
                where,
                valid_from=start,
                status=status,
                part=path if several else None,
                replaces=replaces,
            )


def _opens(resource: Resource, held: Mapping[str, Any], path: str) -> str | None:
    """Where the document's data stand; what keeps it from opening is put on `troubles`."""
    try:
        data = bytes_of(held)
    except BrokenFile as error:
        resource.troubles.append(f"{path}: {error}")
        return f"{path}/data"
    if data is not None:
        return f"{path}/data"
    if isinstance(held.get("url"), str):
        resource.troubles.append(f"{path}: the document stands elsewhere and was not fetched")
        return f"{path}/url"
    resource.troubles.append(f"{path}: an attachment without data")
    return None


def _sections(held: Any, path: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for index, section in enumerate(rows(held)):
        yield f"{path}/{index}", section
        if depth:
            yield from _sections(section.get("section"), f"{path}/{index}/section", depth - 1)


def _is_object(resource: Resource, path: str) -> bool:
    return isinstance(resource.at(path), dict)


def _words(code: Code | None) -> str | None:
    return code.text if code else None
