"""An assessment as JSON: the form that is digested, logged and replayed.

data = to_json(assessment)       bytes, the same for the same assessment
"""

import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from osler.assess.assessment import Assessment, Figure
from osler.judge.number import Probability, Score
from osler.record import locator
from osler.record.locator import Evidence
from osler.record.source import digest_of

__all__ = ["to_json"]


def to_json(assessment: Assessment) -> bytes:
    """UTF-8, keys in the order of the dataclasses, two spaces: made to be read and compared."""
    text = json.dumps(_plain(assessment), ensure_ascii=False, indent=2, allow_nan=False)
    return f"{text}\n".encode()


def _plain(value: Any) -> Any:
    match value:
        case Probability():
            return {"kind": "probability", **_fields(value)}
        case Score():
            return {"kind": "score", **_fields(value)}
        case Evidence():
            return {"source": value.source, "at": locator.to_json(value.at)}
        case Figure():
            shown = {"name": value.name, "media_type": value.media_type, "caption": value.caption}
            return {**shown, "digest": digest_of(value.data)}
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case Enum():
            return value.value
        case Decimal():
            return str(value)
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case tuple() | list():
            return [_plain(inner) for inner in value]
        case _:
            return _fields(value) if is_dataclass(value) else value


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
