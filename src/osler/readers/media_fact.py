"""The fact that a picture or recording is there, with what its header and its sidecar say of it.

    fact = media_fact(source, "ecg", {"rate_hz": 500.0, ...}, context, code=..., taken=...)

A header's own word stands; a sidecar adds what it leaves out, the date too, and never overrides.
"""

from collections.abc import Mapping

from osler.readers.reading import Context
from osler.record.fact import Code, Fact, FactKind
from osler.record.locator import Evidence, Whole
from osler.record.media import ATTRIBUTES, Media, Scalar
from osler.record.moment import Moment
from osler.record.source import Source

__all__ = ["media_fact"]


def media_fact(
    source: Source,
    modality: str,
    header: Mapping[str, Scalar],
    context: Context,
    *,
    code: Code,
    taken: Moment | None = None,
    recorded_at: Moment | None = None,
    identity: str | None = None,
) -> Fact:
    """One MEDIA fact; `header` holds attributes by name, None where it does not state one."""
    told: dict[str, Scalar] = {
        key: value
        for key, value in context.declared.items()
        if key in (*ATTRIBUTES, "says") and isinstance(value, str | int | float)
    }
    known = {key: value for key, value in header.items() if value is not None}
    date = context.declared.get("date")
    if taken is None and isinstance(date, str):
        taken = Moment.parse(date, context.zone)
    return Fact(
        kind=FactKind.MEDIA,
        code=code,
        value=Media(modality=modality, attributes={**told, **known}),
        evidence=Evidence(source=source.digest, at=Whole()),
        received_at=context.now,
        valid_from=taken,
        recorded_at=recorded_at,
        recorded_inferred=recorded_at is None,
        status="final",
        identity=identity,
    )
