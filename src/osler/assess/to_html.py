"""The report: one HTML file that asks nothing of the network and opens its evidence.

data = to_html(assessment, exhibits, pictures, digest)      bytes

Printed, it leaves out the opened evidence and says that the file has it.
"""

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined

from osler.assess.assessment import Assessment
from osler.assess.exhibits import Exhibit, data_uri
from osler.judge.number import Probability
from osler.record.locator import Evidence

__all__ = ["to_html"]


def to_html(
    assessment: Assessment,
    exhibits: Mapping[Evidence, Exhibit],
    pictures: Mapping[str, str],
    digest: str,
) -> bytes:
    """The report of an assessment whose JSON has this digest."""
    environment = Environment(
        loader=PackageLoader("osler.assess"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = lambda figure: data_uri(figure.media_type, figure.data)
    environment.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    environment.tests["probability"] = lambda number: isinstance(number, Probability)
    groups: dict[str, list[object]] = {}
    for statement in assessment.summary:
        groups.setdefault(statement.group, []).append(statement)
    page = environment.get_template("report.html").render(
        a=assessment,
        exhibits=exhibits,
        pictures=pictures,
        digest=digest,
        groups=groups,
        options=[o for o in assessment.options if o.kind == "option"],
        resistance=[o for o in assessment.options if o.kind == "resistance"],
        research=[o for o in assessment.options if o.kind == "research"],
    )
    return page.encode()
