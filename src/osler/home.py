"""Where Osler keeps what is the site's own: `$OSLER_HOME`, else the user's data folder.

home() / "store"         the default store
home() / "keys"          the ledger's signing key
home() / "specialties"   specialties trained here
weights_home()           open weights, converted once: `$OSLER_WEIGHTS`, else home() / "weights"
"""

import os
from pathlib import Path

import platformdirs

__all__ = ["home", "weights_home"]


def home() -> Path:
    """The folder of this installation; it need not exist yet."""
    named = os.environ.get("OSLER_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("osler", appauthor=False))


def weights_home() -> Path:
    """Where converted open weights lie; they can be shared by several homes."""
    named = os.environ.get("OSLER_WEIGHTS")
    return Path(named) if named else home() / "weights"
