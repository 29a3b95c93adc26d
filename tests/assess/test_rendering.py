"""One object, several renderings: what one says the others say too."""

import io
import json
from datetime import datetime
from html.parser import HTMLParser

from rich.console import Console

from osler.assess.assessor import Assessor
from osler.assess.dossier import ASSESSMENT, REPORT
from osler.assess.to_json import to_json
from osler.assess.to_terminal import to_terminal
from osler.record.patient import Identifier
from osler.record.record import Record
from tests.assess.conftest import Demonstrated

DEMO = Identifier.parse("urn:osler:demonstration|OSLER-DEMO-1")


class Links(HTMLParser):
    """Every id, every link to one, and every address that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.inside: set[str] = set()
        self.fetched: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif name == "href" and value and value.startswith("#"):
                self.inside.add(value[1:])
            elif name in {"src", "href"} and value:
                self.fetched.add(value[:5])


def report(demo: Demonstrated) -> Links:
    links = Links()
    links.feed((demo.folder / REPORT).read_text(encoding="utf-8"))
    return links


def test_every_citation_in_the_report_opens(demonstrated: Demonstrated) -> None:
    links = report(demonstrated)
    assert links.inside
    assert links.inside <= links.ids


def test_the_report_asks_nothing_of_the_network(demonstrated: Demonstrated) -> None:
    assert report(demonstrated).fetched == {"data:"}


def test_every_finding_points_at_evidence_and_says_what_its_number_is(
    demonstrated: Demonstrated,
) -> None:
    said = json.loads((demonstrated.folder / ASSESSMENT).read_bytes())
    assert said["findings"]
    for finding in said["findings"]:
        assert finding["evidence"]
        assert finding["number"]["kind"] == "score"  # no population is vouched for here
        assert finding["number"]["because"]
    for option in said["options"]:
        assert option["evidence"]
        assert all(reference["dated"] for reference in option["references"])


def test_no_study_is_passed_over_in_silence(demonstrated: Demonstrated) -> None:
    said = json.loads((demonstrated.folder / ASSESSMENT).read_bytes())
    with demonstrated.open() as store:
        record: Record = store.record(DEMO)
    media = {f.evidence.source for f in record.facts if f.kind.value == "media"}
    looked_at = {e["source"] for finding in said["findings"] for e in finding["evidence"]}
    explained = {s for study in said["not_assessed"] for s in (study["source"], *study["others"])}
    assert media == looked_at | explained
    assert all(study["because"] for study in said["not_assessed"])


def test_the_terminal_says_every_finding_and_need(demonstrated: Demonstrated) -> None:
    with demonstrated.open() as store:
        made_at = json.loads((demonstrated.folder / ASSESSMENT).read_bytes())["made_at"]
        again = Assessor.here().assess(store, DEMO, made_at=datetime.fromisoformat(made_at))
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(to_terminal(again))
    text = console.export_text()
    for finding in again.findings:
        assert finding.wording in text
    for need in again.needs:
        assert need.what in text
    assert to_json(again) == (demonstrated.folder / ASSESSMENT).read_bytes()
