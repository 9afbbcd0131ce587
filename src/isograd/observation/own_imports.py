"""Keeps isograd's imports and the script's apart where both know a module by the same name."""

import os
import sys
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from importlib.machinery import PathFinder
from types import ModuleType

_SETTLED = {"isograd", "__main__", "encodings"}
"""Names that are settled before a script's folder can speak: `encodings` is imported while Python starts."""


class OwnImports:
    """Lets the script import its own `click.py`, and isograd the library `click`, in one process.

    Args:
        folder: The folder that the script finds first in `sys.path`; None if it finds none there (`python -P`).
    """

    def __init__(self, folder: str | None) -> None:
        self._path = sys.path[:] if sys.flags.safe_path else sys.path[1:]
        self._names = _namesakes(folder, self._path)
        self._modules: dict[str, ModuleType] = {}

    def step_aside(self) -> None:
        """Takes out of `sys.modules` what would keep the script from importing modules of its own folder."""
        self._modules = _take_out(self._names)

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Within it, isograd imports as if the script's folder were not in `sys.path`.

        Some libraries draw random numbers as they are imported (rich does): the script must not miss them.
        """
        chance = sys.modules.get("random")
        state = chance.getstate() if chance is not None else None
        path, scripts = sys.path[:], _take_out(self._names)
        sys.modules.update(self._modules)
        sys.path[:] = self._path
        try:
            yield
        finally:
            sys.path[:] = path
            self._modules = _take_out(self._names)
            sys.modules.update(scripts)
            if chance is not None:
                chance.setstate(state)


def _namesakes(folder: str | None, path: Sequence[str]) -> Set[str]:
    """Names of modules that lie in the script's folder and elsewhere too."""
    if folder is None or not os.path.isdir(folder):
        return set()
    names = {entry.partition(".")[0] for entry in os.listdir(folder)} - _SETTLED
    return {name for name in names if name.isidentifier() and _holds(name, [folder]) and _holds(name, path)}


def _holds(name: str, path: Sequence[str]) -> bool:
    """Whether the path has a module of that name that is more than a folder without code."""
    spec = PathFinder.find_spec(name, path)
    return spec is not None and spec.loader is not None


def _take_out(names: Set[str]) -> dict[str, ModuleType]:
    """Removes the modules of these names, with all below them, from `sys.modules`, and returns them.

    What Python has frozen into itself stays: it is found before any folder is looked at.
    """
    taken = {}
    for full, module in list(sys.modules.items()):
        top = full.partition(".")[0]
        if top in names:
            origin = getattr(getattr(sys.modules.get(top), "__spec__", None), "origin", None)
            if origin not in ("built-in", "frozen"):
                taken[full] = module
    for full in taken:
        del sys.modules[full]
    return taken
