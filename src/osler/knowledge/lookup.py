"""Look-ups: the evidence that speaks of this variant in this patient's disease.

    for match in lookup(base, tree, seen, "LUAD"):
        match.evidence.summary, match.scope, match.why

`lookup` gives what is in scope, resistance included as matches of its own. `elsewhere` gives what
the same variant means in other diseases: to be shown as research, never as an option. Without a
disease nothing is in scope.
"""

from dataclasses import dataclass

from osler.knowledge.diseases import DiseaseTree
from osler.knowledge.evidence import KnowledgeBase, Origin, VariantEvidence
from osler.knowledge.variants import ObservedVariant

__all__ = ["Match", "ObservedVariant", "elsewhere", "lookup", "unreachable"]

THIS_DISEASE = "this disease"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Evidence that fits what was observed.

    `scope` is "this disease" or "ancestor disease CODE" from `lookup`; from `elsewhere` it is
    "narrower disease CODE" (the patient's diagnosis is too coarse to tell), "excluded disease
    CODE" (the evidence leaves it out) or "other disease CODE". `why` is one plain sentence.
    """

    evidence: VariantEvidence
    scope: str
    why: str


def lookup(
    base: KnowledgeBase, tree: DiseaseTree, observed: ObservedVariant, disease: str | None
) -> tuple[Match, ...]:
    """Matches in scope for a patient with `disease` (an OncoTree code): best evidence first.

    None, or a code that the tree does not know, matches nothing.
    """
    if disease is None or disease not in tree:
        return ()
    found = []
    for entry in base.entries:
        scope = _scope(tree, entry, disease)
        said = _fits(entry, observed) if scope else None
        if scope and said:
            found.append(_match(tree, entry, scope, said, disease))
    return tuple(sorted(found, key=_order))


def elsewhere(
    base: KnowledgeBase, tree: DiseaseTree, observed: ObservedVariant, disease: str | None
) -> tuple[Match, ...]:
    """Entries on the same variant out of scope for `disease`: research, never an option."""
    found = []
    for entry in base.entries:
        if disease is not None and _scope(tree, entry, disease):
            continue
        said = _fits(entry, observed)
        if said:
            scope = _other_scope(tree, entry, disease)
            found.append(_match(tree, entry, scope, said, disease))
    return tuple(sorted(found, key=_order))


def unreachable(base: KnowledgeBase, tree: DiseaseTree) -> tuple[str, ...]:
    """Ids of entries that can never match, because the tree does not know their disease."""
    return tuple(entry.id for entry in base.entries if entry.disease not in tree)


def _scope(tree: DiseaseTree, entry: VariantEvidence, disease: str) -> str | None:
    if not tree.reaches(entry.disease, disease) or _left_out(tree, entry, disease):
        return None
    return THIS_DISEASE if entry.disease == disease else f"ancestor disease {entry.disease}"


def _left_out(tree: DiseaseTree, entry: VariantEvidence, disease: str) -> bool:
    # Left out too: a disease so coarse that it may turn out to be one of the excluded.
    return any(tree.reaches(out, disease) or tree.reaches(disease, out) for out in entry.not_in)


def _other_scope(tree: DiseaseTree, entry: VariantEvidence, disease: str | None) -> str:
    if disease is not None and disease in tree:
        if tree.reaches(disease, entry.disease) and disease != entry.disease:
            return f"narrower disease {entry.disease}"
        if _left_out(tree, entry, disease):
            return f"excluded disease {disease}"
    return f"other disease {entry.disease}"


def _fits(entry: VariantEvidence, observed: ObservedVariant) -> str | None:
    said = entry.rule.matches(entry.gene, observed)
    if said is None or entry.origin is Origin.EITHER or observed.origin == entry.origin.value:
        return said
    if observed.origin is not None:
        return None
    # Amplifications, fusions and whole-tumour markers are found in tumours; only for small variants
    # does it have to be said that nobody recorded where they come from.
    if observed.kind != "small" and entry.origin is Origin.SOMATIC:
        return said
    return f"{said}; whether it is {entry.origin.value}, as the evidence needs, is not recorded"


def _match(
    tree: DiseaseTree, entry: VariantEvidence, scope: str, said: str, disease: str | None
) -> Match:
    about = tree.name(entry.disease) if entry.disease in tree else entry.disease
    mine = tree.name(disease) if disease is not None and disease in tree else "no known disease"
    word = scope.partition(" ")[0]
    where = {
        "this": f"the evidence is in this patient's disease ({about})",
        "ancestor": f"the evidence is in {about}, which includes {mine}",
        "narrower": f"the evidence is in {about}; the record says only {mine}",
        "excluded": f"the evidence leaves out {mine}",
        "other": f"the evidence is in {about}, the patient has {mine}",
    }[word]
    return Match(evidence=entry, scope=scope, why=f"{said}; {where}.")


def _order(match: Match) -> tuple[int, str, str]:
    near = ("this", "ancestor", "narrower", "excluded", "other")
    place = near.index(match.scope.partition(" ")[0])
    return (place, match.evidence.level.value, match.evidence.id)
