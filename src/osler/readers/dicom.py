"""DICOM: one SOP instance, one source; what the header says, by the kind of object it is.

    read(data, Context(name="IM0001", ...))

Pictures become a MEDIA fact here; waveforms, structured reports, segmentations, whole slides and
enclosed documents have a file each. Anything else is kept whole under its SOP class's name.
"""

from collections.abc import Callable
from dataclasses import replace

import pydicom

from osler.errors import BrokenFile, InputError
from osler.readers.dicom_attributes import attributes, modality
from osler.readers.dicom_codes import laterality
from osler.readers.dicom_document import document_item
from osler.readers.dicom_ecg import ecg_item
from osler.readers.dicom_frame import shown_frame
from osler.readers.dicom_groups import frame_header
from osler.readers.dicom_header import (
    DAMAGE,
    DIRECTORY,
    class_name,
    class_uid,
    parse,
    quiet,
    recorded,
    stated,
    taken,
)
from osler.readers.dicom_opening import has_preamble, other_face
from osler.readers.dicom_patient import dicom_identifier, dispute, other_identifiers
from osler.readers.dicom_pixels import has_pixels
from osler.readers.dicom_seg import segment_facts
from osler.readers.dicom_slide import is_slide, slide_item
from osler.readers.dicom_sr import KIND as SR
from osler.readers.dicom_sr import report_item
from osler.readers.dicom_tag import report_lines, text_at
from osler.readers.media_fact import media_fact
from osler.readers.reading import Context, Item, Reading
from osler.record.fact import Code
from osler.record.locator import Tag
from osler.record.source import AuthorRole, Source

__all__ = ["read"]


def read(data: bytes, context: Context) -> Reading:
    """One instance; raises `BrokenFile` when the header or its pixels cannot be read."""
    dataset = parse(data, context.name)
    try:
        with quiet():
            item = _reader(dataset, context)(dataset, data, context)
            _open_evidence(item, dataset)
            return Reading(items=(_with_patient(item, dataset, data),))
    except InputError as error:
        text = str(error).removeprefix(f"{context.name}: ")
        raise type(error)(f"{context.name}: {text}") from error
    except DAMAGE as error:
        raise BrokenFile(f"{context.name}: damaged DICOM ({error})") from error


def _reader(
    dataset: pydicom.Dataset, context: Context
) -> Callable[[pydicom.Dataset, bytes, Context], Item]:
    """The function for this kind of object."""
    if "WaveformSequence" in dataset:
        return ecg_item if stated(dataset, "Modality") in (None, "ECG", "HD", "EPS") else _kept
    if "ContentSequence" in dataset and "Rows" not in dataset:
        return report_item
    if "EncapsulatedDocument" in dataset:
        return document_item
    if has_pixels(dataset):
        return slide_item if is_slide(dataset) else _picture
    if class_uid(dataset) != DIRECTORY and (
        "Rows" in dataset or "Image Storage" in class_name(dataset)
    ):
        raise BrokenFile(f"{context.name}: damaged DICOM (an image that ends before its pixels)")
    return _kept


def _open_evidence(item: Item, dataset: pydicom.Dataset) -> None:
    """Decode what facts point at, for pydicom leaves nested elements until they are asked for."""
    if item.source.kind == SR:
        report_lines(dataset)
    for fact in item.facts:
        if isinstance(fact.evidence.at, Tag):
            text_at(dataset, fact.evidence.at.path)


def _with_patient(item: Item, dataset: pydicom.Dataset, data: bytes) -> Item:
    """Whose it is, and what is odd about the file as a whole."""
    troubles = [item.trouble] if item.trouble else []
    face = other_face(data)
    if face:
        troubles.append(f"its preamble opens as {face}: it is read as DICOM, and as nothing else")
    if not has_preamble(data):
        troubles.append("it has no DICOM preamble (PS3.10, 7.1): read as a bare dataset")
    return replace(
        item,
        patient=dicom_identifier(dataset),
        links=other_identifiers(dataset),
        disputed=dispute(dataset),
        trouble="; ".join(troubles) or None,
    )


def _source(data: bytes, context: Context) -> Source:
    return Source.of(
        data,
        kind="dicom",
        name=context.name,
        media_type="application/dicom",
        author=AuthorRole.DEVICE,
    )


def _picture(dataset: pydicom.Dataset, data: bytes, context: Context) -> Item:
    source = _source(data, context)
    shown_frame(dataset)  # damage is found here, not when somebody wants to look
    seen = modality(dataset)
    fact = media_fact(
        source,
        seen,
        attributes(dataset),
        context,
        code=Code(text=stated(dataset, "StudyDescription") or f"{seen} image"),
        taken=taken(dataset, context),
        recorded_at=recorded(dataset, context),
        identity=stated(dataset, "SOPInstanceUID"),
    )
    fact = replace(fact, laterality=laterality(dataset, frame_header(dataset)))
    segments = segment_facts(dataset, fact) if "SegmentSequence" in dataset else ()
    return Item(source=source, data=data, facts=(fact, *segments))


def _kept(dataset: pydicom.Dataset, data: bytes, context: Context) -> Item:
    return Item(
        source=_source(data, context),
        data=data,
        trouble=f"DICOM {class_name(dataset)} is kept whole; Osler reads nothing from it yet",
    )
