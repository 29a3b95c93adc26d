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
from osler.readers.json_bytes import checked, parse
from osler.readers.reading import Context, Item, Reading
from osler.record.fact import Code, Fact
from osler.record.patient import Identifier, Link
from osler.record.source import AuthorRole, Source, digest_of

__all__ = ["MEDIA_TYPE", "Others", "Surroundings", "item_of", "read"]

MEDIA_TYPE = "application/fhir+json"

_AUTHORS = ("asserter", "performer", "requester", "recorder", "informationSource", "author")
_EMPTY = "a Bundle entry that holds no resource: kept whole, nothing is read from it"


class Others(Mapping[str, Mapping[str, Any]]):
    """The resources of one file by reference, parsed where one is asked for."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def add(self, entry: Entry) -> None:
        """Know a resource by its full URL and by its type and id; of two the first."""
        for reference in (entry.url, f"{entry.kind}/{entry.own}" if entry.own else ""):
            if reference:
                self._entries.setdefault(reference, entry)

    def kind_of(self, reference: str) -> str:
        """The type of what a reference leads to, empty where it leads nowhere."""
        entry = self._entries.get(reference)
        return (entry.kind or "") if entry else ""

    def __getitem__(self, reference: str) -> Mapping[str, Any]:
        entry = self._entries[reference]
        return entry.body(entry.pointer)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


@dataclass(slots=True, kw_only=True)
class Surroundings:
    """What the references of one file can reach; `versions` are the facts of each identity."""

    context: Context
    people: People
    resources: Others = field(default_factory=Others)
    versions: dict[str, list[tuple[Fact, Identifier | None]]] = field(default_factory=dict)

    def learn(self, entry: Entry) -> None:
        """Take in one entry before any is read: references lead forwards too."""
        if entry.kind is None:
            return
        self.resources.add(entry)
        if entry.kind == "Patient":
            self.people.add(entry.body(self.context.name), entry.url)


def read(data: bytes, context: Context) -> Reading:
    """Every resource in the file.

    Raises `BrokenFile` (with line and column) for what is no JSON, `UnknownFormat` for JSON that
    is no FHIR.
    """
    whole = checked(unpacked(data, context.name), context.name)
    around = Surroundings(
        context=context, people=People(digest=lambda: digest_of(whole), known=context.people)
    )
    alone = Entry.of(whole, context.name)
    if alone.kind is None:
        parse(whole, context.name)  # what is no JSON at all is broken rather than unknown
        raise UnknownFormat(
            f"{context.name}: JSON without a resourceType, so no FHIR; it is kept whole"
        )
    if alone.kind == "Bundle":
        entries = list(entries_of(whole, context.name))
        for entry in entries:
            around.learn(entry)
        # What was deleted is read last: the versions that it ends may stand anywhere.
        items = [item_of(entry, around) for entry in entries if not entry.deleted]
        items += [item_of(entry, around) for entry in entries if entry.deleted]
        return Reading(items=tuple(items), container=True)
    alone.data = whole.strip(b" \t\r\n")
    around.learn(alone)
    return Reading(items=(item_of(alone, around),))


def item_of(entry: Entry, around: Surroundings) -> Item:
    """The source that one entry is, with its facts and whose it is."""
    if entry.deleted:
        return _deletion(entry, entry.deleted, around)
    context = around.context
    kind = entry.kind
    if kind is None:
        body: Mapping[str, Any] = {}
    elif main_kind(kind):
        body = entry.body(context.name)
    else:
        body = entry.sketch(context.name)
    source = Source.of(
        entry.data,
        kind="fhir/entry" if entry.bare else f"fhir/{kind or 'unknown'}",
        name=f"{context.name}#{entry.pointer}" if entry.pointer else context.name,
        media_type=MEDIA_TYPE,
        author=_author(body, around),
    )
    if kind is None:
        why = _EMPTY if entry.bare else "an entry without a resourceType"
        return Item(source=source, data=entry.data, trouble=why)
    claim = around.people.whose(body, entry.url)
    twice = body.get("resourceType") != kind
    if twice or main_kind(kind) is None:
        kept = f"FHIR {kind} is kept whole; Osler reads no facts from it yet"
        return Item(
            source=source,
            data=entry.data,
            patient=None if twice else claim.patient,
            trouble="it names its type twice: kept whole" if twice else kept,
            disputed=claim.disputed,
        )
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
    links: tuple[Link, ...] = ()
    followed = True
    if kind == "Patient" and "link" in body:
        links, followed = around.people.links(body, entry.url)
    if not followed:
        resource.troubles.append("it links to a patient whom nothing here identifies: not followed")
    if resource.identity and entry.modified:
        around.versions.setdefault(resource.identity, []).extend(
            (fact, claim.patient) for fact in facts
        )
    return Item(
        source=source,
        data=entry.data,
        facts=tuple(facts),
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
    return around.resources.kind_of(words).startswith("Practitioner") or words.split("/")[
        -2:-1
    ] in (
        ["Practitioner"],
        ["PractitionerRole"],
    )
