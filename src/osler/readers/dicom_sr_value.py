"""The value of one content item of a DICOM structured report (PS3.3 C.17.3.2).

value_of(item, context)     Quantity, Code, Moment or text; SAYS_NOTHING; None when damaged
"""

from decimal import Decimal, InvalidOperation
from typing import Final

import pydicom

from osler.errors import OslerError
from osler.readers.dicom_codes import first_code
from osler.readers.dicom_header import items_of, stated
from osler.readers.reading import Context
from osler.record.fact import Code, FactValue, Quantity
from osler.record.moment import Moment

__all__ = ["SAYS_NOTHING", "is_absent", "value_of"]

SAYS_NOTHING: Final = ""
"""What a container, a reference or a person's name has to say here."""

_ABSENT = {"2667000", "272519000", "410516002", "373067005"}  # SNOMED CT: absent, ..., no
_READ = {"NUM", "CODE", "TEXT", "DATE", "TIME", "DATETIME"}


def value_of(item: pydicom.Dataset, context: Context) -> FactValue:
    """What the item says; None where it says something that cannot be read."""
    kind = stated(item, "ValueType")
    if kind not in _READ:
        return SAYS_NOTHING
    if kind == "NUM":
        return _quantity(item)
    if kind == "CODE":
        return first_code(item, "ConceptCodeSequence")
    if kind == "TEXT":
        return stated(item, "TextValue") or SAYS_NOTHING
    text = stated(item, {"DATE": "Date", "TIME": "Time"}.get(kind, "DateTime"))
    if kind == "TIME" or text is None:  # a time of day without its day is no moment
        return text or SAYS_NOTHING
    try:
        return Moment.parse(text, context.zone)
    except OslerError:
        return None


def _quantity(item: pydicom.Dataset) -> Quantity | Code | str | None:
    """The number as sent, with its unit; a qualifier (not a number, ...) where there is none."""
    measured = items_of(item, "MeasuredValueSequence")
    if not measured:
        return first_code(item, "NumericValueQualifierCodeSequence") or SAYS_NOTHING
    text = stated(measured[0], "NumericValue")
    try:
        value = Decimal(text or "")
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    units = first_code(measured[0], "MeasurementUnitsCodeSequence")
    if units is None:
        return Quantity(value=value)
    if units.system != "http://unitsofmeasure.org":
        return Quantity(value=value, unit=units.text)
    plain = units.code in ("1", "{0:1}")
    return Quantity(value=value, unit=None if plain else units.code, ucum=units.code)


def is_absent(value: object) -> bool:
    """Whether the value is the code that says a thing is not there."""
    return (
        isinstance(value, Code)
        and value.system == "http://snomed.info/sct"
        and value.code in _ABSENT
    )
