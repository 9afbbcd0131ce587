"""Sources of the user's that are read from another folder: how a patched program is run without touching his files.

A replaced file is read at the same name: `__file__`, tracebacks and positions are those of the user's own file.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

from isograd.observation.target import Target, absolute


def place_of(folder: str | Path, source: str | Path) -> Path:
    """Where a file's replacement stands below the folder.

    >>> place_of("patched", "/home/me/train.py").as_posix()
    'patched/home/me/train.py'
    """
    path = Path(os.path.realpath(source))
    return Path(folder, *path.parts[1:])


class Replaced:
    """A context in which Python imports replaced sources.

    Args:
        folder: With the replacements, each at its absolute path below it; empty for none.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._undo: list[Callable[[], None]] = []

    def target(self, target: Target) -> Target:
        """The target with its main file replaced, if it is."""
        source = self._source(absolute(target.name)) if target.kind == "script" else None
        if source is None or target.code is None:
            return target
        return replace(target, code=compile(source, target.code.co_filename, "exec", dont_inherit=True))

    def __enter__(self) -> "Replaced":
        if self._folder:
            self._around("get_data", self._get_data)
            self._around("path_stats", self._path_stats)
        return self

    def __exit__(self, *_: object) -> None:
        while self._undo:
            self._undo.pop()()

    def _source(self, path: str) -> bytes | None:
        found = place_of(self._folder, path) if self._folder else None
        return found.read_bytes() if found is not None and found.is_file() else None

    def _around(self, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        had = vars(SourceFileLoader).get(name)
        setattr(SourceFileLoader, name, make(getattr(SourceFileLoader, name)))
        self._undo.append(
            lambda: setattr(SourceFileLoader, name, had) if had is not None else delattr(SourceFileLoader, name)
        )

    def _get_data(self, original: Callable[..., bytes]) -> Callable[..., bytes]:
        def get_data(loader: SourceFileLoader, path: str) -> bytes:
            source = self._source(path) if path.endswith(".py") else None
            return original(loader, path) if source is None else source

        return get_data

    def _path_stats(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def path_stats(loader: SourceFileLoader, path: str) -> Any:
            if self._source(path) is not None:
                raise OSError("a replaced source has no compiled form")  # so that no stale one is taken
            return original(loader, path)

        return path_stats
