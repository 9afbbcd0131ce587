"""The same command line under python and under isograd, and what each left behind."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Left:
    """What a process left behind."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True)
class Twins:
    """Runs in one folder, with and without isograd."""

    folder: Path

    def write(self, name: str, source: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        return path

    def plain(self, *command: str, **how: Any) -> Left:
        return self._run([sys.executable, *command], how)

    def watched(self, *command: str, **how: Any) -> Left:
        return self._run([sys.executable, "-m", "isograd", "run", "--quiet", *command], how)

    def same(self, *command: str, **how: Any) -> Left:
        """Asserts that the two leave the same behind, and returns it."""
        plain, watched = self.plain(*command, **how), self.watched(*command, **how)
        assert watched == plain
        return plain

    def start(self, command: Sequence[str], **how: Any) -> "subprocess.Popen[str]":
        pipe = subprocess.PIPE
        how = {"stdout": pipe, "stderr": pipe, "stdin": subprocess.DEVNULL, "cwd": self.folder, **how}
        how["env"] = {**environment(), **how.get("env", {})}
        return subprocess.Popen(list(command), text=True, encoding="utf-8", **how)

    def commands(self, *command: str) -> tuple[list[str], list[str]]:
        return [sys.executable, *command], [sys.executable, "-m", "isograd", "run", "--quiet", *command]

    def _run(self, command: Sequence[str], how: dict[str, Any]) -> Left:
        given = how.pop("input", None)
        process = self.start(command, **(how if given is None else {**how, "stdin": subprocess.PIPE}))
        try:
            stdout, stderr = process.communicate(given, timeout=120)
        finally:
            process.kill()
        return Left(process.returncode, stdout, stderr)


def environment() -> dict[str, str]:
    """A quiet one: English, one thread, and pytest's own variables left out."""
    left_out = ("PYTEST", "COV_", "LC_", "LANG", "RANK", "WORLD_SIZE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
    return {**kept, "LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def interrupt(process: "subprocess.Popen[str]", said: str = "ready\n") -> Left:
    """Sends Ctrl-C once the process has said that it is ready."""
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first == said, first
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=120)
    return Left(process.returncode, first + stdout, stderr)
