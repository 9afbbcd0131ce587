"""What each activation does to a gradient when its input has mean 0 and variance 1.

Symbols: phi the activation, z ~ N(0, 1). The mean-field factor of the squared gradient is sigma_w^2 E[phi'(z)^2], so
the activation's own share in decades is 0.5 log10 E[phi'(z)^2], and a weight that makes up for it has the opposite.
Source: Schoenholz et al., Deep Information Propagation, 2017; the constants are recomputed by quadrature in the tests.
"""

SLOPE_SQUARED = {
    "": 1.0,
    "relu": 0.5,
    "leaky_relu": 0.50005,
    "prelu": 0.53125,
    "tanh": 0.464403,
    "sigmoid": 0.044836,
    "hardtanh": 0.682689,
    "softsign": 0.227671,
    "elu": 0.668102,
    "selu": 1.071575,
    "gelu": 0.455851,
    "silu": 0.379482,
    "mish": 0.479084,
    "hardswish": 0.358532,
    "softplus": 0.293379,
}
"""E[phi'(z)^2] by activation."""

SQUASHING = ("sigmoid", "tanh", "hardtanh", "softsign", "hardsigmoid", "softmax", "log_sigmoid", "erf")
"""Bounded activations: far from zero their slope is lost, and with it the gradient."""

SHALLOW = ("sigmoid", "hardsigmoid", "softmax", "log_sigmoid")
"""Squashing activations whose slope is small everywhere: no ordinary weight makes up for it."""

RECTIFIERS = ("relu", "relu6", "threshold", "elu", "celu", "gelu", "silu", "selu", "hardswish")
"""Activations with a flat side on which a unit can fall silent."""


def canonical(activation: str) -> str:
    """The name of an activation without capitals, signs and suffixes.

    >>> canonical("LeakyReLU"), canonical("Sigmoid"), canonical("hard-tanh")
    ('leaky_relu', 'sigmoid', 'hardtanh')
    """
    plain = activation.lower().replace("_", "").replace("-", "")
    spelled = {"leakyrelu": "leaky_relu", "logsigmoid": "log_sigmoid", "threshold": "relu"}
    return spelled.get(plain, plain)


def is_rectifier(activation: str) -> bool:
    """True for ReLU and those with a flat side."""
    return canonical(activation) in RECTIFIERS or canonical(activation).startswith("relu")


def is_squashing(activation: str) -> bool:
    """True for bounded activations."""
    return canonical(activation) in SQUASHING
