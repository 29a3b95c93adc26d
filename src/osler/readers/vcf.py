"""A VCF 4.0 to 4.5 (plain, gzip or bgzip) to one source and one VARIANT fact an allele.

    reading = read(data, Context(name="panel.vcf", now=now, declared={"build": "GRCh38"}))
    reading.items[0].facts[0].value         Variant(gene="EGFR", protein_change="p.Leu858Arg", ...)
    reading.items[0].facts[0].evidence.at   Line(number=42), of the unpacked text

The build must be known; an origin is never guessed; an allele that the sample's genotype leaves out
is a fact that says ABSENT, and one that was not called (`./.`) is none. Very long files:
`osler.readers.notable`; where a test could have seen: `osler.readers.vcf_callable`. Source:
hts-specs, VCFv4.5.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from osler.readers.doubts import Doubts
from osler.readers.lines import lines_of, opened, opened_bytes
from osler.readers.notable import Notable, may_tell
from osler.readers.reading import Context, Flow, Item, Reading
from osler.readers.regions import Regions, regions_of_bed
from osler.readers.vcf_callable import Callable
from osler.readers.vcf_facts import facts_of
from osler.readers.vcf_header import Header, decoded, header_of
from osler.readers.vcf_record import record_of
from osler.record.fact import Code, Fact, FactKind
from osler.record.locator import Evidence, Line, Whole
from osler.record.source import AuthorRole, Source

__all__ = ["CALLABLE", "read", "read_file"]

CALLABLE = Code(text="Callable regions", system="urn:osler:molecular", code="callable-regions")
"""The code of the fact that says where a test could have seen a variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the lines say."""

    header: Header
    facts: tuple[Fact, ...]
    trouble: str | None


def read(data: bytes, context: Context) -> Reading:
    """The variants of one file.

    Raises `UnknownFormat`, `Undeclared` (the genome build is open) and `BrokenFile` with the
    number of the line.
    """
    source = Source.of(
        data, kind="vcf", name=context.name, media_type="text/x-vcf", author=AuthorRole.LABORATORY
    )
    told = _tell(lines_of(opened_bytes(data), context.name), source, context)
    item = Item(source=source, data=data, facts=told.facts, trouble=told.trouble)
    return Reading(items=(item, *_companion(told.header, context)))


def read_file(path: Path, context: Context) -> Flow:
    """The same of a file of any size, which stays where it is; raises the same."""
    source = Source.of_file(
        path, kind="vcf", name=context.name, media_type="text/x-vcf", author=AuthorRole.LABORATORY
    )
    with opened(path, context.name) as file:
        told = _tell(lines_of(file, context.name), source, context)
    item = Item(source=source, file=path, facts=told.facts, trouble=told.trouble)
    return Flow(items=iter((item, *_companion(told.header, context))))


def _tell(lines: Iterator[tuple[int, bytes]], source: Source, context: Context) -> _Told:
    header = header_of(lines, context)
    doubts, chosen, seen = Doubts(), Notable(), Callable()
    for number, line in lines:
        if not line.strip():
            continue
        if chosen.full and not may_tell(line):
            chosen.pass_over()
            continue
        record = record_of(decoded(line, number, context.name), number, header, context.name)
        seen.take(record, header)
        for fact in facts_of(record, header, source, context, doubts):
            chosen.add(fact)
    facts = list(chosen.facts())
    regions = seen.settled()
    if regions is not None and seen.first_line is not None:
        at = Line(number=seen.first_line)
        words = "its reference blocks"
        facts.append(
            _callable(regions, words, header, Evidence(source=source.digest, at=at), context)
        )
    declared = context.declared.get("callable")
    troubles = [*header.troubles, *doubts.told(), *([chosen.trouble] if chosen.trouble else [])]
    if declared is not None and str(declared) not in context.companions:
        troubles.append(
            f"its sidecar names '{declared}' as its callable regions, which is not beside it: "
            "whether a variant that is not listed was looked for stays unknown"
        )
    return _Told(header=header, facts=tuple(facts), trouble="; ".join(troubles) or None)


def _companion(header: Header, context: Context) -> Iterator[Item]:
    """The BED that the sidecar names as the regions where the test could see."""
    name = str(context.declared.get("callable"))
    data = context.companions.get(name)
    if data is None:
        return
    source = Source.of(data, kind="callable-regions", name=name, media_type="text/x-bed")
    regions = regions_of_bed(data, name)
    evidence = Evidence(source=source.digest, at=Whole())
    fact = _callable(regions, "the panel's regions", header, evidence, context)
    yield Item(source=source, data=data, facts=(fact,))


def _callable(
    regions: Regions, by: str, header: Header, evidence: Evidence, context: Context
) -> Fact:
    whose = f" of {header.sample}" if header.sample else ""
    count = f"{regions.bases:,} bases{whose} in {len(regions):,} regions"
    return Fact(
        kind=FactKind.OBSERVATION,
        code=CALLABLE,
        value=f"{count} of {header.build}, by {by}",
        evidence=evidence,
        received_at=context.now,
        valid_from=header.taken,
        recorded_at=header.made,
        recorded_inferred=header.made is None,
        status="final",
    )
