"""Whose a source is: a person's word on it, else what its bytes and its folder agree on.

    placed = place(item, folder=stands_for, word=word, alone=sole)
    placed.item.patient, placed.also, placed.disputed

Where the two are silent or disagree it waits for a person. Nobody is ever guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from osler.readers.reading import Item
from osler.record.patient import LOCAL, NO_AUTHORITY, Identifier

__all__ = ["Placed", "is_about_nobody", "place", "sole_patient"]

# FHIR types that are about no patient; they travel with the one patient of their bundle.
_ABOUT_NOBODY = {
    "CodeSystem", "Device", "Endpoint", "HealthcareService", "Location", "Medication",
    "Organization", "Practitioner", "PractitionerRole", "ValueSet",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A source with its patient, or with none and why.

    `also` is another identifier of the same person: the operator's bare `--patient 8823` where the
    bytes give the same number with its authority, so that one folder is one patient.
    """

    item: Item
    also: Identifier | None = None
    disputed: bool = False


def is_about_nobody(kind: str) -> bool:
    """Whether a source of that kind is about no patient: an organisation, a drug."""
    return kind.removeprefix("fhir/") in _ABOUT_NOBODY


def sole_patient(patients: Iterable[Identifier | None]) -> Identifier | None:
    """The one patient among these, if there is exactly one."""
    named = {patient for patient in patients if patient}
    return named.pop() if len(named) == 1 else None


def place(
    item: Item,
    *,
    folder: Identifier | None,
    word: Identifier | None = None,
    alone: Identifier | None = None,
) -> Placed:
    """Decide whose it is.

    `folder` is whom the folder or `--patient` stands for, `word` what a sidecar says of this file
    alone, `alone` the one patient of the container that it came in.
    """
    inside = item.patient
    if word is not None:
        return _told(item, inside, word)
    if item.disputed:
        return Placed(item=replace(item, patient=None, trouble=item.disputed), disputed=True)
    if inside is None and is_about_nobody(item.source.kind):
        inside = alone
    if folder is None:
        return Placed(item=replace(item, patient=inside))
    if inside is not None and not _same(inside, folder):
        why = f"it says it is {inside}'s, the folder stands for {folder}: a person must decide"
        return Placed(item=replace(item, patient=None, trouble=why), disputed=True)
    if inside and folder.authority == LOCAL:
        also = folder if inside != folder else None
        return Placed(item=replace(item, patient=inside), also=also)
    return Placed(item=replace(item, patient=folder))


def _told(item: Item, inside: Identifier | None, word: Identifier) -> Placed:
    doubts = [item.disputed] if item.disputed else []
    if inside is not None and not _same(inside, word):
        doubts.append(f"its own header names {inside}; its sidecar says it is {word}'s")
    return Placed(item=replace(item, patient=word, trouble="; ".join(doubts) or item.trouble))


def _same(one: Identifier, other: Identifier) -> bool:
    """Equal, or equal in value where one of the two names no authority."""
    unstated = NO_AUTHORITY & {one.authority, other.authority}
    return one == other or (bool(unstated) and one.value == other.value)
