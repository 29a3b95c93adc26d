"""Slices sorted into stacks: same series, frame of reference, orientation, size, one phase each.

    for stack in stacks(datasets):
        stack.refusal           why it is no volume: a gap, a tilt, one slice; None when it is one
        stack.slices            in the order of their position along the normal

Position and orientation are those of PS3.3 C.7.6.2: patient coordinates in millimetres, x to the
left, y to the back, z to the head. SliceThickness and file names play no part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pydicom

from osler.readers.dicom_groups import finite, frame_header
from osler.readers.dicom_header import stated
from osler.readers.dicom_pixels import frames

__all__ = ["Slice", "Stack", "stacks"]

Vector = np.ndarray

_SAME = 1e-3  # how far direction cosines of one stack may differ
_UNEVEN = 0.05  # how far a slice may lie from its place, in parts of the spacing
_TILT = 2e-3  # how far slices may shift in their own plane, in parts of the way along the normal
_TOUCHING_MM = 1e-3  # positions nearer than this are the same

# What tells two slices at one place apart, asked in this order.
_PHASES = (
    "AcquisitionNumber", "FrameAcquisitionNumber", "TemporalPositionIdentifier",
    "TemporalPositionIndex", "EchoNumbers", "EchoTime", "DiffusionBValue", "TriggerTime",
    "ImageType", "AcquisitionTime",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """One frame in space: `row` and `column` are unit vectors, `position` its first pixel's."""

    dataset: pydicom.Dataset
    frame: int
    header: pydicom.Dataset
    position: Vector
    row: Vector
    column: Vector
    spacing: tuple[float, float]

    @property
    def normal(self) -> Vector:
        """The unit vector that stands on the slice."""
        return np.cross(self.row, self.column)

    @property
    def height(self) -> float:
        """Millimetres along the normal, from the origin of the patient's coordinates."""
        return float(self.position @ self.normal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Slices that belong together, lowest along the normal first."""

    series: str | None
    frame_of_reference: str | None
    slices: tuple[Slice, ...]
    refusal: str | None = None


def stacks(datasets: Iterable[pydicom.Dataset]) -> list[Stack]:
    """Every frame in one stack; a stack that is no volume says why."""
    groups: list[list[Slice]] = []
    keys: list[tuple[object, ...]] = []
    placeless: dict[str | None, int] = {}
    for dataset in _once(datasets):
        for frame in range(frames(dataset)):
            piece = _slice(dataset, frame)
            if piece is None:
                series = stated(dataset, "SeriesInstanceUID")
                placeless[series] = placeless.get(series, 0) + 1
                continue
            key = _key(piece)
            for group, known in zip(groups, keys, strict=True):
                if key == known and _parallel(piece, group[0]):
                    group.append(piece)
                    break
            else:
                groups.append([piece])
                keys.append(key)
    found = [stack for group in groups for stack in _phases(group)]
    return found + [
        Stack(series=series, frame_of_reference=None, slices=(), refusal=_no_place(count))
        for series, count in placeless.items()
    ]


def _no_place(count: int) -> str:
    return (
        f"{count} frame{'s' if count > 1 else ''} without position, orientation or spacing "
        "(0020,0032, 0020,0037, 0028,0030): where they lie is unknown"
    )


def _once(datasets: Iterable[pydicom.Dataset]) -> list[pydicom.Dataset]:
    """The same instance given twice counts once."""
    seen: dict[str, pydicom.Dataset] = {}
    loose = []
    for dataset in datasets:
        uid = stated(dataset, "SOPInstanceUID")
        if uid is None or (uid in seen and seen[uid].get("PixelData") != dataset.get("PixelData")):
            loose.append(dataset)
        else:
            seen.setdefault(uid, dataset)
    return [*seen.values(), *loose]


def _slice(dataset: pydicom.Dataset, frame: int) -> Slice | None:
    header = frame_header(dataset, frame)
    for keyword in _PHASES:  # what only a classic instance has stays with the slice
        if keyword in dataset and keyword not in header:
            header[keyword] = dataset[keyword]
    position = finite(header, "ImagePositionPatient", 3)
    cosines = finite(header, "ImageOrientationPatient", 6)
    spacing = finite(header, "PixelSpacing", 2)
    if position is None or cosines is None or spacing is None or min(spacing) <= 0:
        return None
    row, column = np.array(cosines[:3]), np.array(cosines[3:])
    lengths = float(np.linalg.norm(row)), float(np.linalg.norm(column))
    if max(abs(length - 1) for length in lengths) > _SAME or abs(row @ column) > _SAME:
        return None
    return Slice(
        dataset=dataset,
        frame=frame,
        header=header,
        position=np.array(position),
        row=row / lengths[0],
        column=column / lengths[1],
        spacing=(spacing[0], spacing[1]),
    )


def _key(piece: Slice) -> tuple[object, ...]:
    dataset = piece.dataset
    return (
        stated(dataset, "SeriesInstanceUID"),
        stated(dataset, "FrameOfReferenceUID"),
        stated(piece.header, "StackID"),
        int(dataset.get("Rows") or 0),
        int(dataset.get("Columns") or 0),
        round(piece.spacing[0], 4),
        round(piece.spacing[1], 4),
    )


def _parallel(one: Slice, other: Slice) -> bool:
    rows, columns = np.abs(one.row - other.row), np.abs(one.column - other.column)
    return bool(max(rows.max(), columns.max()) < _SAME)


def _phases(group: Sequence[Slice]) -> list[Stack]:
    """One stack, or one for every phase where several slices lie at one place."""
    if not _touching(group):
        return [_stack(group)]
    for keyword in _PHASES:
        parts = _parted(group, keyword)
        if len(parts) > 1 and not any(_touching(part) for part in parts):
            return [_stack(part) for part in parts]
    low, high = _touching(group)[0]
    return [
        _stack(group, f"two slices lie at {low.height:.2f} mm and nothing tells them apart: "
               f"instances {_number(low)} and {_number(high)}")
    ]  # fmt: skip


def _parted(group: Sequence[Slice], keyword: str) -> list[list[Slice]]:
    parts: dict[str | None, list[Slice]] = {}
    for piece in group:
        parts.setdefault(stated(piece.header, keyword), []).append(piece)
    return list(parts.values())


def _touching(group: Sequence[Slice]) -> list[tuple[Slice, Slice]]:
    ordered = sorted(group, key=lambda piece: piece.height)
    return [
        (low, high) for low, high in pairwise(ordered) if high.height - low.height < _TOUCHING_MM
    ]


def _stack(group: Sequence[Slice], refusal: str | None = None) -> Stack:
    ordered = tuple(sorted(group, key=lambda piece: piece.height))
    dataset = ordered[0].dataset
    return Stack(
        series=stated(dataset, "SeriesInstanceUID"),
        frame_of_reference=stated(dataset, "FrameOfReferenceUID"),
        slices=ordered,
        refusal=refusal or _refusal(ordered),
    )


def _refusal(ordered: Sequence[Slice]) -> str | None:
    """Why these slices, in order, are no volume of even spacing."""
    if len(ordered) < 2:
        return "one slice alone has no spacing: it is a picture, and no volume"
    heights = np.array([piece.height for piece in ordered])
    steps = np.diff(heights)
    step = float(np.median(steps))
    widest = int(np.argmax(steps))
    if steps[widest] > 1.5 * step:
        return (
            f"about {round(float(steps[widest]) / step) - 1} of its slices missing between "
            f"{heights[widest]:.2f} and {heights[widest + 1]:.2f} mm (instances "
            f"{_number(ordered[widest])} and {_number(ordered[widest + 1])})"
        )
    mean = float(heights[-1] - heights[0]) / (len(heights) - 1)
    away = np.abs(heights - heights[0] - mean * np.arange(len(heights))).max()
    if away > _UNEVEN * mean:
        return f"slices are unevenly spaced, from {steps.min():.3f} to {steps.max():.3f} mm"
    return _tilt(ordered)


def _tilt(ordered: Sequence[Slice]) -> str | None:
    first, last = ordered[0], ordered[-1]
    way = last.position - first.position
    along = float(way @ first.normal)
    aside = float(np.linalg.norm(way - along * first.normal))
    if aside > max(_TILT * along, 0.02):
        degrees = float(np.degrees(np.arctan2(aside, along)))
        return f"the gantry was tilted by {degrees:.1f} degrees: resample it to upright slices"
    return None


def _number(piece: Slice) -> str:
    return stated(piece.dataset, "InstanceNumber") or f"frame {piece.frame}"
