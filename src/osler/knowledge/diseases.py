"""The tree of tumour types, and which of them a diagnosis code means.

    tree = DiseaseTree.load_starter()
    tree.from_code("http://hl7.org/fhir/sid/icd-10-cm", "C18.7")    # "COADREAD"
    tree.reaches("NSCLC", "LUAD")                                   # True; never the other way

Names and parents are OncoTree's (Memorial Sloan Kettering, CC BY 4.0). The code mappings are
Osler's own and few: what is not mapped is no match. Where a code says the organ and the type is
taken from what nearly all such tumours are, `assumption` gives the sentence to show.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from osler.errors import KnowledgeError, NotFound
from osler.knowledge import toml_file

__all__ = ["ICD_10", "ICD_10_CM", "ONCOTREE", "SNOMED_CT", "Disease", "DiseaseTree"]

SNOMED_CT = "http://snomed.info/sct"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ONCOTREE = "http://oncotree.mskcc.org"

# The object identifiers of the same systems, as C-CDA and HL7 v2 give them (HL7 OID registry).
_SYSTEMS = {
    SNOMED_CT: SNOMED_CT,
    "urn:oid:2.16.840.1.113883.6.96": SNOMED_CT,
    ICD_10_CM: ICD_10_CM,
    "urn:oid:2.16.840.1.113883.6.90": ICD_10_CM,
    ICD_10: ICD_10,
    "urn:oid:2.16.840.1.113883.6.3": ICD_10,
    ONCOTREE: ONCOTREE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Disease:
    """A node of the tree; only the root has no parent."""

    code: str
    name: str
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiseaseTree:
    """Tumour types by OncoTree code; `dated` is the day to which the mappings are vouched for.

    `codes` holds, for each coding system, code or prefix -> OncoTree code; `assumed` the same keys
    -> the assumption made. `digest` is the SHA-256 of the file's bytes.
    """

    source: str
    dated: str
    digest: str
    nodes: Mapping[str, Disease]
    codes: Mapping[str, Mapping[str, str]]
    assumed: Mapping[tuple[str, str], str]

    @classmethod
    def load_starter(cls) -> Self:
        """The tree that ships with Osler."""
        starter = resources.files("osler.knowledge") / "starter" / "diseases.toml"
        return cls._read(starter.read_bytes(), "the starter diseases.toml")

    @classmethod
    def load(cls, path: Path) -> Self:
        """A tree from a TOML file in the form of the starter; raises NotFound, KnowledgeError."""
        return cls._read(toml_file.read(path, "disease"), str(path))

    def __contains__(self, code: object) -> bool:
        return code in self.nodes

    def name(self, code: str) -> str:
        """The disease's name; raises NotFound."""
        return self._node(code).name

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The codes above `code`, nearest first, the root last; raises NotFound."""
        found = []
        parent = self._node(code).parent
        while parent is not None:
            found.append(parent)
            parent = self.nodes[parent].parent
        return tuple(found)

    def reaches(self, evidence_disease: str, patient_disease: str) -> bool:
        """Whether evidence in one disease speaks for a patient with the other.

        It does for the disease itself and its descendants, never for siblings or parents. A code
        that the tree does not know is reached by nothing and reaches nothing.
        """
        if evidence_disease not in self.nodes or patient_disease not in self.nodes:
            return False
        same = evidence_disease == patient_disease
        return same or evidence_disease in self.ancestors(patient_disease)

    def from_code(self, system: str, code: str) -> str | None:
        """The OncoTree code that a diagnosis code means, None where it is not mapped.

        ICD codes go by their longest mapped prefix; SNOMED CT and OncoTree codes by themselves.
        """
        key = self._key(system, code)
        if key is None:
            return None
        known, found = key
        return found if known == ONCOTREE else self.codes[known][found]

    def assumption(self, system: str, code: str) -> str | None:
        """What `from_code` took for granted about this code, None where the code says it all."""
        key = self._key(system, code)
        return None if key is None else self.assumed.get(key)

    def _key(self, system: str, code: str) -> tuple[str, str] | None:
        known = _SYSTEMS.get(system.strip().removesuffix("/"))
        written = code.strip().upper()
        if known is None or not written:
            return None
        if known == ONCOTREE:
            return (known, written) if written in self.nodes else None
        if known == SNOMED_CT:
            return (known, written) if written in self.codes[known] else None
        written = written.replace(".", "")
        for length in range(len(written), 2, -1):
            if written[:length] in self.codes[known]:
                return (known, written[:length])
        return None

    def _node(self, code: str) -> Disease:
        if code not in self.nodes:
            raise NotFound(f"{code!r} is no disease of the tree ({self.source}, {self.dated})")
        return self.nodes[code]

    @classmethod
    def _read(cls, data: bytes, where: str) -> Self:
        form = toml_file.parse(data, where, _TreeForm, "the starter diseases.toml")
        nodes = {one.code: Disease(**one.model_dump()) for one in form.nodes}
        if len(nodes) != len(form.nodes):
            raise KnowledgeError(f"{where}: a disease code occurs twice; give each one node")
        _check_parents(nodes, where)
        codes, assumed = _mappings(form, nodes, where)
        return cls(
            source=form.source,
            dated=form.dated.isoformat(),
            digest=hashlib.sha256(data).hexdigest(),
            nodes=MappingProxyType(nodes),
            codes=MappingProxyType(codes),
            assumed=MappingProxyType(assumed),
        )


class _NodeForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    parent: str | None = None


class _MapForm(BaseModel):
    """`icd10` prefixes hold in ICD-10 and ICD-10-CM alike, `icd10cm` ones in ICD-10-CM only."""

    model_config = ConfigDict(extra="forbid")

    disease: str
    snomed: tuple[str, ...] = ()
    icd10: tuple[str, ...] = ()
    icd10cm: tuple[str, ...] = ()
    assumes: str = ""


class _TreeForm(BaseModel):
    model_config = ConfigDict(extra="forbid")

    form: Literal["osler disease tree 1"]
    source: str = Field(min_length=1)
    licence: str = Field(min_length=1)
    dated: date
    statement: str
    nodes: list[_NodeForm]
    map: list[_MapForm]


def _check_parents(nodes: Mapping[str, Disease], where: str) -> None:
    for code in nodes:
        path, at = {code}, nodes[code].parent
        while at is not None:
            if at not in nodes or at in path:
                raise KnowledgeError(f"{where}: {code}: its line of parents breaks at {at!r}")
            path.add(at)
            at = nodes[at].parent


def _mappings(
    form: _TreeForm, nodes: Mapping[str, Disease], where: str
) -> tuple[dict[str, dict[str, str]], dict[tuple[str, str], str]]:
    codes: dict[str, dict[str, str]] = {SNOMED_CT: {}, ICD_10: {}, ICD_10_CM: {}}
    assumed: dict[tuple[str, str], str] = {}
    for one in form.map:
        if one.disease not in nodes:
            raise KnowledgeError(f"{where}: a mapping to {one.disease!r}, which is no node")
        listed = [(SNOMED_CT, code) for code in one.snomed]
        listed += [(system, code) for system in (ICD_10, ICD_10_CM) for code in one.icd10]
        listed += [(ICD_10_CM, code) for code in one.icd10cm]
        for system, code in listed:
            bare = code.replace(".", "").upper()
            if bare in codes[system]:
                raise KnowledgeError(f"{where}: {system} {code} is mapped twice; keep one")
            codes[system][bare] = one.disease
            if one.assumes:
                assumed[system, bare] = one.assumes
    return codes, assumed
