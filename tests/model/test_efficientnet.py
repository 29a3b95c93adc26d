"""The vision network: shapes, padding, names, and its known answer."""

from pathlib import Path

import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from osler.errors import ModelAltered
from osler.model.efficientnet import (
    NUM_FEATURES,
    EfficientNetLite0,
    from_checkpoint,
    load_efficientnet,
)
from osler.model.known import check_known
from osler.model.pixels import to_tensor
from osler.model.weights import set_up


def some_pictures(count: int, size: int) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(0)) * 2 - 1


@pytest.mark.parametrize(("size", "out"), [(224, 7), (128, 4), (97, 4), (32, 1)])
def test_feature_map_is_a_32nd(size: int, out: int) -> None:
    with torch.inference_mode():
        f_BCHW = EfficientNetLite0().eval().features(some_pictures(1, size))
    assert f_BCHW.shape == (1, NUM_FEATURES, out, out)


def test_number_of_parameters() -> None:
    # The paper's Lite0 has 4.7 million (github.com/tensorflow/tpu, efficientnet/lite).
    assert sum(weight.numel() for weight in EfficientNetLite0().parameters()) == 4_652_008


def test_stride_two_pads_after_as_tensorflow_does() -> None:
    network = EfficientNetLite0().eval()
    x_BCHW = some_pictures(1, 8)
    expected = F.conv2d(F.pad(x_BCHW, (0, 1, 0, 1)), network.stem.conv.weight, stride=2)
    expected = F.relu6(network.stem.norm(expected))
    assert torch.equal(network.stem(x_BCHW), expected)


def test_unknown_tensor_in_a_checkpoint() -> None:
    with pytest.raises(ModelAltered, match="_se_reduce"):
        from_checkpoint({"_blocks.0._se_reduce.weight": torch.zeros(1)})


def test_a_batch_equals_one_by_one(network: EfficientNetLite0) -> None:
    x_BCHW = some_pictures(4, 128)
    with torch.inference_mode():
        together = network(x_BCHW)
        alone = torch.cat([network(x_BCHW[index : index + 1]) for index in range(4)])
    assert (together - alone).abs().max() < 1e-4


def test_known_output(network: EfficientNetLite0) -> None:
    check_known("efficientnet-lite0")


@pytest.mark.parametrize(("file", "imagenet_class"), [("chelsea.png", 285), ("coffee.png", 967)])
def test_real_photographs(network: EfficientNetLite0, file: str, imagenet_class: int) -> None:
    """A cat (285, Egyptian cat) and a cup (967, espresso): only the right scaling gets both."""
    skimage = pytest.importorskip("skimage", reason="needs the pictures of scikit-image")
    path = Path(skimage.__file__).parent / "data" / file
    if not path.is_file():
        pytest.skip(f"this scikit-image has no {file}")
    with Image.open(path) as image, torch.inference_mode():
        probabilities_K = network(to_tensor(image, 224).unsqueeze(0))[0].softmax(dim=-1)
    assert int(probabilities_K.argmax()) == imagenet_class
    assert probabilities_K.max() > 0.7


def test_altered_weights_do_not_load(network: EfficientNetLite0, own_weights: Path) -> None:
    set_up(lambda _: None, ["efficientnet-lite0"])
    path = own_weights / "efficientnet-lite0" / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelAltered, match="is not the file that set-up wrote"):
        load_efficientnet()


def test_gradients_reach_the_stem() -> None:
    network = EfficientNetLite0().train()
    network(some_pictures(2, 64)).sum().backward()
    gradient = network.stem.conv.weight.grad
    assert gradient is not None
    assert gradient.abs().sum() > 0
