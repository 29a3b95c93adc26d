"""The recipes that come with Osler, one a file.

recipe("histology")      a `Recipe`; `RECIPES` lists their names
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from osler.errors import NotFound
from osler.learn.recipe import Recipe
from osler.learn.recipes.cardiology import cardiology
from osler.learn.recipes.histology import histology

__all__ = ["RECIPES", "recipe"]

RECIPES: Mapping[str, Callable[[], Recipe]] = MappingProxyType(
    {"cardiology": cardiology, "histology": histology}
)


def recipe(name: str) -> Recipe:
    """The recipe of that name; raises `NotFound` and lists what there is."""
    try:
        return RECIPES[name]()
    except KeyError as error:
        raise NotFound(f"no recipe '{name}'; there are: {', '.join(sorted(RECIPES))}") from error
