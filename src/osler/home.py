"""Where Osler keeps what is the site's own: `$OSLER_HOME`, else the user's data folder.

    home() / "store"         the default store
    home() / "keys"          the ledger's signing key
    home() / "weights"       open weights, converted once and checked by digest
    home() / "specialties"   specialties trained here
"""

import os
from pathlib import Path

import platformdirs

__all__ = ["home"]


def home() -> Path:
    """The folder of this installation; it need not exist yet."""
    named = os.environ.get("OSLER_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("osler", appauthor=False))
