"""norm:weight: each weight vector as w = g v / ||v||, length and direction learnt apart.

The length is set to what the theory of the activation asks for, sigma_w at criticality (sqrt(2) for ReLU, 1 for tanh):
with fan-in weights ||w|| = sigma_w. With length 0 each vector keeps its own, and the function stays as it is.

Source: Salimans and Kingma 2016. They set g and the bias from one batch instead; `init:lsuv` is the remedy for that.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

import torch
from torch import nn

from isograd.errors import UsageError
from isograd.facts.treatment import Code, Settings
from isograd.model.surgery import Edit
from isograd.theory.activations import ACTIVATIONS
from isograd.theory.criticality import critical_initialisation
from isograd.treatment.example import patient_of
from isograd.treatment.layer_loops import loop_over
from isograd.treatment.layer_types import TRANSPOSED
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.norm.hidden_layers import HiddenLayer
from isograd.treatment.remedies.norm.insertion import layers_of
from isograd.treatment.remedies.norm.unit_weights import (
    GAIN,
    SOURCES,
    over_outputs,
    put_transposed_weight,
    put_weight,
    take_weight,
)
from isograd.treatment.remedies.numbers import number
from isograd.treatment.remedies.remedy import Stage
from isograd.treatment.wiring import any_seen


def weight_normalise(model: nn.Module, example: Any = None, *, length: float | None = None) -> Edit:
    """Splits the weights of hidden layers into length and direction.

    Args:
        model: The model, before its optimizer is made.
        example: An input: a tensor, a tuple of arguments, or a mapping of arguments by name. Without it only layers
            count whose activation follows them in a `Sequential`.
        length: ||w|| of each output at the start; 0 to keep each as it is; None for what suits the activation.

    Returns:
        The edit; `undo` takes everything out again.

    Raises:
        UsageError: If no such layer is found.

    >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    >>> edit = weight_normalise(model)
    >>> round(model[0].gain.mean().item(), 3), list(model.state_dict())[:3]
    (1.414, ['0.weight', '0.bias', '0.gain'])
    """
    return REMEDY.make(patient_of(model, example), {} if length is None else {"length": length})


@dataclass(frozen=True)
class WeightNormalisation:
    """The remedy; see `Remedy`."""

    name: Literal["norm:weight"] = "norm:weight"
    """Its name in the vocabulary."""
    stage: Stage = "model"
    """When it is made."""

    def suits(self, patient: Patient) -> bool:
        """True if there are hidden layers without normalisation, whose activation asks for a length of weights."""
        return any_seen(lambda: self.layers(patient)) and _critical_length(self.layers(patient)) > 0

    def choose(self, patient: Patient) -> Settings:
        """The length for the activation that most layers have."""
        return {"length": _critical_length(self.layers(patient))}

    def make(self, patient: Patient, settings: Settings) -> Edit:
        """Splits the weight of each layer.

        Raises:
            UsageError: If there is no layer for it.
        """
        layers = self.layers(patient)
        if not layers:
            raise UsageError(
                "norm:weight finds no layer with a hidden activation and a weight of its own that is not normalised yet"
                + ("" if patient.calls else "; give an example of the model's input, so that calls can be seen")
            )
        edit, length = Edit(), _length(layers, settings)
        for layer in layers:
            _split(edit, layer, length)
        return edit

    def code(self, patient: Patient, settings: Settings) -> Code:
        """The hooks in plain torch, and a loop over the layers."""
        layers = self.layers(patient)
        length = _length(layers, settings)
        kinds = sorted({isinstance(layer.module, TRANSPOSED) for layer in layers})
        hooks = [put_transposed_weight if transposed else put_weight for transposed in kinds]
        return Code(
            imports=("import torch", "from torch import nn"),
            definitions="\n\n".join(SOURCES[hook] for hook in (*hooks, take_weight)),
            before_optimizer="\n".join(_loops(patient.model, layers, length)),
        )

    def layers(self, patient: Patient) -> tuple[HiddenLayer, ...]:
        """The layers whose weight is split."""
        return tuple(layer for layer in layers_of(patient) if _admits(layer))


REMEDY = WeightNormalisation()


def _admits(layer: HiddenLayer) -> bool:
    """The weight is a parameter, not computed from others; every output has one vector of it, which is not zero."""
    module = layer.module
    weight = module._parameters.get("weight")
    if weight is None or hasattr(module, GAIN):
        return False
    transposed = isinstance(module, TRANSPOSED)
    if isinstance(module, TRANSPOSED) and module.groups > 1:
        return False
    return bool(torch.linalg.vector_norm(weight.detach(), dim=over_outputs(weight, transposed)).all())


def _length(layers: Sequence[HiddenLayer], settings: Settings) -> float:
    return number(settings, "length") if "length" in settings else _critical_length(layers)


def _critical_length(layers: Sequence[HiddenLayer]) -> float:
    """sigma_w at criticality; 0, which keeps lengths, where there is none but among saturated units (sigmoid: 10)."""
    name = Counter(layer.activation for layer in layers).most_common(1)[0][0] if layers else ""
    if name == "selu":
        return 1.0  # it is made for weights of variance 1 / fan_in; its slope at zero would ask for less
    critical = critical_initialisation(ACTIVATIONS[name]) if name in ACTIVATIONS else None
    return 0.0 if critical is None or critical.kind == "edge-of-chaos" else round(critical.sigma_w, 6)


def _split(edit: Edit, layer: HiddenLayer, length: float) -> None:
    module = layer.module
    transposed, before = isinstance(module, TRANSPOSED), str(module)
    lengths = torch.linalg.vector_norm(
        module.weight.detach(), dim=over_outputs(module.weight, transposed), keepdim=True
    )
    gain = nn.Parameter(lengths if length == 0 else torch.full_like(lengths, length))
    module.register_parameter(GAIN, gain)
    puts = module.register_forward_pre_hook(put_transposed_weight if transposed else put_weight)
    takes = module.register_forward_hook(take_weight, always_call=True)

    def back() -> None:
        puts.remove()
        takes.remove()
        del module._parameters[GAIN]

    edit.note(layer.path, before, f"{before}, weight of length {'g' if length == 0 else f'g = {length:g}'}", back)


def _loops(model: nn.Module, layers: Sequence[HiddenLayer], length: float) -> list[str]:
    def kind(layer: HiddenLayer) -> tuple[bool, int, str]:
        return isinstance(layer.module, TRANSPOSED), layer.module.weight.ndim, type(layer.module).__name__

    lines = []
    for (transposed, num_dims, _), group in groupby(sorted(layers, key=kind), kind):
        dim = (0, *range(2, num_dims)) if transposed else tuple(range(1, num_dims))
        lengths = f"torch.linalg.vector_norm(layer.weight.detach(), dim={dim}, keepdim=True)"
        if length != 0:
            lengths = f"torch.full_like({lengths}, {length!r})"
        put = put_transposed_weight if transposed else put_weight
        body = [f"lengths = {lengths}", "layer.gain = nn.Parameter(lengths)",
                f"layer.register_forward_pre_hook({put.__name__})",
                "layer.register_forward_hook(take_weight, always_call=True)"]  # fmt: skip
        lines.append(loop_over(model, [layer.path for layer in group], body))
    return lines
