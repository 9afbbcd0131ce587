"""A forward pass of a running training, kept so that it can be made again under other circumstances.

What a root module was called with, the random state it was called in, and the gradient that came back to its output
are all that its own gradient depends on. Replaying it needs neither the script's loss nor its data. It is for one pass:
torch's global hooks are on only while it is awaited, and nothing is attached to the module or its parameters.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

from isograd.errors import ObservationError


@dataclass(frozen=True)
class Call:
    """How the root module was called; what `Replay.loss` takes as its batch."""

    args: tuple[Any, ...]
    """Positional arguments."""
    kwargs: Mapping[str, Any]
    """Arguments by name."""


@dataclass
class Replay:
    """One pass of one root module; usable once `complete`."""

    root: nn.Module
    call: Call | None = None
    """Its arguments, by reference."""
    versions: tuple[int, ...] = ()
    """How often each tensor among them had been written in place."""
    random_state: Tensor | None = None
    """Of torch on the CPU, when it was called."""
    autocast: tuple[str, torch.dtype] | None = None
    """Device and format of the autocast region that it was called in."""
    gradients: dict[int, Tensor] = field(default_factory=dict)
    """dL/d(output), by number of the tensor among the outputs."""
    calls: int = 0
    """How often the root was called while this was awaited; only a single call can be told apart."""

    @property
    def complete(self) -> bool:
        """True if the pass went forward once and came back."""
        return self.call is not None and self.calls == 1 and bool(self.gradients)

    def loss(self, call: Call) -> Tensor:
        """A scalar whose gradient is the one that came back: the outputs, weighted with dL/d(output).

        Args:
            call: `self.call`, or the same with its tensors in another format.

        Raises:
            ObservationError: If the pass was not seen whole, or its inputs were overwritten since.
        """
        if not self.complete or self.random_state is None:
            raise ObservationError(
                "the pass cannot be made again: it was not seen whole, or the model was called twice"
            )
        if self.call is not None and _versions(self.call) != self.versions:
            raise ObservationError("the pass cannot be made again: its inputs were overwritten since")
        torch.set_rng_state(self.random_state)
        with self._surroundings():
            outputs = tensors_of(self.root(*call.args, **call.kwargs))
        parts = [(outputs[n] * gradient.to(outputs[n].dtype)).sum() for n, gradient in self.gradients.items()]
        return torch.stack(parts).sum()

    @contextmanager
    def _surroundings(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(torch.enable_grad())
            if self.autocast is not None:
                stack.enter_context(torch.autocast(self.autocast[0], dtype=self.autocast[1]))
            yield


@contextmanager
def awaited(root: nn.Module, guard: Callable[..., None] | None = None) -> Iterator[Replay]:
    """Keeps the first pass that the root module makes inside the block, forward and back.

    Args:
        root: The module; others are not listened to.
        guard: Calls a function with arguments and never raises; None to call it plainly.

    >>> model = nn.Linear(2, 1)
    >>> with awaited(model) as kept:
    ...     model(torch.ones(3, 2)).square().mean().backward()
    >>> kept.complete
    True
    """
    kept, call = Replay(root), guard or _plainly
    begins = register_module_forward_pre_hook(lambda module, args: call(_begin, kept, module))
    ends = register_module_forward_hook(
        lambda module, args, kwargs, output: call(_end, kept, module, Call(args, kwargs), output), with_kwargs=True
    )
    try:
        yield kept
    finally:
        begins.remove()
        ends.remove()


def _plainly(function: Callable[..., None], *args: Any) -> None:
    function(*args)


def _begin(kept: Replay, module: nn.Module) -> None:
    """Before a call: the random state is that which the pass is about to draw from."""
    if module is kept.root and torch.is_grad_enabled():
        kept.calls += 1
        if kept.calls == 1:
            kept.random_state = torch.get_rng_state()
            kept.autocast = _autocast()


def _end(kept: Replay, module: nn.Module, call: Call, output: Any) -> None:
    """After a call: its arguments, and an ear at each output for the gradient to come."""
    if module is not kept.root or kept.calls != 1 or kept.call is not None:
        return
    kept.call, kept.versions = call, _versions(call)
    for number, tensor in enumerate(tensors_of(output)):
        if tensor.requires_grad:
            tensor.register_hook(_Keeper(kept.gradients, number))  # type: ignore[no-untyped-call]  # torch does not type it


@dataclass(frozen=True)
class _Keeper:
    gradients: dict[int, Tensor]
    number: int

    def __call__(self, gradient: Tensor) -> None:
        self.gradients[self.number] = gradient.detach().clone()


def _autocast() -> tuple[str, torch.dtype] | None:
    for device in ("cuda", "cpu"):
        if torch.is_autocast_enabled(device):
            return device, torch.get_autocast_dtype(device)
    return None


def _versions(call: Call) -> tuple[int, ...]:
    return tuple(tensor._version for tensor in tensors_of((call.args, dict(call.kwargs))))


def tensors_of(value: Any) -> list[Tensor]:
    """All tensors in nested tuples, lists, mappings and dataclasses, in order.

    >>> [t.item() for t in tensors_of(({"a": torch.tensor(1)}, [torch.tensor(2), "x"]))]
    [1, 2]
    """
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, Mapping):
        return [tensor for item in value.values() for tensor in tensors_of(item)]
    if isinstance(value, list | tuple):
        return [tensor for item in value for tensor in tensors_of(item)]
    if is_dataclass(value) and not isinstance(value, type):
        return [tensor for one in fields(value) for tensor in tensors_of(getattr(value, one.name))]
    return []
