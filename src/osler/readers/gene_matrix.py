"""A matrix of genes and samples, either way round, cut into one table of two columns a sample.

    layout_of(["Hugo_Symbol", "Entrez_Gene_Id", "S1"])      genes go down, samples start at column 2
    with Spill() as spill:
        matrix = gather(file, spill, "expression.tsv.gz")
        matrix.discrete, matrix.rows, matrix.of("S1")    b"gene\\tS1\\nEGFR\\t2.1\\n..."

Layouts: cBioPortal (`Hugo_Symbol Entrez_Gene_Id S1 ...`), UCSC Xena (`sample` first), GISTIC2
(`Gene Symbol, Locus ID, Cytoband`), GCT 1.2 (GenePattern), and samples going down. Values stand as
they were written.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from osler.errors import BrokenFile
from osler.readers.lines import as_text, lines_of
from osler.readers.spill import Spill
from osler.readers.table import cells_of, delimiter_of, patient_of

__all__ = ["DISCRETE", "Layout", "Matrix", "gather", "is_gene_matrix", "layout_of", "sample_of"]

DISCRETE = frozenset({b"-2", b"-1.5", b"-1", b"0", b"1", b"2", b"NA", b"", b"NaN"})
"""The calls of GISTIC2 and cBioPortal, and the words for none."""

_LOSSES = frozenset({b"-2", b"-1.5", b"-1"})
_GENE_WORDS = frozenset(
    """hugo_symbol gene gene_id gene_name gene_symbol genesymbol symbol ensembl_id ensembl_gene_id
    gene_symbols name geneid genename""".split()  # noqa: SIM905
)
_BESIDE = frozenset(
    {"entrez_gene_id", "description", "locus_id", "cytoband", "gene_id", "gene_type"}
)
_SAMPLE_WORDS = frozenset({"", "sample", "sample_id", "case_id", "patient_id", "barcode", "index"})
# The columns of a table of results: genes go down there too, but nobody's samples across.
_RESULTS = re.compile(
    r"p.?val|padj|fdr|q.?val|log2?.?f|basemean|^stat$|score|rank|chrom|^start$|^end$"
)
_GENE = re.compile(r"[A-Z][A-Z0-9]*(?:[-.@][A-Z0-9]+)*|C[0-9XY]+orf[0-9]+|ENSG\d{11}(?:\.\d+)?")
_VALUE = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NA|NaN|nan|null|")
_FEWEST_GENES = 20
_BLOCK = 512
_GCT = b"#1.2"
_AGAIN = "\x00"  # in no name: parts a sample's name from the line of its second row


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the names stand: `first` is the first column of values."""

    genes_down: bool
    first: int
    header: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """What was gathered; `discrete` is whether every value is a copy-number call.

    `rows` has a key for each sample, `doubled` the samples that the table gives more than once;
    `placed` is whether it says where on a chromosome its genes are.
    """

    rows: tuple[str, ...]
    doubled: frozenset[str]
    discrete: bool
    placed: bool
    spill: Spill

    def of(self, row: str) -> bytes:
        """The two columns of one sample."""
        return f"gene\t{sample_of(row)}\n".encode() + self.spill.take(row)


def sample_of(row: str) -> str:
    """The sample's name; a table may have several rows of it, which are kept apart."""
    return row.partition(_AGAIN)[0]


def is_gene_matrix(head: bytes) -> bool:
    """Whether a file begins as one of the layouts does; its first row, where seen, has numbers."""
    if head.startswith(_GCT):
        return True
    header, end, rest = head.partition(b"\n")
    delimiter = delimiter_of(header)
    if delimiter is None or b"\x00" in head:
        return False
    # The last cell of a cut line may be half a name.
    cells = cells_of(as_text(header).rstrip("\r"), delimiter)[: None if end else -1]
    layout = layout_of(cells)
    row, whole, _ = rest.partition(b"\n")
    values = row.rstrip(b"\r").split(delimiter.encode())[layout.first if layout else 0 :]
    values = values if whole else values[:-1]
    return layout is not None and all(_VALUE.fullmatch(v.strip(b'" ')) for v in values)


def layout_of(header: Sequence[str]) -> Layout | None:
    """How a table with these columns is laid out; None for what is no matrix of genes."""
    words = [cell.strip().casefold().replace(" ", "_") for cell in header]
    if len(words) < 2:
        return None
    first = next((i for i, word in enumerate(words[1:], 1) if word not in _BESIDE), len(words))
    across = list(header[first:])
    if words[0] in _GENE_WORDS or (words[0] == "sample" and all(map(patient_of, across))):
        sound = across and not any(_RESULTS.search(word) for word in words[first:])
        return Layout(genes_down=True, first=first, header=tuple(header)) if sound else None
    genes = sum(_GENE.fullmatch(cell.strip()) is not None for cell in header[1:])
    if words[0] in _SAMPLE_WORDS and genes >= max(_FEWEST_GENES, 0.9 * len(header[1:])):
        return Layout(genes_down=False, first=1, header=tuple(header))
    return None


def gather(file: BinaryIO, spill: Spill, name: str) -> Matrix:
    """Walk the table once; raises `BrokenFile` with the number of a line that does not fit."""
    lines = lines_of(file, name)
    number, line = next(lines, (1, b""))
    sizes = None
    if line.startswith(_GCT):
        sizes = _sizes(lines, name)
        number, line = next(lines, (3, b""))
    delimiter = delimiter_of(line) or "\t"
    layout = layout_of(cells_of(as_text(line), delimiter, name))
    if layout is None:
        raise BrokenFile(f"{name}, line {number}: its columns are none of a matrix of genes")
    walk = _down if layout.genes_down else _across
    rows = _rows(lines, layout, delimiter, name)
    watch = _Watch()
    count = walk(rows, layout, spill, watch, name)
    found = tuple(spill.keys())
    if sizes is not None and sizes != (count, len(found)):
        raise BrokenFile(
            f"{name}: its second line says {sizes[0]} genes and {sizes[1]} samples, it has {count} "
            f"and {len(found)}; the file may be cut short"
        )
    placed = any(cell.strip().casefold() == "cytoband" for cell in layout.header)
    discrete = watch.calls_only and watch.losses
    doubled = frozenset(sample_of(row) for row in found if _AGAIN in row)
    return Matrix(rows=found, doubled=doubled, discrete=discrete, placed=placed, spill=spill)


@dataclass(slots=True)
class _Watch:
    calls_only: bool = True
    losses: bool = False

    def see(self, cells: Sequence[bytes]) -> None:
        if self.calls_only:
            self.calls_only = DISCRETE.issuperset(cells)
            self.losses = self.losses or not _LOSSES.isdisjoint(cells)


def _sizes(lines: Iterator[tuple[int, bytes]], name: str) -> tuple[int, int]:
    _, line = next(lines, (2, b""))
    found = re.match(rb"(\d{1,9})\t(\d{1,9})\s*$", line)
    if found is None:
        raise BrokenFile(f"{name}, line 2: a GCT gives its rows and columns here")
    return int(found[1]), int(found[2])


def _rows(
    lines: Iterator[tuple[int, bytes]], layout: Layout, delimiter: str, name: str
) -> Iterator[tuple[int, list[bytes]]]:
    part = delimiter.encode()
    for number, line in lines:
        if not line.strip():
            continue
        cells = line.split(part)
        if b'"' in line:
            cells = [cell.encode() for cell in cells_of(as_text(line), delimiter, name)]
        if len(cells) != len(layout.header):
            raise BrokenFile(
                f"{name}, line {number}: {len(cells)} columns where the header has "
                f"{len(layout.header)}; the file may be cut short"
            )
        yield number, cells


def _down(
    rows: Iterator[tuple[int, list[bytes]]], layout: Layout, spill: Spill, watch: _Watch, name: str
) -> int:
    """Genes go down: turned round block by block."""
    samples = [_clean(cell, name) for cell in layout.header[layout.first :]]
    if len(set(samples)) != len(samples):
        raise BrokenFile(f"{name}: two columns have the name of one sample")
    for sample in samples:
        spill.add(sample, b"")
    count, genes, block = 0, list[bytes](), list[list[bytes]]()
    for _, cells in rows:
        # cBioPortal leaves the symbol empty where only the Entrez number is known.
        genes.append((cells[0].strip() or cells[layout.first - 1].strip()) + b"\t")
        block.append(cells[layout.first :])
        watch.see(block[-1])
        count += 1
        if len(block) == _BLOCK:
            _turn(samples, genes, block, spill)
            genes, block = [], []
    _turn(samples, genes, block, spill)
    return count


def _turn(samples: list[str], genes: list[bytes], block: list[list[bytes]], spill: Spill) -> None:
    for sample, column in zip(samples, zip(*block, strict=True), strict=bool(block)):
        spill.add(sample, b"\n".join(map(bytes.__add__, genes, column)) + b"\n")


def _across(
    rows: Iterator[tuple[int, list[bytes]]], layout: Layout, spill: Spill, watch: _Watch, name: str
) -> int:
    """Samples go down: a row is a sample already."""
    genes = [_clean(cell, name).encode() + b"\t" for cell in layout.header[1:]]
    seen: set[str] = set()
    for number, cells in rows:
        sample = _clean(as_text(cells[0]), name)
        row = f"{sample}{_AGAIN}{number}" if sample in seen else sample
        seen.add(sample)
        watch.see(cells[1:])
        spill.add(row, b"\n".join(map(bytes.__add__, genes, cells[1:])) + b"\n")
    return len(genes)


def _clean(cell: str, name: str) -> str:
    word = cell.strip()
    if not word or "\t" in word or _AGAIN in word or len(word) > 200:
        raise BrokenFile(f"{name}: a sample or gene without a sound name ('{word[:40]}')")
    return word
