"""What the operator says of this hospital: `$OSLER_HOME/site.toml`.

    name = "St Elsewhere"
    zone = "Europe/Amsterdam"
    populations = ["PatchCamelyon (CAMELYON16)"]     vouched for: scores become probabilities

Without the file the site is "this site", its zone UTC, and no population is vouched for.
"""

import tomllib
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, field_validator

from osler.errors import WrongUse
from osler.home import home
from osler.judge.number import Site

__all__ = ["load_site"]


class _Toml(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "this site"
    zone: str = "UTC"
    populations: list[str] = []

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"'{zone}' is no IANA time zone") from error
        return zone


def load_site() -> Site:
    """The site; raises `WrongUse` naming the line that is wrong."""
    path = home() / "site.toml"
    if not path.is_file():
        return Site(name="this site")
    try:
        stated = _Toml.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:  # of TOML, of its text or of what it says
        raise WrongUse(f"{path}: {error}") from error
    return Site(name=stated.name, zone=stated.zone, populations=tuple(stated.populations))
