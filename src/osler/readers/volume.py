"""A series as a volume: values on an even grid in patient space.

    for volume in volumes(instances):           bytes or parsed datasets, in any order
        volume.values                           (slices, rows, columns), Hounsfield units for a CT
        volume.spacing_mm, volume.origin_mm, volume.direction

`point = origin_mm + direction @ (x, y, z of the voxel * spacing)`, in millimetres of the patient's
coordinates (PS3.3 C.7.6.2.1.1). What is no even grid is refused, never resampled in silence.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pydicom

from osler.errors import BrokenFile
from osler.readers.dicom_header import DAMAGE, parse, quiet, stated
from osler.readers.dicom_pixels import stored_frame
from osler.readers.dicom_window import rescaled
from osler.readers.volume_stack import Stack, stacks

__all__ = ["Volume", "sorted_stacks", "volume_of", "volumes"]

_LARGEST = 1 << 28  # voxels: half a gigabyte at 16 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Values (slices, rows, columns), int16 where they are whole and fit, else float32.

    `spacing_mm` is in the order of the array's axes; `origin_mm` is x, y, z of the first voxel;
    the columns of `direction` (3, 3) are the unit vectors along x (a row), y (a column) and z.
    `unit` is RescaleType (0028,1054) where stated: `HU`; `instances` are the SOP instances from
    the first slice to the last.
    """

    values: np.ndarray
    spacing_mm: tuple[float, float, float]
    origin_mm: tuple[float, float, float]
    direction: np.ndarray
    series: str | None
    frame_of_reference: str | None
    unit: str | None
    instances: tuple[str, ...]


def volumes(instances: Iterable[bytes | pydicom.Dataset]) -> list[Volume]:
    """Every volume in these instances; raises `BrokenFile` where any of them makes none.

    `sorted_stacks` and `volume_of` do the same one by one, so that a scout need not cost a series.
    """
    return [volume_of(stack) for stack in sorted_stacks(instances)]


def sorted_stacks(instances: Iterable[bytes | pydicom.Dataset]) -> list[Stack]:
    """The stacks that the instances form, each with the reason why it is no volume, if it is none.

    Raises `BrokenFile` for an instance whose header cannot be read.
    """
    parsed = (
        item if isinstance(item, pydicom.Dataset) else parse(item, "an instance of the series")
        for item in instances
    )
    try:
        with quiet():
            return stacks(parsed)
    except DAMAGE as error:
        raise BrokenFile(f"the series cannot be sorted: damaged DICOM ({error})") from error


def volume_of(stack: Stack) -> Volume:
    """The stack's voxels; raises `BrokenFile` where it is no even grid."""
    if stack.refusal:
        raise BrokenFile(f"series {stack.series or 'without a name'}: {stack.refusal}")
    first, last = stack.slices[0], stack.slices[-1]
    count = len(stack.slices)
    rows, columns = int(first.dataset.Rows), int(first.dataset.Columns)
    if count * rows * columns > _LARGEST:
        raise BrokenFile(f"a volume of {columns} x {rows} x {count} voxels is too large to hold")
    return Volume(
        values=_values(stack, (count, rows, columns)),
        spacing_mm=((last.height - first.height) / (count - 1), *first.spacing),
        origin_mm=(float(first.position[0]), float(first.position[1]), float(first.position[2])),
        direction=np.stack([first.row, first.column, first.normal], axis=1),
        series=stack.series,
        frame_of_reference=stack.frame_of_reference,
        unit=stated(first.header, "RescaleType"),
        instances=tuple(stated(piece.dataset, "SOPInstanceUID") or "" for piece in stack.slices),
    )


def _values(stack: Stack, shape: tuple[int, int, int]) -> np.ndarray:
    """Rescaled slice by slice, for a PET states another slope on every one."""
    values = np.zeros(shape, dtype=np.int16)
    for index, piece in enumerate(stack.slices):
        stored, _ = stored_frame(piece.dataset, piece.frame)
        if stored.shape != shape[1:]:
            raise BrokenFile(f"slice {index} has the shape {stored.shape}: colours are no volume")
        try:
            with quiet():
                measured = rescaled(stored, piece.header)
        except DAMAGE as error:
            raise BrokenFile(f"slice {index} cannot be rescaled ({error})") from error
        if values.dtype == np.int16 and not _fits(measured):
            values = values.astype(np.float32)
        values[index] = measured
    return values


def _fits(values: np.ndarray) -> bool:
    """Whether 16 signed bits hold these values exactly."""
    limits = np.iinfo(np.int16)
    if not np.isfinite(values).all() or values.min() < limits.min or values.max() > limits.max:
        return False
    return bool((values == np.rint(values)).all())
