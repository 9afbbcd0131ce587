"""`isograd.check`: a task looked at before its first step: forecast, one batch measured, the cause by experiment."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from isograd.diagnosis.examination import examine
from isograd.diagnosis.experiment import Explanation, explain
from isograd.errors import IsogradError, UsageError
from isograd.facts import Checkup, Forecast, Record, Task
from isograd.observation.first_call import FirstCall, first_call
from isograd.observation.forecast import forecast
from isograd.observation.probe import as_record

_MANY = 64


def check(task: Task | Mapping[str, Any], seed: int = 0, name: str = "check") -> Checkup:
    """Checks a task before the first step.

    Args:
        task: What is to be trained, or a mapping with the fields of one.
        seed: Of the model and its batches.
        name: What the record is called.

    Returns:
        The forecast, the measurement, the diagnosis, the experiments and one sentence of advice.

    Raises:
        UsageError: If something of the task is missing, fails, or is not what it should be.
        ObservationError: If the loss is no scalar, or does not depend on any parameter.

    >>> from torch.nn import functional as F
    >>> deep = Task(
    ...     build=lambda seed: nn.Sequential(*(m for _ in range(12) for m in (nn.Linear(16, 16), nn.Sigmoid()))),
    ...     loss=lambda model, batch: F.mse_loss(model(batch), batch),
    ...     batches=lambda seed: [torch.randn(32, 16)],
    ...     optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1),
    ... )
    >>> found = check(deep)
    >>> found.diagnosis.health, found.diagnosis.findings[0].problem
    ('failing', 'vanishing')
    """
    task = as_task(task)
    started = time.time()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = _built(task, seed)
        batch = _first_batch(task, seed)
        with first_call(model) as call:
            found = explain({name_of(model): model}, _guarded(task, model), batch)
        expected = _forecast(model, call)
    record = _with_optimizer(as_record(found.base, {name_of(model): model}, name, started), task, model, found)
    diagnosis, advice = examine(record.observed[0], found)
    tables = (found.table,) if found.table else ()
    return Checkup(record, diagnosis, expected, tables, advice)


def as_task(given: object) -> Task:
    """A task, or a mapping with the fields of one, as a task.

    Raises:
        UsageError: A field is missing, unknown, or no function.
    """
    if isinstance(given, Mapping):
        known = {field.name for field in fields(Task)}
        unknown = sorted(str(key) for key in given if key not in known)
        missing = sorted({"build", "loss", "batches", "optimizer"} - set(given))
        if unknown or missing:
            wrong = f"lacks {', '.join(missing)}" if missing else f"has the unknown {', '.join(unknown)}"
            raise UsageError(f"a task wants build, loss, batches and optimizer; the mapping {wrong}")
        given = Task(**given)
    if not isinstance(given, Task):
        raise UsageError(f"a task must be an isograd.Task or a mapping with its fields; got {type(given).__name__}")
    for field in ("build", "loss", "batches", "optimizer"):
        if not callable(getattr(given, field)):
            value = type(getattr(given, field)).__name__
            raise UsageError(f"the task's {field} must be a function; got {value}")
    if isinstance(given.build, nn.Module):
        value = type(given.build).__name__
        raise UsageError(f"the task's build must be a function that makes a model from a seed; got a model, {value}")
    return given


def name_of(model: nn.Module) -> str:
    """What the network is called in reports."""
    return type(model).__name__


def _built(task: Task, seed: int) -> nn.Module:
    model = _called("build(seed)", lambda: task.build(seed))
    if not isinstance(model, nn.Module):
        raise UsageError(f"the task's build(seed) must return a torch.nn.Module; got {type(model).__name__}")
    return model


def _first_batch(task: Task, seed: int) -> Any:
    nothing = object()
    batch = _called("batches(seed)", lambda: next(iter(task.batches(seed)), nothing))
    if batch is nothing:
        raise UsageError("the task's batches(seed) gave no batch; at least one is wanted")
    tensors = _tensors(batch)
    if tensors and not any(tensor.numel() for tensor in tensors):
        shapes = ", ".join(str(tuple(tensor.shape)) for tensor in reversed(tensors))
        raise UsageError(f"the task's first batch holds no example: its tensors have the shapes {shapes}")
    return batch


def _called(what: str, function: Callable[[], Any]) -> Any:
    try:
        return function()
    except IsogradError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"the task's {what} raised {type(error).__name__}: {one_line(error)}") from error


def one_line(error: BaseException) -> str:
    """The first line of what an error says."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), "no message")


def _guarded(task: Task, model: nn.Module) -> Callable[[Any], torch.Tensor]:
    """The loss of a batch; where it raises, one sentence says so, or that batch and model lie on different devices."""

    def loss(batch: Any) -> torch.Tensor:
        try:
            found: torch.Tensor = task.loss(model, batch)
        except IsogradError:
            raise
        except (Exception, SystemExit) as error:
            apart = _apart(model, batch)
            if apart:
                raise UsageError(apart) from error
            raise UsageError(
                f"the task's loss(model, batch) raised {type(error).__name__}: {one_line(error)}"
            ) from error
        return found

    return loss


def _apart(model: nn.Module, batch: Any) -> str:
    """A sentence if a part of the batch lies where nothing of the model does, else empty."""
    homes = {str(p.device) for p in model.parameters()}
    places = {str(tensor.device) for tensor in _tensors(batch)}
    strangers = places - homes
    if not strangers or not homes:
        return ""
    there, here = ", ".join(sorted(strangers)), ", ".join(sorted(homes))
    what = "the batch" if strangers == places else "a part of the batch"
    return f"{what} is on {there} and the model on {here}; move one of them, e.g. batch.to({sorted(homes)[0]!r})"


def _tensors(batch: Any) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    stack = [batch]
    while stack and len(found) < _MANY:
        item = stack.pop()
        if isinstance(item, torch.Tensor):
            found.append(item)
        elif isinstance(item, Mapping):
            stack.extend(item.values())
        elif isinstance(item, list | tuple):
            stack.extend(item)
    return found


def _forecast(model: nn.Module, call: FirstCall) -> Forecast | None:
    """What the initialisation alone leads to expect, in the shapes of the batch; None where there is no rule for it."""
    try:
        return forecast(model, example=call.example)
    except Exception:  # noqa: BLE001  a forecast runs any model on the meta device: where that fails there is none
        return None


def _with_optimizer(record: Record, task: Task, model: nn.Module, found: Explanation) -> Record:
    """The record with the optimizer's name and numbers, and with what could not be tried."""
    optimizer = _called("optimizer(parameters)", lambda: task.optimizer(model.parameters()))
    if not isinstance(optimizer, torch.optim.Optimizer):
        got = type(optimizer).__name__
        raise UsageError(f"the task's optimizer(parameters) must return a torch.optim.Optimizer; got {got}")
    numbers = {k: float(v) for k, v in optimizer.param_groups[0].items() if isinstance(v, int | float)}
    seen = record.observed[0]
    network = replace(seen.network, optimizer=type(optimizer).__name__, settings=numbers)
    steps = replace(seen.steps, learning_rate=np.array([numbers.get("lr", math.nan)]))
    notes = (f"no change was tried: {found.hindrance}",) if found.hindrance else ()
    run = replace(record.run, notes=(*record.run.notes, *notes))
    return replace(record, run=run, observed=(replace(seen, network=network, steps=steps),))
