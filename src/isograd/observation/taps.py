"""Where isograd stands: around `torch.autograd.backward`, around every optimizer step, at the loss scaler.

`Tensor.backward` calls `torch.autograd.backward` by its name in the module, so that one wrapper sees every backward
pass of every library. Optimizer steps come through torch's own global hooks. Nothing is attached to a module.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from isograd.observation.quiet import QuietPath

_UNKNOWN_END = 1 << 62


class Observer(Protocol):
    """Who is told; every method returns quickly and never raises."""

    def backward_begins(self, roots: tuple[torch.Tensor, ...]) -> None:
        """Before a backward pass; `roots` is what it was called on."""

    def backward_ends(self) -> None:
        """After a backward pass, also one that raised."""

    def step_begins(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        """Before an optimizer's step."""

    def step_ends(self, optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
        """After an optimizer's step."""

    def loss_scaled(self, scale: float) -> None:
        """After a scaler multiplied a loss."""

    def saving_hooked(self, start: int, end: int) -> None:
        """Operations with these sequence numbers saved their tensors through hooks of the user's."""


class Taps:
    """The places where isograd listens; installed once, removed without a trace.

    Args:
        observer: who is told.
        quiet: takes backward passes that nobody need be told of.
    """

    def __init__(self, observer: Observer, quiet: QuietPath) -> None:
        self._observer = observer
        self._quiet = quiet
        self._undo: list[Callable[[], None]] = []

    def install(self) -> None:
        """Starts listening."""
        pre = register_optimizer_step_pre_hook(self._observer.step_begins)
        post = register_optimizer_step_post_hook(self._observer.step_ends)
        self._undo += [pre.remove, post.remove]
        self._replace(torch.autograd, "backward", self._around_backward)
        self._replace(torch.amp.GradScaler, "scale", self._after_scaling)
        starts: list[int] = []
        self._replace(torch.autograd.graph.saved_tensors_hooks, "__enter__", lambda f: self._on_entering(f, starts))
        self._replace(torch.autograd.graph.saved_tensors_hooks, "__exit__", lambda f: self._on_leaving(f, starts))

    def remove(self) -> None:
        """Stops listening and puts everything back."""
        while self._undo:
            self._undo.pop()()

    def _replace(self, owner: Any, name: str, wrap: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        original = getattr(owner, name)
        replacement = wrap(original)
        setattr(owner, name, replacement)

        def restore() -> None:
            if getattr(owner, name) is replacement:  # somebody who wrapped it after us keeps his wrapper
                setattr(owner, name, original)

        self._undo.append(restore)

    def _around_backward(self, original: Callable[..., Any]) -> Callable[..., Any]:
        observer, quiet = self._observer, self._quiet

        @wraps(original)
        def backward(tensors: Any, *args: Any, **kwargs: Any) -> Any:
            if quiet.passes(tensors):
                return original(tensors, *args, **kwargs)
            observer.backward_begins(_roots(tensors))
            try:
                return original(tensors, *args, **kwargs)
            finally:
                observer.backward_ends()

        return backward

    def _after_scaling(self, original: Callable[..., Any]) -> Callable[..., Any]:
        observer = self._observer

        @wraps(original)
        def scale(scaler: Any, outputs: Any) -> Any:
            result = original(scaler, outputs)
            if scaler.is_enabled():
                observer.loss_scaled(float(scaler.get_scale()))
            return result

        return scale

    def _on_entering(self, original: Callable[..., Any], starts: list[int]) -> Callable[..., Any]:
        @wraps(original)
        def enter(hooks: Any) -> Any:
            starts.append(_sequence_number())
            return original(hooks)

        return enter

    def _on_leaving(self, original: Callable[..., Any], starts: list[int]) -> Callable[..., Any]:
        observer = self._observer

        @wraps(original)
        def leave(hooks: Any, *args: Any) -> Any:
            result = original(hooks, *args)
            if starts:
                start, end = starts.pop(), _sequence_number()
                observer.saving_hooked(start, end if end >= start else _UNKNOWN_END)
            return result

        return leave


def _roots(tensors: Any) -> tuple[torch.Tensor, ...]:
    """The tensors among what `backward` was called on; edges of a graph may stand for others."""
    if isinstance(tensors, torch.Tensor):
        return (tensors,)
    return tuple(tensor for tensor in tensors if isinstance(tensor, torch.Tensor))


def _sequence_number() -> int:
    """The number that autograd gives to the next operation of this thread."""
    return int(torch._C._autograd._get_sequence_nr())
