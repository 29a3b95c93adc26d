"""HL7 v2 messages as hospitals send them, for the tests of their reader."""

from datetime import UTC, datetime

from osler.readers.hl7v2 import read
from osler.readers.reading import Context, Item, Reading
from osler.readers.resolve import ShownText, show
from osler.record.fact import Fact, FactKind
from osler.record.moment import Moment

ZONE = "Europe/Amsterdam"
NOW = datetime(2026, 10, 1, tzinfo=UTC)
PID = "PID|1||8823^^^ADT01&1.2.3.4&ISO^MR||Berg^Anna^^^^^L||19610904|F"
PATIENT = "urn:oid:1.2.3.4|8823"


def msh(kind: str, at: str = "20240501101500+0200", app: str = "LIS", rest: str = "") -> str:
    return rf"MSH|^~\&|{app}|HOSP|OSLER|RESEARCH|{at}||{kind}|MSG00001|P|2.5.1{rest}"


def message(*segments: str, end: str = "\r") -> bytes:
    return "".join(f"{segment}{end}" for segment in segments).encode()


def when(text: str) -> Moment:
    """A moment as the site's zone has it."""
    return Moment.parse(text, ZONE)


def reading(data: bytes) -> Reading:
    return read(data, Context(name="feed.hl7", now=NOW, zone=ZONE))


def item(*segments: str) -> Item:
    found = reading(message(*segments))
    (only,) = found.items
    assert not found.container
    return only


def facts(found: Item, kind: FactKind) -> list[Fact]:
    return [fact for fact in found.facts if fact.kind is kind]


def opened(found: Item, fact: Fact) -> str:
    """What the fact's evidence shows."""
    shown = show(found.data, found.source, fact.evidence.at)
    assert isinstance(shown, ShownText)
    return shown.marked


def oru(*segments: str, at: str = "20240501101500+0200") -> Item:
    return item(msh("ORU^R01^ORU_R01", at), PID, *segments)


OBR = (
    "OBR|1|P77^CPOE|F55^LIS|2160-0^Creatinine^LN^KREA^Kreatinin^99LAB|||20240501080000|"
    "|||||||{specimen}|||||||20240501100000|||F"
)
PANEL = OBR.format(specimen="SER&Serum&HL70487")
CREATININE = "OBX|1|NM|KREA^Kreatinin^99LAB^2160-0^Creatinine^LN||88|umol/L^^UCUM|49-90||||{status}"
