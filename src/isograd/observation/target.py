"""What is to be run: a script, a module or a folder, checked before anything of it starts."""

import difflib
import io
import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from types import CodeType
from typing import Literal

from isograd.errors import ScriptError


@dataclass(frozen=True)
class Target:
    """A training script as it stands on a command line; made by `script` or `module`, which check it first."""

    kind: Literal["script", "module", "folder"]
    """`folder` is a folder or a zip file that holds a `__main__.py`."""
    name: str
    """The path of the script or the name of the module, as it was given."""
    arguments: tuple[str, ...] = ()
    """What follows the name on the command line; the script finds it in `sys.argv[1:]`."""
    code: CodeType | None = field(default=None, repr=False, compare=False)
    """The compiled script; None for a module or a folder, which Python's own machinery loads."""

    @classmethod
    def script(cls, path: str, arguments: Sequence[str] = ()) -> "Target":
        """A script, or a folder or zip file with a `__main__.py`, read and compiled but not started.

        Args:
            path: As one would write it after `python`.
            arguments: What follows the path.

        Raises:
            ScriptError: There is no such file, it cannot be read, or it is no Python.
        """
        if path == "-":
            raise ScriptError("isograd runs a script from a file and cannot read one from standard input, got -")
        place = absolute(path)
        if PathFinder.find_spec("__main__", [place]) is not None:
            return cls("folder", path, tuple(arguments))
        if os.path.isdir(path):
            raise ScriptError(f"{path}: the folder holds no __main__.py; give the path of a script in it")
        return cls("script", path, tuple(arguments), _compile(_read(path), place))

    @classmethod
    def module(cls, name: str, arguments: Sequence[str] = ()) -> "Target":
        """A module, as after `python -m`, looked for without running any of its code.

        Args:
            name: Its dotted name; a package stands for its `__main__`.
            arguments: What follows the name.

        Raises:
            ScriptError: There is no such module, or its source is no Python.
        """
        _check_module(name)
        return cls("module", name, tuple(arguments))

    @property
    def stem(self) -> str:
        """A short name of the run: `train` of `src/train.py`, `train` of `package.train`."""
        if self.kind == "module":
            return self.name.removesuffix(".__main__").rpartition(".")[2]
        base = os.path.basename(os.path.abspath(self.name))
        return os.path.splitext(base)[0] or base

    @property
    def title(self) -> str:
        """What the user calls it: the path, or `-m` and the module's name."""
        return f"-m {self.name}" if self.kind == "module" else self.name

    @property
    def command(self) -> tuple[str, ...]:
        """What would follow `python`: the script or `-m module`, then the arguments."""
        return (*(("-m",) if self.kind == "module" else ()), self.name, *self.arguments)


def absolute(path: str) -> str:
    """The path as Python makes it absolute for `__file__`: without tidying up what lies between.

    Example:
        >>> absolute("sub/../train.py") == os.path.join(os.getcwd(), "sub/../train.py")
        True
    """
    return os.getcwd() if path == "." else os.path.join(os.getcwd(), path)


def _read(path: str) -> bytes:
    """The script's bytes; a pipe is read too, as Python does, so existence is learnt by opening."""
    try:
        with io.open_code(absolute(path)) as file:
            return file.read()
    except FileNotFoundError:
        raise ScriptError(f"{path}: no such file{_nearest(path)}") from None
    except OSError as error:
        raise ScriptError(f"{path}: the script cannot be read ({error.strerror})") from None


def _nearest(path: str) -> str:
    """The script in the same folder whose name is closest, as the end of a sentence."""
    folder, base = os.path.split(path)
    try:
        names = [name for name in os.listdir(folder or ".") if name.endswith(".py")]
    except OSError:
        return "; give the path of a training script, or -m and a module's name"
    close = difflib.get_close_matches(base, names, n=1)
    if not close:
        return "; give the path of a training script, or -m and a module's name"
    return f"; did you mean {os.path.join(folder, close[0])}?"


def _compile(source: bytes, filename: str) -> CodeType:
    """Compiles as Python compiles its main script: bytes, so that a declared encoding holds, and no flags of ours."""
    try:
        return compile(source, filename, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = f":{error.lineno}" if error.lineno else ""
        raise ScriptError(f"{filename}{line}: the script is no valid Python: {error.msg}") from None
    except ValueError as error:
        raise ScriptError(f"{filename}: the script is no valid Python: {error}") from None


def _check_module(name: str) -> None:
    """Raises if the module is plainly missing or no Python; what only running it can tell is left to Python."""
    if name.endswith(".py") and os.path.exists(name):
        raise ScriptError(f"-m takes a module's name and got the file {name}; leave out -m to run it as a script")
    if not all(part.isidentifier() for part in name.split(".")):
        raise ScriptError(f"-m takes a module's name such as package.train, got {name!r}")
    spec = _walk(name)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = _child(spec, f"{name}.__main__", f"{name} is a package without a __main__.py, so -m cannot run it")
    if spec is not None and spec.origin is not None and spec.origin.endswith(".py"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # shown once, when Python itself compiles the module
            _compile(_read(spec.origin), spec.origin)


def _walk(name: str) -> ModuleSpec | None:
    """Finds the module along its packages without importing them; None if only running them can tell."""
    parts = name.split(".")
    spec: ModuleSpec | None = _top(parts[0])
    for end in range(2, len(parts) + 1):
        if spec is None:
            return None
        spec = _child(spec, ".".join(parts[:end]), f"no module named {'.'.join(parts[:end])}")
    return spec


def _top(name: str) -> ModuleSpec:
    """The first part of a dotted name, looked for in the working directory first, as `python -m` does."""
    try:
        spec = PathFinder.find_spec(name, [os.getcwd(), *sys.path[1:]]) or find_spec(name)
    except ValueError:  # a module that stands in sys.modules without a spec, such as __main__
        spec = None
    if spec is None:
        raise ScriptError(f"no module named {name} in {os.getcwd()} or among the installed packages")
    return spec


def _child(parent: ModuleSpec, name: str, complaint: str) -> ModuleSpec | None:
    """The spec of a submodule; None if the package sets its own search path when it runs.

    Raises:
        ScriptError: With the complaint, if it is not there.
    """
    locations = parent.submodule_search_locations
    last = name.rpartition(".")[2]  # by its full name, one without an __init__.py would ask for its imported parent
    found = PathFinder.find_spec(last, list(locations)) if locations is not None else None
    if found is None and not _sets_its_path(parent):
        raise ScriptError(complaint)
    return found


def _sets_its_path(package: ModuleSpec) -> bool:
    """Whether the package's own code may widen where its modules are looked for."""
    if package.submodule_search_locations is None or package.origin is None or not package.origin.endswith(".py"):
        return False
    return b"__path__" in _read(package.origin)
