"""DICOM segmentations: one fact per segment, with who or what drew it.

    facts = segment_facts(dataset, picture)     `picture` is the MEDIA fact of the same instance

PS3.3 C.8.20. A segment that an algorithm drew alone is `preliminary` until a person signs it.
"""

from collections import Counter
from dataclasses import replace

import pydicom

from osler.readers.dicom_codes import first_code, laterality, side_of
from osler.readers.dicom_groups import finite
from osler.readers.dicom_header import items_of, stated
from osler.record.fact import Code, Fact, FactKind
from osler.record.locator import Evidence, Tag

__all__ = ["referenced_series", "segment_facts", "segment_frames"]


def segment_facts(dataset: pydicom.Dataset, picture: Fact) -> tuple[Fact, ...]:
    """One OBSERVATION per item of SegmentSequence (0062,0002), dated as the picture is."""
    drawn = segment_frames(dataset)
    series = referenced_series(dataset)
    return tuple(
        replace(
            picture,
            kind=FactKind.OBSERVATION,
            code=_code(segment),
            value=_words(segment, drawn, series),
            evidence=Evidence(source=picture.evidence.source, at=Tag(path=f"00620002[{index}]")),
            status=_status(segment),
            laterality=_side(segment),
            identity=f"{picture.identity}#{index + 1}" if picture.identity else None,
        )
        for index, segment in enumerate(items_of(dataset, "SegmentSequence"))
    )


def segment_frames(dataset: pydicom.Dataset) -> Counter[int]:
    """How many frames each segment has, by SegmentNumber (0062,000B)."""
    count: Counter[int] = Counter()
    shared = items_of(dataset, "SharedFunctionalGroupsSequence")[:1]
    for group in items_of(dataset, "PerFrameFunctionalGroupsSequence"):
        for where in (group, *shared):
            for item in items_of(where, "SegmentIdentificationSequence")[:1]:
                number = finite(item, "ReferencedSegmentNumber", 1)
                if number:
                    count[int(number[0])] += 1
    return count


def referenced_series(dataset: pydicom.Dataset) -> tuple[str, ...]:
    """The series that were segmented (0008,1115)."""
    series = (
        stated(item, "SeriesInstanceUID") for item in items_of(dataset, "ReferencedSeriesSequence")
    )
    return tuple(uid for uid in series if uid)


def _code(segment: pydicom.Dataset) -> Code:
    kind = first_code(segment, "SegmentedPropertyTypeCodeSequence")
    return kind or Code(text=stated(segment, "SegmentLabel") or "segment")


def _status(segment: pydicom.Dataset) -> str:
    return {"AUTOMATIC": "preliminary", "MANUAL": "final"}.get(
        stated(segment, "SegmentAlgorithmType") or "", "unknown"
    )


def _side(segment: pydicom.Dataset) -> str | None:
    """The side, from the modifiers of the property's type or of its region."""
    kinds = items_of(segment, "SegmentedPropertyTypeCodeSequence")[:1]
    said = {
        side_of(item)
        for kind in kinds
        for item in items_of(kind, "SegmentedPropertyTypeModifierCodeSequence")
    }
    said.add(laterality(segment))
    said.discard(None)
    return said.pop() if len(said) == 1 else None


def _words(segment: pydicom.Dataset, drawn: Counter[int], series: tuple[str, ...]) -> str:
    """Label, category, how it was drawn, on how many frames, of which series."""
    category = first_code(segment, "SegmentedPropertyCategoryCodeSequence")
    how = (stated(segment, "SegmentAlgorithmType") or "drawn in an unstated way").casefold()
    name = stated(segment, "SegmentAlgorithmName")
    number = finite(segment, "SegmentNumber", 1)
    count = drawn[int(number[0])] if number else 0
    parts = [
        f"segment '{stated(segment, 'SegmentLabel') or 'unnamed'}'",
        category.text if category else "",
        f"{how} ({name})" if name else how,
        f"{count} frame{'' if count == 1 else 's'}",
        f"of series {', '.join(series)}" if series else "",
    ]
    return "; ".join(part for part in parts if part)
