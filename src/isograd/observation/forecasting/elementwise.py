"""From an activation in the graph, with the settings that autograd saved, to the activation that theory knows."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from isograd.theory import ACTIVATIONS, Activation
from isograd.theory.piecewise import hardshrink, hardtanh, leaky_relu, softshrink
from isograd.theory.smooth import elu, softplus

_PLAIN = {
    "Sigmoid": "sigmoid", "Tanh": "tanh", "Relu": "relu", "ClampMin": "relu", "Threshold": "relu", "Silu": "silu",
    "Mish": "mish", "LogSigmoid": "logsigmoid", "Hardsigmoid": "hardsigmoid", "Hardswish": "hardswish", "Erf": "erf",
    "Sin": "sin",
}  # fmt: skip

_MAKERS: dict[str, Callable[..., Activation]] = {
    "leaky": leaky_relu, "elu": elu, "softplus": softplus, "hardtanh": hardtanh, "softshrink": softshrink,
    "hardshrink": hardshrink,
}  # fmt: skip


@lru_cache(maxsize=256)
def _made(kind: str, *settings: float) -> Activation:
    return _MAKERS[kind](*settings)


def activation_of(name: str, node: Any, slope: float) -> Activation:
    """The activation behind a node of the graph.

    Args:
        name: its operation, one of `model.operations.ACTIVATIONS`.
        node: its node, which holds the settings.
        slope: mean of its parameter, for a PReLU.
    """
    if name in _PLAIN:
        return ACTIVATIONS[_PLAIN[name]]
    if name == "Gelu":
        return ACTIVATIONS["gelu_tanh" if node._saved_approximate == "tanh" else "gelu"]
    if name == "PreluKernel":
        return _made("leaky", slope)
    if name == "LeakyRelu":
        return _made("leaky", float(node._saved_negative_slope))
    if name == "RreluWithNoise":
        return _made("leaky", (float(node._saved_lower) + float(node._saved_upper)) / 2)
    if name in ("Elu", "Celu"):
        return _exponential(name, node)
    if name in ("Hardtanh", "Clamp"):
        return _clipped(name, node)
    if name == "Softplus":
        return _made("softplus", float(node._saved_beta))
    return _made(name.lower(), float(node._saved_lambd))


def _exponential(name: str, node: Any) -> Activation:
    alpha = float(node._saved_alpha)
    if name == "Celu":
        return _made("elu", alpha, 1.0, 1 / alpha)
    return _made("elu", alpha, float(node._saved_scale), float(node._saved_input_scale))


def _clipped(name: str, node: Any) -> Activation:
    ends = (node._saved_min_val, node._saved_max_val) if name == "Hardtanh" else (node._saved_min, node._saved_max)
    low, high = (-1e6 if ends[0] is None else float(ends[0])), (1e6 if ends[1] is None else float(ends[1]))
    return _made("hardtanh", low, high)
