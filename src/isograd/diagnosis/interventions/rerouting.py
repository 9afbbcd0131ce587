"""The function mode that all interventions share: a call comes in, another may go out."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

Call = Callable[..., Any]
Handler = Callable[[Call, str, tuple[Any, ...], dict[str, Any]], Any]
"""`handler(function, its name, args, kwargs)` gives the result; it may call the function or another."""


class Rerouting(TorchFunctionMode):
    """Sends every call of torch through a handler; calls that the handler makes are not sent again."""

    def __init__(self, handler: Handler) -> None:
        super().__init__()
        self._handler = handler

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return self._handler(func, getattr(func, "__name__", ""), args, kwargs or {})


def substituting(replacements: Mapping[int, Callable[[], torch.Tensor]]) -> Rerouting:
    """A mode in which some parameters are seen as other tensors, wherever they are used.

    Args:
        replacements: by identity of the parameter, what stands in for it; made at its first use.
    """
    made: dict[int, torch.Tensor] = {}

    def stand_in(argument: Any) -> Any:
        if isinstance(argument, list | tuple):
            return type(argument)(stand_in(item) for item in argument) if type(argument) in (list, tuple) else argument
        if not isinstance(argument, torch.Tensor) or id(argument) not in replacements:
            return argument
        if id(argument) not in made:
            made[id(argument)] = replacements[id(argument)]()
        return made[id(argument)]

    def handler(function: Call, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if name in ("size", "dim") or (name == "__get__" and not _computes(function)):  # a question, no computation
            return function(*args, **kwargs)
        return function(*stand_in(args), **{key: stand_in(value) for key, value in kwargs.items()})

    return Rerouting(handler)


def _computes(getter: Call) -> bool:
    """True for properties such as `weight.T`, which give a tensor that is computed from the one that is asked."""
    return getattr(getattr(getter, "__self__", None), "__name__", "") in ("T", "mT", "H", "mH", "real", "imag")


def shifted(parameter: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """The parameter with other values: gradients still reach it, and its own memory is not written."""
    return parameter + (values.detach() - parameter.detach())


def rms(tensor: torch.Tensor) -> float:
    """Root mean square, in double precision."""
    return float(tensor.detach().double().square().mean().sqrt())


def spread(tensor: torch.Tensor) -> float:
    """Standard deviation over all entries, in double precision; 0 for fewer than two."""
    return float(tensor.detach().double().std(correction=0)) if tensor.numel() > 1 else 0.0
