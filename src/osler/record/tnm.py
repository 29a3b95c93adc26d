"""One TNM category with what makes it comparable: prefix, axis and edition.

    Tnm.parse("ypT2a")        Tnm(axis="T", category="2a", prefix="yp")
    Tnm.all_in("Stage pT2aN1 cM0 (8th edition)")       three, each of edition 8

A clinical and a pathological category are two statements, not two versions of one, and a
category of another edition means something else. Source: UICC TNM, 8th edition, general rules:
c clinical, p pathological, y during or after therapy, r recurrence, a autopsy, m multiple.
"""

import re
from dataclasses import dataclass

from osler.errors import BrokenFile

__all__ = ["Tnm"]

_ONE = re.compile(
    r"(?P<prefix>[yra]?[cp]|[yra])?(?P<axis>[TNM])"
    r"(?P<category>X|is(?:\(\w+\))?|\d(?:[a-d]\d?)?(?:mi|\(\w{1,4}\))?)"
)
_EDITION = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?[ -]?ed(?:ition|\.|\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tnm:
    """`axis` is T, N, M or `group`; `prefix` and `edition` are None where nobody stated them."""

    axis: str
    category: str
    prefix: str | None = None
    edition: str | None = None

    @classmethod
    def parse(cls, text: str, edition: str | None = None) -> "Tnm":
        """Read one category such as `cT1c`; raises `BrokenFile` for anything else."""
        found = _ONE.fullmatch(text.strip())
        if found is None:
            raise BrokenFile(f"'{text}' is no TNM category: expected such as cT1c, ypN0, M1a")
        return cls(**found.groupdict(), edition=edition)

    @classmethod
    def all_in(cls, text: str) -> list["Tnm"]:
        """Every category in a text that is known to be about stage, alone or as in `pT2N1M0`.

        Within a run the prefix of T is that of N too, as pathologists write it, and never of M.
        """
        edition = _EDITION.search(text)
        stated = edition[1] if edition else None
        found: list[Tnm] = []
        for word in re.findall(r"[A-Za-z0-9()]+", text):
            run = _run(word)
            carried = run[0]["prefix"] if run and run[0]["axis"] == "T" else None
            for one in run:
                prefix = one["prefix"] or (carried if one["axis"] == "N" else None)
                found.append(
                    cls(axis=one["axis"], category=one["category"], prefix=prefix, edition=stated)
                )
        return found

    @property
    def scope(self) -> str:
        """What two categories must share to be versions of one statement: `pT`, `ycN`, `M`."""
        return f"{self.prefix or ''}{self.axis}"

    def __str__(self) -> str:
        edition = f" (edition {self.edition})" if self.edition else ""
        axis = "stage " if self.axis == "group" else self.axis
        return f"{self.prefix or ''}{axis}{self.category}{edition}"


def _run(word: str) -> list[re.Match[str]]:
    """The categories that make up a whole word, or none where something else stands in it."""
    found, at = [], 0
    word = word.lstrip("(")
    if word.count(")") > word.count("("):
        word = word.removesuffix(")")
    while at < len(word):
        one = _ONE.match(word, at)
        if one is None:
            return []
        found.append(one)
        at = one.end()
    return found
