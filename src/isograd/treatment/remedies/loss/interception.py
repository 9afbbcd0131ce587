"""The function mode that turns calls into their stable forms while it is on.

It is on in one thread, for all calls of torch but those of optimizers, other parts of torch that train, and isograd. It
also covers recomputation in the backward pass: there torch would switch function modes off.
"""

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack, _pop_mode, _push_mode

import isograd
from isograd.diagnosis.interventions.roles import plain_name
from isograd.treatment.remedies.loss.logarithms import PICKS, SOURCES, Logarithms
from isograd.treatment.remedies.loss.undefined import GUARDED, LOGARITHMS, at_risk, kept_off, softmax

_BACKWARD = ("backward",)
_TORCH = os.path.dirname(torch.__file__) + os.sep
_ISOGRAD = Path(isograd.__file__).parent
_LISTENER = str(_ISOGRAD / "treatment" / "trial" / "hearing" / "loss_functions.py")
"""Stands around torch's loss functions in every trial and passes the program's calls on."""
_OF_TORCH = (_TORCH + name for name in ("overrides.py", "_tensor.py", "functional.py", "nn/functional.py"))
_PASSING = (__file__, _LISTENER, *_OF_TORCH)
_OF_THE_USER = (os.path.join(_TORCH, "nn", "modules"), os.path.join(_TORCH, "distributions"))
_TRAINING = (_TORCH, *(str(_ISOGRAD / part) + os.sep for part in ("observation", "diagnosis", "model", "treatment")))


class StableForms(TorchFunctionMode):
    """While it is on, calls take their stable forms; `counts` says how many, by form."""

    def __init__(self, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.counts: Counter[str] = Counter()
        self._logarithms = Logarithms()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = plain_name(func)
        if name in _BACKWARD:
            return self._backward(func, args, kwargs)
        if name in GUARDED or name in _LOSSES or name == "softmax":
            result = self._stable(func, name, args, kwargs) if args and _asked_by_user() else func(*args, **kwargs)
        else:
            result = func(*args, **kwargs)
        if name in SOURCES or name in PICKS:
            self._logarithms.learn(name, args, kwargs, result)
        return result

    def _stable(self, func: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
        if func.__name__ != name and not name.startswith("__"):  # in place
            return func(*args, **kwargs)
        if name in _LOSSES:
            return self._loss(func, name, args, kwargs)
        if name == "softmax":
            return softmax(func, args, kwargs) if args[0].is_floating_point() else func(*args, **kwargs)
        known = self._logarithms.of(args[0]) if name == "log" else None
        if known is not None:
            self.counts["log"] += 1
            return known.logarithm()
        if at_risk(name, args) is None or not _matters(name, args):
            return func(*args, **kwargs)
        self.counts["guarded"] += 1
        return func(*kept_off(name, args, self.eps), **kwargs)

    def _loss(self, func: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
        known = self._logarithms.of(args[0])
        if known is None or known.scores is None:
            return func(*args, **kwargs)
        scores = known.scores
        if name == "cross_entropy" and known.kind == "softmax" and known.dim == (1 if scores.ndim > 1 else 0):
            self.counts["cross_entropy"] += 1
            return func(scores, *args[1:], **kwargs)
        if name == "binary_cross_entropy" and known.kind == "sigmoid":
            self.counts["binary_cross_entropy"] += 1
            return binary_cross_entropy_with_logits(scores, *args[1:], **kwargs)
        return func(*args, **kwargs)

    def _backward(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """Runs the backward pass with the mode on."""
        owner: Any = torch.autograd
        asked = owner.has_torch_function
        if func is not owner.backward:  # `Tensor.backward`, which asks on its own
            func, kwargs = owner.backward, {**kwargs, "grad_tensors": kwargs.get("gradient")}
            kwargs.pop("gradient", None)
        owner.has_torch_function = _no
        try:
            with self:
                return func(*args, **kwargs)
        finally:
            owner.has_torch_function = asked


_LOSSES = ("cross_entropy", "binary_cross_entropy")


def _no(*_: object) -> bool:
    return False


def _matters(name: str, args: Any) -> bool:
    """What a gradient flows through; of what is computed without gradients only logarithms, for evaluated losses."""
    if not torch.is_grad_enabled():
        return name in LOGARITHMS
    return any(isinstance(argument, Tensor) and argument.requires_grad for argument in args)


def _asked_by_user() -> bool:
    """False for calls of optimizers, clipping, statistics and the like."""
    frame: Any = sys._getframe(2)
    while frame.f_code.co_filename in _PASSING and frame.f_back is not None:
        frame = frame.f_back
    file = frame.f_code.co_filename
    return file.startswith(_OF_THE_USER) or not file.startswith(_TRAINING)


def switch_on(mode: TorchFunctionMode) -> None:
    """Puts a mode on the stack of this thread, without a block that it would have to leave."""
    _push_mode(mode)  # type: ignore[no-untyped-call]  # torch does not type it


def switch_off(mode: TorchFunctionMode) -> None:
    """Takes a mode from the stack of this thread, wherever in it it is; others stay in their order."""
    stack = _get_current_function_mode_stack()  # type: ignore[no-untyped-call]  # as above
    if not any(one is mode for one in stack):
        return
    above: list[Any] = []
    while (top := _pop_mode()) is not mode:  # type: ignore[no-untyped-call]  # as above
        above.append(top)
    for one in reversed(above):
        _push_mode(one)  # type: ignore[no-untyped-call]  # as above
