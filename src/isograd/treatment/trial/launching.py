"""Runs trials in processes of their own, some at once, and takes up those that are there already.

A trial whose result stands in its folder is not run again. Whatever ends this process, Ctrl-C, an exception or
`kill -9`, ends those that it started.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from isograd.facts.trial import Order, Result
from isograd.treatment.trial.here import run_here
from isograd.treatment.trial.job import ERRORS, JOB, LOG, PROGRESS, RESULT, Job, finished, folder_of
from isograd.treatment.trial.listeners import Listeners
from isograd.treatment.trial.process import carrying
from isograd.treatment.trial.process.processes import Launcher, Process, environment, may_fork
from isograd.treatment.trial.subject import Subject

_LOOK_SECONDS = 0.05


def run_trial(subject: Subject, order: Order, root: Path) -> Result:
    """One trial, see `run_trials`."""
    return run_trials(subject, [order], root)[0]


def run_trials(
    subject: Subject,
    orders: Sequence[Order],
    root: Path,
    *,
    parallel: int = 1,
    threads: int | None = None,
    fork: bool | None = None,
    started: Callable[[int], None] = lambda place: None,
    progress: Callable[[int, int], None] = lambda place, steps: None,
    ended: Callable[[Result], None] = lambda result: None,
    deadline: float | None = None,
) -> list[Result]:
    """Runs orders, each in a folder of its own below `root`.

    Args:
        subject: The program or task.
        orders: What is to be done; equal orders are run once.
        root: Where trials are kept.
        parallel: Runs at once; a task that is there as an object is trained in this process, one run after the other.
        threads: Threads of each run (`OMP_NUM_THREADS`); None leaves that to the environment for one run at once, and
            divides the processor among several.
        fork: Whether trials may be forked from a process that has imported torch; None to look, see `may_fork`.
        started: See `Listeners`.
        progress: See `Listeners`.
        ended: See `Listeners`.
        deadline: Seconds of `time.monotonic()` after which what still runs is killed and nothing more is started.

    Returns:
        A result for each order, in their order; `interrupted` where the deadline came first.

    Raises:
        KeyboardInterrupt: Ctrl-C; all that was started has been killed.
    """
    fingerprint = subject.fingerprint()
    places = [folder_of(root.absolute(), subject, order, fingerprint) for order in orders]
    if subject.given is not None:
        return run_here(subject, orders, places, Listeners(started, progress, ended), deadline)
    launcher = Launcher(environment(parallel, threads), may_fork(subject) if fork is None else fork)
    jobs = dict(zip(places, (Job(subject, order) for order in orders), strict=True))
    batch = _Batch(jobs, places, launcher, Listeners(started, progress, ended))
    results = batch.run(max(1, parallel), deadline)
    return [
        results.get(place) or Result(order, "interrupted", "time is up")
        for place, order in zip(places, orders, strict=True)
    ]


@dataclass
class _Running:
    """A trial that runs."""

    process: Process
    scratch: str
    """Its folder for temporary files."""
    steps: int = 0
    """Last heard of."""


class _Batch:
    """The trials of one call; `places` are their folders in the order of the orders."""

    def __init__(self, jobs: dict[Path, Job], places: Sequence[Path], launcher: Launcher, listeners: Listeners) -> None:
        self._jobs = jobs
        self._places = list(places)
        self._waiting = list(jobs)
        self._launcher = launcher
        self._listeners = listeners
        self._running: dict[Path, _Running] = {}
        self._results: dict[Path, Result] = {}

    def run(self, parallel: int, deadline: float | None) -> dict[Path, Result]:
        """Results by folder."""
        try:
            while self._waiting or self._running:
                if deadline is not None and time.monotonic() > deadline:
                    break
                while self._waiting and len(self._running) < parallel:
                    self._start(self._waiting.pop(0))
                for folder, trial in list(self._running.items()):
                    self._look(folder, trial)
                if self._running:
                    self._launcher.listen(0.0)
                    time.sleep(_LOOK_SECONDS)
        finally:
            for trial in self._running.values():
                trial.process.kill()
                shutil.rmtree(trial.scratch, ignore_errors=True)
        return self._results

    def _start(self, folder: Path) -> None:
        result = finished(folder)
        if result is not None:
            self._end(folder, result)
            return
        shutil.rmtree(folder, ignore_errors=True)  # what a run that was killed has left
        folder.mkdir(parents=True)
        scratch = tempfile.mkdtemp(prefix="isograd-")
        job = self._jobs[folder]
        carrying.write(Job(job.subject, job.order, scratch), folder / JOB)
        self._running[folder] = _Running(self._launcher.start(folder), scratch)
        self._listeners.started(self._places.index(folder))

    def _look(self, folder: Path, trial: _Running) -> None:
        steps = _steps(folder)
        if steps != trial.steps:
            trial.steps = steps
            self._listeners.progress(self._places.index(folder), steps)
        status = trial.process.poll()
        if status is None:
            return
        del self._running[folder]
        shutil.rmtree(trial.scratch, ignore_errors=True)
        trial.process.kill()  # what it left behind in its group, such as the workers of a loader
        self._end(folder, finished(folder) or self._crashed(folder, status))

    def _end(self, folder: Path, result: Result) -> None:
        self._results[folder] = result
        for place in self._places:
            if place == folder:
                self._listeners.ended(result)

    def _crashed(self, folder: Path, status: int) -> Result:
        """A process that left no result: by a signal, or a call of `os._exit`."""
        how = f"by signal {-status}" if status < 0 else f"with status {status}"
        result = Result(self._jobs[folder].order, "failed", f"the process ended {how}{_last_words(folder)}")
        carrying.write(result, folder / RESULT)
        return result


def _steps(folder: Path) -> int:
    try:
        return int((folder / PROGRESS).read_bytes() or b"0")
    except (OSError, ValueError):
        return 0


def _last_words(folder: Path) -> str:
    """The last line that the process wrote to standard error."""
    for name in (ERRORS, LOG):
        try:
            with open(folder / name, "rb") as file:
                file.seek(max(0, os.fstat(file.fileno()).st_size - 4096))
                lines = file.read().decode("utf-8", errors="replace").split("\n")
        except OSError:
            continue
        said = [line.strip() for line in lines if line.strip()]
        if said:
            return f": {said[-1]}"
    return ""
