"""What a person declares of a file that cannot say it itself: `NAME.EXT.json` beside `NAME.EXT`.

    {"kind": "histology", "anatomy": "lymph node", "stain": "H&E", "spacing_um": 0.5}

What is left out stays unknown; nothing is filled in.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from osler.errors import BrokenFile, WrongUse
from osler.record.patient import Identifier

__all__ = ["Sidecar", "parse_sidecar"]


class Sidecar(BaseModel):
    """The keys that a sidecar may have; any other is an error, so that no typo is lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str | None = None
    date: str | None = None
    patient: str | None = None
    view: str | None = None
    anatomy: str | None = None
    stain: str | None = None
    spacing_um: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    age_years: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    laterality: str | None = None
    build: str | None = None
    tumour_sample: str | None = None
    origin: str | None = None
    callable: str | None = None
    unit: str | None = None
    note_type: str | None = None
    says: str | None = None

    @field_validator("patient")
    @classmethod
    def _names_somebody(cls, patient: str | None) -> str | None:
        if patient is not None:
            try:
                Identifier.parse(patient)
            except WrongUse as error:
                raise ValueError(str(error)) from error
        return patient


def parse_sidecar(data: bytes, name: str) -> Mapping[str, object]:
    """The declared keys alone; raises `BrokenFile` naming the key that is wrong."""
    try:
        return Sidecar.model_validate_json(data).model_dump(exclude_none=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise BrokenFile(f"{name}: {where}: {first['msg']}") from error
