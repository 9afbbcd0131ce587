"""What a model is called with: remembered from its first call, without a hook on the model itself."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from torch import nn
from torch.nn.modules.module import register_module_forward_hook


@dataclass
class FirstCall:
    """The arguments of the first call; empty until it came back."""

    arguments: tuple[Any, ...] = ()
    """Those by position."""
    keywords: dict[str, Any] = field(default_factory=dict)
    """Those by name, as in `model(**batch)`."""
    names: tuple[str, ...] = ()
    """What the model calls the positional ones, in order."""

    @property
    def example(self) -> Any:
        """One argument alone, all as a tuple or by name, as `forecast` takes it; None where there were none."""
        if self.keywords:
            return {**dict(zip(self.names, self.arguments, strict=False)), **self.keywords}
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

    def listen(module: nn.Module, arguments: tuple[Any, ...], keywords: Mapping[str, Any], output: Any) -> None:
        if module is model and not seen.arguments and not seen.keywords:
            seen.arguments, seen.keywords, seen.names = arguments, dict(keywords), _names(module)

    handle = register_module_forward_hook(listen, with_kwargs=True)
    try:
        yield seen
    finally:
        handle.remove()


def _names(module: nn.Module) -> tuple[str, ...]:
    try:
        return tuple(inspect.signature(module.forward).parameters)
    except (TypeError, ValueError):  # a forward that is no plain function has no names to give
        return ()
