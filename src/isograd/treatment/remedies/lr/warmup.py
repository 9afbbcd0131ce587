"""A learning rate that rises linearly over the first steps: lr * min(1, t / n) at step t = 1, 2, ..."""

from typing import final

import torch

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.lr.factor import settings_of
from isograd.treatment.remedies.lr.scaled_rate import ScaledRate, written
from isograd.treatment.remedies.numbers import number
from isograd.treatment.remedies.remedy import Stage

_SHARE = 0.1
_LEAST, _UNKNOWN = 10, 100


def warm_up(optimizer: torch.optim.Optimizer, steps: int) -> ScaledRate:
    """Lets the learning rate rise linearly over the first steps; schedulers keep working on the full one.

    Args:
        optimizer: Whose rate.
        steps: The step from which on the rate is the full one, at least 1.

    Returns:
        What holds the hooks; `remove()` takes them off.

    Raises:
        ValueError: There is no such step.

    Source:
        Goyal and others, Accurate, large minibatch SGD, 2017, section 2.2.

    >>> weight = torch.nn.Parameter(torch.zeros(1)); weight.grad = torch.ones(1)
    >>> optimizer = torch.optim.SGD([weight], lr=1.0)
    >>> _ = warm_up(optimizer, 4)
    >>> for _ in range(2): optimizer.step()
    >>> weight.item()
    -0.75
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1. Got {steps!r} instead.")
    return ScaledRate(optimizer, lambda step: min(1.0, step / steps))


@final
class WarmUp:
    """The remedy."""

    name = "lr:warmup"
    stage: Stage = "optimizer"

    def suits(self, patient: Patient) -> bool:
        """True if every group has a learning rate."""
        return patient.optimizer is None or all("lr" in settings for settings in settings_of(patient.optimizer))

    def choose(self, patient: Patient) -> Settings:
        """A tenth of the run, at least 10 steps."""
        if patient.observed is None or patient.observed.steps.step.size == 0:
            return {"steps": _UNKNOWN}
        return {"steps": max(_LEAST, round(_SHARE * (int(patient.observed.steps.step[-1]) + 1)))}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Hooks the steps of the optimizer."""
        assert patient.optimizer is not None, "lr:warmup is made on an optimizer"
        edit, steps = Edit(), int(number(settings, "steps"))
        rate = warm_up(patient.optimizer, steps)
        edit.note("", f"learning rate {patient.learning_rate:g}", f"rising to it over {steps} steps", rate.remove)
        edit.tells(lambda: {"lr:warmup steps": float(rate.steps)})
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """Hooks in plain torch: they need no place beside the step, and schedulers do not see them."""
        return written(f"min(1.0, step / {int(number(settings, 'steps'))})")


REMEDY = WarmUp()
"""See there."""
