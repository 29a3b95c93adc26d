"""Fields of a lymph-node section: does a field show metastasis?

recipe = histology()
replace(recipe, data=..., population=...)      another laboratory's labelled fields
"""

from osler.judge.contract import Contract, Requirement
from osler.judge.task import Task
from osler.learn.recipe import Parts, Recipe

__all__ = ["histology"]


def histology() -> Recipe:
    """The metastasis classifier for H&E fields of lymph nodes, on PatchCamelyon."""
    return Recipe(
        name="histology",
        title="Metastasis in fields of a lymph-node section",
        version="1",
        intended_use=(
            "Points a pathologist who reads an H&E section of a lymph node to fields that look "
            "like metastasis of breast cancer. A second reader, not a diagnosis."
        ),
        limits=(
            "Answers for single fields of 96 pixels at 0.97 um, 93 um wide; it does not answer for "
            "a slide, a node or a patient, and does not measure a metastasis.",
            "A training field counts as metastasis when its central 32 pixels (31 um) hold tumour: "
            "tumour at the rim alone was labelled normal.",
            "Half of the training fields hold metastasis, by construction; in practice nearly all "
            "fields do not, so a probability holds only where the population says so.",
            "Sentinel lymph nodes of breast cancer, from two Dutch centres and their scanners; "
            "other tumours, organs, stains and laboratories were never seen.",
            "The slides and patients behind the fields are not known, so fields of one slide may "
            "stand on both sides of the split, and the figures may flatter it.",
        ),
        network="image-classifier",
        base="efficientnet-lite0",
        population="PatchCamelyon (CAMELYON16, two Dutch centres)",
        data=(
            "PatchCamelyon (Veeling et al. 2018, from CAMELYON16), a subset of 1,000 fields of "
            "which 800 are used here; licence CC0 1.0"
        ),
        task=Task(
            name="histology",
            question="Does this field of a lymph-node section show metastasis?",
            kind="image",
            labels=("normal", "metastasis"),
            positive=("metastasis",),
            wording={
                "normal": "no sign of lymph-node metastasis in the fields looked at",
                "metastasis": "features of metastasis",
            },
        ),
        contract=_contract(),
        parts=Parts(),
        seed=20261123,
        epochs=12,
        batch=16,
        rate=5e-4,
        weight_decay=0.05,
        extra={
            "size": 192,
            "head_rate": 10.0,
            "jitter": 0.1,
            "dropout": 0.2,
            "average": 0.98,
            "views": 1,
            "tile_px": 96,
            "tile_spacing_um": 0.97,
        },
    )


def _contract() -> Contract:
    return Contract(
        modality="histology",
        requirements=(
            Requirement(
                attribute="anatomy",
                why="it learned lymph nodes alone",
                one_of=("lymph node",),
            ),
            Requirement(
                attribute="stain",
                why="it learned haematoxylin and eosin alone",
                one_of=("H&E",),
            ),
            Requirement(
                attribute="spacing_um",
                why="fields are resampled to 0.97 um a pixel, and finer detail cannot be made up",
                minimum=0.2,
                maximum=1.1,
            ),
        ),
    )
