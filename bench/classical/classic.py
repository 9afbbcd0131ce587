"""What a classic result is: the same training in two ways, and which of them the literature says is better."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn

from isograd.facts import Task
from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies import REMEDIES

BY_NAME = {remedy.name: remedy for remedy in REMEDIES}
NUM_CALLS = 40
"""Batches that a remedy may look at before training."""


@dataclass(frozen=True)
class Way:
    """One way of training: remedies with their numbers, made in order."""

    name: str
    """What it is called in the table."""
    remedies: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Settings by name of the remedy; what is missing is chosen by the remedy."""


@dataclass(frozen=True)
class Classic:
    """A claim of the literature: one way is better than another, on the same seeds and batches."""

    name: str
    """Identifier."""
    claim: str
    """In a sentence, with its source."""
    task: Callable[[], Task]
    """The training; `evaluate` gives the score that is compared, the higher the better."""
    better: Way
    """What should win."""
    worse: Way
    """What should lose."""
    equal: bool = False
    """True if the claim is that `better` does not win: the interval must reach down to zero or below `least`."""
    least: float = 0.0
    """How large an effect the claim is about."""


def score(task: Task, way: Way, seed: int) -> float:
    """Trains once and scores the result."""
    torch.manual_seed(seed)
    model: nn.Module = task.build(seed)
    stream = iter(task.batches(seed + 10_000))  # remedies see other draws of the same data than the training does
    patient = Patient(model, calls=tuple(Call((next(stream)[0],), {}) for _ in range(NUM_CALLS)))
    torch.manual_seed(seed + 1)
    for stage in ("model", "optimizer"):
        for name, settings in way.remedies.items():
            remedy = BY_NAME[name]
            if remedy.stage == stage:
                remedy.make(patient, {**remedy.choose(patient), **settings})
        if patient.optimizer is None:
            patient.optimizer = task.optimizer(model.parameters())
    return _trained(task, patient, seed)


def _trained(task: Task, patient: Patient, seed: int) -> float:
    optimizer, stream = patient.optimizer, iter(task.batches(seed))
    assert optimizer is not None
    assert task.evaluate is not None
    for _ in range(task.steps):
        optimizer.zero_grad()
        loss = task.loss(patient.model, next(stream))
        loss.backward()
        optimizer.step()
    return float(task.evaluate(patient.model))
