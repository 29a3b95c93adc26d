"""The main job: a patient's record and the installed specialties, in; an assessment, out.

    assessor = Assessor.here()
    assessment = assessor.assess(store, Identifier.parse("8823"), made_at=utc_now())

Same record, models, knowledge, settings and `made_at`: the same assessment, byte for byte.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from osler import __version__
from osler.assess.assessment import Assessment, Finding, NotAssessed, Provenance
from osler.assess.board import sit
from osler.assess.fields import examine_image
from osler.assess.heartbeats import examine_ecg
from osler.assess.study import Study
from osler.assess.summary import summarise
from osler.engine.beats import BeatModel
from osler.engine.images import ImageModel
from osler.engine.load import load_model
from osler.errors import InputError, NotFound, WrongUse
from osler.judge.contract import Contract
from osler.judge.number import Site
from osler.judge.site import load_site
from osler.judge.specialty import Specialty, installed
from osler.knowledge.diseases import DiseaseTree
from osler.knowledge.evidence import KnowledgeBase
from osler.readers.large import LARGE_PICTURES
from osler.record.fact import FactKind
from osler.record.media import Media
from osler.record.patient import Identifier
from osler.record.record import Record
from osler.record.store import Store

__all__ = ["SCHEMA", "Assessor"]

SCHEMA = "osler assessment 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessor:
    """Everything an assessment is made with, apart from the record."""

    specialties: tuple[Specialty, ...]
    knowledge: KnowledgeBase
    diseases: DiseaseTree
    site: Site

    @classmethod
    def here(cls) -> Self:
        """With what is installed on this machine, for the site that its operator declared."""
        return cls(
            specialties=tuple(installed()),
            knowledge=KnowledgeBase.load_starter(),
            diseases=DiseaseTree.load_starter(),
            site=load_site(),
        )

    def assess(
        self,
        store: Store,
        identifier: Identifier,
        *,
        made_at: datetime,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
    ) -> Assessment:
        """One patient. `known_at` defaults to `made_at`.

        Raises `NotFound` for an unknown patient and `WrongUse` for one with no facts.
        """
        known = known_at or made_at
        record = store.record(identifier, as_of=as_of, known_at=known, received_by=made_at)
        if not record.facts:
            raise WrongUse(f"nothing is known of {identifier} by then: read something first")
        findings: list[Finding] = []
        left: list[NotAssessed] = []
        doubts: list[str] = []
        for study in _studies(record, store):
            doubts += [f"{study.source.name}: {doubt}" for doubt in study.doubts]
            found, skipped = self._examine(study)
            findings += found
            left += skipped
        left = _by_series(left)
        then = as_of or made_at
        board = sit(record, self.knowledge, self.diseases, then)
        return Assessment(
            schema=SCHEMA,
            patient=record.patient.name,
            age=record.age_at(then),
            sex=record.sex(),
            made_at=made_at,
            as_of=as_of,
            known_at=known,
            status="preliminary",
            findings=tuple(sorted(findings, key=_urgency)),
            options=board.options,
            unmatched=board.unmatched,
            silence=board.silence,
            needs=board.needs,
            not_assessed=tuple(left),
            warnings=(
                *_conflicts(record),
                *_not_understood(record, store),
                *doubts,
                *board.warnings,
                *_ahead(store, record, known),
            ),
            kept_whole=_kept_whole(record, store),
            summary=summarise(record),
            provenance=self._provenance(record, self._asked(findings)),
        )

    def _examine(self, study: Study) -> tuple[list[Finding], list[NotAssessed]]:
        asked = [s for s in self.specialties if s.contract.modality == study.media.modality]
        if not asked:
            reason = f"no installed specialty reads this kind of study ({study.media.modality})"
            return [], [_not_assessed(study, [reason])]
        findings: list[Finding] = []
        left: list[NotAssessed] = []
        for specialty in asked:
            notes = specialty.contract.check(study.stated)
            if not Contract.admits(notes):
                why = [f"{specialty.name}: {note}" for note in notes if note.refuses]
                left.append(_not_assessed(study, why))
                continue
            try:
                findings += self._ask(specialty, study.held_to(notes))
            except (InputError, NotFound) as error:
                left.append(_not_assessed(study, [f"{specialty.name}: {error}"]))
        return findings, left

    def _ask(self, specialty: Specialty, study: Study) -> tuple[Finding, ...]:
        match load_model(specialty):
            case ImageModel() as model:
                return examine_image(model, specialty, study, self.site)
            case BeatModel() as model:
                return examine_ecg(model, specialty, study, self.site)

    def _asked(self, findings: Sequence[Finding]) -> list[Specialty]:
        return [s for s in self.specialties if s.name in {f.specialty for f in findings}]

    @property
    def dated_knowledge(self) -> Mapping[str, str]:
        """Every knowledge file that was asked, by name and version, with its digest."""
        return {
            f"{self.knowledge.name} {self.knowledge.version}": self.knowledge.digest,
            f"{self.diseases.source} {self.diseases.dated}": self.diseases.digest,
        }

    def _provenance(self, record: Record, asked: Sequence[Specialty]) -> Provenance:
        return Provenance(
            code=__version__,
            sources=tuple(sorted(source.digest for source in record.sources)),
            specialties={s.name: s.digest for s in self.specialties},
            knowledge=self.dated_knowledge,
            settings={s.name: load_model(s).settings.to_json() for s in asked},
            site=self.site,
        )


def _studies(record: Record, store: Store) -> Iterable[Study]:
    remarks = store.remarks(record.patient)
    for fact in record.of_kind(FactKind.MEDIA):
        source = record.source(fact.evidence.source)
        if source is not None and isinstance(fact.value, Media):
            # No model reads slides or film yet, and they are never held whole.
            data = b"" if source.kind in LARGE_PICTURES else store.bytes_of(source.digest)
            yield Study.of(fact, source, record, data, remarks.get(source.digest))


def _not_assessed(study: Study, because: Iterable[str]) -> NotAssessed:
    series = study.media.get("series")
    return NotAssessed(
        what=f"{study.media} ({study.source.name})",
        source=study.source.digest,
        because=tuple(because),
        remarks=study.remarks,
        taken=study.taken,
        series=str(series) if series else None,
    )


def _by_series(left: Iterable[NotAssessed]) -> list[NotAssessed]:
    """The slices of one series are one line for a reader, in the place of the first."""
    together: dict[object, list[NotAssessed]] = {}
    for number, one in enumerate(left):
        key = (one.series, one.because, one.remarks) if one.series else number
        together.setdefault(key, []).append(one)
    lines = []
    for several in together.values():
        first = min(several, key=lambda one: one.what)
        count = f"{len(several)} images of one series, such as " if len(several) > 1 else ""
        others = tuple(sorted(one.source for one in several if one is not first))
        lines.append(replace(first, what=f"{count}{first.what}", others=others))
    return lines


def _urgency(finding: Finding) -> tuple[bool, bool, float, str, str]:
    value = finding.number.value
    return (
        not finding.positive,
        finding.abstains is not None,
        -value,
        finding.title,
        finding.answer,
    )


def _conflicts(record: Record) -> tuple[str, ...]:
    return tuple(
        f"the record disagrees with itself ({conflict.why}): "
        + " / ".join(dict.fromkeys(fact.said for fact in conflict.facts))
        for conflict in record.conflicts()
    )


def _ahead(store: Store, record: Record, known: datetime) -> tuple[str, ...]:
    """Statements dated later than they were received: left out, and said to be."""
    whole = store.record(record.patient.identifiers[0], as_of=record.as_of)
    ahead = [
        fact
        for fact in whole.facts
        if fact.received_at <= known and fact.recorded_at and fact.recorded_at.earliest > known
    ]
    return tuple(
        f"{fact.said} bears a date that is still to come ({fact.recorded_at}) and was left out: "
        "is the date right?"
        for fact in ahead
    )


def _not_understood(record: Record, store: Store) -> tuple[str, ...]:
    """Files of this patient that no reader understood: what they say is missing here."""
    remarks = store.remarks(record.patient)
    return tuple(
        f"not understood, so nothing of it is in this assessment: {remarks[source.digest]}"
        for source in record.sources
        if source.kind == "opaque" and source.digest in remarks
    )


def _kept_whole(record: Record, store: Store) -> tuple[str, ...]:
    """Sources that were not understood, or only in part, by reason: nothing read is lost."""
    reasons: dict[str, list[str]] = {}
    for digest, remark in store.remarks(record.patient).items():
        source = record.source(digest)
        if source is not None:
            reasons.setdefault(remark.removeprefix(f"{source.name}: "), []).append(source.name)
    return tuple(
        f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: {reason}"
        for reason, names in reasons.items()
    )
