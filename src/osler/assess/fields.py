"""Looks at a picture field by field with an image model, and draws what it went by.

    examine_image(model, specialty, study, site) -> Finding

A field has the size that the model was trained on, in micrometres, so the picture is resampled
by its stated spacing; both the resampling and the number of fields are said in the finding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from PIL import Image

from osler.assess.assessment import Count, Figure, Finding
from osler.assess.heat import overlay, side_by_side
from osler.assess.number import number_of
from osler.assess.study import Study
from osler.errors import ModelAltered, NotAssessable
from osler.explain.faithfulness import Faithfulness, faithfulness
from osler.judge.number import Site
from osler.judge.specialty import Specialty
from osler.readers.frame import frame_of
from osler.record.locator import Box, Evidence

__all__ = ["ImageReader", "examine_image"]

# 34 edited fields to judge one explanation: enough to tell it from chance, seconds on one thread.
_STEPS = 5
_RANDOM_MAPS = 3


class ImageReader(Protocol):
    """What is asked of an image model."""

    def scores(self, images: list[np.ndarray]) -> np.ndarray:
        """Scores (n, labels), rows summing to 1, for uint8 fields (rows, columns, 3)."""

    def evidence_map(self, image: np.ndarray) -> np.ndarray:
        """What each place of a field adds to the positive label, (h, w)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """One field of a picture: where it lies in stored pixels, and its resampled pixels."""

    box: Box
    pixels: np.ndarray


def examine_image(
    model: ImageReader, specialty: Specialty, study: Study, site: Site
) -> tuple[Finding, ...]:
    """The model's answer on a picture; raises `NotAssessable` when it is smaller than one field."""
    task = specialty.task
    if len(task.labels) != 2 or len(task.positive) != 1 or task.threshold is None:
        raise ModelAltered(
            f"{specialty.name}: fields are judged for one label against its absence, with a "
            f"threshold; this specialty has {', '.join(task.labels)}"
        )
    picture = frame_of(study.data, study.source.kind)
    fields = list(_fields(picture, study, specialty))
    positive = specialty.task.labels.index(specialty.task.positive[0])
    scores = model.scores([field.pixels for field in fields])[:, positive]
    top = int(np.argmax(scores))
    above = int(np.sum(scores >= task.threshold))
    called = specialty.task.labels[positive] if above else specialty.task.labels[1 - positive]
    heat = model.evidence_map(fields[top].pixels)
    judged = faithfulness(
        lambda images: model.scores(images)[:, positive],
        fields[top].pixels,
        heat,
        steps=_STEPS,
        random_maps=_RANDOM_MAPS,
    )
    calibrator = specialty.calibrators[specialty.task.labels[positive]]
    possible = tuple(
        specialty.task.labels[positive if is_positive else 1 - positive]
        for is_positive in calibrator.prediction_set(float(scores[top]))
    )
    finding = Finding(
        specialty=specialty.name,
        title=specialty.title,
        question=specialty.task.question,
        answer=called,
        wording=specialty.task.worded(called),
        positive=above > 0,
        number=number_of(
            float(scores[top]),
            of=len(fields),
            what="overlapping fields",
            calibrator=calibrator,
            site=site,
            study=study,
        ),
        possible=possible,
        abstains=_abstains(possible, specialty),
        counts=(Count(label="fields above the threshold", number=above, of=len(fields)),),
        evidence=(Evidence(source=study.source.digest, at=fields[top].box),),
        notes=(*study.shown_notes, _resampling(study, specialty)),
        remarks=study.remarks,
        limits=specialty.limits,
        intended_use=specialty.intended_use,
        faithful=_faithful(judged),
        figure=_figure(picture, fields, scores, top, heat, study),
        taken=study.taken,
        model=specialty.digest,
    )
    return (finding,)


def _fields(picture: np.ndarray, study: Study, specialty: Specialty) -> Iterator[_Field]:
    """Half-overlapping square fields that cover the picture, the last ones flush to its edge."""
    extra = specialty.training["recipe"]["extra"]
    size, spacing = int(extra["tile_px"]), float(extra["tile_spacing_um"])
    stated = study.media.get("spacing_um")
    side = size if not isinstance(stated, int | float) else round(size * spacing / stated)
    rows, columns = picture.shape[:2]
    if min(rows, columns) < side:
        raise NotAssessable(
            f"the picture is smaller than one field of {size * spacing:.0f} um ({side} pixels)"
        )
    for y in _starts(rows, side):
        for x in _starts(columns, side):
            part = Image.fromarray(picture[y : y + side, x : x + side])
            if side != size:
                part = part.resize((size, size), Image.Resampling.BOX if side > size else 2)
            box = Box(frame=0, x=x, y=y, width=side, height=side)
            yield _Field(box=box, pixels=np.asarray(part))


def _starts(length: int, side: int) -> list[int]:
    return sorted({*range(0, length - side + 1, max(1, side // 2)), length - side})


def _abstains(possible: tuple[str, ...], specialty: Specialty) -> str | None:
    if len(possible) == 1:
        return None
    labels = " and ".join(specialty.task.labels)
    return (
        f"the strongest field settles nothing: {labels} are both possible; a pathologist must look"
        if possible
        else "the strongest field is unlike either class of the calibration cases"
    )


def _resampling(study: Study, specialty: Specialty) -> str:
    extra = specialty.training["recipe"]["extra"]
    stated = study.media.get("spacing_um")
    wanted = float(extra["tile_spacing_um"])
    return f"resampled from {stated} um a pixel, as stated, to the {wanted:g} um of the model"


def _faithful(judged: Faithfulness) -> str:
    verdict = (
        "The map on the right explains better than random marks"
        if judged.better_than_random
        else "The map on the right explains no better than random marks: it is no reason"
    )
    return (
        f"{verdict} (deletion {judged.deletion:.2f}, at random {judged.random_deletion:.2f}; "
        f"insertion {judged.insertion:.2f}, at random {judged.random_insertion:.2f})"
    )


def _figure(
    picture: np.ndarray,
    fields: list[_Field],
    scores: np.ndarray,
    top: int,
    heat: np.ndarray,
    study: Study,
) -> Figure:
    total = np.zeros(picture.shape[:2])
    seen = np.zeros(picture.shape[:2])
    for field, score in zip(fields, scores, strict=True):
        box = field.box
        place = (slice(box.y, box.y + box.height), slice(box.x, box.x + box.width))
        total[place] += score
        seen[place] += 1
    whole = overlay(picture, total / np.maximum(seen, 1), fields[top].box)
    # From the least to the most that any place of this field adds: what stands out, not how much.
    spread = max(float(np.ptp(heat)), 1e-6)
    near = overlay(fields[top].pixels, (heat - heat.min()) / spread, None)
    return Figure(
        name=f"{study.source.digest[:12]}.png",
        media_type="image/png",
        data=side_by_side(whole, near),
        caption=(
            "Left: the picture, darker red where overlapping fields score higher; the box is the "
            "highest-scoring field. Right: that field; darker red adds more to its score."
        ),
    )
