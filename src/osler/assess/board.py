"""The oncology board's table: what dated evidence says of this patient's variants and disease.

    board = sit(record, base, tree, now)
    board.options, board.needs, board.warnings

Evidence of levels A and B in the patient's own disease makes an option; resistance is shown as
resistance; everything else is research. No drug is named that is not in an entry of the base,
and what is missing is a need, never a guess. This is variant evidence, not a guideline.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from osler.assess.assessment import Need, Option, Reference
from osler.knowledge.diseases import DiseaseTree
from osler.knowledge.evidence import KnowledgeBase, Level
from osler.knowledge.lookup import Match, elsewhere, lookup
from osler.knowledge.variants import ObservedVariant
from osler.record.fact import Assertion, Fact, FactKind, Quantity
from osler.record.record import Record
from osler.record.variant import Variant

__all__ = ["Board", "sit"]

_KIDNEY = {"http://loinc.org|33914-3", "http://loinc.org|62238-1", "http://loinc.org|98979-8",
           "http://loinc.org|2160-0", "http://loinc.org|48642-3"}  # eGFR, creatinine  # fmt: skip
_PERFORMANCE = {"http://loinc.org|89247-1", "http://loinc.org|89243-0"}  # ECOG, Karnofsky
_STALE = timedelta(days=90)
_ORIGIN = "whether the variant is somatic or germline (the file does not say)"
_SPECIMEN = "the date of the sequenced specimen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """What the look-up yields for one record."""

    options: tuple[Option, ...]
    needs: tuple[Need, ...] = ()
    warnings: tuple[str, ...] = ()
    unmatched: tuple[str, ...] = ()
    silence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A variant that may be matched, with the fact that says so."""

    fact: Fact
    variant: Variant

    @property
    def observed(self) -> ObservedVariant:
        return ObservedVariant(
            gene=self.variant.gene or "",
            protein_change=self.variant.protein_change,
            kind=self.variant.kind,
            consequence=self.variant.consequence,
            exon=self.variant.exon,
            origin=self.variant.origin,
        )


def sit(record: Record, base: KnowledgeBase, tree: DiseaseTree, now: datetime) -> Board:
    """Match every variant of the record against the base, for the patient's disease."""
    seen, warnings = _variants(record)
    if not seen:
        silence = (
            "No variant that was read could be looked up; see above."
            if warnings
            else "No variant report is in this record: of treatment by variant nothing can be said."
        )
        return Board(options=(), warnings=tuple(warnings), silence=silence)
    disease, needs, assumed = _disease(record, tree)
    warnings += assumed
    options = [o for one in seen for o in _options(one, base, tree, disease)]
    general = _general_needs(record, seen, now)
    blocked = _allergies(record)
    finished = [_finish(option, options, general, blocked) for option in options]
    order = {"option": 0, "resistance": 1, "research": 2}
    finished.sort(key=lambda o: (order[o.kind], o.level, o.biomarker, o.therapy))
    return Board(
        options=tuple(finished),
        needs=tuple(needs + _needs_of(finished) + ([] if not finished else general)),
        silence=_silence(finished, disease),
        warnings=tuple(warnings),
        unmatched=_unmatched(seen, finished),
    )


def _needs_of(options: Sequence[Option]) -> list[Need]:
    """What single options need, once each, with the therapies that it is for."""
    wanted: dict[str, list[str]] = {}
    for option in options:
        for need in _own(option):
            wanted.setdefault(need, []).append(option.regimen)
    return [Need(what=what, why=f"for {'; '.join(names)}") for what, names in wanted.items()]


def _own(option: Option) -> Sequence[str]:
    return [n for n in option.needs if n in {_ORIGIN, _SPECIMEN}] if option.kind == "option" else []


def _silence(options: Sequence[Option], disease: str | None) -> str | None:
    """Why there is no option, where there is none."""
    if any(option.kind == "option" for option in options):
        return None
    if disease is None:
        return "The tumour type is not known from coded diagnoses: no evidence can be in its scope."
    return "No variant that was read has level A or B evidence in this patient's disease."


def _unmatched(seen: Sequence[_Seen], options: Sequence[Option]) -> tuple[str, ...]:
    """Variants of which the base says nothing: that is no evidence either way."""
    matched = {evidence for option in options for evidence in option.evidence}
    return tuple(str(one.variant) for one in seen if one.fact.evidence not in matched)


def _variants(record: Record) -> tuple[list[_Seen], list[str]]:
    seen, warnings = [], []
    for fact in record.of_kind(FactKind.VARIANT):
        variant = fact.value
        if not isinstance(variant, Variant) or fact.assertion is Assertion.ABSENT:
            continue
        if fact.assertion is not Assertion.PRESENT:
            warnings.append(
                f"{variant} is {fact.assertion.value}, for its genotype does not settle it: it was "
                "matched against nothing, and that is no negative result"
            )
        elif not variant.passed:
            failed = ", ".join(variant.filters)
            warnings.append(
                f"{variant} did not pass the laboratory's filter ({failed}): it was matched "
                "against nothing"
            )
        elif variant.gene is None:
            warnings.append(f"{variant} names no gene: it was matched against nothing")
        elif variant.kind == "small" and variant.protein_change is None:
            warnings.append(
                f"{variant} comes without a protein change: it was matched against nothing; read "
                "the VCF annotated (CSQ of VEP, ANN of SnpEff)"
            )
        else:
            seen.append(_Seen(fact=fact, variant=variant))
    return seen, warnings


def _disease(record: Record, tree: DiseaseTree) -> tuple[str | None, list[Need], list[str]]:
    """The OncoTree code of the patient's own coded tumour, if there is just one line of them."""
    assumed: list[str] = []
    codes: set[str] = set()
    for fact in record.state(FactKind.CONDITION):
        if fact.assertion is not Assertion.PRESENT or not fact.code.code or not fact.code.system:
            continue
        code = tree.from_code(fact.code.system, fact.code.code)
        if code is not None:
            codes.add(code)
            taken = tree.assumption(fact.code.system, fact.code.code)
            assumed += [f"{fact.code.text}: {taken}"] if taken else []
    deepest = [c for c in codes if not any(c in tree.ancestors(d) for d in codes)]
    if len(deepest) == 1:
        return deepest[0], [], sorted(assumed)
    if not deepest:
        why = "variants mean different things in different tumours; no coded diagnosis maps to one"
        return None, [Need(what="the tumour type, as a coded diagnosis", why=why)], []
    names = " and ".join(sorted(tree.name(c) for c in deepest))
    why = f"the record holds {names}; evidence for one does not hold for the other"
    return None, [Need(what="which tumour the sequenced specimen is from", why=why)], []


def _options(
    one: _Seen, base: KnowledgeBase, tree: DiseaseTree, disease: str | None
) -> Iterable[Option]:
    for match in lookup(base, tree, one.observed, disease):
        strong = match.evidence.level in {Level.A, Level.B}
        if match.evidence.resists:
            yield _option("resistance", match, one, tree)
        else:
            yield _option("option" if strong else "research", match, one, tree)
    for match in elsewhere(base, tree, one.observed, disease):
        yield _option("research", match, one, tree)


def _option(kind: str, match: Match, one: _Seen, tree: DiseaseTree) -> Option:
    found = match.evidence
    name = tree.name(found.disease) if found.disease in tree else found.disease
    return Option(
        kind=kind,
        therapy=found.therapy,
        interaction=found.interaction.value,
        regimen=found.interaction.regimen(found.therapy),
        biomarker=str(one.variant),
        disease=name,
        level=found.level.value,
        direction=f"{found.direction.value} {found.significance.value}",
        why=match.why,
        references=(
            Reference(
                base=found.base,
                version=found.version,
                dated=found.dated,
                entry=found.id,
                source=f"{found.source}{f', PMID {found.pubmed}' if found.pubmed else ''}",
                summary=found.summary,
            ),
        ),
        cautions=found.cautions,
        needs=_own_needs(one),
        contradicted_by=(),
        evidence=(one.fact.evidence,),
    )


def _own_needs(one: _Seen) -> tuple[str, ...]:
    needs = []
    if one.variant.origin is None:
        needs.append(_ORIGIN)
    if one.fact.valid_from is None:
        needs.append(_SPECIMEN)
    return tuple(needs)


def _finish(
    option: Option, everything: Sequence[Option], general: Sequence[Need], blocked: dict[str, str]
) -> Option:
    if option.kind != "option":
        return option
    against, cautions = [], list(option.cautions)
    for other in everything:
        shared = sorted(set(other.therapy) & set(option.therapy))
        if other.kind != "resistance" or not shared:
            continue
        said = f"{other.biomarker}: {other.references[0].summary}"
        if option.interaction == "combination" and len(shared) < len(option.therapy):
            # What is said of one drug alone need not hold for it beside its partner.
            cautions.append(f"of {' and '.join(shared)} without its partner: {said}")
        else:
            against.append(f"{' and '.join(shared)}: {said}")
    # A list may say `Osimertinib 80 mg`: a caution too many is better than one too few.
    drugs = [drug.casefold() for drug in option.therapy]
    against += [says for name, says in blocked.items() if any(drug in name for drug in drugs)]
    return replace(
        option,
        cautions=tuple(cautions),
        contradicted_by=tuple(dict.fromkeys(against)),
        needs=option.needs + tuple(need.what for need in general),
    )


def _allergies(record: Record) -> dict[str, str]:
    """Substances that the record says the patient does not tolerate, by lower-case name."""
    return {
        fact.code.text.casefold(): f"recorded allergy or intolerance: {fact.code.text}"
        for fact in record.state(FactKind.ALLERGY)
        if fact.assertion is Assertion.PRESENT
    }


def _general_needs(record: Record, seen: Sequence[_Seen], now: datetime) -> list[Need]:
    """What any systemic therapy needs, and the record does not have, or only an old one."""
    needs = []
    kidney = [f for f in record.of_kind(FactKind.OBSERVATION) if f.code.key in _KIDNEY]
    measured = [f for f in kidney if isinstance(f.value, Quantity) and f.valid_from]
    limit = f"within {_STALE.days} days"
    if not measured:
        needs.append(Need(what=f"kidney function {limit}", why="none is in the record"))
    else:
        last = measured[-1]
        if last.valid_from and now - last.valid_from.latest > _STALE:
            needs.append(
                Need(
                    what=f"kidney function {limit}",
                    why=f"the last is {last.said} of {last.valid_from}",
                )
            )
    if not any(f.code.key in _PERFORMANCE for f in record.of_kind(FactKind.OBSERVATION)):
        needs.append(
            Need(what="performance status (ECOG or Karnofsky)", why="none is coded in the record")
        )
    drugs = sorted({f.code.text for f in record.state(FactKind.MEDICATION)})
    if drugs:
        needs.append(
            Need(
                what="an interaction check by a pharmacist",
                why=f"Osler has no interaction table yet; current drugs: {', '.join(drugs)}",
            )
        )
    return needs
