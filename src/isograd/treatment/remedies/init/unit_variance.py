"""Scales each layer's weight until its output has variance one on a batch, front to back (the second half of LSUV).

Legend: B_l output of layer l on the batch, W_l <- W_l / sqrt(Var B_l) until |Var B_l - 1| < tol, at most T_max times.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook
from torch.utils._pytree import tree_map_only

from isograd.observation.undisturbed import undisturbed

_WORTH = 0.99
"""A scaling that leaves more than this share of |ln Var| has brought nothing but rounding."""


class _Enough(BaseException):
    """Stops a forward pass when what was wanted has been seen; no fault, so that no `except Exception` takes it."""


@dataclass(frozen=True)
class Scaled:
    """What became of one layer."""

    path: str
    """Its path."""
    variance_before: float
    """Var B_l when it was its turn."""
    variance: float
    """Var B_l at the end."""
    num_passes: int
    """Forward passes that it took."""


@torch.no_grad()
def scale_to_unit_variance(
    model: nn.Module,
    paths: Sequence[str],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    tolerance: float = 0.1,
    max_iterations: int = 10,
) -> tuple[Scaled, ...]:
    """Scales layers in the order in which they run; layers that never run, or whose output is constant, are left alone.

    The model runs in the mode that it is in. Random state, buffers, modes and plain attributes of its modules (a
    carried hidden state) are put back. Of a layer that is called several times all outputs count together.

    Args:
        model: The model.
        paths: The layers, each with a parameter `weight`.
        args: What the model is called with.
        kwargs: The same by name.
        tolerance: tol.
        max_iterations: T_max.

    Returns:
        What became of each layer, in the order in which they ran.

    >>> layers = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 8))
    >>> found = scale_to_unit_variance(layers, ("0", "2"), (torch.randn(64, 8),), {})
    >>> all(abs(one.variance - 1) < 0.1 for one in found)
    True

    Source: Mishkin and Matas 2016, algorithm 1.
    """
    layers = {id(model.get_submodule(path)): path for path in paths}

    def run() -> None:
        fresh_args, fresh_kwargs = tree_map_only(torch.Tensor, torch.clone, (tuple(args), dict(kwargs)))
        model(*fresh_args, **fresh_kwargs)  # copies, for models that write into their inputs

    found = []
    with undisturbed((model,)):
        for path, num_calls in _in_order(run, layers).items():
            found.append(
                _scale(model, path, _Variance(run, model.get_submodule(path), num_calls), tolerance, max_iterations)
            )
    return tuple(found)


def _in_order(run: Callable[[], None], layers: Mapping[int, str]) -> dict[str, int]:
    """How often each layer is called, in the order of the first calls."""
    calls: dict[str, int] = {}

    def count(module: nn.Module, args: Any, output: Any) -> None:
        path = layers.get(id(module))
        if path is not None:
            calls[path] = calls.get(path, 0) + 1

    _listening(run, count)
    return calls


class _Variance:
    """Var B_l as the model is now; the pass ends with the layer's last call."""

    def __init__(self, run: Callable[[], None], layer: nn.Module, num_calls: int) -> None:
        self._run, self._layer, self._num_calls = run, layer, num_calls

    def __call__(self) -> float:
        outputs: list[torch.Tensor] = []

        def keep(module: nn.Module, args: Any, output: Any) -> None:
            if module is self._layer:
                outputs.append(output.detach().double().flatten())
                if len(outputs) == self._num_calls:
                    raise _Enough

        _listening(self._run, keep)
        return float(torch.cat(outputs).var(unbiased=False))


def _scale(model: nn.Module, path: str, variance: _Variance, tolerance: float, max_iterations: int) -> Scaled:
    """Stops where a scaling brings nothing: the output is normalised inside the layer, or the bias alone sets it."""
    layer = model.get_submodule(path)
    first = now = variance()
    num_passes = 1
    while abs(now - 1) >= tolerance and num_passes <= max_iterations and 0 < now < math.inf:
        kept = _weight(layer).clone()
        _set_weight(layer, kept / now**0.5)
        before, now = now, variance()
        num_passes += 1
        if not (now > 0 and abs(math.log(now)) < _WORTH * abs(math.log(before))):
            _set_weight(layer, kept)
            now = before
            break
    return Scaled(path, first, now, num_passes)


def _weight(layer: nn.Module) -> torch.Tensor:
    assert isinstance(layer.weight, torch.Tensor), f"{type(layer).__name__} has no weight"
    return layer.weight


def _set_weight(layer: nn.Module, values: torch.Tensor) -> None:
    if isinstance(layer.weight, nn.Parameter):
        layer.weight.copy_(values)
    else:
        layer.weight = values  # computed by weight normalisation: the assignment is turned round


def _listening(run: Callable[[], None], hook: Callable[[nn.Module, Any, Any], None]) -> None:
    """Runs the model with an ear at all modules; nothing is attached to the model."""
    handle = register_module_forward_hook(hook)
    try:
        run()
    except _Enough:
        pass
    finally:
        handle.remove()
