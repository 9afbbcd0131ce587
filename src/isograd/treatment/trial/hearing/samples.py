"""Keeps how the network is called in training, and what its outputs are compared with, up to a bound."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook
from torch.nn.utils.rnn import PackedSequence

from isograd.observation.replay import Call, tensors_of

MOST_CALLS = 100
MOST_BYTES = 64 << 20
_PLAIN = (int, float, bool, str, bytes, complex, type(None), torch.dtype, torch.device, torch.Size)


class Samples:
    """Copies the first calls of the networks that it is asked to keep.

    Args:
        most_calls: How many; 1 where only one batch is wanted.
    """

    def __init__(self, most_calls: int = MOST_CALLS) -> None:
        self.calls: list[Call] = []
        """Calls of the root module, arguments detached and copied."""
        self.targets: list[Tensor] = []
        """Targets of regression losses."""
        self.unkept = ""
        """What an argument was that could not be kept; empty if all could."""
        self._most = most_calls
        self._bytes = 0
        self._latest: list[tuple[Tensor, int]] = []
        self._is_root: Callable[[nn.Module], bool] = lambda module: False
        self.stop: Callable[[], None] = lambda: None
        """Listens no more."""

    def start(self, is_root: Callable[[nn.Module], bool]) -> None:
        """Listens by torch's global hook until enough was kept; nothing is attached to a module."""
        self._is_root = is_root
        self.stop = register_module_forward_hook(
            lambda module, args, kwargs, output: self._called(module, args, kwargs), with_kwargs=True
        ).remove

    def compared(self, target: Any) -> None:
        """Keeps the target of a loss."""
        if torch.is_grad_enabled() and isinstance(target, Tensor) and len(self.targets) < self._most:
            self.targets.extend(self._copied([target]) or [])

    def _called(self, module: nn.Module, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        if torch.compiler.is_compiling():
            return  # torch.compile looks into global hooks; the module that it wraps a model in is called outside of it
        if not torch.is_grad_enabled() or not self._is_root(module):
            return
        latest = [(tensor, _version(tensor)) for tensor in tensors_of([list(args), dict(kwargs)])]
        if latest and _same(latest, self._latest):
            return  # a module around the model, such as DistributedDataParallel, called with the same
        self._latest = latest
        copies = self._copied([list(args), dict(kwargs)])
        if copies is not None:
            self.calls.append(Call(tuple(copies[0]), copies[1]))
        if len(self.calls) >= self._most or copies is None:
            self._latest = []
            self.stop()

    def _copied(self, values: list[Any]) -> list[Any] | None:
        """Copies of nested arguments; None if they are too large or of a kind that cannot be kept."""
        size = sum(tensor.numel() * tensor.element_size() for tensor in tensors_of(values))
        if self._bytes + size > MOST_BYTES:
            return None
        try:
            copies = [_copy(value) for value in values]
        except TypeError as error:
            self.unkept = str(error)
            return None
        self._bytes += size
        return copies


def _version(tensor: Tensor) -> int:
    """How often it was written in place; not known of one made in inference mode."""
    return 0 if tensor.is_inference() else tensor._version


def _same(one: list[tuple[Tensor, int]], other: list[tuple[Tensor, int]]) -> bool:
    """Whether these are the very same tensors with the same contents."""
    return len(one) == len(other) and all(a is b and v == w for (a, v), (b, w) in zip(one, other, strict=True))


def _copy(value: Any) -> Any:
    if isinstance(value, PackedSequence):
        return PackedSequence(*(_copy(part) for part in value))
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_copy(item) for item in value)
    if not isinstance(value, _PLAIN):
        raise TypeError(type(value).__name__)
    return value
