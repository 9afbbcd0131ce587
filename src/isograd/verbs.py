"""`isograd.watch`: the same observation as `isograd run`, from Python, around the part of a program that trains."""

import time
from pathlib import Path
from types import TracebackType
from typing import Any

import torch

from isograd.diagnosis import diagnose
from isograd.diagnosis.afterwards import experiments
from isograd.errors import UsageError
from isograd.facts import Diagnosis, Language, Record, Run, RunStatus
from isograd.facts.experiment import as_event
from isograd.observation.session import Session
from isograd.observation.wrapping import behind
from isograd.record import RecordWriter


class Watch:
    """Watches what is trained inside a `with` block; made by `watch`."""

    def __init__(self, subjects: tuple[Any, ...], out: Path, budget: float, name: str) -> None:
        modules, optimizers = _sorted(subjects)
        started = time.time()
        self._writer = RecordWriter(out / "record.sqlite", Run(name, (), started, 0.0, "running", "", {}, 0.0))
        self._session = Session(self._writer, budget, name, modules=modules, optimizers=optimizers)
        self.out = out
        """Folder of the record."""

    def __enter__(self) -> "Watch":
        self._session.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        status: RunStatus = "finished" if error is None else "failed"
        if isinstance(error, KeyboardInterrupt):
            status = "interrupted"
        self._session.stop(status, "" if error is None else f"{type(error).__name__}: {error}")
        if status != "interrupted":
            for index, experiment in experiments(self._writer.snapshot(), self._session.keepsakes()):
                self._writer.event(index, as_event(experiment))
        self._writer.flush()

    def record(self) -> Record:
        """All that was seen so far; also inside the block."""
        return self._writer.snapshot()

    def diagnosis(self) -> Diagnosis:
        """What the rules say of what was seen so far."""
        return diagnose(self.record())

    def report(self, language: Language = "en") -> str:
        """The report as a terminal shows it."""
        from isograd.report.terminal.run import render_terminal

        record = self.record()
        return render_terminal(record, diagnose(record), language)


def watch(
    *subjects: torch.nn.Module | torch.optim.Optimizer,
    out: str | Path | None = None,
    budget: float = 0.01,
    name: str = "run",
) -> Watch:
    """Watches training from Python.

    Args:
        subjects: models and optimizers to watch; with no optimizer among them, every optimizer that steps is watched.
        out: folder for the record; by default a new one in `.isograd/runs`.
        budget: share of training time that watching may take, 0.01 for 1 %; 1 or more looks closely at every step.
        name: what the run is called in reports.

    Returns:
        A context manager with `record()`, `diagnosis()` and `report()`.

    Raises:
        UsageError: if a subject is neither a model nor an optimizer, or `budget` is not positive.

    >>> import tempfile
    >>> model = torch.nn.Linear(3, 1)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> with watch(model, optimizer, out=tempfile.mkdtemp()) as seen:
    ...     for _ in range(3):
    ...         loss = model(torch.ones(2, 3)).square().mean()
    ...         loss.backward()
    ...         optimizer.step()
    >>> len(seen.record().observed[0].steps.step)
    3
    """
    if not budget > 0:
        raise UsageError(f"budget must be a positive share of training time, e.g. 0.01; got {budget!r}")
    folder = Path(out) if out is not None else Path(".isograd") / "runs" / f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    return Watch(subjects, folder, budget, name)


def _sorted(subjects: tuple[Any, ...]) -> tuple[tuple[torch.nn.Module, ...], tuple[torch.optim.Optimizer, ...]]:
    for subject in subjects:
        if not isinstance(subject, torch.nn.Module | torch.optim.Optimizer):
            raise UsageError(f"watch takes models and optimizers; got {type(subject).__name__}")
    modules = tuple(s for s in subjects if isinstance(s, torch.nn.Module))
    return modules, tuple(behind(s) for s in subjects if isinstance(s, torch.optim.Optimizer))
