"""A folder of labelled pictures: `labels.csv` and the files it names.

    examples = labelled_images(folder, ("normal", "metastasis"))

Columns: `filename` and `label` (a label's name, or its index), and where known `split` (the part)
and `group` (patient or slide: whatever is not independent). Without a group each file stands for
itself, and files with the same bytes stand together.
"""

import csv
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image, UnidentifiedImageError

from osler.errors import LearnError
from osler.learn.trainer import Examples

__all__ = ["labelled_images", "picture"]

_NEEDED = ("filename", "label")
_KNOWN = ("split", "filename", "label", "group")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    where: str
    path: Path
    name: str
    label: int
    digest: str
    stated: str | None
    group: str | None


def labelled_images(folder: Path, labels: Sequence[str]) -> Examples:
    """Every picture of the folder; raises `LearnError` naming the file and line that is wrong."""
    table = folder / "labels.csv"
    try:
        text = table.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError) as error:
        raise LearnError(
            f"{table} cannot be read ({error}): the folder needs a UTF-8 table with the columns "
            f"{', '.join(_KNOWN)}"
        ) from error
    reader = csv.DictReader(text.splitlines())
    _check_columns(reader.fieldnames or (), table)
    lines = [_line(row, f"{table}, line {reader.line_num}", folder, labels) for row in reader]
    counts = np.bincount([line.label for line in lines], minlength=len(labels))
    for label, count in zip(labels, counts, strict=True):
        if count == 0:
            raise LearnError(f"{table} has no example of '{label}': the model could not learn it")
    return Examples(
        names=tuple(line.name for line in lines),
        groups=tuple(line.group or line.digest for line in lines),
        labels=np.asarray([line.label for line in lines], dtype=np.int64),
        stated=tuple(line.stated for line in lines),
        digests=tuple(line.digest for line in lines),
        inputs=[line.path for line in lines],
    )


def picture(path: Path) -> np.ndarray:
    """The pixels (H, W, 3) uint8 of a picture; raises `LearnError` when it cannot be opened."""
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except (UnidentifiedImageError, OSError) as error:
        raise LearnError(f"{path} cannot be opened as a picture: {error}") from error


def _check_columns(found: Sequence[str], table: Path) -> None:
    missing = [name for name in _NEEDED if name not in found]
    unknown = [name for name in found if name not in _KNOWN]
    if missing or unknown:
        wrong = f"lacks the column '{missing[0]}'" if missing else f"has a column '{unknown[0]}'"
        raise LearnError(
            f"{table} {wrong}: its columns are filename and label, and split and group where known"
        )


def _line(row: Mapping[str, str | None], where: str, folder: Path, labels: Sequence[str]) -> _Line:
    name = (row["filename"] or "").strip()
    path = folder / name
    inside = (
        name and not PurePosixPath(name).is_absolute() and ".." not in PurePosixPath(name).parts
    )
    if not inside:
        raise LearnError(f"{where}: '{name}' is no file name inside the folder")
    if not path.is_file():
        raise LearnError(f"{where}: {path} does not exist")
    return _Line(
        where=where,
        path=path,
        name=name,
        label=_label(row["label"] or "", where, labels),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        stated=row.get("split") or None,
        group=row.get("group") or None,
    )


def _label(word: str, where: str, labels: Sequence[str]) -> int:
    word = word.strip()
    if word in labels:
        return labels.index(word)
    if word.isdecimal() and int(word) < len(labels):
        return int(word)
    raise LearnError(
        f"{where}: '{word}' is no label; write {', '.join(labels)}, or 0 to {len(labels) - 1}"
    )
