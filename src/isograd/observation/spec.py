"""SPEC on the command line: `path/to/file.py:name` or `package.module:name`, and the task that it names."""

import difflib
import importlib
import importlib.util
import os
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import isograd
from isograd.errors import IsogradError, UsageError

_HOME = os.path.dirname(os.path.abspath(isograd.__file__)) + os.sep


@dataclass(frozen=True)
class Spec:
    """The two parts of a SPEC."""

    source: str
    """Path of a file, or dotted name of a module."""
    name: str
    """What to take from it."""

    @property
    def is_file(self) -> bool:
        """True for a path."""
        return self.source.endswith(".py") or os.sep in self.source

    @property
    def stem(self) -> str:
        """Short name of the check."""
        return os.path.splitext(os.path.basename(self.source))[0] if self.is_file else self.source.rsplit(".", 1)[-1]


def parse(words: str) -> Spec:
    """Splits a SPEC.

    Raises:
        UsageError: It has not the form of one.

    >>> parse("train.py:task"), parse("package.train:task").stem
    (Spec(source='train.py', name='task'), 'train')
    """
    source, colon, name = words.rpartition(":")
    if not colon or not source or not name.isidentifier():
        hint = f"; did you mean {words}:task?" if words.endswith(".py") else ""
        raise UsageError(f"SPEC must be path/to/file.py:name or package.module:name; got {words!r}{hint}")
    return Spec(source, name)


def load(spec: Spec) -> Any:
    """The task that a SPEC names: called if it is a function, else taken as it is.

    Raises:
        UsageError: The source cannot be loaded, it has no such name, or the function raises.
    """
    module = _from_file(spec.source) if spec.is_file else _from_module(spec.source)
    if not hasattr(module, spec.name):
        close = difflib.get_close_matches(spec.name, [name for name in vars(module) if name[:1] != "_"], n=1)
        hint = f"; did you mean {spec.source}:{close[0]}?" if close else ""
        raise UsageError(f"{spec.source} has no {spec.name!r}{hint}")
    found = getattr(module, spec.name)
    if isinstance(found, Mapping) or not callable(found):
        return found
    try:
        return found()
    except IsogradError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"{spec.name}() of {spec.source} raised {_told(error)}") from error


def _from_file(path: str) -> ModuleType:
    place = os.path.abspath(path)
    if not os.path.isfile(place):
        raise UsageError(f"{path}: no such file; SPEC is path/to/file.py:name")
    sys.path.insert(0, os.path.dirname(place))
    name = os.path.splitext(os.path.basename(place))[0]
    found = importlib.util.spec_from_file_location(name, place)
    if found is None or found.loader is None:
        raise UsageError(f"{path} is no Python file; SPEC is path/to/file.py:name")
    module = importlib.util.module_from_spec(found)
    # A file named as a module that is loaded already must not take its place.
    sys.modules.setdefault(name, module)
    try:
        found.loader.exec_module(module)
    except IsogradError:
        raise
    except SystemExit as error:
        guard = "guard it with if __name__ == '__main__'"
        raise UsageError(f"{path} ended the program while it was loaded; {guard}") from error
    except Exception as error:
        raise UsageError(f"{path} could not be loaded: {_told(error)}") from error
    return module


def _from_module(name: str) -> ModuleType:
    sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(f"{error.name}.")):
            raise UsageError(f"no module named {name}; SPEC is path/to/file.py:name or package.module:name") from error
        raise UsageError(f"{name} could not be loaded: {_told(error)}") from error
    except IsogradError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"{name} could not be loaded: {_told(error)}") from error


def _told(error: BaseException) -> str:
    """What was raised and at which line of the user's, in one line."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if not f.filename.startswith(_HOME) and f.filename[:1] != "<"]
    where = f" ({os.path.basename(own[-1].filename)}:{own[-1].lineno})" if own else ""
    return f"{type(error).__name__}: {said}{where}" if said else f"{type(error).__name__}{where}"
