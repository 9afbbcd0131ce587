"""`isograd.prove`: a remedy held against the unchanged training, from Python."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from isograd.diagnosis.checking import as_task
from isograd.errors import UsageError
from isograd.facts import Task
from isograd.facts.verdict import Verdict
from isograd.facts.vocabulary import REMEDIES
from isograd.treatment.curing.cure import cure
from isograd.treatment.curing.options import Options
from isograd.treatment.trial.subject import Subject


def prove(
    task: Task | Mapping[str, Any],
    remedies: Sequence[str] = (),
    *,
    seeds: int = 5,
    steps: int | None = None,
    minutes: float | None = None,
    out: str | Path | None = None,
) -> Verdict:
    """Proves or refuses remedies for a task, on the same seeds, batches and number of steps as the unchanged training.

    The trainings run in this process, one after the other; its random states are put back.

    Args:
        task: What is to be trained, or a mapping with the fields of one.
        remedies: Which to try, e.g. `("init:he", "init:he+clip:norm")`; none to choose by mechanism.
        seeds: Seeds of the proof at most, at least 2; three suffice where the interval is clear.
        steps: Optimizer steps of one training; None for the task's.
        minutes: Stop after so many.
        out: Folder for the trials; None for one that goes away.

    Returns:
        The verdict; `outcome` is `no-remedy-needed` where nothing is wrong.

    Raises:
        UsageError: The task is none, a remedy is unknown, or the task does not train at all.

    >>> import torch
    >>> from torch import nn
    >>> from torch.nn import functional as F
    >>> healthy = Task(
    ...     build=lambda seed: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)),
    ...     loss=lambda model, batch: F.mse_loss(model(batch), batch.sum(dim=1, keepdim=True)),
    ...     batches=lambda seed: (torch.randn(32, 4) for _ in range(10**6)),
    ...     optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.01),
    ...     steps=80,
    ... )
    >>> prove(healthy).outcome
    'no-remedy-needed'
    """
    unknown = [name for names in remedies for name in names.split("+") if name not in REMEDIES]
    if unknown:
        raise UsageError(f"remedies must be of the vocabulary, such as init:he; got {', '.join(unknown)}")
    if seeds < 2:
        raise UsageError(f"a proof wants at least 2 seeds; got {seeds}")
    subject = Subject.of_task(as_task(task))
    with tempfile.TemporaryDirectory(prefix="isograd-") as scratch:
        folder = Path(scratch if out is None else out).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        options = Options(folder, seeds=seeds, steps=steps, minutes=minutes, remedies=tuple(remedies))
        return cure(subject, options).verdict
