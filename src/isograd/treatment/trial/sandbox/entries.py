"""`os.scandir` of a folder that lies in two places."""

import os
from collections.abc import Iterator
from typing import Any


class Entry:
    """What `os.scandir` yields, for a folder that lies in two places."""

    def __init__(self, folder: Any, name: Any) -> None:
        self.name: Any = os.fsencode(name) if isinstance(folder, bytes) else os.fsdecode(name)
        self.path: Any = os.path.join(os.fspath(folder), self.name)

    def __fspath__(self) -> Any:
        return self.path

    def __repr__(self) -> str:
        return f"<DirEntry {self.name!r}>"

    def inode(self) -> int:
        """As of `os.DirEntry`, also below."""
        return os.lstat(self.path).st_ino

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:
        """See `inode`."""
        return os.path.isdir(self.path) and (follow_symlinks or not self.is_symlink())

    def is_file(self, *, follow_symlinks: bool = True) -> bool:
        """See `inode`."""
        return os.path.isfile(self.path) and (follow_symlinks or not self.is_symlink())

    def is_symlink(self) -> bool:
        """See `inode`."""
        return os.path.islink(self.path)

    def is_junction(self) -> bool:
        """See `inode`."""
        return False

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """See `inode`."""
        return os.stat(self.path, follow_symlinks=follow_symlinks)


class Entries:
    """What `os.scandir` returns, for a folder that lies in two places."""

    def __init__(self, folder: Any, names: list[Any]) -> None:
        self._entries = (Entry("." if folder is None else folder, name) for name in names)

    def __iter__(self) -> Iterator[Entry]:
        return self._entries

    def __next__(self) -> Entry:
        return next(self._entries)

    def __enter__(self) -> "Entries":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Yields nothing more."""
        self._entries.close()
