"""What a VCF header says: genome build, samples and their roles, annotation formats, date.

    header = header_of(lines, context)      lines: the iterator, left behind the column line
    header.build            GRCh38 or GRCh37, or `Undeclared` is raised: a position means nothing
                            without it
    header.sample           the column that is read, None where two or more are not told apart

Source: hts-specs, VCFv4.5 (section 1.4, meta-information lines).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from osler.errors import BrokenFile, Undeclared, UnknownFormat
from osler.readers.genome import READ_BUILDS, build_in, build_of_length, is_build
from osler.readers.reading import Context
from osler.readers.vcf_samples import Bound, Columns, bind
from osler.record.moment import Moment

__all__ = ["Header", "decoded", "header_of"]

_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_MOST_LINES = 1_000_000
_FORMAT = re.compile(rb"##fileformat=VCFv4(?:\.\d{1,2})?")
_META = re.compile(r"##([^=]+)=(.*)", re.DOTALL)
_FIELD = re.compile(r'([^=,<>]+)=("(?:[^"\\]|\\.)*"|[^,>]*)')
_ANNOTATIONS = {"CSQ", "vep", "ANN", "BCSQ"}
_VARSCAN_STATUS = "1=Germline,2=Somatic"
# Only these lines are looked into: a header may hold a million others.
_KNOWN = (
    b"##reference=", b"##assembly=", b"##contig=", b"##tumor_sample=", b"##tumour_sample=",
    b"##normal_sample=", b"##SAMPLE=", b"##INFO=", b"##fileDate=",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """`formats` are the parts of an annotation by its INFO key; `made` is the file's own date.

    `taken` is the specimen's date, which only a person can declare. `varscan_status` is whether
    INFO SS is VarScan's somatic status.
    """

    build: str
    samples: tuple[str, ...]
    bound: Bound
    formats: Mapping[str, tuple[str, ...]]
    made: Moment | None = None
    taken: Moment | None = None
    varscan_status: bool = False
    troubles: tuple[str, ...] = ()

    @property
    def sample(self) -> str | None:
        """The sample whose reads count: the tumour's column, else the only one."""
        return self.bound.sample


@dataclass(slots=True)
class _Draft:
    builds: dict[str, str] = field(default_factory=dict)
    columns: Columns = field(default_factory=Columns)
    formats: dict[str, tuple[str, ...]] = field(default_factory=dict)
    date: str | None = None
    varscan_status: bool = False


def header_of(lines: Iterator[tuple[int, bytes]], context: Context) -> Header:
    """Read the header and leave `lines` at the first record.

    Raises `UnknownFormat` for what is no VCF 4, `BrokenFile` where the column line is wrong, and
    `Undeclared` where header and sidecar leave the genome build open or disagree on it.
    """
    _, first = next(lines, (1, b""))
    if not _FORMAT.match(first):
        raise UnknownFormat(f"{context.name}: no VCF 4 (line 1 is not '##fileformat=VCFv4.x')")
    draft = _Draft()
    for number, line in lines:
        if line.startswith(b"##"):
            if number > _MOST_LINES:
                raise BrokenFile(f"{context.name}: more than {_MOST_LINES:,} header lines")
            if line.startswith(_KNOWN):
                _take(draft, decoded(line, number, context.name))
            continue
        draft.columns.samples = _samples(decoded(line, number, context.name), number, context.name)
        return _finish(draft, context)
    raise BrokenFile(f"{context.name}: ends before its '#CHROM' line; the file may be cut short")


def decoded(line: bytes, number: int, name: str) -> str:
    """A line as text; raises `BrokenFile` with its number."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BrokenFile(f"{name}, line {number}: no UTF-8, which VCF 4 prescribes") from error


def _take(draft: _Draft, line: str) -> None:
    found = _META.fullmatch(line)
    if found is None:
        return
    key, value = found[1], found[2].strip()
    match key:
        case "reference" | "assembly":
            _note_build(draft, value, f"##{key}")
        case "contig":
            _note_contig(draft, _fields(value))
        case "tumor_sample" | "tumour_sample":
            draft.columns.tumours.append(value)
        case "normal_sample":
            draft.columns.normals.append(value)
        case "SAMPLE":
            draft.columns.describe(_fields(value))
        case "INFO":
            _note_info(draft, _fields(value))
        case "fileDate":
            draft.date = value


def _fields(value: str) -> dict[str, str]:
    if not value.startswith("<"):
        return {}
    return {key.strip(): text.strip('"') for key, text in _FIELD.findall(value[1:])}


def _note_build(draft: _Draft, words: str, where: str) -> None:
    build = build_in(words)
    if build is not None:
        draft.builds[where] = build


def _note_contig(draft: _Draft, fields: Mapping[str, str]) -> None:
    _note_build(draft, fields.get("assembly", ""), "##contig assembly")
    name, length = fields.get("ID", ""), fields.get("length", "")
    if re.fullmatch(r"[0-9]{1,12}", length):
        build = build_of_length(name, int(length))
        # One length for each build is enough to show that there are two.
        if build is not None and not any(
            said == build and where.startswith("the length") for where, said in draft.builds.items()
        ):
            draft.builds[f"the length of {name}"] = build


def _note_info(draft: _Draft, fields: Mapping[str, str]) -> None:
    key, words = fields.get("ID", ""), fields.get("Description", "")
    if key == "SS" and _VARSCAN_STATUS in words.replace(" ", ""):
        draft.varscan_status = True
    if key in _ANNOTATIONS:
        _, colon, form = words.partition("Format:")
        if colon:
            draft.formats[key] = tuple(part.strip(" '\"[]") for part in form.split("|"))


def _samples(line: str, number: int, name: str) -> tuple[str, ...]:
    columns = tuple(line.split("\t"))
    if columns[:8] != _COLUMNS:
        raise BrokenFile(
            f"{name}, line {number}: expected the column line '#CHROM POS ID ...' with tabs"
        )
    samples = columns[9:]
    if len(set(samples)) != len(samples):
        raise BrokenFile(f"{name}, line {number}: two sample columns have the same name")
    return samples


def _finish(draft: _Draft, context: Context) -> Header:
    build = _build(draft, context)
    bound, open_role = bind(draft.columns, context)
    troubles = [open_role] if open_role else []
    declared = context.declared.get("date")
    return Header(
        build=build,
        samples=draft.columns.samples,
        bound=bound,
        formats=draft.formats,
        made=_made(draft, context, troubles),
        taken=Moment.parse(declared, context.zone) if isinstance(declared, str) else None,
        varscan_status=draft.varscan_status,
        troubles=tuple(troubles),
    )


def _build(draft: _Draft, context: Context) -> str:
    said = dict(draft.builds)
    declared = context.declared.get("build")
    if declared is not None:
        build = is_build(str(declared))
        if build not in READ_BUILDS:
            raise Undeclared(
                f"{context.name}: build '{declared}' is not known; declare GRCh37 or GRCh38"
            )
        said["its sidecar"] = str(build)
    builds = set(said.values())
    if not builds:
        raise Undeclared(
            f"{context.name}: the header does not say its genome build (no ##reference, no contig "
            f'length); put {{"build": "GRCh38"}} or {{"build": "GRCh37"}} into {context.name}.json'
        )
    told = ", ".join(f"{where} says {build}" for where, build in sorted(said.items()))
    if len(builds) > 1:
        raise Undeclared(f"{context.name}: two genome builds: {told}; have the file made again")
    if not builds <= set(READ_BUILDS):
        raise Undeclared(
            f"{context.name}: {told}; Osler reads GRCh37 and GRCh38: have it called on one of them"
        )
    return builds.pop()


def _made(draft: _Draft, context: Context, troubles: list[str]) -> Moment | None:
    if draft.date is None:
        return None
    try:
        return Moment.parse(draft.date, context.zone)
    except BrokenFile:
        troubles.append(f"its ##fileDate '{draft.date[:40]}' is no date that Osler reads")
        return None
