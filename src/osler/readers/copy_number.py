"""Copy number: segments by sample (SEG), and the calls -2 to 2 of GISTIC2 and cBioPortal.

    reading = read(data, context)                   a SEG: one source for each sample
    segments_of(reading.items[0].data)[0].log_ratio
    calls_item(source, data, sample, values, trouble, context)

A call of 2 is a high-level amplification and -2 a deep deletion (GISTIC2 documentation;
cBioPortal, "Discrete copy number data"): these two are VARIANT facts. -1, -1.5, 0 and 1 (shallow
loss, none, low-level gain) are none, and neither is a segment, whose threshold nobody states.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from osler.errors import BrokenFile
from osler.readers.doubts import Doubts
from osler.readers.gene_values import Values
from osler.readers.genome import READ_BUILDS, chromosome_name, is_build
from osler.readers.lines import as_text, lines_of, opened, opened_bytes
from osler.readers.media_fact import media_fact
from osler.readers.reading import Context, Flow, Item, Reading
from osler.readers.spill import Spill
from osler.readers.table import patient_of
from osler.record.fact import Code, Fact, FactKind
from osler.record.locator import Evidence, Line
from osler.record.source import AuthorRole, Source
from osler.record.variant import Variant

__all__ = ["CopySegment", "calls_item", "is_segments", "read", "read_file", "segments_of"]

_CALLS = {2.0: "amplification", -2.0: "deletion"}
_HEADERS = (
    ("id", "chrom", "loc.start", "loc.end", "num.mark", "seg.mean"),
    ("sample", "chromosome", "start", "end", "num_probes", "segment_mean"),
    ("gdc_aliquot", "chromosome", "start", "end", "num_probes", "segment_mean"),
)
_POSITION = re.compile(r"[0-9]{1,10}(?:\.0+)?")
_RATIO = re.compile(r"[+-]?(?:\d{1,9}\.?\d{0,40}|\.\d{1,40})(?:[eE][+-]?\d{1,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySegment:
    """Positions `start` to `end` of a chromosome and their mean log2 ratio."""

    chromosome: str
    start: int
    end: int
    log_ratio: float


def is_segments(head: bytes) -> bool:
    """Whether a file begins with the columns of a SEG."""
    return _words(head.partition(b"\n")[0]) in _HEADERS


def read(data: bytes, context: Context) -> Reading:
    """The samples of one SEG."""
    return Reading(items=tuple(_items(opened_bytes(data), context)), container=True)


def read_file(path: Path, context: Context) -> Flow:
    """The same of a SEG of any size."""
    with opened(path, context.name) as file:
        return Flow(items=_items(file, context), container=True)


def segments_of(data: bytes) -> tuple[CopySegment, ...]:
    """The sound segments of one sample's source."""
    return tuple(found for _, found in _segments(data) if found is not None)


def calls_item(
    source: Source,
    data: bytes,
    sample: str,
    values: Values,
    trouble: str | None,
    context: Context,
) -> Item:
    """One sample of a discrete matrix: its amplifications and deletions, and what was called."""
    genes = len(values.by_gene)
    said = Code(text=f"Copy-number calls of {genes:,} genes")
    facts = [media_fact(source, "copy-number", {"genes": genes}, context, code=said)]
    declared = is_build(str(context.declared.get("build") or ""))
    for gene, value in values.by_gene.items():
        if value not in _CALLS:
            continue
        variant = Variant(
            build=declared if declared in READ_BUILDS and declared else "",
            chromosome="",
            position=0,
            reference="",
            alternate="",
            gene=gene,
            kind=_CALLS[value],
            sample=sample,
        )
        facts.append(_call(variant, source, values.lines[gene], facts[0], context))
    return Item(
        source=source,
        data=data,
        facts=tuple(facts),
        patient=patient_of(sample),
        trouble=trouble,
    )


def _call(variant: Variant, source: Source, line: int, profile: Fact, context: Context) -> Fact:
    return Fact(
        kind=FactKind.VARIANT,
        code=Code(text=str(variant)),
        evidence=Evidence(source=source.digest, at=Line(number=line)),
        received_at=context.now,
        value=variant,
        valid_from=profile.valid_from,
        status="final",
        identity=f"{variant.sample}:{variant.gene}:copy-number",
    )


def _items(file: BinaryIO, context: Context) -> Iterator[Item]:
    lines = lines_of(file, context.name, ends=True)
    _, head = next(lines, (1, b""))
    if _words(head) not in _HEADERS:
        raise BrokenFile(f"{context.name}, line 1: not the columns of a SEG (ID chrom loc.start)")
    spill = Spill()
    for _, line in lines:
        if line.strip():
            sample = as_text(line.split(b"\t", 1)[0]).strip(' "\r\n')
            spill.add(sample, line if line.endswith(b"\n") else line + b"\n")
    return _made(spill, head, context)


def _made(spill: Spill, head: bytes, context: Context) -> Iterator[Item]:
    with spill:
        for sample in spill.keys():  # noqa: SIM118
            yield _item(head + spill.take(sample), sample, context)


def _item(data: bytes, sample: str, context: Context) -> Item:
    doubts = Doubts()
    count = 0
    for number, found in _segments(data):
        count += found is not None
        if found is None:
            doubts.add(f"line {number}: no segment (chromosome, start, end, mean)")
    source = Source.of(
        data,
        kind="copy-number",
        name=f"{context.name}#{sample}",
        media_type="text/tab-separated-values",
        author=AuthorRole.LABORATORY,
    )
    said = Code(text=f"Copy-number profile of {count:,} segments")
    fact = media_fact(source, "copy-number", {"segments": count}, context, code=said)
    return Item(
        source=source,
        data=data,
        facts=(fact,),
        patient=patient_of(sample),
        trouble="; ".join(doubts.told()) or None,
    )


def _segments(data: bytes) -> Iterator[tuple[int, CopySegment | None]]:
    for number, line in lines_of(opened_bytes(data), "this profile"):
        if number > 1:
            yield number, _segment([cell.strip(' "') for cell in as_text(line).split("\t")])


def _segment(cells: list[str]) -> CopySegment | None:
    if len(cells) != len(_HEADERS[0]) or not _RATIO.fullmatch(cells[5]):
        return None
    if not (_POSITION.fullmatch(cells[2]) and _POSITION.fullmatch(cells[3]) and cells[1]):
        return None
    start, end = int(float(cells[2])), int(float(cells[3]))
    if start > end:
        return None
    return CopySegment(
        chromosome=chromosome_name(cells[1]), start=start, end=end, log_ratio=float(cells[5])
    )


def _words(line: bytes) -> tuple[str, ...]:
    return tuple(cell.strip(' "\r\n').casefold() for cell in as_text(line).split("\t"))
