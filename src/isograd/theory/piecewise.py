"""Activations with kinks: the ReLU family, the hard variants and the shrinks.

Legend: a negative slope, lam threshold of a shrink. Definitions as in the documentation of `torch.nn`.
"""

import numpy as np

from isograd.theory.activation import Activation, Array


def _inside(x: Array, low: float, high: float) -> Array:
    return ((x > low) & (x < high)).astype(np.float64)


def leaky_relu(a: float = 0.01) -> Activation:
    """max(x, 0) + a min(x, 0); a = 0 is ReLU, a = 0.25 a PReLU as it is born.

    Args:
        a: slope on the negative side, any number.

    Example:
        >>> leaky_relu(0.2).phi(np.array([-1.0, 1.0])).tolist()
        [-0.2, 1.0]

    Source: Maas et al. 2013; He et al. 2015.
    """
    return Activation(
        "relu" if a == 0 else f"leaky_relu({a:g})",
        lambda x: np.where(x > 0, x, a * x),
        lambda x: np.where(x > 0, 1.0, a),
        (0.0,),
    )


def hardtanh(low: float = -1.0, high: float = 1.0) -> Activation:
    """x clipped to [low, high]; (0, 6) is ReLU6.

    Args:
        low: lower end.
        high: upper end, above `low`.

    Raises:
        ValueError: if the ends are the wrong way round.

    Example:
        >>> hardtanh().phi(np.array([-3.0, 0.5, 3.0])).tolist()
        [-1.0, 0.5, 1.0]
    """
    if not low < high:
        raise ValueError(f"hardtanh needs low < high, got low={low} and high={high}; exchange them")
    name = "hardtanh" if (low, high) == (-1.0, 1.0) else f"hardtanh({low:g}, {high:g})"
    return Activation(name, lambda x: np.clip(x, low, high), lambda x: _inside(x, low, high), (low, high))


def hardsigmoid() -> Activation:
    """x / 6 + 1 / 2 clipped to [0, 1].

    Example:
        >>> hardsigmoid().phi(np.array([-3.0, 0.0, 3.0])).tolist()
        [0.0, 0.5, 1.0]
    """
    return Activation(
        "hardsigmoid", lambda x: np.clip(x / 6 + 0.5, 0.0, 1.0), lambda x: _inside(x, -3.0, 3.0) / 6, (-3.0, 3.0)
    )


def hardswish() -> Activation:
    """x times hardsigmoid(x).

    Example:
        >>> hardswish().phi(np.array([-3.0, 1.5, 3.0])).tolist()
        [-0.0, 1.125, 3.0]

    Source: Howard et al. 2019 (MobileNetV3), section 5.2.
    """
    return Activation(
        "hardswish",
        lambda x: x * np.clip(x / 6 + 0.5, 0.0, 1.0),
        lambda x: np.where(x >= 3, 1.0, _inside(x, -3.0, 3.0) * (x / 3 + 0.5)),
        (-3.0, 3.0),
    )


def softshrink(lam: float = 0.5) -> Activation:
    """x moved towards zero by lam, zero within.

    Args:
        lam: threshold, not negative.

    Example:
        >>> softshrink().phi(np.array([-2.0, 0.2, 2.0])).tolist()
        [-1.5, 0.0, 1.5]
    """
    return Activation(
        "softshrink", lambda x: x - np.clip(x, -lam, lam), lambda x: 1.0 - _inside(x, -lam, lam), (-lam, lam)
    )


def hardshrink(lam: float = 0.5) -> Activation:
    """x, but zero for |x| <= lam: it jumps there, which its slope (as autograd has it) does not show.

    Args:
        lam: threshold, not negative.

    Example:
        >>> hardshrink().phi(np.array([-2.0, 0.2, 2.0])).tolist()
        [-2.0, 0.0, 2.0]
    """
    return Activation(
        "hardshrink",
        lambda x: np.where(np.abs(x) > lam, x, 0.0),
        lambda x: 1.0 - _inside(x, -lam, lam),
        (-lam, lam),
    )
