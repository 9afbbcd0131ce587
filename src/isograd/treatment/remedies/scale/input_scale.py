"""`scale:input`: each feature of what goes into the model with mean 0 and standard deviation 1.

A hook before the model does it, so that training, evaluation and later use see the same; the state dict keeps its keys.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.remedy import Stage
from isograd.treatment.remedies.scale.hooks import Numbers, StandardiseInput, first_data
from isograd.treatment.remedies.scale.moments import Moments, moments
from isograd.treatment.remedies.scale.source import input_code, shown


class ScaleInput:
    """The remedy `scale:input`."""

    name = "scale:input"
    stage: Stage = "model"

    def suits(self, patient: Patient) -> bool:
        """True if the data is off its scale by two, by its mean, or feature against feature by ten.

        The same bounds as for the intervention `input-scale`. Tokens do not suit.
        """
        found = _moments(patient)
        return found is not None and (not 0.5 <= found.rms <= 2.0 or found.offset > 1.0 or found.spread > 10.0)

    def choose(self, patient: Patient) -> Settings:
        """Mean and standard deviation of the known batches: lists where features differ and are 64 or fewer."""
        found = _moments(patient)
        argument = _argument(patient)
        if found is None or argument is None:
            return {"mean": 0.0, "std": 1.0, "argument": 0}
        return {"mean": _listed(found.mean), "std": _listed(found.std), "argument": argument}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Sets the hook."""
        return standardise_input(patient.model, settings["mean"], settings["std"], settings["argument"])  # type: ignore[arg-type]  # as `choose` gives them

    def code(self, patient: Patient, settings: Settings) -> Code:
        """The hook as a function, with the numbers."""
        channels = 0
        if patient.calls:
            call = patient.calls[0]
            data = _data(call.args, call.kwargs, settings["argument"])
            channels = data.ndim - 2 if data is not None and data.ndim >= 4 else 0
        return input_code(settings, channels)


def standardise_input(model: nn.Module, mean: Numbers, std: Numbers, argument: int | str = 0) -> Edit:
    """Standardises what a model is called with: (x - mean) / std.

    Args:
        model: The model; calls of it, not of its `forward`, are standardised.
        mean: One number, or one for each feature: channels of images (four dimensions and more), else the last one.
        std: Likewise; must not be zero.
        argument: Position or name of the argument.

    >>> net = nn.Identity()
    >>> edit = standardise_input(net, 10.0, 2.0)
    >>> net(torch.tensor([8.0, 12.0]))
    tensor([-1.,  1.])
    >>> edit.undo(); net(torch.tensor([8.0]))
    tensor([8.])

    Source: LeCun and others, Efficient backprop, 1998.
    """
    edit = Edit()
    hook = StandardiseInput(mean, std, argument)
    edit.note("", "inputs as given", f"(input - {shown(mean)}) / {shown(std)}")
    edit.on_undo(model.register_forward_pre_hook(hook, with_kwargs=True).remove)
    return edit


def _argument(patient: Patient) -> int | str | None:
    return first_data(patient.calls[0].args, patient.calls[0].kwargs) if patient.calls else None


def _data(args: Sequence[Any], kwargs: Any, argument: Any) -> torch.Tensor | None:
    found = kwargs.get(argument) if isinstance(argument, str) else (args[argument] if argument < len(args) else None)
    return found if isinstance(found, torch.Tensor) else None


def _moments(patient: Patient) -> Moments | None:
    argument = _argument(patient)
    if argument is None:
        return None
    batches = [_data(call.args, call.kwargs, argument) for call in patient.calls]
    return moments([batch for batch in batches if batch is not None and batch.is_floating_point()])


def _listed(number: float | tuple[float, ...]) -> float | list[float]:
    return number if isinstance(number, float) else list(number)
