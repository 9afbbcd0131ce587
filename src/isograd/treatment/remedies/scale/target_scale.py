"""`scale:target`: the model learns standardised targets of a regression and answers in their own units.

A hook behind the model turns outputs back, and gives back the gradient that a loss on standardised targets would give.
The script's loss and metrics keep their units.
"""

from typing import Any

import torch
from torch import nn

from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.observation.undisturbed import undisturbed
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.remedy import Stage
from isograd.treatment.remedies.scale.hooks import Numbers, RestoreTarget
from isograd.treatment.remedies.scale.moments import Moments, moments
from isograd.treatment.remedies.scale.source import shown, target_code

FAR = 5.0
"""Five in scale is twenty-five in a squared error's gradient: more than a decade of learning rate."""
_LINEAR = ("Abs", "L1Loss", "SmoothL1Loss", "HuberLoss")
_SQUARED = ("MseLoss", "Pow")


class ScaleTarget:
    """The remedy `scale:target`."""

    name = "scale:target"
    stage: Stage = "model"

    def suits(self, patient: Patient) -> bool:
        """True if targets are known, five times off unit scale, and the model answers with a tensor of floats."""
        found = _moments(patient)
        if found is None or _answer(patient) is None:
            return False
        mean, std = (torch.tensor(value) for value in (found.mean, found.std))
        return bool(((mean.abs() > FAR) | (std > FAR) | (std < 1 / FAR)).any())

    def choose(self, patient: Patient) -> Settings:
        """Moments of the known targets, and the power of the error in the loss: 1 for absolute errors, else 2."""
        found = _moments(patient)
        if found is None:
            return {"mean": 0.0, "std": 1.0, "power": 2}
        mean, std = (v if isinstance(v, float) else list(v) for v in (found.mean, found.std))
        return {"mean": mean, "std": std, "power": _power(patient, std)}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Sets the hook."""
        return standardise_target(patient.model, settings["mean"], settings["std"], settings["power"])  # type: ignore[arg-type]  # as `choose` gives them

    def code(self, patient: Patient, settings: Settings) -> Code:
        """The hook as a function, with the numbers."""
        return target_code(settings, in_tuple=isinstance(_output(patient), tuple))


def standardise_target(model: nn.Module, mean: Numbers, std: Numbers, power: int = 2) -> Edit:
    """Lets a model learn (target - mean) / std and answer with output * std + mean.

    Args:
        model: The model; the first entry counts if it answers with a tuple.
        mean: Of the targets: one number, or one for each entry of the last dimension.
        std: Likewise; must not be zero.
        power: Of the error in the loss: 2 for squared errors, 1 for absolute ones.

    >>> net = nn.Identity()
    >>> edit = standardise_target(net, 100.0, 10.0)
    >>> o = torch.tensor([1.0], requires_grad=True)
    >>> (net(o) - 90.0).square().sum().backward()
    >>> net(o).item(), o.grad.item()
    (110.0, 4.0)

    Here 4 is the gradient of (o - (90 - 100) / 10)^2.

    Source: Bishop, Neural networks for pattern recognition, 1995.
    """
    edit = Edit()
    edit.note("", "outputs as they are", f"output * {shown(std)} + {shown(mean)}, gradient over std^{power}")
    edit.on_undo(model.register_forward_hook(RestoreTarget(mean, std, power)).remove)
    return edit


def _output(patient: Patient) -> Any:
    """What the model answers to its first call; None if it is not known or fails."""
    if not patient.calls:
        return None
    call = patient.calls[0]
    with undisturbed((patient.model,)), torch.no_grad():
        return patient.model(*call.args, **call.kwargs)


def _answer(patient: Patient) -> torch.Tensor | None:
    output = _output(patient)
    first = output[0] if isinstance(output, tuple) and output else output
    return first if isinstance(first, torch.Tensor) and first.is_floating_point() else None


def _moments(patient: Patient) -> Moments | None:
    targets = [target for target in patient.targets if target.is_floating_point()]
    answer = _answer(patient) if targets else None
    if answer is None:
        return None
    by_column = targets[0].ndim > 1 and answer.ndim > 1 and answer.shape[-1] == targets[0].shape[-1]
    return moments(targets if by_column else [target.reshape(-1) for target in targets], dim=-1)


def _power(patient: Patient, std: float | list[float]) -> int:
    names = patient.observed.network.loss.split(" < ") if patient.observed is not None else []
    if any(name in _SQUARED for name in names) or not any(name in _LINEAR for name in names):
        return 2
    smooth = any(name in ("SmoothL1Loss", "HuberLoss") for name in names)
    return 2 if smooth and max(std if isinstance(std, list) else [std]) < 1 else 1
