"""Tensors whose logarithm is known better than by taking it: softmax, sigmoid, exponentials and what is made of them.

With x the scores: log softmax(x) = x - logsumexp(x), log sigmoid(x) = -softplus(-x), log(1 - sigmoid(x)) =
-softplus(x), log exp(x) = x, log sum = logsumexp of the logarithms, log of a ratio = difference. Picking, reshaping or
casting entries commutes with the logarithm. A tensor that was written to since is forgotten.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import log_softmax, logsigmoid
from torch.utils.weak import WeakTensorKeyDictionary

PICKS = frozenset({"__getitem__", "gather", "select", "squeeze", "unsqueeze", "view", "reshape", "flatten", "transpose",
                   "permute", "index_select", "take_along_dim", "narrow", "contiguous", "float", "double", "to", "take",
                   "t", "expand", "clone", "masked_select", "diagonal"})  # fmt: skip
"""Functions that commute with the logarithm."""
SOURCES = frozenset({"softmax", "sigmoid", "special_expit", "expit", "exp", "sum", "div", "true_divide", "__truediv__",
                     "__div__", "mul", "__mul__", "rsub", "__rsub__"})  # fmt: skip
"""Functions whose result may have a better logarithm."""


@dataclass(frozen=True)
class Known:
    """A tensor with a better logarithm."""

    logarithm: Callable[[], Tensor]
    """Computes it, with its gradient."""
    guarded: tuple[tuple[Tensor, int], ...]
    """Tensors that it is computed from, and how often each had been written to."""
    version: int
    """How often the tensor itself had been written to."""
    scores: Tensor | None = None
    """Of a softmax or sigmoid: what it was taken of."""
    kind: str = ""
    """`softmax` or `sigmoid` where `scores` is there."""
    dim: int = 0
    """Of a softmax, counted from 0."""


class Logarithms:
    """Remembers tensors while they live."""

    def __init__(self) -> None:
        self._known: Any = WeakTensorKeyDictionary()

    def of(self, tensor: Any) -> Known | None:
        """What is known of a tensor; None if nothing, or something was overwritten since."""
        found: Known | None = self._known.get(tensor) if isinstance(tensor, Tensor) else None
        if found is None or tensor._version != found.version:
            return None
        return found if all(t._version == version for t, version in found.guarded) else None

    def learn(self, name: str, args: Sequence[Any], kwargs: dict[str, Any], result: Any) -> None:
        """Remembers the result of a call if it has a better logarithm."""
        if not isinstance(result, Tensor) or not args or any(result is argument for argument in args):
            return
        known = self._picked(name, args, kwargs, result) if name in PICKS else self._made(name, args, kwargs, result)
        if known is not None:
            self._known[result] = known

    def _picked(self, name: str, args: Sequence[Any], kwargs: dict[str, Any], result: Tensor) -> Known | None:
        before = self.of(args[0])
        if before is None or result.dtype not in _FLOATS:
            return None
        method = getattr(Tensor, name, None) or getattr(torch, name)
        rest, logarithm = tuple(args[1:]), before.logarithm
        return Known(lambda: method(logarithm(), *rest, **kwargs), before.guarded, result._version)

    def _made(self, name: str, args: Sequence[Any], kwargs: dict[str, Any], result: Tensor) -> Known | None:
        x = args[0]
        if not isinstance(x, Tensor) or not x.is_floating_point():
            return None
        if name == "softmax":
            dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
            return None if dim is None else _scored(x, "softmax", lambda: log_softmax(x, dim), result, int(dim))
        if name in ("sigmoid", "special_expit", "expit"):
            return _scored(x, "sigmoid", lambda: logsigmoid(x), result)
        if name == "exp":
            return Known(lambda: x, ((x, x._version),), result._version)
        return self._combined(name, args, kwargs, result)

    def _combined(self, name: str, args: Sequence[Any], kwargs: dict[str, Any], result: Tensor) -> Known | None:
        before = self.of(args[0])
        if before is None:
            return None
        first, guarded = before.logarithm, before.guarded
        if name in ("rsub", "__rsub__"):
            scores = before.scores
            if before.kind != "sigmoid" or scores is None or args[1:] != (1,):
                return None
            return Known(lambda: logsigmoid(-scores), guarded, result._version)
        if name == "sum":
            return Known(lambda: _logsumexp(first(), args[1:], kwargs), guarded, result._version)
        other = self.of(args[1]) if len(args) > 1 and not kwargs else None
        if other is None:
            return None
        second, sign = other.logarithm, 1 if name in ("mul", "__mul__") else -1
        return Known(lambda: first() + sign * second(), guarded + other.guarded, result._version)


_FLOATS = (torch.float32, torch.float64, torch.float16, torch.bfloat16)


def _scored(x: Tensor, kind: str, logarithm: Callable[[], Tensor], result: Tensor, dim: int = 0) -> Known:
    return Known(logarithm, ((x, x._version),), result._version, x, kind, dim % max(x.ndim, 1))


def _logsumexp(logarithm: Tensor, rest: Sequence[Any], kwargs: dict[str, Any]) -> Tensor:
    dim = kwargs.get("dim", rest[0] if rest else None)
    keep = bool(kwargs.get("keepdim", rest[1] if len(rest) > 1 else False))
    return torch.logsumexp(logarithm, tuple(range(logarithm.ndim)) if dim is None else dim, keep)
