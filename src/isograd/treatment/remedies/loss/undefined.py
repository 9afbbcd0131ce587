"""Functions at the points where they, or their slopes, are infinite: the argument is kept off those points.

Everywhere else they are what they were, to the bit. Norms and deviations need no help: torch gives slope 0 at zero.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

LOGARITHMS = frozenset({"log", "log2", "log10", "log1p"})
ROOTS = frozenset({"sqrt", "rsqrt"})
POWERS = frozenset({"pow", "__pow__"})
_INVERSES = frozenset({"reciprocal", "__rtruediv__", "__rdiv__"})
DIVISIONS = frozenset({"div", "divide", "true_divide", "__truediv__", "__div__"}) | _INVERSES
GUARDED = LOGARITHMS | ROOTS | POWERS | DIVISIONS


def kept_off(name: str, args: Sequence[Any], eps: float) -> tuple[Any, ...]:
    """The arguments of a call with the one that may be undefined kept off the point.

    Args:
        name: Of the function.
        args: That it is called with; logarithms and roots of negative numbers count as of zero.
        eps: What stands for zero in roots and divisions; logarithms take the smallest normal number of the format.

    >>> kept_off("sqrt", (torch.tensor([0.0, 4.0]),), 1e-12)
    (tensor([1.0000e-12, 4.0000e+00]),)
    """
    x = args[0]
    if name in LOGARITHMS:
        least = torch.finfo(x.dtype).eps - 1 if name == "log1p" else torch.finfo(x.dtype).tiny
        return (x.clamp_min(least), *args[1:])
    if name in ROOTS:
        return (x.clamp_min(_small(x, eps)), *args[1:])
    if name in POWERS:
        return _power(args, eps)
    if name in _INVERSES:
        return (_off_zero(x, eps), *args[1:])
    return (x, _off_zero(args[1], eps), *args[2:])


def at_risk(name: str, args: Sequence[Any]) -> Tensor | None:
    """The argument that may be at the point; None if there is none."""
    at = 1 if name in DIVISIONS - _INVERSES else 0
    found = args[at] if len(args) > at else None
    if not isinstance(found, Tensor) or not found.is_floating_point():
        return None
    if name in POWERS and not (len(args) > 1 and _bends(args[1])):
        return None
    return found


def _bends(exponent: Any) -> bool:
    """True for a number below 1: the power or its slope is infinite at zero."""
    return isinstance(exponent, float | int) and not isinstance(exponent, bool) and exponent < 1 and exponent != 0


def _power(args: Sequence[Any], eps: float) -> tuple[Any, ...]:
    x, exponent = args[0], args[1]
    return (_off_zero(x, eps) if float(exponent).is_integer() else x.clamp_min(_small(x, eps)), *args[1:])


def _small(x: Tensor, eps: float) -> float:
    return max(eps, float(torch.finfo(x.dtype).tiny))


def _off_zero(x: Tensor, eps: float) -> Tensor:
    return torch.where(x == 0, torch.full_like(x, _small(x, eps)), x)


def softmax(function: Callable[..., Tensor], args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor:
    """A softmax whose rows without any entry above -inf give zeros instead of NaN; others are as they were."""
    x, dim = args[0], kwargs.get("dim", args[1] if len(args) > 1 else None)
    if dim is None or not x.numel():
        return function(*args, **kwargs)
    empty = (x == -torch.inf).all(dim=dim, keepdim=True)
    if not bool(empty.any()):
        return function(*args, **kwargs)
    return function(x.masked_fill(empty, 0.0), *args[1:], **kwargs).masked_fill(empty, 0.0)
