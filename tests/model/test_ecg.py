"""The beat network: its size, its tensors, and the classes of AAMI EC57."""

import pytest
import torch

from osler.errors import ModelAltered
from osler.model.beat_windows import NUM_RHYTHM, WINDOW
from osler.model.ecg import CLASS_OF, CLASSES, BeatNet


def test_classes_of_the_standard() -> None:
    by_class = {name: {s for s, c in CLASS_OF.items() if c == name} for name in CLASSES}
    assert by_class["N"] == set("NLRej") and by_class["S"] == set("AaJS")
    assert by_class["V"] == set("VE") and by_class["F"] == {"F"} and by_class["Q"] == set("/fQ")


def test_it_is_small_and_answers_every_class() -> None:
    network = BeatNet().eval()
    assert sum(p.numel() for p in network.parameters()) < 300_000
    assert network(torch.zeros(3, 2, WINDOW), torch.zeros(3, NUM_RHYTHM)).shape == (3, 5)


def test_tensors_there_and_back() -> None:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        network, x_BCT = BeatNet().eval(), torch.randn(2, 2, WINDOW)
        r_BF = torch.randn(2, NUM_RHYTHM)
    again = BeatNet.from_tensors(network.tensors())
    assert not again.training
    with torch.inference_mode():
        assert torch.equal(network(x_BCT, r_BF), again(x_BCT, r_BF))


def test_tensors_are_a_copy() -> None:
    network = BeatNet()
    network.tensors()["rhythm_mean"].fill_(7)
    assert not network.rhythm_mean.any()


def test_other_tensors_are_refused() -> None:
    tensors = BeatNet().tensors()
    del tensors["head.1.weight"]
    with pytest.raises(ModelAltered, match="no beat classifier"):
        BeatNet.from_tensors(tensors)
