"""The one table of activations, by their names in `torch.nn.functional`, at PyTorch's default parameters."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from isograd.theory import piecewise, smooth
from isograd.theory.activation import Activation

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(
    {
        "linear": Activation("linear", lambda x: x, np.ones_like),
        "relu": piecewise.leaky_relu(0.0),
        "leaky_relu": replace(piecewise.leaky_relu(0.01), name="leaky_relu"),
        "prelu": replace(piecewise.leaky_relu(0.25), name="prelu"),
        "relu6": replace(piecewise.hardtanh(0.0, 6.0), name="relu6"),
        "tanh": smooth.tanh(),
        "sigmoid": smooth.logistic(),
        "hardtanh": piecewise.hardtanh(),
        "hardsigmoid": piecewise.hardsigmoid(),
        "softsign": smooth.softsign(),
        "erf": smooth.error_function(),
        "sin": smooth.sine(),
        "elu": smooth.elu(),
        "selu": smooth.elu(smooth.ALPHA_SELU, smooth.LAMBDA_SELU, name="selu"),
        "celu": smooth.celu(),
        "gelu": smooth.gelu(),
        "gelu_tanh": smooth.gelu_tanh(),
        "silu": smooth.silu(),
        "mish": smooth.mish(),
        "hardswish": piecewise.hardswish(),
        "softplus": smooth.softplus(),
        "logsigmoid": smooth.logsigmoid(),
        "tanhshrink": smooth.tanhshrink(),
        "softshrink": piecewise.softshrink(),
        "hardshrink": piecewise.hardshrink(),
    }
)
"""Every activation that theory knows; for other parameters call the makers in `piecewise` and `smooth`."""


def find_activation(name: str) -> Activation:
    """The activation of that name; the empty name is the identity.

    Args:
        name: one of `ACTIVATIONS`, or empty where no activation follows a layer.

    Raises:
        ValueError: if there is none of that name.

    Example:
        >>> find_activation("").name
        'linear'
    """
    if name == "":
        return ACTIVATIONS["linear"]
    if name not in ACTIVATIONS:
        raise ValueError(f"theory knows no activation {name!r}; it knows {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]
