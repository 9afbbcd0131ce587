"""Statistics of initial parameters: from their numbers, or on the meta device from the class's default initialiser."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import nn

from isograd.observation.forecasting.lognormal import first_moment, pair_moment


@dataclass(frozen=True)
class Entries:
    """First two moments over the entries of a parameter."""

    mean: float
    """Mean."""
    square: float
    """Mean square."""
    known: bool = True
    """False where the values were assumed."""


def parameter_entries(model: nn.Module) -> dict[str, Entries]:
    """Moments of every parameter, by its full name; random state and gradients are not touched."""
    entries: dict[str, Entries] = {}
    for path, module in model.named_modules(remove_duplicate=False):
        for name, parameter in module.named_parameters(recurse=False, remove_duplicate=False):
            full = f"{path}.{name}" if path else name
            entries[full] = _assumed(module, name, parameter) if parameter.is_meta else _measured(parameter)
    return entries


def computed(entries: Entries, operations: Sequence[str]) -> Entries:
    """Moments of what a model makes of a parameter before it uses it, as in `torch.exp(-self.rate)`.

    Args:
        entries: of the parameter, taken as Gaussian.
        operations: names, in the order in which they are applied; all but a sign and exp are passed over.

    >>> computed(Entries(2.0, 4.0), ["Neg", "Exp"]).mean == math.exp(-2)
    True
    """
    for name in operations:
        if name == "Neg":
            entries = replace(entries, mean=-entries.mean)
        elif name == "Exp":
            variance = max(entries.square - entries.mean**2, 0.0)
            mean, square = first_moment(entries.mean, variance), pair_moment(entries.mean, variance, variance)
            entries = replace(entries, mean=mean, square=square)
    return entries


def _measured(parameter: torch.Tensor) -> Entries:
    if parameter.numel() == 0 or not parameter.dtype.is_floating_point:
        return Entries(0.0, 0.0)
    values = parameter.detach()
    size = values.numel()
    # Tiny weights would underflow when squared in their own format.
    largest = float(values.abs().amax())
    if largest == 0.0 or not math.isfinite(largest):
        return Entries(0.0 if largest == 0.0 else math.nan, largest**2)
    norm = float(torch.linalg.vector_norm(values.double() / largest)) * largest
    return Entries(float(values.double().mean()), norm * norm / size)


def _assumed(module: nn.Module, name: str, parameter: torch.Tensor) -> Entries:
    """The class's default; where there is none, a variance of one over the last dimension."""
    if isinstance(module, nn.RNNBase | nn.RNNCellBase):
        return Entries(0.0, 1 / (3 * module.hidden_size), known=False)
    if isinstance(module, nn.Embedding | nn.EmbeddingBag):
        return Entries(0.0, 1.0, known=False)
    if isinstance(module, nn.PReLU):
        return Entries(0.25, 0.0625, known=False)
    if isinstance(module, nn.MultiheadAttention):
        return Entries(0.0, 0.0 if "bias" in name else 2 / sum(parameter.shape[:2]), known=False)
    weight = getattr(module, "weight", None)
    if isinstance(weight, torch.Tensor) and weight.ndim >= 2:
        return Entries(0.0, weight.shape[0] / (3 * weight.numel()), known=False)
    if name == "weight" or name == "bias":  # normalisation
        return Entries(*((1.0, 1.0) if name == "weight" else (0.0, 0.0)), known=False)
    return Entries(0.0, 1 / parameter.shape[-1] if parameter.ndim else 1.0, known=False)
