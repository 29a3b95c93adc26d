"""Each network's known output: what it must answer to a fixed question, on any machine.

    check_known("efficientnet-lite0")     # raises ModelAltered when the answer differs

A digest proves that the weights are the right bytes; this proves that the libraries here still
compute the same thing with them. Measured with torch 2.13 and transformers 5.23 on x86-64; one and
two threads differ by 2e-6, and the smallest lead of a greedy token over the next is 0.25.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray

from osler.errors import ModelAltered, NotFound
from osler.model.efficientnet import load_efficientnet
from osler.model.language import load_language
from osler.model.pixels import to_tensor
from osler.model.text import load_text_encoder

__all__ = ["KnownOutput", "check_known", "known_outputs", "known_picture"]

_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownOutput:
    """A question in words, and its answer: words that must be equal, numbers within 1e-3."""

    question: str
    words: str
    numbers: tuple[float, ...]


_ORGANS = "Name three organs of the human body."
_HEART = "The heart pumps"
_HEART_ANSWERS = (" blood", " stones", " air into the lungs")
_SENTENCES = ("The patient has chest pain on exertion.", "Angina pectoris.", "The wrist is broken.")
_POSITIONS = (0, 250, 500, 750, 807, 999)

_KNOWN: Mapping[str, KnownOutput] = MappingProxyType(
    {
        "smollm2": KnownOutput(
            question=f"{_ORGANS!r}: 16 greedy tokens; {_HEART!r}: log likelihood of three endings",
            words="The human body consists of several vital organs that work together to maintain"
            " life and health",
            numbers=(-1.03742, -16.05192, -2.44983),
        ),
        "efficientnet-lite0": KnownOutput(
            question="known_picture(): the first class, and the logits of six",
            words="class 807",
            numbers=(1.09886, -1.98717, -1.26956, -0.15197, 9.3507, -1.84636),
        ),
        "minilm": KnownOutput(
            question=f"cosines of {_SENTENCES[0]!r} with {_SENTENCES[1]!r} and {_SENTENCES[2]!r}",
            words="",
            numbers=(0.44350, 0.23668),
        ),
    }
)


def known_outputs() -> Mapping[str, KnownOutput]:
    """The known output of every network, by its name."""
    return _KNOWN


def known_picture() -> NDArray[np.float64]:
    """Two ramps and a diagonal wave in [0, 1]: (224, 224, 3), the same on every machine."""
    ramp = np.linspace(0, 1, 224)
    red, green = np.meshgrid(ramp, ramp)
    return np.stack([red, green, 0.5 + 0.5 * np.sin(40 * (red + green))], axis=-1)


def _language() -> tuple[str, tuple[float, ...]]:
    language = load_language()
    words = language.greedy(language.chat(_ORGANS), 16)
    return words, tuple(language.log_likelihood(_HEART, _HEART_ANSWERS))


def _vision() -> tuple[str, tuple[float, ...]]:
    network = load_efficientnet()
    with torch.inference_mode():
        logits_K = network(to_tensor(known_picture(), 224).unsqueeze(0))[0]
    return f"class {int(logits_K.argmax())}", tuple(float(logits_K[k]) for k in _POSITIONS)


def _text() -> tuple[str, tuple[float, ...]]:
    first, *others = load_text_encoder().embed(_SENTENCES)
    return "", tuple(float(first @ other) for other in others)


_ANSWERS: Mapping[str, Callable[[], tuple[str, tuple[float, ...]]]] = MappingProxyType(
    {"smollm2": _language, "efficientnet-lite0": _vision, "minilm": _text}
)


def check_known(name: str) -> None:
    """Load a network and ask it its question; a second or two on a CPU.

    Raises ModelAltered when the answer differs, NotFound for an unknown name, and what loading
    the network raises.
    """
    if name not in _KNOWN:
        raise NotFound(f"No known output for {name!r}. There are: {', '.join(_KNOWN)}.")
    known = _KNOWN[name]
    words, numbers = _ANSWERS[name]()
    # Not `> tolerance`: a NaN must fail too.
    near = np.allclose(numbers, known.numbers, rtol=0, atol=_TOLERANCE)
    if words != known.words or not near:
        raise ModelAltered(
            f"{name} does not give its known output. Asked {known.question}, it gave {words!r} "
            f"and {numbers}; known are {known.words!r} and {known.numbers}. Its weights have "
            "their digest, so the installed libraries compute otherwise: install the versions in "
            "Osler's lock file."
        )
