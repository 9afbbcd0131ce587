"""Expressions that give the modules and optimizers which a frame can reach, e.g. `self.nets["generator"]`."""

import keyword
from collections.abc import Iterator
from types import FrameType
from typing import Any
from weakref import ReferenceType, ref

import torch
from torch import nn

Named = list[tuple[str, "ReferenceType[Any]"]]
"""Expressions with what they gave, shortest way first."""

_WANTED = (nn.Module, torch.optim.Optimizer)
_DEPTH = 3
_MAX_ITEMS = 1024
_FOREIGN = (
    "isograd", "torch", "builtins", "numpy", "pandas", "sklearn", "types", "functools", "_io", "re", "logging",
    "threading", "_pytest", "importlib",
)  # fmt: skip


def names_in(frame: FrameType) -> Named:
    """All modules and optimizers that variables of a frame lead to, local ones first; nothing of the user's is run.

    >>> import sys
    >>> def program():
    ...     net = nn.Linear(1, 1)
    ...     again = {"a": net}
    ...     return [name for name, module in names_in(sys._getframe()) if module() is net]
    >>> program()
    ['net']
    """
    found: Named = []
    seen = set[int]()
    scopes = [frame.f_locals] if frame.f_globals is frame.f_locals else [frame.f_locals, frame.f_globals]
    for scope in scopes:
        layer = [(name, value) for name, value in list(scope.items())[: 4 * _MAX_ITEMS] if _sayable(name)]
        for _ in range(_DEPTH):
            layer = list(_unseen(layer, seen))
            found += [(name, ref(value)) for name, value in layer if isinstance(value, _WANTED)]
            layer = [below for name, value in layer for below in _below(name, value)][: 16 * _MAX_ITEMS]
    return found


def _unseen(layer: list[tuple[str, Any]], seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Leaves out what was met under an earlier name; all values live, since the frame holds them."""
    for name, value in layer:
        if id(value) not in seen:
            seen.add(id(value))
            yield name, value


def _sayable(name: Any) -> bool:
    return isinstance(name, str) and name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")


def _below(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What a value holds, with the expressions for it."""
    if isinstance(value, nn.Module):
        attributes = {**vars(value), **vars(value).get("_modules", {})}
    elif isinstance(value, dict):
        for key, item in list(value.items())[:_MAX_ITEMS]:
            if isinstance(key, str | int):
                yield f"{name}[{key!r}]", item
        return
    elif isinstance(value, list | tuple):
        yield from ((f"{name}[{index}]", item) for index, item in enumerate(value[:_MAX_ITEMS]))
        return
    elif _is_of_the_user(value):
        attributes = getattr(value, "__dict__", {})
    else:
        return
    yield from ((f"{name}.{key}", item) for key, item in list(attributes.items())[:_MAX_ITEMS] if _sayable(key))


def _is_of_the_user(value: Any) -> bool:
    """True for objects whose attributes can be read without running code."""
    kind = type(value)
    return not isinstance(value, type) and kind.__dictoffset__ != 0 and kind.__module__.split(".")[0] not in _FOREIGN
