"""DICOM structured reports: the content tree as coded facts, each pointing at its own item.

    item = report_item(dataset, data, context)      called by osler.readers.dicom

PS3.3 C.17. NUM, CODE, TEXT, DATE, TIME and DATETIME items become facts; what modifies a concept
or sets its context (HAS CONCEPT MOD, HAS OBS CONTEXT, HAS ACQ CONTEXT) qualifies them and is none
itself. Persons' names are never read.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pydicom

from osler.readers.dicom_codes import first_code, side_of
from osler.readers.dicom_header import items_of, moment, recorded, stated
from osler.readers.dicom_sr_value import SAYS_NOTHING, is_absent, value_of
from osler.readers.reading import Context, Item
from osler.record.fact import Assertion, Code, Fact, FactKind, FactValue
from osler.record.locator import Evidence, Tag, Whole
from osler.record.moment import Moment
from osler.record.source import AuthorRole, Source

__all__ = ["KIND", "report_item"]

KIND = "dicom/sr"

_CONTENT = "0040A730"
_MOST = 20_000  # content items read of one report
_QUALIFIES = {"HAS CONCEPT MOD", "HAS OBS CONTEXT", "HAS ACQ CONTEXT"}
_SUBJECT_CLASS = "121024"  # DCM: of whom the observations are
_PATIENT = "121025"
_HISTORY = {"121060": Assertion.HISTORICAL, "10157-6": Assertion.FAMILY}


@dataclass(frozen=True, slots=True)
class _Around:
    """What holds for an item by where it stands."""

    headings: tuple[str, ...]
    when: Moment | None
    experiencer: str
    assertion: Assertion
    laterality: str | None


def report_item(dataset: pydicom.Dataset, data: bytes, context: Context) -> Item:
    """The report as one source: a REPORT fact, then one OBSERVATION per value."""
    source = Source.of(
        data,
        kind=KIND,
        name=context.name,
        media_type="application/dicom",
        author=AuthorRole.CLINICIAN if _is_verified(dataset) else AuthorRole.UNSTATED,
    )
    known = recorded(dataset, context)
    uid = stated(dataset, "SOPInstanceUID")
    report = Fact(
        kind=FactKind.REPORT,
        code=first_code(dataset, "ConceptNameCodeSequence") or Code(text="structured report"),
        evidence=Evidence(source=source.digest, at=Whole()),
        received_at=context.now,
        valid_from=moment(dataset, context, ("StudyDate", "SeriesDate", "ContentDate")),
        recorded_at=known,
        recorded_inferred=known is None,
        status=_status(dataset),
        identity=uid,
        replaces=_predecessor(dataset),
    )
    around = _Around((), report.valid_from, "patient", Assertion.PRESENT, None)
    facts, troubles = [report], []
    for number, (path, fact) in enumerate(_facts(dataset, "", report, around, context)):
        if number >= _MOST:
            troubles.append(f"only its first {_MOST} values are read")
            break
        if fact is None:
            troubles.append(f"the value at {path} cannot be read")
        else:
            facts.append(fact)
    trouble = "; ".join(troubles[:5]) or None
    return Item(source=source, data=data, facts=tuple(facts), trouble=trouble)


def _is_verified(dataset: pydicom.Dataset) -> bool:
    return stated(dataset, "VerificationFlag") == "VERIFIED"


def _status(dataset: pydicom.Dataset) -> str:
    """Final is only what is complete and that a person verified (PS3.3 C.17.2)."""
    if stated(dataset, "CompletionFlag") == "PARTIAL":
        return "partial"
    preliminary = stated(dataset, "PreliminaryFlag") == "PRELIMINARY"
    return "final" if _is_verified(dataset) and not preliminary else "preliminary"


def _predecessor(dataset: pydicom.Dataset) -> str | None:
    """The one earlier document that this takes the place of (0040,A360)."""
    found = {
        stated(instance, "ReferencedSOPInstanceUID")
        for study in items_of(dataset, "PredecessorDocumentsSequence")
        for series in items_of(study, "ReferencedSeriesSequence")
        for instance in items_of(series, "ReferencedSOPSequence")
    }
    return found.pop() if len(found) == 1 else None


def _facts(
    node: pydicom.Dataset, path: str, report: Fact, around: _Around, context: Context
) -> Iterator[tuple[str, Fact | None]]:
    """The facts below one item, in the order in which they stand; None where one is damaged."""
    around = _inside(node, around, context)
    for index, child in enumerate(items_of(node, "ContentSequence")):
        if stated(child, "RelationshipType") in _QUALIFIES:
            continue
        place = f"{path}{_CONTENT}[{index}]"
        own = _inside(child, around, context)
        value = value_of(child, context)
        if value is None:
            yield place, None
        elif value is not SAYS_NOTHING:
            yield place, _fact(child, place, value, report, own)
        yield from _facts(child, place + ".", report, around, context)


def _inside(node: pydicom.Dataset, around: _Around, context: Context) -> _Around:
    """What holds below an item: its own date, subject, side and heading, else what held above."""
    heading = first_code(node, "ConceptNameCodeSequence")
    is_container = stated(node, "ValueType") == "CONTAINER"
    if heading and is_container:
        around = replace(around, headings=(*around.headings, heading.text))
        history = _HISTORY.get(heading.code or "")
        if history:
            around = replace(around, assertion=history)
    when = moment(node, context, ("ObservationDateTime",))
    if when:
        around = replace(around, when=when)
    for child in items_of(node, "ContentSequence"):
        if stated(child, "RelationshipType") not in _QUALIFIES:
            continue
        concept = first_code(child, "ConceptNameCodeSequence")
        said = first_code(child, "ConceptCodeSequence")
        if concept and said and concept.code == _SUBJECT_CLASS:
            who = "patient" if said.code == _PATIENT else said.text.casefold()
            around = replace(around, experiencer=who)
        side = next((side_of(item) for item in items_of(child, "ConceptCodeSequence")), None)
        side = side or _side_below(child)
        if side:
            around = replace(around, laterality=side)
    return around


def _side_below(child: pydicom.Dataset) -> str | None:
    """The side of a finding site, which modifies the site rather than the finding."""
    for modifier in items_of(child, "ContentSequence"):
        for item in items_of(modifier, "ConceptCodeSequence"):
            if side_of(item):
                return side_of(item)
    return None


def _fact(
    node: pydicom.Dataset, place: str, value: FactValue, report: Fact, around: _Around
) -> Fact:
    concept = first_code(node, "ConceptNameCodeSequence") or Code(text="statement")
    absent = around.assertion is Assertion.PRESENT and is_absent(value)
    return replace(
        report,
        kind=FactKind.OBSERVATION,
        code=replace(concept, text=_qualified(node, concept.text, around.headings)),
        value=value,
        evidence=Evidence(source=report.evidence.source, at=Tag(path=place)),
        valid_from=around.when,
        assertion=Assertion.ABSENT if absent else around.assertion,
        experiencer=around.experiencer,
        laterality=around.laterality,
        identity=f"{report.identity}#{place}" if report.identity else None,
        replaces=None,
    )


def _qualified(node: pydicom.Dataset, concept: str, headings: tuple[str, ...]) -> str:
    """`Length (Mean), Femur`: the concept, what modifies it, and the heading it stands under."""
    said = (
        first_code(child, "ConceptCodeSequence")
        for child in items_of(node, "ContentSequence")
        if stated(child, "RelationshipType") == "HAS CONCEPT MOD"
    )
    modifiers = ", ".join(code.text for code in said if code)
    under = headings[-1] if len(headings) > 1 else ""
    text = f"{concept} ({modifiers})" if modifiers else concept
    return f"{text}, {under}" if under and under != concept else text
