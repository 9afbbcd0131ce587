"""What a model is called with: remembered from its first call, without a hook on the model itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook


@dataclass
class FirstCall:
    """The positional arguments of the first call; empty until it came."""

    arguments: tuple[Any, ...] = field(default=())

    @property
    def example(self) -> Any:
        """One argument alone or all as a tuple, as `forecast` takes it; None where there were none."""
        return self.arguments[0] if len(self.arguments) == 1 else (self.arguments or None)


@contextmanager
def first_call(model: nn.Module) -> Iterator[FirstCall]:
    """Listens, by torch's global hook, until the model is called.

    >>> model = nn.Linear(2, 1)
    >>> with first_call(model) as seen:
    ...     _ = model(__import__("torch").ones(3, 2))
    >>> seen.example.shape
    torch.Size([3, 2])
    """
    seen = FirstCall()

    def listen(module: nn.Module, arguments: tuple[Any, ...]) -> None:
        if module is model and not seen.arguments:
            seen.arguments = arguments

    handle = register_module_forward_pre_hook(listen)
    try:
        yield seen
    finally:
        handle.remove()
