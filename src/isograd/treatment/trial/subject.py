"""What is trained in a trial: an unmodified script or module, or a task that a SPEC names."""

import hashlib
import os
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import isograd
from isograd.observation.target import Target

_MOST_SOURCES = 500
_DEEPEST = 4
_NO_SOURCES = {"node_modules", "site-packages", "__pycache__", "venv"}


@dataclass(frozen=True)
class Subject:
    """A program as it stands on a command line, and the folder that it is run in."""

    kind: Literal["script", "module", "task"]
    """`script` also for a folder with a `__main__.py`; `task` for a SPEC."""
    name: str
    """Path of the script, name of the module, or SPEC."""
    arguments: tuple[str, ...] = ()
    """What follows it on the command line."""
    folder: str = ""
    """The working directory, absolute."""
    given: object = field(default=None, repr=False, compare=False)
    """A task that is there as an object, or a mapping with its fields; None where one is to be loaded."""

    @classmethod
    def of(cls, target: Target) -> "Subject":
        """A target that `isograd run` would take, in the current folder."""
        return cls("module" if target.kind == "module" else "script", target.name, target.arguments, os.getcwd())

    @classmethod
    def spec(cls, words: str) -> "Subject":
        """A task by its SPEC, `path/to/file.py:name` or `package.module:name`, in the current folder."""
        return cls("task", words, (), os.getcwd())

    @classmethod
    def of_task(cls, task: object, name: str = "task") -> "Subject":
        """A task that is there as an object; its trials run in this process, and are not taken up by a later one."""
        return cls("task", name, (uuid.uuid4().hex,), os.getcwd(), task)

    @property
    def stem(self) -> str:
        """A short name: `train` of `src/train.py`, of `package.train`, and of `train.py:task`."""
        name = self.name.rpartition(":")[0] or self.name if self.kind == "task" else self.name
        if name.endswith(".py") or os.sep in name:
            return os.path.splitext(os.path.basename(os.path.abspath(os.path.join(self.folder, name))))[0]
        return name.removesuffix(".__main__").rpartition(".")[2]

    @property
    def command(self) -> tuple[str, ...]:
        """What would follow `python`; the SPEC of a task."""
        return (*(("-m",) if self.kind == "module" else ()), self.name, *self.arguments)

    def target(self) -> Target:
        """The script or module, checked and read; to be asked in its folder.

        Raises:
            ScriptError: It cannot be started.
        """
        make = Target.module if self.kind == "module" else Target.script
        return make(self.name, self.arguments)

    def fingerprint(self) -> str:
        """Changes when the command, a source beside the program, the installed torch or isograd changes.

        Data files are not looked at: after a change of data, let the trials start in another folder.
        """
        found = hashlib.sha256()
        versions = (isograd.__version__, _torch(), sys.version)
        for word in (self.kind, self.folder, *self.command, *versions, os.environ.get("OMP_NUM_THREADS", "")):
            found.update(word.encode(errors="surrogateescape") + b"\0")
        for path in sorted(self.sources()):
            found.update(os.fsencode(path) + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return found.hexdigest()

    def sources(self) -> Iterator[Path]:
        """Python files in the program's folder and a few levels below, at most 500."""
        if self.given is not None:
            return
        name = self.name.rpartition(":")[0] if self.kind == "task" else self.name
        place = Path(self.folder, name)
        root = place if place.is_dir() else place.parent if place.is_file() else Path(self.folder)
        count = 0
        for folder, names, files in os.walk(root):
            deep = len(Path(folder).relative_to(root).parts)
            names[:] = sorted(n for n in names if n[:1] != "." and n not in _NO_SOURCES) if deep < _DEEPEST else []
            for file in sorted(files):
                if file.endswith(".py") and count < _MOST_SOURCES and os.access(os.path.join(folder, file), os.R_OK):
                    count += 1
                    yield Path(folder, file)


def _torch() -> str:
    """The installed version, without importing it."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return ""
