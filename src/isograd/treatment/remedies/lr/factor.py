"""A learning rate multiplied by one factor for the whole training, as a remedy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from isograd.facts.treatment import OPTIMIZER, Code, Settings, Swap
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.lr.scaled_rate import ScaledRate, written
from isograd.treatment.remedies.numbers import number
from isograd.treatment.remedies.remedy import Stage


@dataclass(frozen=True)
class Factor:
    """Multiplies the learning rate of every group.

    Once, right after the optimizer is made, so that schedulers build on it; or, where the program sets its rate while
    it trains (`each_step`), during every step, as it would overwrite the other.
    """

    name: str
    """Its name in the vocabulary."""
    factor: Callable[[Patient], float]
    """Chooses the factor."""
    stage: Stage = "optimizer"
    """The rate stands in the optimizer."""

    def suits(self, patient: Patient) -> bool:
        """True if every group has a learning rate, and the optimizer a default for more of them."""
        optimizer = patient.optimizer
        return optimizer is None or all("lr" in settings for settings in settings_of(optimizer))

    def choose(self, patient: Patient) -> Settings:
        """A factor from what was seen of the untreated training."""
        return {"factor": self.factor(patient), "each_step": sets_its_rate(patient)}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Multiplies the rates."""
        optimizer = patient.optimizer
        assert optimizer is not None, f"{self.name} is made on an optimizer"
        factor, edit, before = number(settings, "factor"), Edit(), patient.learning_rate
        back = (ScaledRate(optimizer, lambda step: factor).remove if settings.get("each_step")
                else multiply(optimizer, factor))  # fmt: skip
        edit.note("", f"learning rate {before:g}", f"{before * factor:g}", back)
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """The rate in the constructor's call; where that cannot be rewritten, one loop over the groups."""
        factor = number(settings, "factor")
        if settings.get("each_step"):
            return written(f"{factor}")
        lines = (
            "for settings in ({optimizer}.defaults, *{optimizer}.param_groups):\n"
            f'    settings["lr"] = settings["lr"] * {factor}'
        )
        return Code(swaps=(Swap(OPTIMIZER, "", {"lr": f"{{}} * {factor}"}),), after_optimizer=lines)


def multiply(optimizer: torch.optim.Optimizer, factor: float) -> Callable[[], None]:
    """Multiplies the learning rate of every group, and of groups to come.

    Returns:
        What puts the former ones back, as far as nobody has set others since.
    """
    kept = [(settings, settings["lr"], settings["lr"] * factor) for settings in settings_of(optimizer)]
    for settings, _, scaled in kept:
        settings["lr"] = scaled

    def back() -> None:
        for settings, rate, scaled in kept:
            if settings["lr"] is scaled:
                settings["lr"] = rate

    return back


def sets_its_rate(patient: Patient) -> bool:
    """True if the rate moved in the untreated training, or was never the one that the optimizer was made with."""
    if patient.observed is None:
        return False
    seen = patient.observed.steps.learning_rate
    seen = seen[np.isfinite(seen)]
    if seen.size == 0:
        return False
    made_with = patient.learning_rate
    return bool(np.ptp(seen) > 1e-9 * seen.max() or abs(seen[0] - made_with) > 1e-6 * abs(made_with))


def settings_of(optimizer: torch.optim.Optimizer) -> list[dict[str, Any]]:
    """The defaults for groups to come, and the settings of each group that is there."""
    return [optimizer.defaults, *optimizer.param_groups]
