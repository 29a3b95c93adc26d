"""Which side of the body a FHIR resource is about, as far as coded fields say.

    side_of(resource, "/bodySite")      "left", "right", "bilateral" or None: unstated

Read are laterality codes beside a site, post-coordinated expressions, laterality extensions (mCODE)
and the qualifiers of a BodyStructure. Words are not read: "left" in a text may be the other side's
comparison. Source: SNOMED CT, attribute 272741003 (laterality); HL7 FHIR R4, 8.6 (BodyStructure).
"""

import re
from collections.abc import Iterator
from typing import Any

from osler.readers.fhir_values import SNOMED, Resource, rows

__all__ = ["side_of"]

_SIDES = {"7771000": "left", "24028007": "right", "51440002": "bilateral"}
_WITHIN = re.compile(r"272741003\s*(?:\|[^|]*\|)?\s*=\s*(7771000|24028007|51440002)")


def side_of(resource: Resource, *paths: str) -> str | None:
    """The one side that the concepts at these paths name; None where they name none or two."""
    sides: set[str] = set()
    for path in paths:
        held = resource.at(path)
        for site in held if isinstance(held, list) else [held]:
            if isinstance(site, dict) and _may_say(site):
                sides.update(_sides(resource, site))
    return sides.pop() if len(sides) == 1 else None


def _may_say(site: dict[str, Any]) -> bool:
    """Whether it has more than one plain code: asked of every resource, so asked cheaply."""
    held = site.get("coding")
    if "extension" in site or not isinstance(held, list) or len(held) != 1:
        return True
    code = held[0].get("code") if isinstance(held[0], dict) else None
    return isinstance(code, str) and (":" in code or code in _SIDES)


def _sides(resource: Resource, site: dict[str, Any]) -> Iterator[str]:
    yield from _coded(site)
    for extension in rows(site.get("extension")):
        if "laterality" in str(extension.get("url")).casefold():
            yield from _coded(extension.get("valueCodeableConcept"))
        reference = extension.get("valueReference")
        words = reference.get("reference") if isinstance(reference, dict) else None
        structure = resource.others.get(words, {}) if isinstance(words, str) else {}
        for qualifier in rows(structure.get("locationQualifier")):
            yield from _coded(qualifier)


def _coded(concept: Any) -> Iterator[str]:
    for coding in rows(concept.get("coding")) if isinstance(concept, dict) else ():
        code = coding.get("code")
        if not isinstance(code, str) or coding.get("system") != SNOMED:
            continue
        if code in _SIDES:
            yield _SIDES[code]
        elif ":" in code and (within := _WITHIN.search(code)):
            yield _SIDES[within[1]]
