"""The house as a whole: public names, sizes, the tree of errors, what a start imports."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import osler
from osler import errors

ROOT = Path(osler.__file__).resolve().parent
FILES = sorted(ROOT.rglob("*.py"))
MODULES = [
    ".".join(("osler", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    for path in FILES
]
HEAVY = ("torch", "transformers", "fastapi", "pydicom", "wfdb", "sklearn")


def body(path: Path) -> list[ast.stmt]:
    return ast.parse(path.read_text(encoding="utf-8")).body


# wfdb calls pandas in a way that pandas 3.1 warns of.
@pytest.mark.filterwarnings("ignore:The inplace keyword")
@pytest.mark.parametrize(("path", "module"), list(zip(FILES, MODULES, strict=True)), ids=MODULES)
def test_public_names_are_declared_and_real(path: Path, module: str) -> None:
    tree = body(path)
    assert ast.get_docstring(ast.Module(tree, [])), f"{path} has no docstring"
    if path.name == "__main__.py" or (path.name == "__init__.py" and len(tree) == 1):
        return
    if path == ROOT / "__init__.py":
        return
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("osler"):
            raise
        pytest.skip(f"needs the package {error.name}")
    assert hasattr(loaded, "__all__"), f"{path} declares no __all__"
    missing = [name for name in loaded.__all__ if not hasattr(loaded, name)]
    assert missing == []
    assert len(set(loaded.__all__)) == len(loaded.__all__)


@pytest.mark.parametrize("path", FILES, ids=MODULES)
def test_no_file_is_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


def test_the_error_tree_is_drawn_as_it_is() -> None:
    drawn: dict[str, str | None] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ((?:\|   |    )*)(?:\|-- )?([A-Z]\w+)  +\S", line)
        if found:
            depth = len(found[1]) // 4 + ("|-- " in line)
            above = [*above[:depth], found[2]]
            drawn[found[2]] = above[depth - 1] if depth else None
    real = {
        name: kind.__bases__[0].__name__ if kind is not errors.OslerError else None
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if kind.__module__ == errors.__name__
    }
    assert drawn == real
    assert sorted(real) == errors.__all__
    assert all(kind.__doc__ for _, kind in inspect.getmembers(errors, inspect.isclass))


def test_the_command_line_starts_light() -> None:
    script = f"import sys, osler.cli.main\nprint([m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("path", [p for p in FILES if "cli" not in p.parts], ids=str)
def test_no_error_is_swallowed_wholesale(path: Path) -> None:
    """A bare or broad `except` is for the edge; below it, one may only clean up and raise on."""
    for node in ast.walk(ast.Module(body(path), [])):
        if not isinstance(node, ast.ExceptHandler):
            continue
        caught = (
            {n.id for n in ast.walk(node.type) if isinstance(n, ast.Name)} if node.type else {""}
        )
        if caught & {"", "Exception", "BaseException"}:
            raises = any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(node))
            assert raises, f"{path}, line {node.lineno}"
