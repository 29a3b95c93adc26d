"""Which column of a VCF is the tumour's and which the normal's: as somebody said, never by place.

    columns = Columns(samples=("A", "B"), tumours=["A"], normals=["B"])
    bound, trouble = bind(columns, context)
    bound.sample            the column that is read; None where two are not told apart

Said by the sidecar (`tumour_sample`), by Mutect2's `##tumor_sample` and `##normal_sample`, by
`##SAMPLE` lines, or by the columns' own names, which Strelka, VarScan and the GDC call TUMOR and
NORMAL.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from osler.errors import Undeclared
from osler.readers.reading import Context

__all__ = ["Bound", "Columns", "bind"]

_ROLES = {
    "tumour": re.compile(r"\b(?:tumou?r|neoplasm|metastasis)\b", re.IGNORECASE),
    "normal": re.compile(r"\b(?:normal|germline|blood)\b", re.IGNORECASE),
}
_OWN_NAMES = {"tumor": "tumour", "tumour": "tumour", "normal": "normal"}
_SHOWN = 6


@dataclass(slots=True, kw_only=True)
class Columns:
    """The sample columns and what the header says of them."""

    samples: tuple[str, ...] = ()
    tumours: list[str] = field(default_factory=list)
    normals: list[str] = field(default_factory=list)
    origins: dict[str, str] = field(default_factory=dict)

    def describe(self, fields: Mapping[str, str]) -> None:
        """Take a `##SAMPLE` line."""
        names = [fields[key] for key in ("ID", "NAME", "SampleName") if key in fields]
        words = " ".join(fields.get(k, "") for k in ("ID", "Type", "SampleType", "Description"))
        roles = [r for r, pattern in _ROLES.items() if pattern.search(words.replace("_", " "))]
        # `tumour-adjacent normal` says both: then it says neither.
        if roles == ["tumour"]:
            self.tumours += names
        elif roles == ["normal"]:
            self.normals += names
        if fields.get("Origin", "").casefold() in {"somatic", "germline"}:
            self.origins.update(dict.fromkeys(names, fields["Origin"].casefold()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """`unbound` where there are several columns and nobody said which is the tumour's."""

    sample: str | None
    tumour: str | None
    normal: str | None
    origin: str | None
    unbound: bool


def bind(columns: Columns, context: Context) -> tuple[Bound, str | None]:
    """The roles, and what to declare where they stay open.

    Raises `Undeclared` where the sidecar names a column that is not there.
    """
    samples = columns.samples
    declared = context.declared.get("tumour_sample")
    if declared is not None and str(declared) not in samples:
        raise Undeclared(
            f"{context.name}: its sidecar names the tumour sample '{declared}', but the columns "
            f"are {_shown(samples) or 'none'}; correct 'tumour_sample'"
        )
    own = {role: [s for s in samples if _OWN_NAMES.get(s.casefold()) == role] for role in _ROLES}
    tumours = [str(declared)] if declared is not None else [*columns.tumours, *own["tumour"]]
    normal = _only([*columns.normals, *own["normal"]], samples)
    tumour = _only(tumours, samples)
    if declared is None and tumour is not None and tumour == normal:
        tumour = normal = None
    alone = samples[0] if len(samples) == 1 else None
    unbound = len(samples) > 1 and tumour is None
    bound = Bound(
        sample=tumour or alone,
        tumour=tumour,
        normal=None if normal == tumour else normal,
        origin=_origin(columns, tumour or alone, context),
        unbound=unbound,
    )
    if not unbound:
        return bound, None
    return bound, (
        f"it has {len(samples)} sample columns ({_shown(samples)}) and does not say which "
        "is the tumour's: origin and allele fractions stay unknown; declare "
        '"tumour_sample" in its sidecar'
    )


def _only(named: Sequence[str], samples: tuple[str, ...]) -> str | None:
    present = set(named) & set(samples)
    return present.pop() if len(present) == 1 else None


def _shown(samples: Sequence[str]) -> str:
    more = len(samples) - _SHOWN
    return ", ".join(samples[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _origin(columns: Columns, sample: str | None, context: Context) -> str | None:
    declared = context.declared.get("origin")
    if declared is None:
        return columns.origins.get(sample or "")
    if declared not in {"somatic", "germline"}:
        raise Undeclared(
            f"{context.name}: its sidecar declares origin '{declared}'; say somatic or germline, "
            "or leave it out"
        )
    return str(declared)
