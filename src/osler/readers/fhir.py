"""FHIR R4 in JSON (a Bundle or one resource, plain or gzip) to sources and facts.

    reading = read(data, Context(name="history.json", now=now))
    reading.items[3].source.kind        "fhir/Condition"
    reading.items[3].data               exactly the bytes of that resource in the file
    item = item_of(entry, surroundings)     one resource of a longer walk

Each resource is one source. Its patient is found by its own words (`osler.readers.fhir_people`),
and is None where they lead nowhere. Source: HL7 FHIR R4 (4.0.1), sections 2.36 (Bundle), 2.36.4
(references), 3.2.0.9 (history).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from osler.errors import UnknownFormat
from osler.readers.compressed import unpacked
from osler.readers.fhir_bundle import Entry, entries_of
from osler.readers.fhir_facts import facts_of, main_kind
from osler.readers.fhir_people import People
from osler.readers.fhir_values import Resource, rows
from osler.readers.json_bytes import checked, parse, parts
from osler.readers.reading import Context, Item, Reading
from osler.record.fact import Code, Fact
from osler.record.patient import Identifier, Link
from osler.record.source import AuthorRole, Source, digest_of

__all__ = ["MEDIA_TYPE", "Surroundings", "item_of", "read"]

MEDIA_TYPE = "application/fhir+json"

_AUTHORS = ("asserter", "performer", "requester", "recorder", "informationSource", "author")
_EMPTY = "a Bundle entry that holds no resource: kept whole, nothing is read from it"


@dataclass(slots=True, kw_only=True)
class Surroundings:
    """What the references of one file can reach; `versions` are the facts of each identity."""

    context: Context
    people: People
    resources: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: dict[str, list[tuple[Fact, Identifier | None]]] = field(default_factory=dict)

    def learn(self, entry: Entry) -> None:
        """Take in one entry before any is read: references lead forwards too."""
        body = entry.body
        if body is None:
            return
        kind, own = entry.kind, body.get("id")
        for reference in (entry.url, f"{kind}/{own}" if own else ""):
            if reference:
                self.resources.setdefault(reference, body)
        if kind == "Patient":
            self.people.add(body, entry.url)


def read(data: bytes, context: Context) -> Reading:
    """Every resource in the file.

    Raises `BrokenFile` (with line and column) for what is no JSON, `UnknownFormat` for JSON that
    is no FHIR.
    """
    whole = checked(unpacked(data, context.name), context.name)
    around = Surroundings(
        context=context, people=People(digest=lambda: digest_of(whole), known=context.people)
    )
    told = parts(whole, context.name)
    if told is None:
        parse(whole, context.name)  # what is no JSON at all is broken rather than unknown
    stated = (told or {}).get("resourceType")
    kind = parse(stated, context.name) if stated else None
    if not isinstance(kind, str):
        raise UnknownFormat(
            f"{context.name}: JSON without a resourceType, so no FHIR; it is kept whole"
        )
    if kind == "Bundle":
        entries = list(entries_of(whole, context.name))
        for entry in entries:
            around.learn(entry)
        # What was deleted is read last: the versions that it ends may stand anywhere.
        items = [item_of(entry, around) for entry in entries if not entry.deleted]
        items += [item_of(entry, around) for entry in entries if entry.deleted]
        return Reading(items=tuple(items), container=True)
    body = parse(whole, context.name)
    alone = Entry(pointer="", url="", data=whole.strip(b" \t\r\n"), body=body)
    around.learn(alone)
    return Reading(items=(item_of(alone, around),))


def item_of(entry: Entry, around: Surroundings) -> Item:
    """The source that one entry is, with its facts and whose it is."""
    if entry.deleted:
        return _deletion(entry, entry.deleted, around)
    context = around.context
    body = entry.body or {}
    source = Source.of(
        entry.data,
        kind="fhir/entry" if entry.bare else f"fhir/{entry.kind or 'unknown'}",
        name=f"{context.name}#{entry.pointer}" if entry.pointer else context.name,
        media_type=MEDIA_TYPE,
        author=_author(body, around),
    )
    kind = entry.kind
    if kind is None:
        why = _EMPTY if entry.bare else "an entry without a resourceType"
        return Item(source=source, data=entry.data, trouble=why)
    resource = Resource(
        type=kind,
        body=body,
        digest=source.digest,
        context=context,
        others=around.resources,
        server=_server(entry.url, kind),
        modified=entry.modified,
    )
    facts = facts_of(resource)
    if facts is None:
        resource.troubles.append(f"FHIR {kind} is kept whole; Osler reads no facts from it yet")
    claim = around.people.whose(body, entry.url)
    links: tuple[Link, ...] = ()
    followed = True
    if kind == "Patient" and "link" in body:
        links, followed = around.people.links(body, entry.url)
    if not followed:
        resource.troubles.append("it links to a patient whom nothing here identifies: not followed")
    if resource.identity and entry.modified:
        around.versions.setdefault(resource.identity, []).extend(
            (fact, claim.patient) for fact in facts or ()
        )
    return Item(
        source=source,
        data=entry.data,
        facts=tuple(facts or ()),
        patient=claim.patient,
        # A fact asks the same date more than once; a trouble is told once.
        trouble="; ".join(dict.fromkeys(resource.troubles)) or None,
        disputed=claim.disputed,
        links=links,
    )


def _deletion(entry: Entry, identity: str, around: Surroundings) -> Item:
    """What a server's history says that it removed: a last version, entered in error.

    Each fact of the versions in the same Bundle is ended; where there is none, the identity.
    """
    source = Source.of(
        entry.data,
        kind="fhir/entry",
        name=f"{around.context.name}#{entry.pointer}",
        media_type=MEDIA_TYPE,
        author=AuthorRole.SYSTEM,
    )
    kind = identity.rsplit("/", 2)[-2]
    resource = Resource(
        type=kind,
        body={"id": identity.rsplit("/", 1)[-1]},
        digest=source.digest,
        context=around.context,
        server=identity.removesuffix(identity[identity.rindex(f"{kind}/") :]),
        modified=entry.modified,
    )
    earlier = around.versions.get(identity, [])
    ended = {(fact.kind, fact.code.key, fact.identity): fact for fact, _ in earlier}
    owners = {who for _, who in earlier if who}
    facts = [resource.withdrawal(fact.kind, fact.code, fact.identity) for fact in ended.values()]
    if not facts and (fact_kind := main_kind(kind)):
        facts = [resource.withdrawal(fact_kind, Code(text=f"deleted {kind}"), identity)]
    return Item(
        source=source,
        data=entry.data,
        facts=tuple(facts),
        patient=owners.pop() if len(owners) == 1 else None,
        trouble=None if facts else f"the server removed a {kind}; {_EMPTY}",
    )


def _server(url: str, kind: str) -> str:
    """The base of a RESTful `fullUrl` (FHIR R4, 2.36.4), with its slash; empty for a UUID."""
    base, found, _ = url.rpartition(f"{kind}/")
    return base if found and base.startswith(("http://", "https://")) else ""


def _author(body: Mapping[str, Any], around: Surroundings) -> AuthorRole:
    for key in _AUTHORS:
        held = body.get(key)
        if held is None:
            continue
        for person in _people(held):
            if _is_practitioner(person.get("actor", person), around):
                return AuthorRole.CLINICIAN
    return AuthorRole.SYSTEM


def _people(held: Any) -> Iterator[Mapping[str, Any]]:
    return rows(held if isinstance(held, list) else [held])


def _is_practitioner(reference: Any, around: Surroundings) -> bool:
    words = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(words, str):
        return False
    kind = str(around.resources.get(words, {}).get("resourceType", ""))
    return kind.startswith("Practitioner") or words.split("/")[-2:-1] in (
        ["Practitioner"],
        ["PractitionerRole"],
    )
