"""Activations exchanged by hand: `isograd.remedies.swap_activations`."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import nn

from isograd.errors import UsageError
from isograd.model.surgery import Edit
from isograd.observation.replay import Call
from isograd.treatment.activation_uses import Use
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.activation import REMEDIES
from isograd.treatment.remedies.activation.remedy import ActivationRemedy, treated

_BY_NAME: dict[str, ActivationRemedy] = {r.kind.name: r for r in REMEDIES if isinstance(r, ActivationRemedy)}
_FUNCTIONS: dict[type[nn.Module], str] = {
    nn.Sigmoid: "sigmoid", nn.Tanh: "tanh", nn.ReLU: "relu", nn.ReLU6: "relu6", nn.LeakyReLU: "leaky_relu",
    nn.ELU: "elu", nn.CELU: "celu", nn.SELU: "selu", nn.GELU: "gelu", nn.SiLU: "silu", nn.Mish: "mish",
    nn.Hardswish: "hardswish", nn.Hardsigmoid: "hardsigmoid", nn.Hardtanh: "hardtanh", nn.RReLU: "rrelu",
    nn.PReLU: "prelu", nn.LogSigmoid: "log_sigmoid",
}  # fmt: skip


def swap_activations(
    model: nn.Module,
    to: str,
    example: torch.Tensor | Sequence[Any] | None = None,
    initialise: bool = True,
) -> Edit:
    """Exchanges the hidden activations of a model; gates, the output and fused recurrent layers keep theirs.

    Call it before the optimizer is made: PReLU brings parameters.

    Args:
        model: The model; it is edited in place.
        to: `relu`, `leaky-relu`, `elu`, `selu`, `gelu`, `silu`, `prelu` or `tanh`.
        example: What the model is called with: a batch, or its positional arguments. The roles of activations are read
            from that pass, and functional calls are found. Without one, all activation modules but the last module
            of the model are taken for hidden.
        initialise: Whether the layers that feed them are drawn anew to match, from torch's global generator.

    Returns:
        What was changed, and the way back.

    Raises:
        UsageError: If there is no activation of that name.

    >>> net = nn.Sequential(nn.Linear(4, 8), nn.Sigmoid(), nn.Linear(8, 1), nn.Sigmoid())
    >>> edit = swap_activations(net, "relu", example=torch.ones(2, 4))
    >>> net[1], net[3]
    (ReLU(), Sigmoid())
    >>> edit.undo(); net[1]
    Sigmoid()

    Source: see the pages `activation:...`; initial values after He and others 2015, Klambauer and others 2017.
    """
    if to not in _BY_NAME:
        raise UsageError(f"there is no activation {to!r} to swap in; there are {', '.join(_BY_NAME)}")
    remedy = _BY_NAME[to]
    if example is not None:
        arguments = (example,) if isinstance(example, torch.Tensor) else tuple(example)
        patient = Patient(model, calls=(Call(arguments, {}),))
        return remedy.make(patient, remedy.choose(patient) if initialise else {"init": "none"})
    wanted = {"init": remedy.kind.initial, **remedy.kind.settings} if initialise else {"init": "none"}
    return treated(model, tuple(_modules_alone(model)), remedy.kind, wanted)


def _modules_alone(model: nn.Module) -> Iterator[Use]:
    """Activation modules in the order in which they were registered, the last module left out."""
    paths: dict[nn.Module, list[str]] = {}
    for path, module in model.named_modules(remove_duplicate=False):
        if next(module.children(), None) is None:
            paths.setdefault(module, []).append(path)
    for before, module in pairwise([None, *list(paths)[:-1]]):
        function = _FUNCTIONS.get(type(module)) if module is not None else None
        if module is None or function is None:
            continue
        fed = isinstance(before, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d) and len(paths[before]) == 1
        feeders = (paths[before][0],) if fed and before is not None and len(paths[module]) == 1 else ()
        in_place = bool(getattr(module, "inplace", False))
        yield Use("module", "hidden", function, tuple(paths[module]), in_place=in_place, feeders=feeders)
