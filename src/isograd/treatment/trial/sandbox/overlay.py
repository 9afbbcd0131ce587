"""Where a program's files really are: what it writes lies in a folder of the trial, what it reads is there first.

A path the program uses is *logical*. What it wrote stands below `upper` at the same absolute path; what it removed is
remembered as gone; all else is the user's own file, which is read and never written.
"""

import errno
import os
import shutil
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_lstat, _readlink, _listdir, _getcwd = os.lstat, os.readlink, os.listdir, os.getcwd
_MOST_LINKS = 40


class Overlay:
    """Maps logical paths to real ones.

    Args:
        upper: Folder for what the program writes.
        free: Folders in which it may write as it likes: the trial's own, that for temporary files, `/dev`, `/proc`.
    """

    def __init__(self, upper: str, free: Sequence[str]) -> None:
        self.upper = os.path.realpath(upper)
        self._free = tuple(os.path.realpath(folder) for folder in free)
        self._gone: set[str] = set()
        self._inside = threading.local()
        os.makedirs(self.upper, exist_ok=True)

    @contextmanager
    def own_work(self) -> Iterator[None]:
        """Within it, functions of `os` mean what they say, on this thread."""
        before = self.is_own_work
        self._inside.on = True
        try:
            yield
        finally:
            self._inside.on = before

    @property
    def is_own_work(self) -> bool:
        """Whether this thread is at work for the overlay itself."""
        return getattr(self._inside, "on", False)

    def logical(self, path: str) -> str:
        """A real path as the program knows it."""
        return path[len(self.upper) :] or os.sep if _below(path, self.upper) else path

    def key(self, path: Any, follow: bool = True, folder: int | None = None) -> str | None:
        """The logical path, absolute and without symbolic links; None where nothing is redirected.

        Args:
            path: As the program gives it; numbers are open files.
            follow: Whether a link at the end is followed too.
            folder: A descriptor that relative paths start from.
        """
        if isinstance(path, int):
            return None
        text = os.fsdecode(path)
        if not text or "\0" in text:
            return None
        start = _getcwd() if folder is None else _readlink(f"/proc/self/fd/{folder}")
        full = self.logical(os.path.join(self.logical(start), text))
        resolved = self._resolved(full, follow)
        return None if self.is_free(resolved) else resolved

    def is_free(self, path: str) -> bool:
        """Whether it lies where the program may write as it likes."""
        return any(_below(path, folder) for folder in self._free)

    def real(self, key: str) -> str:
        """Where a logical path is to be read; a place where nothing is, if it is gone."""
        above = self.upper + key
        return above if _there(above) or self._is_gone(key) else key

    def exists(self, key: str) -> bool:
        """Whether the program sees something there."""
        return _there(self.real(key))

    def to_write(self, key: str, keep: bool) -> str:
        """Where a file is to be written.

        Args:
            key: Its logical path.
            keep: Whether what is there is kept, for appending, say; it is then copied first.
        """
        above = self.upper + key
        if _is_folder(self.real(key)):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), key)
        if _there(above):
            return above
        self._make_parent(key)
        if keep and self.exists(key):
            self._copy_up(key)
        return above

    def to_make(self, key: str, path: Any) -> str:
        """Where something new is to be made.

        Raises:
            FileExistsError: The program sees something there already; `path` is what it calls it.
        """
        if self.exists(key):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        self._make_parent(key)
        return self.upper + key

    def to_change(self, key: str) -> str:
        """Where the mode or the times of something are to be changed; a folder is not copied with all that it holds."""
        if not _is_folder(self.real(key)):
            return self.to_write(key, keep=True) if self.exists(key) else self.real(key)
        os.makedirs(self.upper + key, exist_ok=True)
        return self.upper + key

    def to_replace(self, key: str, path: Any, is_folder: bool) -> str:
        """Where something is to be moved to.

        Raises:
            OSError: A folder that is not empty is there, and a folder is to be moved.
        """
        if is_folder and _is_folder(self.real(key)):
            self.check_empty(key, path)
            os.makedirs(self.upper + key, exist_ok=True)
            return self.upper + key
        return self.to_write(key, keep=False)

    def check_empty(self, key: str, path: Any) -> None:
        """Raises `OSError` if the program sees something in a folder."""
        names = self.names(key)
        if _listdir(self.real(key)) if names is None else names:
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), path)

    def remove(self, key: str) -> None:
        """Notes that a logical path is gone; what lay above must have been removed already."""
        if _there(key):
            self._gone.add(key)

    def names(self, key: str) -> list[str] | None:
        """What a folder holds; None where it is just as on disk."""
        real = self.real(key)
        if real == key and not any(os.path.dirname(gone) == key for gone in self._gone):
            return None
        names = list(_listdir(real))
        if not self._is_gone(key) and _is_folder(key):
            known = set(names)
            names += [name for name in _listdir(key) if name not in known]
        return [name for name in names if self.exists(os.path.join(key, name))]

    def _is_gone(self, key: str) -> bool:
        while self._gone and len(key) > 1:
            if key in self._gone:
                return True
            key = os.path.dirname(key)
        return False

    def _make_parent(self, key: str) -> None:
        """The folder above, if the program sees one; else writing fails as it would without us."""
        parent = os.path.dirname(key)
        if _is_folder(self.real(parent)):
            os.makedirs(self.upper + parent, exist_ok=True)

    def _copy_up(self, key: str) -> None:
        source, above = self.real(key), self.upper + key
        if not _is_folder(source):
            shutil.copy2(source, above, follow_symlinks=False)
            return
        names = self.names(key)
        os.makedirs(above, exist_ok=True)
        for name in _listdir(source) if names is None else names:
            inner = os.path.join(key, name)
            if not _there(self.upper + inner):
                self._copy_up(inner)

    def copy_tree_up(self, key: str) -> str:
        """Has a file or a whole folder lie above, so that it can be moved; returns its real path."""
        above = self.upper + key
        self._make_parent(key)
        if not _there(above) or _is_folder(above):
            self._copy_up(key)
        return above

    def _resolved(self, path: str, follow: bool) -> str:
        """Without links and dots, looked up in what the program sees."""
        waiting, done, links = path.split(os.sep)[::-1], "", 0
        while waiting:
            part = waiting.pop()
            if part in ("", "."):
                continue
            if part == "..":
                done = os.path.dirname(done)
                continue
            step = f"{done.rstrip(os.sep)}{os.sep}{part}"
            target = self._link(step) if follow or waiting else None
            if target is None or links > _MOST_LINKS:
                done = step
                continue
            links += 1
            target = self.logical(target)
            done = "" if os.path.isabs(target) else done
            waiting += target.split(os.sep)[::-1]
        return done or os.sep

    def _link(self, key: str) -> str | None:
        try:
            return _readlink(self.real(key))
        except OSError:
            return None


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _there(path: str) -> bool:
    try:
        _lstat(path)
    except (OSError, ValueError):
        return False
    return True


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(_lstat(path).st_mode)
    except (OSError, ValueError):
        return False
