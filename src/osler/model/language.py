"""The language model: any causal model `transformers` loads from a local folder of safetensors.

    language = load_language()                           # SmolLM2, as set-up made it
    prompt = language.chat("What is the capital of France?")
    text = language.greedy(prompt, 32)
    scores = language.log_likelihood(prompt, ["Paris", "London"])

A `str` prompt is text and nothing else: a control token spelled in it (`<|im_start|>` in a note,
say) becomes its characters, so no record can open a turn of its own. `chat` gives token ids in
which only the template's own control tokens count.

Shapes: B sequences, L tokens, V vocabulary.
"""

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from osler.errors import ModelAltered, WeightsMissing, WrongUse
from osler.model.converted import weights_digest
from osler.model.offline import stay_offline
from osler.model.weights import OPEN_WEIGHTS, ready

__all__ = ["Ids", "Language", "load_language"]

Ids = tuple[int, ...]

# Private-use characters mark where the turns' words go in the rendered template.
_SLOT = "\ue0f0{role}\ue0f1"
_SLOTS = re.compile("\ue0f0(system|user)\ue0f1")
_SCORED_TOGETHER = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A causal language model with its tokenizer; `digest` names the weights (SHA-256)."""

    tokenizer: Any
    model: Any
    digest: str

    @property
    def longest(self) -> int:
        """How many tokens, prompt and answer together, the model was built for."""
        return int(self.model.config.get_text_config().max_position_embeddings)

    def ids(self, prompt: str) -> Ids:
        """A text's tokens, control tokens taken as plain characters."""
        return tuple(self.tokenizer(prompt, split_special_tokens=True)["input_ids"])

    def chat(self, user: str, system: str | None = None) -> Ids:
        """The tokens of a conversation of one question, ready for the model's answer.

        Without `system` the template's own system turn stands, where it has one. Raises WrongUse
        for a base model that has no chat template.
        """
        if not self.tokenizer.chat_template:
            raise WrongUse("This base has no chat template: give the prompt as text.")
        words = {"user": user} if system is None else {"system": system, "user": user}
        turns = [{"role": role, "content": _SLOT.format(role=role)} for role in words]
        rendered = self.tokenizer.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        ids: list[int] = []
        # Splitting on a group alternates the template's text with the role of each slot.
        for index, piece in enumerate(_SLOTS.split(rendered)):
            filled, plain = (words[piece], True) if index % 2 else (piece, False)
            ids += self._bare(filled, plain=plain)
        return tuple(ids)

    def _bare(self, text: str, *, plain: bool) -> Ids:
        """Tokens without the tokenizer's own beginning and end."""
        encoded = self.tokenizer(text, add_special_tokens=False, split_special_tokens=plain)
        return tuple(encoded["input_ids"])

    def _prompt(self, prompt: str | Ids, room: int) -> Tensor:
        ids = self.ids(prompt) if isinstance(prompt, str) else prompt
        if not ids:
            raise WrongUse("The prompt is empty; give at least one word.")
        if len(ids) + room > self.longest:
            raise WrongUse(
                f"The prompt has {len(ids)} tokens and {room} are to follow; the model was built "
                f"for {self.longest} together. Give it less of the record."
            )
        return torch.tensor([ids], device=self.model.device)

    @torch.inference_mode()
    def greedy(self, prompt: str | Ids, max_new_tokens: int) -> str:
        """The likeliest next token, again and again, until the model ends or the count is full.

        The folder's own sampling settings are not used. Raises WrongUse when prompt and answer do
        not fit in the model.
        """
        if max_new_tokens < 1:
            raise WrongUse(f"Cannot write {max_new_tokens} tokens; ask for 1 or more.")
        x_BL, cache = self._prompt(prompt, max_new_tokens), None
        ends, written = self._ends(), list[int]()
        # Our own loop: generate() takes penalties and lengths from the folder's settings.
        while len(written) < max_new_tokens:
            read = self.model(
                input_ids=x_BL, past_key_values=cache, use_cache=True, logits_to_keep=1
            )
            token = int(read.logits[0, -1].argmax())
            if token in ends:
                break
            written.append(token)
            x_BL, cache = x_BL.new_tensor([[token]]), read.past_key_values
        return str(self.tokenizer.decode(written, skip_special_tokens=True))

    def _ends(self) -> set[int]:
        """The tokens that end an answer; a folder may state one, several or none."""
        stated = self.model.generation_config.eos_token_id
        several = stated if isinstance(stated, list) else [stated]
        return {token for token in (*several, self.tokenizer.eos_token_id) if token is not None}

    @torch.inference_mode()
    def log_likelihood(self, prompt: str | Ids, continuations: Sequence[str]) -> list[float]:
        """The mean log probability (natural) per token of each continuation after the prompt.

        Means, not sums, so that a long answer is not punished for its length (the length
        normalisation of Brown et al. 2020, arXiv:2005.14165, section 2.4). Prompt and
        continuation are tokenised apart; a continuation that follows text starts with its own
        space. Raises WrongUse for an empty continuation, and when they do not fit in the model.
        """
        answers = [self._bare(text, plain=True) for text in continuations]
        if not answers or not all(answers):
            raise WrongUse("Give at least one continuation, and none that is empty.")
        x_BL = self._prompt(prompt, max(len(ids) for ids in answers))
        read = self.model(input_ids=x_BL, use_cache=True, logits_to_keep=1)
        scores: list[float] = []
        for start in range(0, len(answers), _SCORED_TOGETHER):
            some = answers[start : start + _SCORED_TOGETHER]
            # The prompt is read once; each batch goes on from a copy of what it left.
            cache = copy.deepcopy(read.past_key_values)
            scores += self._score(read.logits[:, -1:], cache, some)
        return scores

    def _score(self, first_1LV: Tensor, cache: Any, answers: Sequence[Ids]) -> list[float]:
        lengths_B = torch.tensor([len(ids) for ids in answers], device=first_1LV.device)
        longest = int(lengths_B.max())
        # Padding comes after the words, where a causal model cannot see it: any id will do.
        rows = [[*ids, *[0] * (longest - len(ids))] for ids in answers]
        y_BL = torch.tensor(rows, device=first_1LV.device)
        logits_BLV = first_1LV.expand(len(answers), -1, -1)
        if longest > 1:
            cache.batch_repeat_interleave(len(answers))
            rest = self.model(input_ids=y_BL[:, :-1], past_key_values=cache)
            logits_BLV = torch.cat([logits_BLV, rest.logits], dim=1)
        logp_BLV = torch.log_softmax(logits_BLV.float(), dim=-1)
        logp_BL = logp_BLV.gather(-1, y_BL.unsqueeze(-1)).squeeze(-1)
        said_BL = torch.arange(longest, device=y_BL.device) < lengths_B.unsqueeze(1)
        means_B = logp_BL.where(said_BL, 0.0).sum(dim=1) / lengths_B
        return [float(value) for value in means_B]


def load_language(folder: Path | None = None, *, device: str = "cpu") -> Language:
    """The model in a Hugging Face folder, or SmolLM2 as set-up made it.

    Reads local files only, safetensors only, and runs no code from the folder. Raises
    WeightsMissing when there is no such folder or it holds no safetensors, and ModelAltered when
    tensors are absent or SmolLM2 is not what set-up wrote.
    """
    stay_offline()
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    digest = OPEN_WEIGHTS["smollm2"].digest if folder is None else _given(folder)
    place = ready("smollm2") if folder is None else folder
    logging.disable_progress_bar()
    safely = {"local_files_only": True, "trust_remote_code": False}
    tokenizer = AutoTokenizer.from_pretrained(place, **safely)
    model, found = AutoModelForCausalLM.from_pretrained(
        place, use_safetensors=True, dtype="auto", output_loading_info=True, **safely
    )
    absent = sorted(map(str, [*found["missing_keys"], *found["mismatched_keys"]]))
    if absent:
        # transformers would fill them with random numbers and say so in a log line.
        raise ModelAltered(
            f"The weights in {place} lack {len(absent)} of the model's tensors, {absent[0]} first. "
            "Copy the folder again from where it came from."
        )
    return Language(tokenizer=tokenizer, model=model.to(device).eval(), digest=digest)


def _given(folder: Path) -> str:
    if not (folder / "config.json").is_file():
        raise WeightsMissing(
            f"{folder} is not a Hugging Face model folder: it has no config.json. "
            "Name the folder that holds config.json and the .safetensors files."
        )
    return weights_digest(folder)
