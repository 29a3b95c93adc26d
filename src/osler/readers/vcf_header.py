"""What a VCF header says: genome build, samples and their roles, annotation formats, date.

    header = header_of(lines, context)
    header.build            GRCh38 or GRCh37, or `Undeclared` is raised: a position means nothing
                            without it
    header.sample           the column that is read, None where two or more are not told apart

Source: hts-specs, VCFv4.3 (section 1.4, meta-information lines).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from osler.errors import BrokenFile, Undeclared, UnknownFormat
from osler.readers.reading import Context
from osler.record.moment import Moment

__all__ = ["Header", "header_of"]

_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_BUILDS = {
    "GRCh38": re.compile(r"grch38|hg38|b38", re.IGNORECASE),
    "GRCh37": re.compile(r"grch37|hg19|b37|hs37", re.IGNORECASE),
}
_CHR1_LENGTHS = {"248956422": "GRCh38", "249250621": "GRCh37"}
_META = re.compile(r"##([^=]+)=(.*)", re.DOTALL)
_FIELD = re.compile(r'([^=,<>]+)=("(?:[^"\\]|\\.)*"|[^,>]*)')
_ROLES = {
    "tumour": re.compile(r"\b(?:tumou?r|neoplasm|metastasis)\b", re.IGNORECASE),
    "normal": re.compile(r"\b(?:normal|germline|blood)\b", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """`first` is the number of the line that follows the header, counted from 1."""

    build: str
    samples: tuple[str, ...]
    first: int
    tumour: str | None = None
    normal: str | None = None
    origin: str | None = None
    csq: tuple[str, ...] = ()
    date: Moment | None = None
    troubles: tuple[str, ...] = ()

    @property
    def sample(self) -> str | None:
        """The sample whose reads count: the tumour's column, else the only one."""
        if self.tumour is not None:
            return self.tumour
        return self.samples[0] if len(self.samples) == 1 else None

    @property
    def unbound(self) -> bool:
        """Whether there are several columns and nobody said which is the tumour's."""
        return len(self.samples) > 1 and self.tumour is None


@dataclass(slots=True)
class _Draft:
    builds: dict[str, str] = field(default_factory=dict)
    tumours: list[str] = field(default_factory=list)
    normals: list[str] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)
    csq: tuple[str, ...] = ()
    date: str | None = None


def header_of(lines: Sequence[str], context: Context) -> Header:
    """Read the header; `lines` are all lines of the file.

    Raises `UnknownFormat` for what is no VCF 4, `BrokenFile` where the column line is wrong, and
    `Undeclared` where header and sidecar leave the genome build open or disagree on it.
    """
    if not lines or not lines[0].startswith("##fileformat=VCFv4"):
        raise UnknownFormat(f"{context.name}: no VCF 4 (line 1 is not '##fileformat=VCFv4.x')")
    draft = _Draft()
    for number, line in enumerate(lines, start=1):
        if line.startswith("##"):
            _take(draft, line)
            continue
        samples = _samples(line, number, context.name)
        return _bind(draft, samples, number + 1, context)
    raise BrokenFile(f"{context.name}: ends before its '#CHROM' line; the file may be cut short")


def _take(draft: _Draft, line: str) -> None:
    found = _META.fullmatch(line)
    if found is None:
        return
    key, value = found[1], found[2].strip()
    fields = _fields(value)
    match key:
        case "reference" | "assembly":
            _note_build(draft, value, f"##{key}")
        case "contig":
            _note_build(draft, fields.get("assembly", ""), "##contig assembly")
            if fields.get("ID") in {"1", "chr1"} and fields.get("length") in _CHR1_LENGTHS:
                draft.builds["the length of chromosome 1"] = _CHR1_LENGTHS[fields["length"]]
        case "tumor_sample" | "tumour_sample":
            draft.tumours.append(value)
        case "normal_sample":
            draft.normals.append(value)
        case "SAMPLE":
            _note_role(draft, fields)
        case "INFO" if fields.get("ID") == "CSQ":
            _, _, form = fields.get("Description", "").partition("Format:")
            draft.csq = tuple(part.strip() for part in form.strip(' "').split("|"))
        case "fileDate":
            draft.date = value


def _fields(value: str) -> dict[str, str]:
    if not value.startswith("<"):
        return {}
    return {key.strip(): text.strip('"') for key, text in _FIELD.findall(value[1:])}


def _note_build(draft: _Draft, words: str, where: str) -> None:
    for build, pattern in _BUILDS.items():
        if pattern.search(words):
            draft.builds[where] = build


def _note_role(draft: _Draft, fields: Mapping[str, str]) -> None:
    own = fields.get("ID", "")
    words = " ".join(fields.get(k, "") for k in ("ID", "Type", "SampleType", "Description"))
    roles = [role for role, pattern in _ROLES.items() if pattern.search(words.replace("_", " "))]
    # `tumour-adjacent normal` says both: then it says neither.
    if roles == ["tumour"]:
        draft.tumours.append(own)
    elif roles == ["normal"]:
        draft.normals.append(own)
    if fields.get("Origin", "").casefold() in {"somatic", "germline"}:
        draft.origins[own] = fields["Origin"].casefold()


def _samples(line: str, number: int, name: str) -> tuple[str, ...]:
    columns = tuple(line.rstrip("\r").split("\t"))
    if columns[:8] != _COLUMNS:
        raise BrokenFile(
            f"{name}, line {number}: expected the column line '#CHROM POS ID ...' with tabs"
        )
    samples = columns[9:]
    if len(set(samples)) != len(samples):
        raise BrokenFile(f"{name}, line {number}: two sample columns have the same name")
    return samples


def _bind(draft: _Draft, samples: tuple[str, ...], first: int, context: Context) -> Header:
    troubles: list[str] = []
    declared = context.declared.get("tumour_sample")
    named = [str(declared)] if declared is not None else draft.tumours
    if declared is not None and str(declared) not in samples:
        raise Undeclared(
            f"{context.name}: its sidecar names the tumour sample '{declared}', but the columns "
            f"are {', '.join(samples) or 'none'}; correct 'tumour_sample'"
        )
    tumour = _only(named, samples)
    if len(samples) > 1 and tumour is None:
        troubles.append(
            f"it has {len(samples)} sample columns ({', '.join(samples)}) and does not say which "
            "is the tumour's: origin and allele fractions stay unknown; declare "
            '"tumour_sample" in its sidecar'
        )
    return Header(
        build=_build(draft, context),
        samples=samples,
        first=first,
        tumour=tumour,
        normal=_only(draft.normals, samples),
        origin=_origin(draft, tumour or (samples[0] if len(samples) == 1 else None), context),
        csq=draft.csq,
        date=_date(draft, context, troubles),
        troubles=tuple(troubles),
    )


def _only(named: Sequence[str], samples: tuple[str, ...]) -> str | None:
    present = {name for name in named if name in samples}
    return present.pop() if len(present) == 1 else None


def _origin(draft: _Draft, sample: str | None, context: Context) -> str | None:
    declared = context.declared.get("origin")
    if declared is None:
        return draft.origins.get(sample or "")
    if declared not in {"somatic", "germline"}:
        raise Undeclared(
            f"{context.name}: its sidecar declares origin '{declared}'; say somatic or germline, "
            "or leave it out"
        )
    return str(declared)


def _build(draft: _Draft, context: Context) -> str:
    said = dict(draft.builds)
    declared = context.declared.get("build")
    if declared is not None:
        named = [b for b, pattern in _BUILDS.items() if pattern.fullmatch(str(declared).strip())]
        if not named:
            raise Undeclared(
                f"{context.name}: build '{declared}' is not known; declare GRCh37 or GRCh38"
            )
        said["its sidecar"] = named[0]
    builds = set(said.values())
    if len(builds) == 1:
        return builds.pop()
    if not builds:
        raise Undeclared(
            f"{context.name}: the header does not say its genome build (no ##reference, no contig "
            f'length); put {{"build": "GRCh38"}} or {{"build": "GRCh37"}} into {context.name}.json'
        )
    told = ", ".join(f"{where} says {build}" for where, build in sorted(said.items()))
    raise Undeclared(f"{context.name}: two genome builds: {told}; have the file made again")


def _date(draft: _Draft, context: Context, troubles: list[str]) -> Moment | None:
    declared = context.declared.get("date")
    if isinstance(declared, str):
        return Moment.parse(declared, context.zone)
    if draft.date is None:
        return None
    try:
        return Moment.parse(draft.date, context.zone)
    except BrokenFile:
        troubles.append(f"its ##fileDate '{draft.date}' is no date that Osler reads")
        return None
