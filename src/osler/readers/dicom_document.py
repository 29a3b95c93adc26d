"""A document enclosed in DICOM (PDF, CDA, ...): that it is there, its title, its date, its bytes.

    item = document_item(dataset, data, context)        called by osler.readers.dicom
    kind, document = enclosed(data)                      "application/pdf", b"%PDF-1.4 ..."

PS3.3 A.45. The text inside is not read here.
"""

import pydicom

from osler.errors import BrokenFile
from osler.readers.dicom_codes import first_code
from osler.readers.dicom_header import moment, parse, recorded, stated
from osler.readers.reading import Context, Item
from osler.record.fact import Code, Fact, FactKind
from osler.record.locator import Evidence, Tag
from osler.record.source import Source

__all__ = ["KIND", "document_item", "enclosed"]

KIND = "dicom/document"


def document_item(dataset: pydicom.Dataset, data: bytes, context: Context) -> Item:
    """The instance as one source with a REPORT fact that says what is enclosed."""
    source = Source.of(data, kind=KIND, name=context.name, media_type="application/dicom")
    media_type, document = _enclosed(dataset)
    title = stated(dataset, "DocumentTitle")
    concept = first_code(dataset, "ConceptNameCodeSequence")
    fact = Fact(
        kind=FactKind.REPORT,
        code=concept or Code(text=title or f"{media_type} document"),
        value=title if concept and title != concept.text else None,
        evidence=Evidence(source=source.digest, at=Tag(path="00420011")),
        received_at=context.now,
        valid_from=moment(
            dataset, context, ("AcquisitionDateTime", "ContentDate", "SeriesDate", "StudyDate")
        ),
        recorded_at=recorded(dataset, context),
        recorded_inferred=recorded(dataset, context) is None,
        identity=stated(dataset, "SOPInstanceUID"),
        status="final" if stated(dataset, "VerificationFlag") == "VERIFIED" else "unknown",
    )
    trouble = f"the {media_type} document inside ({len(document)} bytes) is kept, its text unread"
    return Item(source=source, data=data, facts=(fact,), trouble=trouble)


def enclosed(data: bytes) -> tuple[str, bytes]:
    """Media type and bytes of the document; raises `BrokenFile` where none is enclosed."""
    return _enclosed(parse(data, "the document"))


def _enclosed(dataset: pydicom.Dataset) -> tuple[str, bytes]:
    document = dataset.get("EncapsulatedDocument")
    if not isinstance(document, bytes) or not document:
        raise BrokenFile("no document is enclosed (0042,0011): damaged DICOM")
    length = dataset.get("EncapsulatedDocumentLength")
    # Values have an even length: one byte of padding is not the document's.
    if isinstance(length, int) and 0 < length == len(document) - 1:
        document = document[:length]
    return stated(dataset, "MIMETypeOfEncapsulatedDocument") or "unstated", document
