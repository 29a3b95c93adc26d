"""Documents: one note that opens on its words, versions by number, and what cancels one."""

import pytest

from osler.record.fact import FactKind
from osler.record.locator import Segment
from osler.record.source import AuthorRole
from tests.readers.hl7v2_cases import PID, item, msh, opened, when

TXA = "TXA|1|{type}|TX|20240430140000||||||||{own}|{parent}||||{done}||{there}"
TEXT = (
    "OBX|1|TX|18842-5^Discharge summary^LN|1|History of breast cancer.||||||F",
    r"OBX|2|FT|18842-5^Discharge summary^LN|2|Plan:\.br\letrozole 2.5 mg.||||||F",
)


def txa(
    type: str = "DS", own: str = "D1^DOC", parent: str = "", done: str = "LA", there: str = "AV"
) -> str:
    return TXA.format(type=type, own=own, parent=parent, done=done, there=there)


def test_a_document_is_one_note_that_opens_on_all_its_words() -> None:
    found = item(msh("MDM^T02^MDM_T02"), "EVN|T02|20240501", PID, "PV1|1|I", txa(), *TEXT)
    (note,) = [f for f in found.facts if f.kind is FactKind.NOTE]
    assert (note.code.text, note.code.code) == ("discharge summary", "DS")
    assert (note.status, note.identity, note.replaces) == ("final", "document:DOC|D1", None)
    assert note.valid_from == when("20240430140000+0200")
    assert note.recorded_at == when("20240501")
    assert note.evidence.at == Segment(number=6, field=5)
    assert opened(found, note) == "History of breast cancer.\nPlan:\nletrozole 2.5 mg."
    assert found.source.author is AuthorRole.CLINICIAN
    assert found.trouble is None


@pytest.mark.parametrize(
    ("event", "segment", "status", "replaces"),
    [
        ("T02", txa(done="DI"), "preliminary", None),
        ("T02", txa(done=""), "unknown", None),
        ("T02", txa(there="OB"), "superseded", None),
        ("T06", txa(own="D2^DOC", parent="D1^DOC"), "final", None),
        ("T08", txa(), "amended", None),
        ("T10", txa(own="D2^DOC", parent="D1^DOC"), "final", "document:DOC|D1"),
        ("T11", txa(), "entered-in-error", None),
        ("T04", txa(there="CA"), "entered-in-error", None),
    ],
)
def test_versions(event: str, segment: str, status: str, replaces: str | None) -> None:
    found = item(msh(f"MDM^{event}"), segment, *TEXT)
    (note,) = found.facts
    assert (note.status, note.replaces) == (status, replaces)


def test_a_cancelled_document_needs_no_text() -> None:
    found = item(msh("MDM^T11"), PID, txa(there="CA"))
    (note,) = [f for f in found.facts if f.kind is FactKind.NOTE]
    assert (note.status, note.identity) == ("entered-in-error", "document:DOC|D1")
    assert opened(found, note) == "CA"


@pytest.mark.parametrize(
    ("segments", "trouble"),
    [
        ((txa(),), "MDM^T02 sends no text"),
        ((txa(), "OBX|1|TX|||"), "MDM^T02 sends no text"),
        ((txa(), "OBX|1|ED|||LIS^AP^PDF^Base64^JVBERi0="), "of type ED is kept"),
        ((TEXT[0],), "MDM without a TXA"),
    ],
)
def test_what_carries_no_words_is_kept_whole(segments: tuple[str, ...], trouble: str) -> None:
    found = item(msh("MDM^T02"), *segments)
    assert found.facts == ()
    assert trouble in str(found.trouble)


def test_a_sites_own_type_stays_the_sites() -> None:
    (note,) = item(msh("MDM^T02"), txa(type="MDT^Tumour board^L"), *TEXT).facts
    assert (note.code.text, note.code.system) == ("Tumour board", "hl7:L")
