"""Libraries that write files from C, C++ or Rust, past `open`: their paths are redirected as they are called."""

import os
import sqlite3
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from isograd.observation.arming import after_import
from isograd.treatment.trial.sandbox.overlay import Overlay

_WRITERS = {
    "torch": (("save", 1), ("jit.save", 1), ("load", 0), ("jit.load", 0)),
    "safetensors.torch": (("save_file", 1), ("load_file", 0)),
    "safetensors.numpy": (("save_file", 1), ("load_file", 0)),
    "h5py": (("File", 0),),
    "cv2": (("imwrite", 0), ("imread", 0)),
}
"""By module: names of functions, and the place of the path among their arguments."""
_READERS = ("load", "jit.load", "load_file", "imread")
_FILE = "file:"


def redirect(overlay: Overlay) -> None:
    """Redirects `sqlite3`, and the others when the program imports them."""
    _around(overlay, sqlite3, "connect", 0, keep=True)
    sqlite3.dbapi2.connect = sqlite3.connect
    for module, functions in _WRITERS.items():
        after_import(module, lambda module=module, functions=functions: _redirect(overlay, module, functions))  # type: ignore[misc]  # bound now, not later


def _redirect(overlay: Overlay, module: str, functions: tuple[tuple[str, int], ...]) -> None:
    for path, place in functions:
        owner: Any = sys.modules[module]
        *parents, name = path.split(".")
        for parent in parents:
            owner = getattr(owner, parent, None)
        if owner is not None and hasattr(owner, name):
            _around(overlay, owner, name, place, keep=None if path in _READERS else False)


def _around(overlay: Overlay, owner: Any, name: str, place: int, keep: bool | None) -> None:
    """`keep` is None for what only reads, else whether what is there must be there afterwards."""
    original: Callable[..., Any] = getattr(owner, name)

    def redirected(path: Any, keep: bool | None = keep) -> Any:
        if overlay.is_own_work or not isinstance(path, str | bytes | os.PathLike) or str(path) in (":memory:", ""):
            return path
        text = os.fsdecode(path)
        head, text = (_FILE, text[len(_FILE) :]) if text.startswith(_FILE) else ("", text)
        text, mark, query = text.partition("?") if head else (text, "", "")
        with overlay.own_work():
            key = overlay.key(text)
            if key is None:
                return path
            real = overlay.real(key) if keep is None else overlay.to_write(key, keep)
        return path if real == key else f"{head}{real}{mark}{query}"

    @wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        if len(args) > place:
            return original(*args[:place], redirected(args[place]), *args[place + 1 :], **kwargs)
        names = ("f", "filename", "database", "name")
        return original(*args, **{key: redirected(v) if key in names else v for key, v in kwargs.items()})

    if isinstance(original, type):
        _around_class(original, redirected)
    else:
        setattr(owner, name, function)


def _around_class(kind: Any, redirected: Callable[..., Any]) -> None:
    """A class stays itself, so that `isinstance` holds; its constructor, `(name, mode="r", ...)`, is wrapped."""
    original = kind.__init__

    @wraps(original)
    def init(instance: Any, name: Any, mode: str = "r", *args: Any, **kwargs: Any) -> None:
        original(instance, redirected(name, None if mode == "r" else mode[:1] != "w"), mode, *args, **kwargs)

    kind.__init__ = init
