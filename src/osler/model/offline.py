"""Keeps the Hugging Face libraries off the network.

    stay_offline()
    from transformers import AutoTokenizer

The libraries read these variables when they are imported. A variable that the operator has set
is left alone: `--base` may name a hub folder, and then they ask for it by name.
"""

import os

__all__ = ["stay_offline"]

_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def stay_offline() -> None:
    """Set the variables that no one has set."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
