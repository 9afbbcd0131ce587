"""Unified diffs that `git apply` and `patch` take."""

import difflib
import os
from collections.abc import Mapping

_NO_NEWLINE = "\\ No newline at end of file\n"


def diff_of(before: Mapping[str, bytes], after: Mapping[str, bytes], root: str) -> str:
    """The change of several files.

    Args:
        before: Content by absolute path.
        after: The same, changed.
        root: The folder that the paths are to be relative to.

    >>> print(diff_of({"/p/a.py": b"x = 1"}, {"/p/a.py": b"x = 2\\n"}, "/p"), end="")
    --- a/a.py
    +++ b/a.py
    @@ -1 +1 @@
    -x = 1
    \\ No newline at end of file
    +x = 2
    """
    return "".join(_of_one(before[path], after[path], os.path.relpath(path, root)) for path in sorted(after))


def _of_one(before: bytes, after: bytes, name: str) -> str:
    name = name.replace(os.sep, "/")
    end = "\t" if " " in name else ""  # git's own way to show where a name with spaces ends
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}{end}", f"b/{name}{end}")
    return "".join(line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}" for line in lines)


def _lines(content: bytes) -> list[str]:
    """Lines as git counts them: a line feed ends one, and nothing else does."""
    parts = content.decode("utf-8", "surrogateescape").split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def root_for(paths: Mapping[str, object], current: str) -> str:
    """The current folder if all files are in it, else the nearest folder that holds them all.

    >>> root_for({"/p/a/b.py": 0}, "/p"), root_for({"/q/c.py": 0, "/q/d/e.py": 0}, "/p")
    ('/p', '/q')
    """
    folders = [os.path.dirname(path) for path in paths]
    if all(os.path.commonpath([current, folder]) == current for folder in folders):
        return current
    return os.path.commonpath(folders)
