"""What a remedy's case is: a network that fails for the reason that the remedy is for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from isograd.facts import Task
from isograd.facts.treatment import Setting
from isograd.observation.replay import Call
from isograd.treatment.patient import Patient


@dataclass(frozen=True)
class Case:
    """One remedy on one planted failure."""

    remedy: str
    """Its name in the vocabulary."""
    task: Callable[[], Task]
    """The failing training, with `evaluate`; `build(seed)` and `batches(seed)` depend on nothing but the seed."""
    success: float
    """`evaluate(model)` at or above it is success; the untreated task stays below it with any seed."""
    call: Callable[[Any], Call] = lambda batch: Call((batch[0],), {})
    """How the model is called with a batch of the task."""
    target: Callable[[Any], torch.Tensor | None] = lambda batch: None
    """What a regression loss compares with; None where there is none."""
    settings: Mapping[str, Setting] = field(default_factory=dict)
    """Numbers that are set for this case instead of chosen by the remedy."""
    compiles: bool = True
    """False where the edited model is known not to pass torch.compile; the reason stands in the remedy's page."""
    with_plan: tuple[str, ...] = ()
    """Further remedies that the failure also needs (two causes), made before this one."""

    def patient(self, seed: int, num_batches: int = 8) -> Patient:
        """A fresh patient of the task, before its optimizer is made."""
        task = self.task()
        torch.manual_seed(seed)
        model = task.build(seed)
        stream = iter(task.batches(seed))
        batches = [next(stream) for _ in range(num_batches)]
        targets = [t for t in map(self.target, batches) if t is not None]
        return Patient(model, calls=tuple(map(self.call, batches)), targets=tuple(targets))
