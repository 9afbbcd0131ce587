"""One trial of a task: isograd's own loop, watched and treated as a script is.

The seed of the order is the task's: `build(seed)`, `batches(seed)`. Global generators are seeded before the build and
again before the first batch is asked for, so that runs of one seed see the same batches and the same noise, whatever a
remedy drew in between.
"""

import math
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from isograd.diagnosis.checking import as_task, name_of, one_line
from isograd.errors import IsogradError
from isograd.facts import Run, Task
from isograd.facts.trial import Order, Result, TrialStatus
from isograd.observation.session import Session
from isograd.record import RecordWriter
from isograd.treatment.trial.conclusion import conclude
from isograd.treatment.trial.hearing.witness import Witness
from isograd.treatment.trial.injection.told import write_samples
from isograd.treatment.trial.job import RECORD, SAMPLES
from isograd.treatment.trial.process.leaving import EnoughSteps
from isograd.treatment.trial.seeds import RESEED

BUDGET = 0.01
"""Share of training time that watching may take."""


def run_task(
    given: object, order: Order, folder: Path, name: str, tell_steps: Callable[[int], None] = lambda steps: None
) -> Result:
    """Trains a task once.

    Args:
        given: The task, or a mapping with its fields.
        order: What is to be done.
        folder: The trial's; it is there.
        name: What the record is called.
        tell_steps: Told how many steps were taken.
    """
    task = as_task(given)
    seed = order.seed + (RESEED if order.arm == "reseed" else 0)
    _seed(seed)
    model = task.build(seed)
    run = Run(name, (), time.time(), 0.0, "running", "", {}, 0.0)
    writer = RecordWriter(folder / RECORD, run)
    witness = Witness(
        order,
        writer,
        lambda sink: Session(sink, BUDGET, name, modules=(model,)),
        tell_steps,
        {name_of(model): model},
    )
    witness.start()
    try:
        status, error, score = _train(task, model, seed, witness)
    except BaseException:
        witness.session.stop("interrupted")
        raise
    finally:
        witness.stop()
    result = conclude(witness, status, error, score=score)
    if order.keep_samples:
        write_samples(witness.samples.calls, witness.samples.targets, folder / SAMPLES)
    return result


def _train(task: Task, model: nn.Module, seed: int, witness: Witness) -> tuple[TrialStatus, str, float]:
    """How it ended, what it failed with, and the score where the task has one."""
    try:
        optimizer = task.optimizer(model.parameters())
        _seed(seed)
        for batch in _stream(task, seed):
            _step(task, model, optimizer, batch)
        return "finished", "", _score(task, model)
    except EnoughSteps:
        all_taken = witness.steps.taken >= task.steps
        return ("finished", "", _score(task, model)) if all_taken else ("stopped", "", math.nan)
    except IsogradError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001  the task's, or a refusal to treat: told in the result
        why = witness.injection.untreatable or f"{type(error).__name__}: {one_line(error)}"
        return "failed", why, math.nan


def _step(task: Task, model: nn.Module, optimizer: torch.optim.Optimizer, batch: Any) -> None:
    """One optimizer step; LBFGS evaluates the loss itself, as often as it likes."""

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss: torch.Tensor = task.loss(model, batch)
        loss.backward()  # type: ignore[no-untyped-call]  # torch does not type it
        return loss

    if isinstance(optimizer, torch.optim.LBFGS):
        optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch does not type it
    else:
        closure()
        optimizer.step()


def _stream(task: Task, seed: int) -> Iterator[Any]:
    """As many batches as there are steps, the task's own again from the start where it gives fewer."""
    left = task.steps
    while left > 0:
        before = left
        for batch in task.batches(seed):
            yield batch
            left -= 1
            if left == 0:
                return
        if left == before:
            return


def _score(task: Task, model: nn.Module) -> float:
    return math.nan if task.evaluate is None else float(task.evaluate(model))


def _seed(seed: int) -> None:
    torch.manual_seed(seed)
    np.random.seed(seed % (1 << 32))
    random.seed(seed)
