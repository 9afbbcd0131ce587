"""Forward statistics from what autograd saved for backward: saturation, silent units, size and variety of inputs.

Reading a saved tensor costs no recomputation, except where hooks on saved tensors (checkpointing, offloading) would run
again: such operations are left out.
"""

import math
from dataclasses import dataclass

import torch

from isograd.model.graph import Graph
from isograd.model.operations import ACTIVATIONS, CONTRACTIONS
from isograd.model.places import Place
from isograd.observation.statistics import input_dependent_share, largest_magnitude, plain, root_mean_square

FLAT = 0.05
"""An entry is saturated where the slope is below this share of the activation's largest slope."""
ONE_HOT = 0.99
"""A row of a softmax is saturated where one entry exceeds this."""


@dataclass(frozen=True)
class InputStatistics:
    """Of what goes into a layer."""

    rms: float
    """Root mean square."""
    largest: float
    """Largest magnitude."""
    varying_share: float
    """Share of its energy that depends on the example."""


@dataclass(frozen=True)
class ActivationStatistics:
    """Of one activation on one batch."""

    name: str
    """e.g. `sigmoid`."""
    saturation_share: float
    """Share of entries whose slope is below `FLAT` of the largest; nan where it has no meaning."""
    silent: torch.Tensor | None
    """For ReLU and the like a bool a unit: silent on every example of the batch."""


def saved_tensor(graph: Graph, vertex: int, attribute: str) -> torch.Tensor | None:
    """What a node saved, or None where it was freed, changed in place, or never saved."""
    try:
        value = getattr(graph.nodes[vertex], attribute, None)
    except RuntimeError:  # changed in place since: backward itself would fail, and says so better than we could
        return None
    return value.detach() if isinstance(value, torch.Tensor) else None


def input_statistics(graph: Graph, place: Place) -> InputStatistics | None:
    """Measures what goes into a contraction; None where it was not saved."""
    form = CONTRACTIONS.get(graph.names[place.vertex])
    if form is None or place.data_slot not in form.data_slots:
        return None
    data = saved_tensor(graph, place.vertex, form.saved_input[form.data_slots.index(place.data_slot)])
    if data is None or data.numel() == 0:
        return None
    if place.data_slot == form.data_slots[-1] and len(form.data_slots) > 1 and data.ndim == 2:
        data = data.T  # W @ x: examples are columns
    return InputStatistics(root_mean_square(data), largest_magnitude(data), input_dependent_share(data))


def activation_statistics(graph: Graph, place: Place, units_dim: int) -> ActivationStatistics | None:
    """Measures one activation or softmax; None where it was not saved.

    Args:
        graph: the graph.
        place: the activation's place.
        units_dim: the dimension that counts units: 1 after a convolution, else -1.
    """
    if place.kind == "softmax":
        rows = saved_tensor(graph, place.vertex, "_saved_result")
        dim = getattr(graph.nodes[place.vertex], "_saved_dim", -1)
        if rows is None:
            return None
        dim = dim - 2**64 if dim >= 2**63 else dim
        share = float((plain(rows).amax(dim=dim) > ONE_HOT).float().mean())
        return ActivationStatistics("softmax", share, None)
    activation = ACTIVATIONS[graph.names[place.vertex]]
    values = saved_tensor(graph, place.vertex, activation.saved)
    if values is None or values.numel() == 0:
        return None
    values = plain(values)
    return ActivationStatistics(
        activation.name, _saturation(activation.name, values), _silent(activation.name, values, units_dim)
    )


def _saturation(name: str, values: torch.Tensor) -> float:
    """`values` is the result for sigmoid and tanh, else what went in."""
    if name == "sigmoid":
        flat = values * (1 - values) < FLAT * 0.25
    elif name == "tanh":
        flat = 1 - values.square() < FLAT
    elif name == "hardtanh":
        flat = values.abs() >= 1
    elif name == "hardsigmoid":
        flat = values.abs() >= 3
    elif name == "erf":
        flat = values.square() > -math.log(FLAT)
    else:
        return math.nan
    return float(flat.float().mean())


def _silent(name: str, values: torch.Tensor, units_dim: int) -> torch.Tensor | None:
    """Which units give nothing on any example; None for activations that never fall silent."""
    if name not in ("relu", "clamp") or values.ndim < 2 or values.shape[0] < 2:
        return None
    others = [dim for dim in range(values.ndim) if dim != units_dim % values.ndim]
    return values.amax(dim=others) <= 0
