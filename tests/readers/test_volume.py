"""Series as volumes: equal to SimpleITK's to the voxel, and refused where no even grid is."""

import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osler.errors import BrokenFile

from .dicom_cases import on_disk, parsed, picture, sample, saved

pydicom = pytest.importorskip("pydicom")

from pydicom.uid import generate_uid  # noqa: E402

from osler.readers.volume import Volume, sorted_stacks, volume_of, volumes  # noqa: E402


def rotation(seed: int) -> np.ndarray:
    """A random rotation: the orthogonal part of a random matrix, right-handed."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return np.asarray(q if np.linalg.det(q) > 0 else q[:, ::-1])


def series(count: int = 12, seed: int = 0, step: float = 2.5, **elements: Any) -> list[Any]:
    """Slices of the real CT of pydicom in an oblique orientation, shuffled."""
    pixels = parsed("CT_small.dcm").pixel_array
    turn = rotation(seed)
    origin = np.array([-100.25, 37.5, 412.125])
    uid, frame_of_reference = generate_uid(), generate_uid()
    made = []
    for index in range(count):
        place = origin + index * step * turn[:, 2]
        made.append(
            picture(
                np.roll(pixels, 3 * index, axis=1)[:96].copy(),
                SeriesInstanceUID=uid,
                StudyInstanceUID=uid,
                FrameOfReferenceUID=frame_of_reference,
                InstanceNumber=count - index,
                RescaleSlope=1,
                RescaleIntercept=-1024,
                RescaleType="HU",
                PixelSpacing=[0.75, 0.5],
                SliceThickness=9,  # says nothing of where slices lie
                ImagePositionPatient=[round(float(x), 6) for x in place],
                ImageOrientationPatient=[round(float(x), 8) for x in [*turn[:, 0], *turn[:, 1]]],
            )
        )
    for dataset in made:
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)
    random.Random(seed).shuffle(made)
    return made


def as_itk_reads(folder: Path) -> Any:
    itk = pytest.importorskip("SimpleITK")
    reader = itk.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return itk, reader.Execute()


def assert_equal(volume: Volume, itk: Any, image: Any) -> None:
    assert np.array_equal(volume.values, itk.GetArrayFromImage(image))
    assert volume.spacing_mm == pytest.approx(image.GetSpacing()[::-1], abs=1e-5)
    assert volume.origin_mm == pytest.approx(image.GetOrigin(), abs=1e-5)
    assert volume.direction.ravel() == pytest.approx(image.GetDirection(), abs=1e-5)


@pytest.mark.parametrize("seed", range(5))
def test_an_oblique_series_is_simpleitks_volume(seed: int, tmp_path: Path) -> None:
    made = series(seed=seed)
    names = [f"{i:02}" for i in range(len(made))]
    random.Random(seed).shuffle(names)
    for name, dataset in zip(names, made, strict=True):
        (tmp_path / name).write_bytes(saved(dataset))
    (volume,) = volumes([saved(dataset) for dataset in made])
    assert volume.values.dtype == np.int16 and volume.unit == "HU"
    assert volume.spacing_mm == pytest.approx((2.5, 0.75, 0.5), abs=1e-5)
    assert_equal(volume, *as_itk_reads(tmp_path))


def test_the_real_series_on_disk_is_simpleitks_volume(tmp_path: Path) -> None:
    """The one series of pydicom's files with more than two even slices."""
    found: dict[str, list[Path]] = {}
    for path in on_disk():
        if "dicomdirtests" in str(path) and path.name.isdigit():
            dataset = pydicom.dcmread(path)
            if "PixelData" in dataset:
                found.setdefault(dataset.SeriesInstanceUID, []).append(path)
    compared = 0
    for number, paths in enumerate(found.values()):
        for stack in sorted_stacks(path.read_bytes() for path in paths):
            if stack.refusal or len(stack.slices) < 3:
                continue
            folder = tmp_path / str(number)
            folder.mkdir()
            for path in paths:
                (folder / path.name).write_bytes(path.read_bytes())
            assert_equal(volume_of(stack), *as_itk_reads(folder))
            compared += 1
    assert compared == 1


def test_a_fractional_slope_gives_floating_point(tmp_path: Path) -> None:
    made = series(RescaleSlope="0.31", RescaleIntercept="-7.5")
    for index, dataset in enumerate(made):
        (tmp_path / str(index)).write_bytes(saved(dataset))
    (volume,) = volumes(made)
    itk, image = as_itk_reads(tmp_path)
    assert volume.values.dtype == np.float32
    assert np.allclose(volume.values, itk.GetArrayFromImage(image), rtol=1e-6)


def test_a_pet_has_another_slope_on_every_slice() -> None:
    made = series(4)
    for dataset in made:
        dataset.RescaleSlope, dataset.RescaleIntercept = 1 + int(dataset.InstanceNumber), 0
    (volume,) = volumes(made)
    by_uid = {dataset.SOPInstanceUID: dataset for dataset in made}
    for values, uid in zip(volume.values, volume.instances, strict=True):
        dataset = by_uid[uid]
        assert np.array_equal(values, dataset.pixel_array * float(dataset.RescaleSlope))


def test_a_missing_slice_is_refused_and_named() -> None:
    made = [dataset for dataset in series() if dataset.InstanceNumber != 5]
    with pytest.raises(
        BrokenFile, match=r"about 1 of its slices missing .*instances [46] and [46]"
    ):
        volumes(made)


def test_uneven_slices_are_refused() -> None:
    made = series(6)
    for dataset in made:
        if dataset.InstanceNumber == 3:
            normal = rotation(0)[:, 2]
            moved = np.array(dataset.ImagePositionPatient, dtype=float) + 0.4 * normal
            dataset.ImagePositionPatient = [round(float(x), 6) for x in moved]
    with pytest.raises(BrokenFile, match="unevenly spaced"):
        volumes(made)


def test_a_tilted_gantry_is_refused() -> None:
    made = series(6)
    for dataset in made:
        shift = 0.5 * int(dataset.InstanceNumber) * rotation(0)[:, 1]
        moved = np.array(dataset.ImagePositionPatient, dtype=float) + shift
        dataset.ImagePositionPatient = [round(float(x), 6) for x in moved]
    with pytest.raises(BrokenFile, match=r"tilted by 11\.3 degrees"):
        volumes(made)


def test_a_second_frame_of_reference_is_split_off() -> None:
    made = series(8)
    other = generate_uid()
    for dataset in made:
        if dataset.InstanceNumber > 4:
            dataset.FrameOfReferenceUID = other
    assert sorted(len(volume.values) for volume in volumes(made)) == [4, 4]
    for dataset in made:
        mixed = int(dataset.InstanceNumber) in (2, 5)
        dataset.FrameOfReferenceUID = other if mixed else made[0].SeriesInstanceUID
    with pytest.raises(BrokenFile, match="slices missing"):
        volumes(made)


def test_phases_at_one_place_are_parted_or_refused() -> None:
    one, two = series(5), series(5)
    for dataset in two:
        dataset.SeriesInstanceUID = one[0].SeriesInstanceUID
        dataset.FrameOfReferenceUID = one[0].FrameOfReferenceUID
    with pytest.raises(BrokenFile, match="nothing tells them apart"):
        volumes([*one, *two])
    for number, phase in enumerate((one, two)):
        for dataset in phase:
            dataset.AcquisitionNumber = number + 1
    assert [len(volume.values) for volume in volumes([*one, *two])] == [5, 5]


def test_the_same_instance_twice_counts_once() -> None:
    made = series(5)
    (volume,) = volumes([*made, *made])
    assert len(volume.values) == 5


def test_a_scout_costs_no_series() -> None:
    made = series(5)
    scout = series(1, seed=3)[0]
    scout.SeriesInstanceUID = made[0].SeriesInstanceUID
    scout.FrameOfReferenceUID = made[0].FrameOfReferenceUID
    reasons = [stack.refusal for stack in sorted_stacks([*made, scout])]
    assert reasons.count(None) == 1
    assert any("one slice alone" in (reason or "") for reason in reasons)


def test_an_instance_without_a_place_is_refused() -> None:
    made = series(3)
    for dataset, away in zip(made, ("nan", "inf", None), strict=True):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pydicom knows that these are no decimals
            dataset.ImagePositionPatient = [away, "0", "0"] if away else None
    with pytest.raises(BrokenFile, match="where they lie is unknown"):
        volumes(made)


def test_frames_of_an_enhanced_ct_lie_where_their_groups_say() -> None:
    (volume,) = volumes([sample("eCT_Supplemental.dcm")])
    dataset = parsed("eCT_Supplemental.dcm")
    groups = dataset.PerFrameFunctionalGroupsSequence
    places = [
        np.array(group.PlanePositionSequence[0].ImagePositionPatient, dtype=float)
        for group in groups
    ]
    for index in range(len(volume.values)):
        step = volume.direction[:, 2] * volume.spacing_mm[0] * index
        place = np.array(volume.origin_mm) + step
        frame = next(i for i, known in enumerate(places) if np.allclose(known, place))
        shared = dataset.SharedFunctionalGroupsSequence[0]
        change = shared.PixelValueTransformationSequence[0]
        expected = dataset.pixel_array[frame] * float(change.RescaleSlope)
        assert np.array_equal(volume.values[index], expected + float(change.RescaleIntercept))


def test_damaged_bytes_are_refused() -> None:
    with pytest.raises(BrokenFile, match="damaged DICOM"):
        volumes([b"no dicom"])
