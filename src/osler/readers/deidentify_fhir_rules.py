"""Which members of FHIR resources are dropped, kept or moved: the lists, and no code.

Source: HL7 FHIR R4 (4.0.1), the resource definitions; 45 CFR 164.514(b)(2)(i), Safe Harbor.
"""

import re

__all__ = [
    "ATTACHMENTS",
    "CODE_LIKE",
    "DATED",
    "DROPPED",
    "DROPPED_IN",
    "SMALL_ZIPS",
    "TELLING_EXTENSIONS",
    "TITLED",
]

DROPPED = frozenset({
    "telecom", "photo", "contact", "signature", "valueHumanName", "valueContactPoint",
    "valueSignature", "ifNoneExist", "ifMatch", "link", "response", "serialNumber", "udiCarrier",
    "distinctIdentifier", "deviceIdentifier", "subscriberId", "policyNumber", "preAuthRef",
    "assigner", "source", "position", "alias", "policyHolder", "subscriber", "fullUrl",
})  # fmt: skip
"""Anywhere: who can be called, what was signed, which device, whose insurance. `fullUrl` and the
links of a Patient are written anew."""

DROPPED_IN = {
    "Coverage": frozenset({"class", "network", "subscriberId"}),
    "Endpoint": frozenset({"address", "header", "name"}),
    "Device": frozenset({"manufacturer", "lotNumber", "url", "deviceName"}),
    "AuditEvent": frozenset({"agent", "network", "entity"}),
    "Patient": frozenset({"generalPractitioner"}),
}
"""Members dropped in one kind of resource only."""

CODE_LIKE = frozenset({
    "resourceType", "system", "url", "code", "version", "profile", "status", "intent", "use",
    "unit", "currency", "gender", "language", "contentType", "type", "kind", "mode", "priority",
    "comparator", "linkId", "versionId", "instantiatesCanonical", "instantiatesUri",
    "implicitRules", "method", "lotNumber", "criticality", "modifierExtension", "questionnaire",
    "definitionCanonical", "timeOfDay", "dayOfWeek", "when", "periodUnit", "durationUnit",
    "country", "state", "direction", "numerator", "denominator", "valueCode", "valueCanonical",
    "lifecycleStatus", "outcome", "daysOfWeek", "residualRisk",
})  # fmt: skip
"""Members whose text is a code or a format's own word: kept as it stands when it is no date."""

TITLED = frozenset({
    "Patient", "Practitioner", "PractitionerRole", "RelatedPerson", "Person", "Organization",
    "Location", "CareTeam", "Device", "Endpoint", "HealthcareService", "Group",
})  # fmt: skip
"""Targets whose `display` beside a reference is a name."""

ATTACHMENTS = ("text/plain", "text/markdown")
"""Attachments that can be cleaned; the content of every other one is removed."""

DATED = re.compile(
    r"(?:date|start|end|issued|authoredOn|created|recorded|sent|received|started|ended|"
    r"lastUpdated|timestamp|event|authored|deceased|performed|assertedDate|servicedDate|"
    r"when\w+|\w+Date|\w+DateTime|\w+Instant)"
)
"""Members in which a bare year or month is a date."""

TELLING_EXTENSIONS = ("mothersMaidenName", "geolocation", "patient-citizenship", "own-name")
"""The ends of extension URLs that are dropped whole."""

SMALL_ZIPS = frozenset(
    [
        "036",
        "059",
        "063",
        "102",
        "203",
        "556",
        "692",
        "790",
        "821",
        "823",
        "830",
        "831",
        "878",
        "879",
        "884",
        "890",
        "893",
    ]
)
"""Three-digit ZIP areas of 20,000 people or fewer (2000 census; HHS guidance on 164.514(b)):
they become 000."""
