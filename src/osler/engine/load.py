"""The model of a specialty, loaded once.

    model = load_model(specialty)      ImageModel or BeatModel, by `specialty.network`

Libraries are imported when the first model of their kind is asked for.
"""

from typing import TYPE_CHECKING

from osler.errors import ModelAltered
from osler.judge.specialty import Specialty

if TYPE_CHECKING:
    from osler.engine.beats import BeatModel
    from osler.engine.images import ImageModel

__all__ = ["load_model"]

_LOADED: "dict[str, ImageModel | BeatModel]" = {}


def load_model(specialty: Specialty) -> "ImageModel | BeatModel":
    """The specialty's model; the same object for the same digest.

    Raises `ModelAltered` for a network this Osler does not have, and what the models raise.
    """
    model = _LOADED.get(specialty.digest)
    if model is None:
        model = _LOADED[specialty.digest] = _load(specialty)
    return model


def _load(specialty: Specialty) -> "ImageModel | BeatModel":
    match specialty.network:
        case "image-classifier":
            from osler.engine.images import ImageModel

            return ImageModel(specialty)
        case "beat-classifier":
            from osler.engine.beats import BeatModel

            return BeatModel(specialty)
        case other:
            raise ModelAltered(
                f"the specialty {specialty.name} runs on the network '{other}', which this Osler "
                "does not have: install a newer Osler"
            )
