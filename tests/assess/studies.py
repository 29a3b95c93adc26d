"""Small true studies and specialties for the tests of this room: real bytes, a model of our own."""

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from osler.assess.study import Study
from osler.judge.calibrator import Calibrator
from osler.judge.contract import Contract, Met, Requirement
from osler.judge.number import Population
from osler.judge.specialty import Specialty
from osler.judge.task import Task
from osler.readers.image import read
from osler.readers.reading import Context
from osler.record.patient import Identifier, Patient
from osler.record.record import Record

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
POPULATION = Population(name="dark fields", cases=40, prevalence=0.5, fitted_on="2026-11-23")


class Darkness:
    """An image model that is sure of what it sees: the share of dark pixels."""

    def scores(self, images: list[np.ndarray]) -> np.ndarray:
        dark = np.asarray([np.mean(image < 128) for image in images])
        return np.stack([1 - dark, dark], axis=1)

    def evidence_map(self, image: np.ndarray) -> np.ndarray:
        cells = Image.fromarray(image).convert("L").resize((5, 5), Image.Resampling.BOX)
        return 1 - np.asarray(cells) / 255


def picture(width: int = 120, height: int = 80, dark: slice = slice(0, 0)) -> bytes:
    """A PNG, white but for the dark columns."""
    pixels = np.full((height, width, 3), 255, dtype=np.uint8)
    pixels[:, dark] = 0
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return file.getvalue()


def study_of(data: bytes, declared: Mapping[str, object]) -> Study:
    """The study behind a picture with this sidecar."""
    item = read(data, Context(name="field.png", now=NOW, declared=declared)).items[0]
    patient = Patient(key=1, identifiers=(Identifier.parse("1"),))
    record = Record.of(patient, item.facts, [item.source])
    return Study.of(item.facts[0], item.source, record, data)


def dark_specialty() -> Specialty:
    """Dark fields in pictures of 1 um a pixel, seen in squares of 20 pixels."""
    calibrator = Calibrator(
        name="dark/dark",
        population=POPULATION,
        steps=(0.0, 0.5, 1.0),
        p0=(0.02, 0.4, 0.9),
        p1=(0.1, 0.6, 0.98),
        alpha=0.1,
        keep_positive=0.4,
        keep_negative=0.6,
    )
    return Specialty(
        name="dark",
        title="Dark fields",
        version="1",
        intended_use="Tests.",
        limits=("Knows nothing of medicine.",),
        network="image-classifier",
        base="none",
        task=Task(
            name="dark",
            question="Is the field dark?",
            kind="image",
            labels=("light", "dark"),
            positive=("dark",),
            wording={"light": "no dark field was seen", "dark": "dark fields"},
            threshold=0.5,
        ),
        contract=Contract(
            modality="histology",
            requirements=(
                Requirement(attribute="spacing_um", why="size matters", minimum=0.2, maximum=2),
                Requirement(attribute="stain", why="colour", one_of=("H&E",), refuse=(Met.NO,)),
            ),
        ),
        calibrators={"dark": calibrator},
        training={"recipe": {"extra": {"tile_px": 20, "tile_spacing_um": 1.0}}},
        folder=Path("nowhere"),
        digest="0" * 64,
    )


def held(study: Study, specialty: Specialty) -> Study:
    """The study with its contract notes."""
    return replace(study, notes=specialty.contract.check(study.stated))
