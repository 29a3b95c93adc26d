"""Documents in FHIR: a NOTE whose evidence opens on the document's text."""

import base64
from typing import Any

import pytest

from osler.errors import BrokenFile
from osler.readers.attachment import plain_text, words_of
from osler.readers.reading import Item
from osler.readers.resolve import ShownText, show
from osler.record.fact import Fact, FactKind
from tests.readers.fhir_cases import one

WORDS = "Ground glass in both lower lobes: see Dr Grün."


def attachment(text: str = WORDS, kind: str = "text/plain", charset: str = "utf-8") -> Any:
    data = base64.b64encode(text.encode(charset)).decode()
    return {"contentType": f"{kind}; charset={charset}", "data": data}


def opened(item: Item, fact: Fact) -> str:
    shown = show(item.data, item.source, fact.evidence.at)
    assert isinstance(shown, ShownText)
    return shown.marked


def reference(*attachments: Any, **fields: Any) -> Item:
    return one(
        {
            "resourceType": "DocumentReference",
            "id": "d",
            "status": "current",
            "type": {"text": "radiology report"},
            "date": "2024-05-02T00:00:00Z",
            "context": {"period": {"start": "2024-05-01"}},
            "content": [{"attachment": a} for a in attachments],
            **fields,
        }
    )


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252"])
def test_a_document_opens(charset: str) -> None:
    item = reference(attachment(charset=charset))
    (note,) = item.facts
    assert (note.kind, note.code.text, note.identity) == (
        FactKind.NOTE, "radiology report", "DocumentReference/d",
    )  # fmt: skip
    assert (str(note.valid_from), str(note.recorded_at), note.recorded_inferred) == (
        "2024-05-01", "2024-05-02 00:00", False,
    )  # fmt: skip
    assert opened(item, note) == WORDS
    assert item.trouble is None


def test_markup_is_read_as_words() -> None:
    markup = "<html><head><style>p{}</style></head><p>Mass &lt; 3 cm</p><p>No <b>effusion</b></p>"
    item = reference(attachment(markup, "text/html"))
    assert opened(item, item.facts[0]) == "Mass < 3 cm\nNo effusion"
    assert plain_text("a<script>b</script>c < d") == "ac < d"


def test_another_type_is_named_with_its_size() -> None:
    item = reference({"contentType": "image/png", "data": "AAAA"})
    assert opened(item, item.facts[0]) == "image/png, 3 bytes"


def test_two_contents_are_two_notes() -> None:
    item = reference(attachment("one"), attachment("two"))
    assert [opened(item, f) for f in item.facts] == ["one", "two"]
    assert len({f.identity for f in item.facts}) == 2


def test_a_document_that_replaces_another() -> None:
    relates = [{"code": "replaces", "target": {"reference": "DocumentReference/old"}}]
    assert reference(attachment(), relatesTo=relates).facts[0].replaces == "DocumentReference/old"
    appends = [{**relates[0], "code": "appends"}]
    assert reference(attachment(), relatesTo=appends).facts[0].replaces is None


def test_what_does_not_open_is_told() -> None:
    elsewhere = reference({"contentType": "text/plain", "url": "http://secret/mrs-smith"})
    where = "/content/0/attachment"
    assert elsewhere.trouble == f"{where}: the document stands elsewhere and was not fetched"
    assert elsewhere.facts[0].kind is FactKind.NOTE
    broken = reference({"contentType": "text/plain", "data": "!!!"})
    assert "no base64" in (broken.trouble or "")
    with pytest.raises(BrokenFile, match="base64"):
        opened(broken, broken.facts[0])
    assert reference({}).trouble == "/content/0/attachment: an attachment without data"
    assert words_of({"contentType": "text/plain; charset=punycode", "data": "eA=="}) == "x"


def test_the_sections_of_a_composition() -> None:
    div = "<div xmlns='http://www.w3.org/1999/xhtml'><p>Stable.</p></div>"
    inner = {"title": "Plan", "text": {"div": div}}
    item = one(
        {
            "resourceType": "Composition", "id": "c", "status": "amended", "date": "2024-05-01",
            "type": {"text": "discharge summary"},
            "section": [{"title": "Course", "section": [inner]}],
        }
    )  # fmt: skip
    assert [f.code.text for f in item.facts] == ["discharge summary", "Course", "Plan"]
    assert opened(item, item.facts[2]) == "Stable."
    assert {f.status for f in item.facts} == {"amended"}


def test_binary_and_media() -> None:
    binary = one({"resourceType": "Binary", "id": "b", **attachment()})
    assert opened(binary, binary.facts[0]) == WORDS
    picture = {"contentType": "image/jpeg", "data": "AAAA"}
    media = one({"resourceType": "Media", "modality": {"text": "dermoscopy"}, "content": picture})
    assert (media.facts[0].kind, str(media.facts[0].value)) == (FactKind.MEDIA, "dermoscopy")
