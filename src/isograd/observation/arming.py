"""Waits for the script itself to import torch, and only then starts to watch.

Importing torch before the script does would fix what the script may still want to set: OMP_NUM_THREADS and the like
are read once, at import.
"""

import os
import sys
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def after_import(name: str, act: Callable[[], None]) -> Callable[[], None]:
    """Calls a function once, right after a module has been imported completely; at once if it has been already.

    The module keeps its own loader, and nothing of the hook is left once it has fired. In a process that the script
    forked before the import, nothing is called.

    Args:
        name: Name of a top-level module, e.g. `torch`.
        act: Called without arguments in the thread that imports; it should raise nothing, for what it raises
            would reach the importing code.

    Returns:
        A function that takes the hook away; harmless after it has fired.

    Example:
        >>> seen = []
        >>> disarm = after_import("sys", lambda: seen.append("sys is here"))
        >>> seen
        ['sys is here']
    """
    if name in sys.modules:
        act()
        return lambda: None
    finder = _Finder(name, act)
    sys.meta_path.insert(0, finder)
    return finder.disarm


class _Finder(MetaPathFinder):
    """Finds one module by the finders that follow, and puts a loader around theirs."""

    def __init__(self, name: str, act: Callable[[], None]) -> None:
        self._name = name
        self._act = act
        self._process = os.getpid()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        following = sys.meta_path[sys.meta_path.index(self) + 1 :]  # those before had their turn
        for finder in following:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader, self._imported)
                return spec
        return None

    def disarm(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def _imported(self) -> None:
        self.disarm()
        if os.getpid() == self._process:
            self._act()


class _Loader(Loader):
    """The module's own loader, and a call when it is done."""

    def __init__(self, inner: Loader, imported: Callable[[], None]) -> None:
        self._inner = inner
        self._imported = imported

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        # Before the module's code runs, so that it and all who ask later see the loader they would see without us.
        module.__loader__ = self._inner
        if module.__spec__ is not None:
            module.__spec__.loader = self._inner
        self._inner.exec_module(module)
        self._imported()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
