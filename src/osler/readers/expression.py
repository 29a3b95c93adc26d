"""A matrix of genes and samples: one source for each sample, and one fact that a profile is there.

    reading = read(data, context)
    expression_of(reading.items[0].data)        {"EGFR": 7.24, ...}

A matrix does not say what its numbers are: they count as expression unless the sidecar's `kind` or
the values themselves (the calls -2 to 2) say copy number. Unit, normalisation and platform stay
unknown unless declared.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from osler.readers.copy_number import calls_item
from osler.readers.gene_matrix import Matrix, gather, sample_of
from osler.readers.gene_values import values_of
from osler.readers.lines import opened, opened_bytes
from osler.readers.media_fact import media_fact
from osler.readers.reading import Context, Flow, Item, Reading
from osler.readers.spill import Spill
from osler.readers.table import patient_of
from osler.record.fact import Code
from osler.record.source import AuthorRole, Source

__all__ = ["expression_of", "read", "read_file"]


def expression_of(data: bytes) -> Mapping[str, float]:
    """Value by gene of one sample's source; a missing or contradictory value is not in it."""
    return values_of(data).by_gene


def read(data: bytes, context: Context) -> Reading:
    """The samples of one matrix; raises `BrokenFile` with the number of a line that is damaged."""
    return Reading(items=tuple(_items(opened_bytes(data), context)), container=True)


def read_file(path: Path, context: Context) -> Flow:
    """The same of a matrix of any size: walked once now, its samples made as they are asked for."""
    with opened(path, context.name) as file:
        return Flow(items=_items(file, context), container=True)


def _items(file: BinaryIO, context: Context) -> Iterator[Item]:
    return _made(gather(file, Spill(), context.name), context)


def _made(matrix: Matrix, context: Context) -> Iterator[Item]:
    with matrix.spill:
        for row in matrix.rows:
            yield _item(matrix, row, context)


def _item(matrix: Matrix, row: str, context: Context) -> Item:
    data, sample = matrix.of(row), sample_of(row)
    copies = matrix.placed or "copy-number" in {context.kind, context.declared.get("kind")}
    kind = "copy-number" if copies or matrix.discrete else "expression"
    source = Source.of(
        data,
        kind=kind,
        name=f"{context.name}#{sample}",
        media_type="text/tab-separated-values",
        author=AuthorRole.LABORATORY,
    )
    values = values_of(data)
    troubles = [values.trouble] if values.trouble else []
    if sample in matrix.doubled:
        troubles.append("its table has several rows of this sample: which of them holds is open")
    trouble = "; ".join(troubles) or None
    if matrix.discrete:
        return calls_item(source, data, sample, values, trouble, context)
    said = "Copy-number" if kind == "copy-number" else "Gene expression"
    fact = media_fact(
        source,
        kind,
        {"genes": len(values.by_gene)},
        context,
        code=Code(text=f"{said} profile of {len(values.by_gene):,} genes"),
    )
    return Item(
        source=source,
        data=data,
        facts=(fact,),
        patient=patient_of(sample),
        trouble=trouble,
    )
