"""How the process of a trial is started: forked from a server where that is faithful, else a fresh Python."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from isograd.treatment.trial.job import LOG
from isograd.treatment.trial.process.concurrency import threads_of
from isograd.treatment.trial.process.fork_server import ForkServer
from isograd.treatment.trial.subject import Subject

_READ_AT_IMPORT = re.compile(rb"\b(?:OMP|MKL|OPENBLAS|KMP|GOMP|NUMEXPR|TORCH|PYTORCH|CUDA|CUBLAS|ATEN)_[A-Z_]+\b")
"""Names of variables that torch and what it is made of read when they are imported."""
_PATIENCE = 200
"""Times 50 ms: a server that has not forked by then is not going to."""
_servers: dict[tuple[tuple[str, str], ...], ForkServer] = {}
"""One by environment, kept between calls: to start one takes seconds. They end with this process."""


class Process(Protocol):
    """The process of one trial."""

    def poll(self) -> int | None:
        """Its exit status, negative if a signal ended it; None while it runs."""

    def kill(self) -> None:
        """Ends it and what the program started in its group."""


@dataclass
class Fresh:
    """A Python of its own."""

    popen: "subprocess.Popen[bytes]"
    """The process; it leads a group of its own."""

    @classmethod
    def start(cls, folder: Path, environment: Mapping[str, str]) -> "Fresh":
        """Starts it in the trial's folder, which holds no module that could stand before isograd's own."""
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # what multiprocessing uses
        command = [sys.executable, *flags, "-m", "isograd.treatment.trial", str(folder), str(os.getpid())]
        with open(folder / LOG, "wb") as log:
            return cls(
                subprocess.Popen(
                    command,
                    cwd=folder,
                    env=dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            )

    def poll(self) -> int | None:
        """See `Process`."""
        return self.popen.poll()

    def kill(self) -> None:
        """See `Process`."""
        _kill_group(self.popen.pid)
        self.popen.wait()


@dataclass
class Forked:
    """A fork of the server's."""

    server: ForkServer
    """The server."""
    folder: Path
    """The trial's."""
    _process: int | None = field(default=None, init=False)
    _status: int | None = field(default=None, init=False)

    def poll(self) -> int | None:
        """See `Process`."""
        self._process = self._process or self.server.started.pop(str(self.folder), None)
        if self._process in self.server.ended:
            self._status = os.waitstatus_to_exitcode(self.server.ended.pop(self._process))
        return self._status

    def kill(self) -> None:
        """See `Process`."""
        for _ in range(_PATIENCE):
            self.poll()
            if self._process is not None or self.server.process.poll() is not None:
                break
            with suppress(OSError):
                self.server.listen(0.05)  # it was asked to start and has not yet said so
        if self._process is not None:
            _kill_group(self._process)


class Launcher:
    """Starts trials of one program.

    Args:
        environment: Of every trial.
        forks: Whether trials may be forked from a process that has imported torch.
    """

    def __init__(self, environment: Mapping[str, str], forks: bool) -> None:
        self._environment = dict(environment)
        self._forks = forks

    def start(self, folder: Path) -> Process:
        """Starts the trial whose job stands in the folder."""
        if self._forks:
            try:
                server = self._server()
                server.start(folder)
            except OSError:
                self._forks = False  # it died, by the kernel's hand perhaps: fresh processes do as well
            else:
                return Forked(server, folder)
        return Fresh.start(folder, self._environment)

    def listen(self, seconds: float) -> None:
        """Waits so long at most for something to happen."""
        server = _servers.get(self._key) if self._forks else None
        if server is None:
            return
        try:
            server.listen(seconds)
        except OSError:
            self._forks = False

    @property
    def _key(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self._environment.items()))

    def _server(self) -> ForkServer:
        server = _servers.get(self._key)
        if server is None or server.process.poll() is not None:
            server = _servers[self._key] = ForkServer(self._environment)
        return server


def may_fork(subject: Subject) -> bool:
    """Whether a trial may start in a process that has imported torch already.

    Not where a source beside the program names a variable that torch reads at import: with `os.environ` a script sets
    the number of threads, say, and that changes how sums are split and so their last bits. Only on Linux: elsewhere
    the system's own libraries do not survive a fork.
    """
    if sys.platform != "linux":
        return False
    return not any(_READ_AT_IMPORT.search(path.read_bytes()) for path in subject.sources())


def environment(parallel: int, threads: int | None) -> dict[str, str]:
    """The environment of trials, see `launching.run_trials`."""
    found = {**os.environ, "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED") or "0"}
    if threads is None and parallel > 1 and "OMP_NUM_THREADS" not in os.environ:
        threads = threads_of(parallel)
    if threads is not None:
        found["OMP_NUM_THREADS"] = str(threads)
    return found


def _kill_group(process: int) -> None:
    for kill in (os.killpg, os.kill):
        with suppress(OSError):
            kill(process, signal.SIGKILL)
