"""A header's own word stands; a sidecar adds to it and never overrides."""

from datetime import UTC, datetime

import pytest

from osler.readers.media_fact import media_fact
from osler.readers.reading import Context
from osler.record.fact import Code
from osler.record.media import Media
from osler.record.moment import Moment
from osler.record.source import Source

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SOURCE = Source.of(b"x", kind="wfdb", name="a.hea")
DECLARED = {"age_years": 60, "says": "from the archive", "date": "2026-05-01", "build": "GRCh38"}


@pytest.mark.parametrize(("header_age", "age"), [(42, 42), (None, 60)])
def test_a_sidecar_fills_gaps_only(header_age: int | None, age: int) -> None:
    context = Context(name="a.hea", now=NOW, declared=DECLARED)
    fact = media_fact(
        SOURCE, "ecg", {"age_years": header_age}, context, code=Code(text="ECG recording")
    )
    assert isinstance(fact.value, Media)
    assert fact.value.get("age_years") == age
    assert fact.value.get("says") == "from the archive"
    assert fact.value.get("build") is None  # no attribute of a picture or recording


def test_the_declared_date_counts_where_the_header_has_none() -> None:
    context = Context(name="a.hea", now=NOW, declared=DECLARED)
    code = Code(text="ECG recording")
    assert str(media_fact(SOURCE, "ecg", {}, context, code=code).valid_from) == "2026-05-01"
    own = Moment.parse("2013-01-25")
    assert media_fact(SOURCE, "ecg", {}, context, code=code, taken=own).valid_from == own
