"""HL7 v2.1 to 2.8 in ER7: every message of a file to a source and its facts.

    reading = read(data, Context(name="results.hl7", now=now))
    reading.items[0].source.kind            "hl7v2"
    reading.items[0].facts[0].evidence.at   Segment(number=4, field=5)

ADT, ORU, ORM, OML, OMG and MDM are read; a message of another type, and a segment that nobody
reads, is kept whole and listed. A message about several patients, which ORU^R01, A17 and A40 may
be, is a source for each: its head and that patient's own segments, as they stand; the file itself
is kept as their delivery. Source: HL7 v2.8, chapters 2, 3, 4, 7 and 9.

The grammar is our own: it fits in a page, `hl7` (BSD) decodes before it knows the character set and
does not say where a segment stood, and `hl7apy` (MIT) refuses what a profile does not list.
"""

from collections.abc import Callable, Iterator, Mapping

from osler.errors import BrokenFile
from osler.readers.compressed import unpacked
from osler.readers.hl7v2_batch import Piece, cut, groups
from osler.readers.hl7v2_documents import document_facts
from osler.readers.hl7v2_message import Message, parse
from osler.readers.hl7v2_patient import LINKS, demographics, links_of, patient_of, whose
from osler.readers.hl7v2_results import order_facts, result_facts
from osler.readers.hl7v2_values import Told, sender_of
from osler.readers.hl7v2_visits import visit_facts
from osler.readers.reading import Context, Item, Reading
from osler.record.fact import Fact
from osler.record.source import AuthorRole, Source, digest_of

__all__ = ["KIND", "MEDIA_TYPE", "read"]

KIND = "hl7v2"
MEDIA_TYPE = "text/x-hl7v2"

_READERS: Mapping[str, Callable[[Told], list[Fact]]] = {
    "ADT": visit_facts,
    "ORU": result_facts,
    "ORM": order_facts,
    "OML": order_facts,
    "OMG": order_facts,
    "MDM": document_facts,
}
_AUTHORS = {"ADT": AuthorRole.SYSTEM, "MDM": AuthorRole.CLINICIAN}
# OBR-24, table 0074: the sections that are a laboratory.
_LABORATORY = {
    "BG", "BLB", "CG", "CH", "CP", "CY", "GE", "HM", "IMM", "LAB", "MB", "MCB", "MYC", "OSL", "SP",
    "SR", "TX", "VR",
}  # fmt: skip
# Events that move or delete visits, accounts or people; Osler would do the wrong thing by half.
_KEPT_EVENTS = {
    "A23", "A29", "A35", "A39", "A41", "A42", "A43", "A44", "A45", "A46", "A48", "A49", "A50",
    "A51",
}  # fmt: skip
_READ = {
    "ADT": {"PID", "EVN", "PV1", "AL1", "DG1", "OBX", "MRG"},
    "ORU": {"PID", "PV1", "ORC", "OBR", "OBX", "SPM"},
    "MDM": {"PID", "EVN", "PV1", "TXA", "OBX", "ORC", "OBR"},
}
# Control, insurance, addresses, people and remarks: they stay in the source, and nobody misses
# a fact from them.
_QUIET = {
    "MSH", "SFT", "UAC", "NTE", "PD1", "PV2", "NK1", "GT1", "IN1", "IN2", "IN3", "ROL", "PRT",
    "ARV", "CTD", "TQ1", "TQ2", "DSC", "FT1", "CTI", "ACC", "UB1", "UB2", "PDA", "CON", "SAC",
    "DG1", "ORC", "MSA", "ERR",
}  # fmt: skip
_LISTED = 5


def read(data: bytes, context: Context) -> Reading:
    """Every message in the file; raises `BrokenFile` when there is none that can be read."""
    whole = unpacked(data, context.name)
    pieces = cut(whole)
    if not pieces:
        raise BrokenFile(f"{context.name}: an HL7 v2 batch without one MSH segment; resend it")
    if len(pieces) == 1:
        items = list(_items(pieces[0], context.name, context))
    else:
        items = []
        for number, piece in enumerate(pieces, start=1):
            name = f"{context.name}#{number}"
            try:
                items += _items(piece, name, context)
            except BrokenFile as error:
                items.append(Item(source=_source(piece.data, name), data=piece.data,
                                  trouble=str(error)))  # fmt: skip
    exact = len(items) == 1 and items[0].data == whole
    return Reading(items=tuple(items), container=not exact)


def _items(piece: Piece, name: str, context: Context) -> Iterator[Item]:
    message = parse(piece.data, name)
    parts = groups(piece.data) if _about_several(message) else [piece.data]
    for index, data in enumerate(parts, start=1):
        own = name if len(parts) == 1 else f"{name}#patient-{index}"
        part = message if len(parts) == 1 else parse(data, own)
        yield _item(data, part, own, context, piece.troubles)


def _about_several(message: Message) -> bool:
    """Whether its groups of segments are each about a patient of their own."""
    repeats = message.type == "ORU" or message.trigger in {"A17", "A40"}
    named = {patient_of(message, pid) for pid in message.all("PID")}
    return repeats and (len(named) > 1 or message.trigger == "A40")


def _item(
    data: bytes, message: Message, name: str, context: Context, around: tuple[str, ...]
) -> Item:
    owner, digest = whose(message), digest_of(data)
    told = Told(
        message=message,
        digest=digest,
        context=context,
        person=str(owner.patient or digest[:16]),
        sender=sender_of(message),
        troubles=[*around, *message.troubles],
    )
    facts, links = _facts(told), links_of(told)
    return Item(
        source=_source(data, name, message),
        data=data,
        facts=tuple(facts),
        patient=owner.patient,
        trouble=_listed(told.troubles),
        disputed=owner.disputed,
        links=() if owner.disputed else links,
    )


def _facts(told: Told) -> list[Fact]:
    message = told.message
    reader, kind = _READERS.get(message.type), f"{message.type}^{message.trigger}".strip("^")
    if reader is None or (message.type == "ADT" and message.trigger in _KEPT_EVENTS):
        told.troubles.append(f"HL7 v2 {kind[:20]} is kept whole; Osler reads no facts from it yet")
        return []
    # Two people in one link: what is said of the second must not become the first's.
    facts = [] if message.trigger in LINKS else [*demographics(told), *reader(told)]
    read = _READ.get(message.type, _READ["ORU"])
    names = dict.fromkeys(s.name for s in message.segments if s.name not in read | _QUIET)
    if names:
        told.troubles.append(
            f"segments {', '.join(list(names)[:10])} are kept; Osler does not read them"
        )
    return facts


def _source(data: bytes, name: str, message: Message | None = None) -> Source:
    author = _AUTHORS.get(message.type, AuthorRole.UNSTATED) if message else AuthorRole.UNSTATED
    if message is not None and message.type == "ORU":
        sections = {request.part(24) for request in message.all("OBR")}
        laboratory = bool(sections) and sections <= _LABORATORY
        author = AuthorRole.LABORATORY if laboratory else AuthorRole.SYSTEM
    return Source.of(data, kind=KIND, name=name, media_type=MEDIA_TYPE, author=author)


def _listed(troubles: list[str]) -> str | None:
    """One sentence of all that was told, each thing once, and not more than a few."""
    once = list(dict.fromkeys(troubles))
    more = len(once) - _LISTED
    shown = [*once[:_LISTED], *([f"and {more} more of the kind"] if more > 0 else [])]
    return "; ".join(shown) or None
