"""That a variant is absent says something only where the file says that it could be seen."""

from datetime import UTC, datetime
from typing import Any

import pytest

from osler.errors import BrokenFile
from osler.readers.reading import Context, Item
from osler.readers.resolve import ShownText, show
from osler.readers.vcf import CALLABLE, read
from osler.readers.vcf_callable import callable_of
from osler.record.fact import Fact, FactKind

NOW = datetime(2026, 10, 1, tzinfo=UTC)
HEAD = "##fileformat=VCFv4.2\n##reference=GRCh38\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
BLOCKS = (
    "chr7\t100\t.\tA\t<NON_REF>\t.\t.\tEND=199\tGT:GQ\t0/0:50",
    "chr7\t200\t.\tA\t<NON_REF>\t.\t.\tEND=299\tGT:GQ\t0/0:5",
    "chr7\t300\t.\tAC\tG,<NON_REF>\t.\t.\t.\tGT:GQ\t0/1:99",
    "chr7\t302\t.\tA\t<NON_REF>\t.\t.\tEND=400\tGT:GQ\t./.:.",
    "chr7\t401\t.\tA\t<DEL>\t.\t.\tEND=900\tGT:GQ\t0/1:99",
)


def gvcf(*lines: str) -> bytes:
    return "\n".join([HEAD + "\tFORMAT\tS", *lines, ""]).encode()


def items(
    data: bytes, companions: dict[str, bytes] | None = None, **declared: Any
) -> tuple[Item, ...]:
    context = Context(name="p.vcf", now=NOW, declared=declared, companions=companions or {})
    return read(data, context).items


def told(item: Item) -> list[Fact]:
    return [fact for fact in item.facts if fact.kind is FactKind.OBSERVATION]


def test_reference_blocks_of_good_quality_are_callable() -> None:
    data = gvcf(*BLOCKS)
    regions = callable_of(data)
    assert regions is not None
    inside = [("7", p) in regions for p in (99, 100, 199, 200, 299, 300, 301, 302, 500)]
    assert inside == [False, True, True, False, False, True, True, False, False]
    (item,) = items(data)
    (said,) = told(item)
    assert said.code == CALLABLE
    assert said.value == "102 bases of S in 2 regions of GRCh38, by its reference blocks"
    shown = show(item.data, item.source, said.evidence.at)
    assert isinstance(shown, ShownText)
    assert shown.marked == BLOCKS[0]


def test_a_list_of_variants_says_nothing_of_other_places() -> None:
    data = gvcf(BLOCKS[2].replace(",<NON_REF>", ""))
    assert callable_of(data) is None
    assert told(items(data)[0]) == []


def test_a_panels_bed_is_a_source_beside_the_variants() -> None:
    data = gvcf(BLOCKS[2].replace(",<NON_REF>", ""))
    variants, bed = items(data, {"p.bed": b"chr7\t10\t20\n"}, callable="p.bed")
    assert variants.trouble is None
    assert bed.source.kind == "callable-regions"
    assert told(bed)[0].value == "10 bases of S in 1 regions of GRCh38, by the panel's regions"
    (alone,) = items(data, callable="p.bed")
    assert alone.trouble is not None
    assert "not beside it" in alone.trouble
    with pytest.raises(BrokenFile, match=r"p\.bed, line 1"):
        items(data, {"p.bed": b"nothing\n"}, callable="p.bed")
