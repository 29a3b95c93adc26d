"""A knowledge file: TOML in UTF-8 that keeps a form, with errors that say where it does not.

form = parse(read(path, "knowledge"), str(path), FormClass, "the starter evidence.toml")
"""

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from osler.errors import KnowledgeError, NotFound

__all__ = ["parse", "read"]

Form = TypeVar("Form", bound=BaseModel)


def read(path: Path, what: str) -> bytes:
    """The bytes of a file; raises `NotFound` where there is none, else `KnowledgeError`."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"{path}: no such {what} file; give the path of a TOML file") from error
    except OSError as error:
        raise KnowledgeError(f"{path}: cannot be read ({error.strerror})") from error


def parse(data: bytes, where: str, form: type[Form], example: str) -> Form:
    """The content in its form; raises `KnowledgeError` naming the first field that is wrong."""
    try:
        return form.model_validate(tomllib.loads(data.decode("utf-8")))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise KnowledgeError(f"{where}: not TOML in UTF-8 ({error}); mend the file") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise KnowledgeError(
            f"{where}: {error.error_count()} fields in the wrong form; first: {place}: "
            f"{first['msg']}; {example} shows the form"
        ) from error
