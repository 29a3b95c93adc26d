"""Variant evidence: dated, sourced statements of what a variant means for a therapy in a disease.

    base = KnowledgeBase.load_starter()
    base.entry("osler-start-001").summary
    base.dated, base.digest             # what the base vouches for, and which bytes it was

Levels and terms follow CIViC (Griffith et al., Nat Genet 2017, 49:170): A validated, B clinical,
C case, D preclinical, E inferential. This is variant evidence, not a guideline.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from osler.errors import KnowledgeError, NotFound
from osler.knowledge import toml_file
from osler.knowledge.variants import RuleKind, VariantRule

__all__ = [
    "Direction",
    "Interaction",
    "KnowledgeBase",
    "Level",
    "Origin",
    "Significance",
    "VariantEvidence",
]


class Level(StrEnum):
    """How well a statement is established; A is the best."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"

    @property
    def meaning(self) -> str:
        """The word for it."""
        words = ("validated", "clinical", "case", "preclinical", "inferential")
        return words["ABCDE".index(self.value)]


class Direction(StrEnum):
    """Whether the source speaks for or against the statement."""

    SUPPORTS = "supports"
    DOES_NOT_SUPPORT = "does not support"


class Significance(StrEnum):
    """What the statement says of the therapy."""

    SENSITIVITY = "sensitivity"
    RESISTANCE = "resistance"


class Interaction(StrEnum):
    """How the listed drugs belong together: `substitutes` means any one of them."""

    SINGLE = "single"
    COMBINATION = "combination"
    SUBSTITUTES = "substitutes"
    SEQUENTIAL = "sequential"

    def regimen(self, therapy: Sequence[str]) -> str:
        """The drugs as they are given: together, one or the other, or in turn."""
        joint = {self.COMBINATION: " + ", self.SUBSTITUTES: " or "}.get(self, ", then ")
        return joint.join(therapy)


class Origin(StrEnum):
    """Where the variant must come from."""

    SOMATIC = "somatic"
    GERMLINE = "germline"
    EITHER = "either"


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantEvidence:
    """One statement: a variant of a gene, in a disease, and a therapy.

    `gene` is an HGNC symbol, or the marker's name for a biomarker; `disease` an OncoTree code whose
    descendants are meant too, except those under `not_in`; `pubmed` a PubMed id or None.
    """

    id: str
    gene: str
    variant: str
    rule: VariantRule
    disease: str
    not_in: tuple[str, ...]
    therapy: tuple[str, ...]
    interaction: Interaction
    level: Level
    direction: Direction
    significance: Significance
    origin: Origin
    source: str
    pubmed: str | None
    summary: str
    cautions: tuple[str, ...]
    base: str
    version: str
    dated: str

    @property
    def resists(self) -> bool:
        """Whether it speaks against the therapy: resistance, or sensitivity not supported."""
        against = self.direction is Direction.DOES_NOT_SUPPORT
        return (self.significance is Significance.RESISTANCE) != against


@dataclass(frozen=True, slots=True, kw_only=True)
class KnowledgeBase:
    """A file of variant evidence; `digest` is the SHA-256 of its bytes, `dated` an ISO day."""

    name: str
    version: str
    dated: str
    licence: str
    statement: str
    limits: str
    digest: str
    entries: tuple[VariantEvidence, ...]

    @classmethod
    def load_starter(cls) -> Self:
        """The base that ships with Osler."""
        starter = resources.files("osler.knowledge") / "starter" / "evidence.toml"
        return cls._read(starter.read_bytes(), "the starter evidence.toml")

    @classmethod
    def load(cls, path: Path) -> Self:
        """A base from a TOML file in the form of the starter.

        Raises NotFound where there is no file, KnowledgeError where its form is wrong.
        """
        return cls._read(toml_file.read(path, "knowledge"), str(path))

    def entry(self, id: str) -> VariantEvidence:
        """The entry of that id; raises NotFound."""
        for found in self.entries:
            if found.id == id:
                return found
        raise NotFound(f"{self.name} {self.version} has no entry {id!r}")

    @classmethod
    def _read(cls, data: bytes, where: str) -> Self:
        form = toml_file.parse(data, where, _BaseForm, "the starter evidence.toml")
        seen: set[str] = set()
        entries = []
        for one in form.entry:
            if one.id in seen:
                raise KnowledgeError(f"{where}: id {one.id} occurs twice; give each entry its own")
            seen.add(one.id)
            entries.append(_evidence(one, form, where))
        return cls(
            name=form.name,
            version=form.version,
            dated=form.dated.isoformat(),
            licence=form.licence,
            statement=form.statement,
            limits=form.limits,
            digest=hashlib.sha256(data).hexdigest(),
            entries=tuple(entries),
        )


class _RuleForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: RuleKind
    changes: tuple[str, ...] = ()
    codons: tuple[int, ...] = ()
    consequences: tuple[str, ...] = ()
    exons: tuple[int, ...] = ()
    first_codon: int | None = None
    last_codon: int | None = None
    partners: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()


class _EntryForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1)
    gene: str = Field(min_length=1)
    variant: str = Field(min_length=1)
    rule: _RuleForm
    disease: str = Field(min_length=1)
    not_in: tuple[str, ...] = ()
    therapy: tuple[str, ...] = Field(min_length=1)
    interaction: Interaction
    level: Level
    direction: Direction
    significance: Significance
    origin: Origin
    source: str = Field(min_length=1)
    pubmed: str | None = Field(default=None, pattern=r"^[1-9]\d{0,8}$")
    summary: str = Field(min_length=1)
    cautions: tuple[str, ...] = ()


class _BaseForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    form: Literal["osler variant evidence 1"]
    name: str = Field(min_length=1)
    version: str = Field(min_length=1)
    dated: date
    licence: str = Field(min_length=1)
    statement: str = Field(min_length=1)
    limits: str = ""
    entry: list[_EntryForm]


def _evidence(one: _EntryForm, form: _BaseForm, where: str) -> VariantEvidence:
    try:
        rule = VariantRule(**one.rule.model_dump())
    except KnowledgeError as error:
        raise KnowledgeError(f"{where}: entry {one.id}: rule: {error}") from error
    if (one.interaction is Interaction.SINGLE) != (len(one.therapy) == 1):
        raise KnowledgeError(
            f"{where}: entry {one.id}: interaction is {one.interaction.value} "
            f"with {len(one.therapy)} drugs; 'single' goes with exactly one"
        )
    fields = one.model_dump(exclude={"rule"})
    return VariantEvidence(
        **fields, rule=rule, base=form.name, version=form.version, dated=form.dated.isoformat()
    )
