"""From a DICOM element's path to what it says, so that evidence opens on it.

    tag_text(data, "0040A730[2].0040A160")      the text of the third content item
    report_text(data)                           a structured report as indented lines

Persons' names are shown here as the file has them: whoever may open the source may read it.
"""

import re

import pydicom
from pydicom.tag import Tag as PydicomTag

from osler.errors import BrokenFile
from osler.readers.dicom_codes import first_code
from osler.readers.dicom_header import DAMAGE, items_of, parse, quiet, stated

__all__ = ["report_lines", "report_text", "tag_text", "text_at"]

_STEP = re.compile(r"([0-9A-F]{8})(?:\[(\d{1,6})\])?")
_LONGEST = 4000  # characters of one value that are shown
_VALUES = ("TextValue", "Date", "Time", "DateTime", "PersonName", "UID")


def tag_text(data: bytes, path: str) -> str:
    """What stands at `path`; raises `BrokenFile` when nothing does."""
    dataset = parse(data, "the instance")
    try:
        with quiet():
            return text_at(dataset, path)
    except DAMAGE as error:
        raise BrokenFile(f"there is nothing at {path} in this instance ({error})") from error


def text_at(node: pydicom.Dataset, path: str) -> str:
    """The same of a dataset that is parsed; raises what pydicom raises where nothing is."""
    steps = path.split(".")
    for number, step in enumerate(steps, start=1):
        found = _STEP.fullmatch(step)
        if found is None:
            raise ValueError(f"'{step}' is no tag: expected eight hexadecimal digits, then [item]")
        element = node[PydicomTag(int(found[1], 16))]
        if found[2] is None:
            if number < len(steps):
                raise ValueError(f"{step} names no item of a sequence")
            return _element(element)
        if element.VR != "SQ":
            raise ValueError(f"{step} is no sequence")
        node = element.value[int(found[2])]
    return _item(node)


def _element(element: pydicom.DataElement) -> str:
    if isinstance(element.value, bytes):
        return f"{element.name}: {len(element.value)} bytes"
    return str(element.value)[:_LONGEST]


def _item(node: pydicom.Dataset) -> str:
    """One item: a content item as `concept: value`, any other element by element."""
    if "ValueType" in node:
        return _content(node)
    lines = [f"{e.name}: {_flat(e)}" for e in node if e.VR != "SQ" or len(e.value)]
    return "\n".join(lines)[:_LONGEST]


def _flat(element: pydicom.DataElement) -> str:
    if element.VR != "SQ":
        return _element(element)
    meanings = (stated(item, "CodeMeaning") for item in element.value)
    return ", ".join(m for m in meanings if m) or f"{len(element.value)} items"


def _content(node: pydicom.Dataset) -> str:
    concept = first_code(node, "ConceptNameCodeSequence")
    value = next((v for v in (stated(node, word) for word in _VALUES) if v), "")
    coded = first_code(node, "ConceptCodeSequence")
    for measured in items_of(node, "MeasuredValueSequence")[:1]:
        units = first_code(measured, "MeasurementUnitsCodeSequence")
        value = f"{stated(measured, 'NumericValue')} {units.code or units.text if units else ''}"
    value = coded.text if coded else value
    name = concept.text if concept else stated(node, "ValueType") or ""
    return (f"{name}: {value.strip()}" if value else name)[:_LONGEST]


def report_text(data: bytes) -> str:
    """The content tree, one line an item, indented by its depth."""
    dataset = parse(data, "the report")
    try:
        with quiet():
            return "\n".join(report_lines(dataset))
    except DAMAGE as error:
        raise BrokenFile(f"this report cannot be shown ({error})") from error


def report_lines(node: pydicom.Dataset, depth: int = 0) -> list[str]:
    """The lines of `report_text`."""
    lines = ["  " * depth + _content(node)]
    for child in items_of(node, "ContentSequence"):
        lines += report_lines(child, depth + 1)
    return lines
