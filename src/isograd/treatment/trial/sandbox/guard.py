"""What slipped past the redirection is refused, by Python's audit events: nothing outside the trial is written.

C code that opens files itself raises no event; against that, and in processes that the program starts, the kernel
guards where it can, see `landlock`.
"""

import os
import sys
from collections.abc import Callable
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PLACES: dict[str, tuple[int, ...]] = {
    "os.remove": (0,), "os.rmdir": (0,), "os.mkdir": (0,), "os.rename": (0, 1), "os.link": (1,), "os.symlink": (1,),
    "os.truncate": (0,), "os.chmod": (0,), "os.chown": (0,), "os.utime": (0,), "os.setxattr": (0,),
    "os.removexattr": (0,), "sqlite3.connect": (0,),
}  # fmt: skip
"""By audit event, which of its arguments are paths that it writes to."""


def guard(may_write: Callable[[str], bool], refused: list[str]) -> None:
    """Refuses, for the rest of the process, with `PermissionError`.

    Args:
        may_write: Whether a path, absolute, may be written.
        refused: Takes the paths that were refused.
    """

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            if isinstance(args[2], int) and args[2] & _WRITES:
                check(args[0])
        elif event in _PLACES:
            for place in _PLACES[event]:
                check(args[place])

    def check(path: Any) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # an open file
        text = os.fsdecode(path)
        if text in (":memory:", "") or may_write(os.path.join(_getcwd(), text.removeprefix("file:"))):
            return
        if len(refused) < 100:
            refused.append(text)
        raise PermissionError(13, "isograd lets a trial write nothing outside of its own folder", text)

    sys.addaudithook(hook)


_getcwd = os.getcwd
