"""Functions of `os` and `open` that find files through an overlay, put in place of Python's own.

A function keeps its name, its errors and what it returns; only the path that it is given to work on differs.
"""

import builtins
import errno
import io
import os
import shutil
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from isograd.treatment.trial.sandbox.entries import Entries
from isograd.treatment.trial.sandbox.overlay import Overlay

_READING = ("stat", "lstat", "access", "readlink", "chdir", "getxattr", "listxattr", "statvfs")
_CHANGING = ("chmod", "lchmod", "chown", "lchown", "utime", "truncate", "setxattr", "removexattr")
_MAKING = ("mkdir", "mkfifo", "mknod")
_NOT_FOLLOWING = ("lstat", "readlink", "lchmod", "lchown", "unlink", "remove", "rmdir")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
Function = Callable[..., Any]


def redirect(overlay: Overlay) -> None:
    """Puts all of them in place, for the rest of the process."""
    for names, make in ((_READING, _reading), (_CHANGING, _changing), (_MAKING, _making)):
        for name in names:
            _replace(overlay, os, name, make)
    for name, make in {
        "unlink": _removing, "remove": _removing, "rmdir": _removing, "rename": _moving, "replace": _moving,
        "link": _linking, "symlink": _symlinking, "open": _opening_low, "listdir": _listing, "scandir": _scanning,
        "getcwd": _standing, "getcwdb": _standing,
    }.items():  # fmt: skip
        _replace(overlay, os, name, make)
    opened = _replace(overlay, builtins, "open", _opening)
    original: Function = io.open
    setattr(io, "open", opened)  # noqa: B010  an assignment would have to have the type of every overload
    shutil._use_fd_functions = False  # type: ignore[attr-defined]  # else rmtree walks by descriptors, past all this
    _where_open_was_kept(original, opened)


def _replace(
    overlay: Overlay, owner: Any, name: str, make: Callable[[Overlay, Function, str], Function]
) -> Function | None:
    original = getattr(owner, name, None)
    if original is None:
        return None
    redirected = make(overlay, original, name)

    @wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        if overlay.is_own_work:
            return original(*args, **kwargs)
        return redirected(*args, **kwargs)

    setattr(owner, name, function)
    return function


def _key(overlay: Overlay, path: Any, kwargs: dict[str, Any], name: str = "") -> str | None:
    """The logical path; a `dir_fd` among the arguments is used up, as what is found is absolute."""
    follow = kwargs.get("follow_symlinks", True) and name not in _NOT_FOLLOWING
    with overlay.own_work():
        return overlay.key(path, follow, kwargs.get("dir_fd"))


def _seen(overlay: Overlay, key: str, path: Any) -> Any:
    """Where to look for a path: the path itself where nothing is, so that the error names it as the program does.

    Else the absolute place, also of the user's own files: links and the current folder may be the trial's.
    """
    real = overlay.real(key)
    return path if real == key and not overlay.exists(key) else real


def _typed(path: Any, real: Any) -> Any:
    """The place as bytes where the program speaks in bytes."""
    return os.fsencode(real) if isinstance(path, bytes) else real


def _is_same(path: Any, key: str) -> bool:
    """Whether the system itself finds the same folder by the path as the program gives it."""
    return os.path.realpath(os.fsdecode("." if path is None else path)) == key


def _absolute(kwargs: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in kwargs.items() if not key.endswith("dir_fd")}


def _reading(overlay: Overlay, original: Function, name: str) -> Function:
    def function(path: Any, *args: Any, **kwargs: Any) -> Any:
        key = _key(overlay, path, kwargs, name)
        if key is None:
            return original(path, *args, **kwargs)
        real = _seen(overlay, key, path)
        if real is path:
            return original(path, *args, **kwargs)
        return original(_typed(path, real), *args, **_absolute(kwargs))

    return function


def _changing(overlay: Overlay, original: Function, name: str) -> Function:
    def function(path: Any, *args: Any, **kwargs: Any) -> Any:
        key = _key(overlay, path, kwargs, name)
        if key is None:
            return original(path, *args, **kwargs)
        with overlay.own_work():
            real = overlay.to_change(key)
        return original(real, *args, **_absolute(kwargs))

    return function


def _making(overlay: Overlay, original: Function, name: str) -> Function:
    def function(path: Any, *args: Any, **kwargs: Any) -> Any:
        key = _key(overlay, path, {**kwargs, "follow_symlinks": False})
        if key is None:
            return original(path, *args, **kwargs)
        with overlay.own_work():
            real = overlay.to_make(key, path)
        return original(real, *args, **_absolute(kwargs))

    return function


def _removing(overlay: Overlay, original: Function, name: str) -> Function:
    def function(path: Any, **kwargs: Any) -> None:
        key = _key(overlay, path, kwargs, name)
        if key is None:
            original(path, **kwargs)
            return
        with overlay.own_work():
            if not overlay.exists(key):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            if os.path.isdir(overlay.real(key)) and not os.path.islink(overlay.real(key)):
                if name != "rmdir":
                    raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
                overlay.check_empty(key, path)
            elif name == "rmdir":
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
            if (real := overlay.real(key)) != key:
                original(real)
            overlay.remove(key)

    return function


def _moving(overlay: Overlay, original: Function, name: str) -> Function:
    def function(src: Any, dst: Any, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None) -> None:
        source = _key(overlay, src, {"dir_fd": src_dir_fd, "follow_symlinks": False})
        target = _key(overlay, dst, {"dir_fd": dst_dir_fd, "follow_symlinks": False})
        if source is not None and source == target:
            return
        with overlay.own_work():
            if source is not None and not overlay.exists(source):
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), src, None, dst)
            real = src if source is None else overlay.copy_tree_up(source)
            goal = dst if target is None else overlay.to_replace(target, dst, os.path.isdir(real))
            _move(original, real, goal)
            if source is not None:
                overlay.remove(source)

    return function


def _move(rename: Function, real: Any, goal: Any) -> None:
    try:
        rename(real, goal)
    except OSError as error:
        if error.errno != errno.EXDEV:  # the folder for temporary files may lie on another file system
            raise
        shutil.move(real, goal)


def _linking(overlay: Overlay, original: Function, name: str) -> Function:
    def function(src: Any, dst: Any, **kwargs: Any) -> None:
        source = _key(overlay, src, {"dir_fd": kwargs.get("src_dir_fd")})
        target = _key(overlay, dst, {"dir_fd": kwargs.get("dst_dir_fd"), "follow_symlinks": False})
        with overlay.own_work():
            real = src if source is None else overlay.copy_tree_up(source)  # else a write through it would reach it
            original(real, dst if target is None else overlay.to_make(target, dst))

    return function


def _symlinking(overlay: Overlay, original: Function, name: str) -> Function:
    def function(src: Any, dst: Any, *args: Any, **kwargs: Any) -> None:
        target = _key(overlay, dst, {**kwargs, "follow_symlinks": False})
        with overlay.own_work():
            original(src, dst if target is None else overlay.to_make(target, dst), *args, **_absolute(kwargs))

    return function


def _opening_low(overlay: Overlay, original: Function, name: str) -> Function:
    def function(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        key = _key(overlay, path, {"dir_fd": dir_fd, "follow_symlinks": not flags & os.O_NOFOLLOW})
        if key is None:
            return int(original(path, flags, mode, dir_fd=dir_fd))
        with overlay.own_work():
            if flags & os.O_CREAT and flags & os.O_EXCL and overlay.exists(key):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
            writes = flags & _WRITES and (flags & os.O_CREAT or overlay.exists(key))
            real = (
                overlay.to_write(key, keep=not (flags & os.O_TRUNC and flags & os.O_CREAT))
                if writes
                else overlay.real(key)
            )
        return int(original(real, flags, mode))

    return function


def _opening(overlay: Overlay, original: Function, name: str) -> Function:
    def function(file: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> Any:
        key = _key(overlay, file, {}) if isinstance(mode, str) else None
        if key is None:
            return original(file, mode, *args, **kwargs)
        with overlay.own_work():
            if "x" in mode and overlay.exists(key):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), file)
            writes = set(mode) & set("wax+") and (not mode.startswith("r") or overlay.exists(key))
            real = overlay.to_write(key, keep="w" not in mode) if writes else overlay.real(key)
        if real == key and not overlay.exists(key):
            return original(file, mode, *args, **kwargs)
        opened = original(real, mode, *args, **kwargs)
        _named(opened, file)
        return opened

    return function


def _named(opened: Any, name: Any) -> None:
    """Gives a file the name that the program opened it by."""
    try:
        raw = getattr(opened, "buffer", opened)
        getattr(raw, "raw", raw).name = name
    except AttributeError:
        return


def _listing(overlay: Overlay, original: Function, name: str) -> Function:
    def function(path: Any = ".") -> list[Any]:
        key = _key(overlay, "." if path is None else path, {})
        with overlay.own_work():
            names = None if key is None else overlay.names(key)
        if names is None:
            return list(original(path if key is None else _typed(path, _seen(overlay, key, path))))
        return [os.fsencode(one) for one in names] if isinstance(path, bytes) else names

    return function


def _scanning(overlay: Overlay, original: Function, name: str) -> Function:
    def function(path: Any = ".") -> Any:
        key = _key(overlay, "." if path is None else path, {})
        with overlay.own_work():
            names = None if key is None else overlay.names(key)
            same = key is None or (names is None and _is_same(path, key))
        if key is None or same:
            return original(path)
        return Entries(path, os.listdir(_seen(overlay, key, path)) if names is None else names)

    return function


def _standing(overlay: Overlay, original: Function, name: str) -> Function:
    def function() -> Any:
        found = original()
        here = overlay.logical(os.fsdecode(found))
        return os.fsencode(here) if isinstance(found, bytes) else here

    return function


def _where_open_was_kept(original: Function, opened: Function | None) -> None:
    """Modules that hold `open` by a name of their own, if they have been imported."""
    for module, name in (("bz2", "_builtin_open"), ("tarfile", "bltn_open")):
        if module in sys.modules and hasattr(sys.modules[module], name):
            setattr(sys.modules[module], name, opened)
    for module in ("numpy.lib._datasource", "numpy.lib.npyio"):
        openers = getattr(sys.modules.get(module), "_file_openers", None)
        kept = getattr(openers, "_file_openers", None)
        if isinstance(kept, dict) and kept.get(None) is original:
            kept[None] = opened
