"""The baseline of every specialty: logistic regression on features that nobody trained.

    probe = fit_probe(features, labels, groups, num_labels)     tensors, to be stored
    probe_scores(probe, features)                               (n, labels)

A fine-tuned network that does not beat it has learned nothing worth shipping.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold

from osler.errors import LearnError
from osler.learn.trainer import Weights

__all__ = ["fit_probe", "probe_scores"]

_STRENGTHS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_FOLDS = 5
_ITERATIONS = 2000


def fit_probe(
    features: np.ndarray, labels: np.ndarray, groups: Sequence[str], num_labels: int
) -> Weights:
    """Fit on features (n, F) and labels (n,); the penalty is the one of least cross-validated loss.

    Folds share no group. Raises `LearnError` when a label is absent.
    """
    if len(np.unique(labels)) != num_labels:
        raise LearnError("a label has no example in the part that fits the weights")
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    x = (features - mean) / spread
    losses = [_cross_validated_loss(x, labels, groups, c) for c in _STRENGTHS]
    model = _model(_STRENGTHS[int(np.argmin(losses))]).fit(x, labels)
    weight, bias = model.coef_, model.intercept_
    if num_labels == 2:
        # scikit-learn gives two labels one row, the log-odds; a row of noughts makes it softmax.
        weight, bias = np.vstack([np.zeros_like(weight), weight]), np.append(0.0, bias)
    named = {"weight": weight, "bias": bias, "mean": mean, "spread": spread}
    return {f"probe.{name}": torch.from_numpy(np.asarray(a)) for name, a in named.items()}


def probe_scores(probe: Mapping[str, torch.Tensor], features: np.ndarray) -> np.ndarray:
    """Scores (n, labels), each row summing to 1, of features (n, F)."""
    weight, bias, mean, spread = (
        probe[f"probe.{name}"].numpy() for name in ("weight", "bias", "mean", "spread")
    )
    logits = ((features - mean) / spread) @ weight.T + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _model(strength: float) -> LogisticRegression:
    return LogisticRegression(C=strength, max_iter=_ITERATIONS)


def _cross_validated_loss(
    x: np.ndarray, labels: np.ndarray, groups: Sequence[str], strength: float
) -> float:
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=0)
    losses = []
    for inside, outside in folds.split(x, labels, list(groups)):
        model = _model(strength).fit(x[inside], labels[inside])
        given = model.predict_proba(x[outside])
        losses.append(log_loss(labels[outside], given, labels=model.classes_))
    return float(np.mean(losses))
