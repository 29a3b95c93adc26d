"""A mutation annotation table (MAF of the GDC or cBioPortal): one source for each tumour sample.

    reading = read(data, context)
    reading.items[0].source         header and that sample's rows, as they stand in the table
    reading.items[0].patient        of a TCGA barcode, else None

Positions and alleles are a MAF's own: an insertion or deletion has `-` for the missing bases and no
base before it, other than in a VCF. Source: NCI GDC, "Mutation Annotation Format" 1.0.0.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from osler.errors import BrokenFile
from osler.readers.lines import as_text, lines_of, opened, opened_bytes
from osler.readers.maf_facts import facts_of
from osler.readers.reading import Context, Flow, Item, Reading
from osler.readers.spill import Spill
from osler.readers.table import patient_of, same_patient
from osler.record.source import AuthorRole, Source

__all__ = ["REQUIRED", "is_maf", "read", "read_file"]

REQUIRED = frozenset(
    {
        "hugo_symbol", "chromosome", "start_position", "reference_allele", "tumor_seq_allele2",
        "tumor_sample_barcode",
    }
)  # fmt: skip
"""The columns that every MAF has, in lower case: cases differ from maker to maker."""

_MOST_COMMENTS = 1000


def is_maf(head: bytes) -> bool:
    """Whether a file begins with a MAF's columns, its `#version` line before them or not."""
    for line in head.split(b"\n"):
        if not line.startswith(b"#"):
            words = {word.strip().lower() for word in line.split(b"\t")}
            return {b"hugo_symbol", b"chromosome", b"start_position"} <= words
    return False


def read(data: bytes, context: Context) -> Reading:
    """The samples of one table; raises `BrokenFile` where its header is none of a MAF."""
    return Reading(items=tuple(_items(opened_bytes(data), context)), container=True)


def read_file(path: Path, context: Context) -> Flow:
    """The same of a table of any size: walked once now, its samples made as they are asked for."""
    with opened(path, context.name) as file:
        return Flow(items=_items(file, context), container=True)


def _items(file: BinaryIO, context: Context) -> Iterator[Item]:
    lines = lines_of(file, context.name, ends=True)
    head, columns = _header(lines, context.name)
    spill = Spill()
    _gather(lines, columns.index("tumor_sample_barcode"), spill)
    return _made(spill, head, columns, context)


def _made(spill: Spill, head: bytes, columns: list[str], context: Context) -> Iterator[Item]:
    with spill:
        for barcode in spill.keys():  # noqa: SIM118
            yield _item(head + spill.take(barcode), barcode, columns, context)


def _header(lines: Iterator[tuple[int, bytes]], name: str) -> tuple[bytes, list[str]]:
    """The lines before the first row, and the columns in lower case."""
    head = b""
    for number, line in lines:
        head += line
        if line.startswith(b"#") and number <= _MOST_COMMENTS:
            continue
        columns = [word.strip().casefold() for word in as_text(line).rstrip("\r\n").split("\t")]
        missing = REQUIRED - set(columns)
        if missing:
            raise BrokenFile(f"{name}: a MAF without its column {', '.join(sorted(missing))}")
        return head, columns
    raise BrokenFile(f"{name}: a MAF that ends before its columns; the file may be cut short")


def _gather(lines: Iterator[tuple[int, bytes]], place: int, spill: Spill) -> None:
    for _, line in lines:
        if not line.strip() or line.startswith(b"#"):
            continue
        cells = line.split(b"\t", place + 1)
        barcode = as_text(cells[place]).strip() if place < len(cells) else ""
        spill.add(barcode, line if line.endswith(b"\n") else line + b"\n")


def _item(data: bytes, barcode: str, columns: list[str], context: Context) -> Item:
    source = Source.of(
        data,
        kind="maf",
        name=f"{context.name}#{barcode or 'no barcode'}",
        media_type="text/tab-separated-values",
        author=AuthorRole.LABORATORY,
    )
    told = facts_of(data, columns, source, context)
    troubles = [*told.troubles, *([] if barcode else ["its rows name no tumour sample"])]
    disputed = None
    if not same_patient([barcode, *told.normals]):
        disputed = f"its tumour sample is {barcode}, its matched normal {sorted(told.normals)[0]}"
    return Item(
        source=source,
        data=data,
        facts=told.facts,
        patient=patient_of(barcode),
        trouble="; ".join(troubles) or None,
        disputed=disputed,
    )
