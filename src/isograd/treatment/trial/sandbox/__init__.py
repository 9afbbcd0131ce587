"""A program in a trial overwrites nothing of the user's.

Three layers, from the kindest to the hardest:

1. `files` and `libraries` redirect what it writes into the trial's folder, where it finds it again (`overlay`).
2. `guard` refuses, with `PermissionError`, what slipped past that and is told to Python.
3. `landlock` lets the kernel refuse the rest, on Linux from 6.2 on: C and C++ libraries that open files themselves, and
   the processes that the program starts. These see the user's files, not what the program wrote; where there is no
   Landlock they are not guarded. Forked workers, as those of a `DataLoader`, have all three layers.

Modules that the program writes and then imports are not found: Python's import system looks at the disk itself.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from isograd.treatment.trial.sandbox import files, landlock, libraries
from isograd.treatment.trial.sandbox.guard import guard
from isograd.treatment.trial.sandbox.overlay import Overlay

_SYSTEM = ("/dev", "/proc")
_MOST = 1000


class Sandbox:
    """Encloses this process for the rest of its life.

    Args:
        folder: The trial's.
        upper: Folder for what the program writes.
        scratch: Folder for its temporary files; empty for one in the trial's.
    """

    def __init__(self, folder: Path, upper: Path, scratch: str) -> None:
        scratch = scratch or str(folder / "tmp")
        os.makedirs(scratch, exist_ok=True)
        os.environ["TMPDIR"] = scratch
        tempfile.tempdir = None  # asked for anew
        sys.dont_write_bytecode = True  # the import system writes beside the sources, past everything here
        free = [str(folder), scratch, *_SYSTEM]
        self.refused: list[str] = []
        """What was refused."""
        self._overlay = Overlay(str(upper), free)
        self.confined = landlock.confine(free)
        """Whether the kernel guards as well."""
        files.redirect(self._overlay)
        libraries.redirect(self._overlay)
        guard(self._may_write, self.refused)

    def written(self) -> tuple[str, ...]:
        """Files that the program wrote and did not remove, by the paths that it gave them; at most 1,000."""
        with self._overlay.own_work():
            found = [path for path, _ in zip(self._files(), range(_MOST), strict=False)]
        return tuple(sorted(found))

    def clear(self) -> None:
        """Removes what the program wrote: of no use once the trial is over, and checkpoints are large."""
        with self._overlay.own_work():
            shutil.rmtree(self._overlay.upper, ignore_errors=True)

    def _may_write(self, path: str) -> bool:
        with self._overlay.own_work():
            return self._overlay.is_free(_real(path))

    def _files(self) -> Iterator[str]:
        for place, _, names in os.walk(self._overlay.upper):
            yield from (self._overlay.logical(os.path.join(place, name)) for name in names)


_realpath = os.path.realpath


def _real(path: str) -> str:
    """Absolute, links in its folder resolved: where a write would land."""
    folder, name = os.path.split(path)
    return os.path.join(_realpath(folder), name)
