"""Trials of a task that is there as an object: in this process, one after the other."""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from isograd.facts.trial import Order, Result
from isograd.treatment.trial.job import RESULT, finished
from isograd.treatment.trial.listeners import Listeners
from isograd.treatment.trial.process import carrying
from isograd.treatment.trial.subject import Subject


def run_here(
    subject: Subject, orders: Sequence[Order], folders: Sequence[Path], listeners: Listeners, deadline: float | None
) -> list[Result]:
    """A result for each order; random states of this process are put back.

    Nothing is redirected: a task's functions may do what its author lets them do.
    """
    results: list[Result] = []
    for place, (order, folder) in enumerate(zip(orders, folders, strict=True)):
        result = finished(folder)
        if result is None and deadline is not None and time.monotonic() > deadline:
            result = Result(order, "interrupted", "time is up")
        elif result is None:
            listeners.started(place)
            result = _run(subject, order, folder, lambda steps, place=place: listeners.progress(place, steps))  # type: ignore[misc]  # bound now
        listeners.ended(result)
        results.append(result)
    return results


def _run(subject: Subject, order: Order, folder: Path, tell_steps: Callable[[int], None]) -> Result:
    from isograd.observation.undisturbed import undisturbed
    from isograd.treatment.trial.task_run import run_task

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.time()
    with undisturbed(()):
        result = run_task(subject.given, order, folder, subject.stem, tell_steps)
    result = replace(result, seconds=time.time() - began)
    carrying.write(result, folder / RESULT)
    return result
