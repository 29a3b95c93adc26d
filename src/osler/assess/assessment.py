"""What Osler says about a patient: one object, from which every rendering is made.

    assessment.findings          answers, most important first, each with evidence
    assessment.options           treatment options from dated evidence, each with sources
    assessment.needs             what is missing, and for what
    assessment.not_assessed      every study that no model was asked about, and why

It is preliminary until a person signs it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from osler.judge.number import Probability, Score, Site
from osler.record.locator import Evidence

__all__ = [
    "Assessment",
    "Count",
    "Figure",
    "Finding",
    "Need",
    "NotAssessed",
    "Option",
    "Provenance",
    "Reference",
    "Statement",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A drawing that goes with a finding: an image file's bytes and what it shows."""

    name: str
    media_type: str
    data: bytes
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many items of one label a model found (beats of a class, fields above threshold)."""

    label: str
    number: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One model's answer to one question about one source.

    `positive` says whether it asks for attention; `possible` are the labels that cannot be
    ruled out at the calibrator's coverage; `abstains` holds the reason when that set does not
    settle the question; `notes` are contract lines that a reader must see,
    `remarks` what was declared or noticed about the file itself; `faithful` tells how the drawn
    explanation fared against random ones.
    """

    specialty: str
    title: str
    question: str
    answer: str
    wording: str
    positive: bool
    number: Probability | Score
    possible: tuple[str, ...]
    abstains: str | None
    counts: tuple[Count, ...]
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...]
    remarks: tuple[str, ...]
    limits: tuple[str, ...]
    intended_use: str
    faithful: str | None
    figure: Figure
    taken: str | None
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """An entry of a dated knowledge base."""

    base: str
    version: str
    dated: str
    entry: str
    source: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A therapy that dated variant evidence speaks for, or against, in this patient.

    `kind` is `option` (levels A and B, for the patient's own disease), `resistance` (evidence
    of resistance or of no benefit) or `research` (lower levels, or shown in another disease).
    """

    kind: str
    therapy: tuple[str, ...]
    interaction: str
    regimen: str
    biomarker: str
    disease: str
    level: str
    direction: str
    why: str
    references: tuple[Reference, ...]
    cautions: tuple[str, ...]
    needs: tuple[str, ...]
    contradicted_by: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that is missing, and what it would allow to be said."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAssessed:
    """A study that is in the record and that no model was asked about.

    `series` is the one that its images belong to; those left out for one reason are one line, whose
    `others` are the sources beside `source`.
    """

    what: str
    source: str
    because: tuple[str, ...]
    remarks: tuple[str, ...]
    taken: str | None = None
    series: str | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One line of the record that a reader needs beside the findings, with its evidence."""

    group: str
    text: str
    when: str | None
    flag: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What made the assessment, digest by digest; `settings` by specialty, for those that ran."""

    code: str
    sources: tuple[str, ...]
    specialties: Mapping[str, str]
    knowledge: Mapping[str, str]
    settings: Mapping[str, Mapping[str, str | int | bool]]
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One patient, assessed as of `as_of`, from what was known at `known_at`."""

    schema: str
    patient: str
    age: int | None
    sex: str | None
    made_at: datetime
    as_of: datetime | None
    known_at: datetime
    status: str
    findings: tuple[Finding, ...]
    options: tuple[Option, ...]
    unmatched: tuple[str, ...]
    silence: str | None
    needs: tuple[Need, ...]
    not_assessed: tuple[NotAssessed, ...]
    warnings: tuple[str, ...]
    kept_whole: tuple[str, ...]
    summary: tuple[Statement, ...]
    provenance: Provenance
