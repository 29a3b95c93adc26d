"""Which positions a VCF says were callable, so that a variant's absence there is a negative.

    regions = callable_of(data)         None where the file says nothing of it
    ("chr7", 55191822) in regions

A VCF of variants alone says nothing: outside a stated region a variant that is not listed is
unknown. A gVCF says it with reference blocks (`<NON_REF>`, `<*>`, or no alternate, and END): a
block counts where its genotype was called, with a quality of `CALLABLE_QUALITY` where it gives one.
A panel's BED says it where the VCF's sidecar names the file as `callable`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from osler.readers.lines import lines_of, opened_bytes
from osler.readers.reading import Context
from osler.readers.regions import Regions
from osler.readers.vcf_header import Header, decoded, header_of
from osler.readers.vcf_record import NO_ALLELE, Record, number_in, record_of

__all__ = ["CALLABLE_QUALITY", "Callable", "callable_of"]

CALLABLE_QUALITY = 20
"""The least genotype quality (GQ, Phred) of a position that counts as callable: 1 error in 100."""


@dataclass(slots=True)
class Callable:
    """Collects regions while the records go by; `first_line` is the first block's, if any."""

    regions: Regions = field(default_factory=Regions)
    first_line: int | None = None

    def take(self, record: Record, header: Header) -> None:
        """Take one record of the bound sample."""
        if not _tells(record.alternates):
            return
        call = record.calls.get(header.sample or "")
        if call is None or not _called(call.get("GT"), call.get("GQ") or call.get("RGQ")):
            return
        if self.first_line is None and NO_ALLELE.issuperset(record.alternates):
            self.first_line = record.number
        last = record.position + len(record.reference) - 1
        end = number_in(record.info.get("END"))
        if end is not None and record.position <= end < 1 << 40:
            last = int(end)
        self.regions.add(record.chromosome, record.position, last)

    def settled(self) -> Regions | None:
        """The regions, or None where no record was a reference block."""
        return self.regions.settled() if self.first_line is not None else None


def _called(genotype: str | None, quality: str | None) -> bool:
    if not genotype or "." in genotype:
        return False
    if quality is None or quality == ".":
        return True
    number = number_in(quality)
    return number is not None and number >= CALLABLE_QUALITY


def callable_of(data: bytes, context: Context | None = None) -> Regions | None:
    """The regions that a gVCF states, of the sample that its header or `context` binds.

    Raises what `osler.readers.vcf.read` raises.
    """
    context = context or Context(name="this source", now=datetime.now(UTC))
    lines = lines_of(opened_bytes(data), context.name)
    header = header_of(lines, context)
    found = Callable()
    for number, line in lines:
        if line.strip():
            text = decoded(line, number, context.name)
            record = record_of(text, number, header, context.name)
            found.take(record, header)
    return found.settled()


def _tells(alternates: Sequence[str]) -> bool:
    """Structural alleles span places that nobody looked at base by base."""
    return all(allele in NO_ALLELE or not allele.startswith("<") for allele in alternates)
