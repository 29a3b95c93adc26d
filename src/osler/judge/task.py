"""One question that a model can answer.

task.question      "Does this lymph-node section show metastasis?"
task.labels        ("normal", "metastasis"), in the order of the model's outputs
task.worded(label) how an answer is put to a clinician: what was looked for, never "normal"
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Task"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A closed-set question over one kind of input.

    `kind` is `image` (one answer an image or tile) or `beats` (one answer a heartbeat).
    `positive` are the labels that ask for attention. `threshold` is the operating point on the
    raw score of a binary task, chosen on the calibration part.
    """

    name: str
    question: str
    kind: str
    labels: tuple[str, ...]
    positive: tuple[str, ...]
    wording: Mapping[str, str]
    threshold: float | None = None

    def worded(self, label: str) -> str:
        """The clinician's sentence for an answer."""
        return self.wording.get(label, label)
