"""What a clinician must see before anything else, and whole: no list of these is ever cut.

    hazard(fact)      "allergy", "anticoagulant", "antiplatelet", "pregnancy", "implant" or None

Drugs by RxNorm ingredient, by ATC class (B01A, of which B01AC are the antiplatelet drugs), or by a
name in their words, since an order often codes a clinical drug; conditions and procedures by
SNOMED CT or their words.
"""

import re

from osler.record.fact import Fact, FactKind

__all__ = ["hazard"]

_RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm|"
_ATC = "http://www.whocc.no/atc|"
_SNOMED = "http://snomed.info/sct|"
_LOINC = "http://loinc.org|"

_ANTICOAGULANT = frozenset(
    _RXNORM + code
    for code in ("11289", "1364430", "1114195", "1599538", "1037042", "1546356", "5224", "67108",
                 "67109", "321208", "15202", "60819", "69646", "8150", "154")
)  # fmt: skip
_ANTIPLATELET = frozenset(
    _RXNORM + code for code in ("32968", "613391", "1116632", "1191", "3521", "10594")
)
_ANTICOAGULANT_NAMES = re.compile(
    r"warfarin|coumadin|apixaban|eliquis|rivaroxaban|xarelto|edoxaban|savaysa|lixiana|dabigatran"
    r"|pradaxa|heparin|enoxaparin|lovenox|clexane|dalteparin|fragmin|tinzaparin|nadroparin"
    r"|fondaparinux|arixtra|argatroban|bivalirudin|phenprocoumon|acenocoumarol|anticoagula",
    re.IGNORECASE,
)
_ANTIPLATELET_NAMES = re.compile(
    r"clopidogrel|plavix|prasugrel|ticagrelor|brilinta|brilique|ticlopidine|dipyridamole"
    r"|cangrelor|abciximab|eptifibatide|tirofiban|aspirin|acetylsalicyl|antiplatelet",
    re.IGNORECASE,
)
_PREGNANCY = frozenset(
    {_SNOMED + "77386006", _LOINC + "82810-3", _LOINC + "11449-6", _LOINC + "2106-3",
     _LOINC + "2118-8"}
)  # fmt: skip
_PREGNANCY_WORDS = re.compile(r"\bpregnan(?:t|cy)", re.IGNORECASE)
_IMPLANT = frozenset(_SNOMED + code for code in ("14106009", "72506001", "441509002", "443325000"))
_IMPLANT_WORDS = re.compile(
    r"pacemaker|defibrillator|cardiac resynchroni[sz]ation|neurostimulator|brain stimulator"
    r"|cochlear implant|aneurysm clip|implanted? (?:pump|device)|implantable"
    r"|(?:prosthetic|mechanical|artificial) heart valve|ventricular assist",
    re.IGNORECASE,
)
_STATED = frozenset({FactKind.CONDITION, FactKind.OBSERVATION, FactKind.PROCEDURE})


def hazard(fact: Fact) -> str | None:
    """Which kind of safety fact this is of the patient, denials included; else None."""
    if fact.experiencer != "patient":
        return None
    key, words = fact.code.key, fact.code.text
    if fact.kind is FactKind.ALLERGY:
        return "allergy"
    if fact.kind is FactKind.MEDICATION:
        return _drug(key, words)
    if fact.kind not in _STATED:
        return None
    said = fact.kind is not FactKind.OBSERVATION
    if key in _PREGNANCY or (fact.kind is FactKind.CONDITION and _PREGNANCY_WORDS.search(words)):
        return "pregnancy"
    if key in _IMPLANT or (said and _IMPLANT_WORDS.search(words)):
        return "implant"
    return None


def _drug(key: str, words: str) -> str | None:
    if key in _ANTIPLATELET or key.startswith(_ATC + "B01AC") or _ANTIPLATELET_NAMES.search(words):
        # A combined product of both kinds is told by the greater danger.
        return "anticoagulant" if _ANTICOAGULANT_NAMES.search(words) else "antiplatelet"
    if key in _ANTICOAGULANT or key.startswith(_ATC + "B01A"):
        return "anticoagulant"
    return "anticoagulant" if _ANTICOAGULANT_NAMES.search(words) else None
