"""What the user's script calls its models and optimizers, read from the frames that lead to a training step.

Only names and identities are read, once a network; nothing is kept but weak references.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch
from torch import nn

from isograd.observation.wrapping import behind

_SKIP = ("isograd", "torch", "importlib", "runpy", "_pytest", "pluggy")
_MAX_ITEMS = 4096


@dataclass(frozen=True)
class Found:
    """Things of interest in the script's variables, by the name they go by there."""

    modules: dict[str, nn.Module]
    """Modules, also those in lists and in attributes of objects such as a trainer."""
    optimizers: dict[str, torch.optim.Optimizer]
    """Optimizers; of one that wraps another, the one within."""
    tensors: dict[str, torch.Tensor]
    """Tensors that require a gradient and belong to no module."""


def look_around() -> Found:
    """Reads the variables of the frames that called, innermost first; an inner name wins over an outer one."""
    found = Found({}, {}, {})
    for frame in _frames():
        for name, value in _variables(frame):
            _note(found, name, value)
    return found


def _frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.split(".")[0] not in _SKIP:
            yield frame
        frame = frame.f_back


def _variables(frame: FrameType) -> Iterator[tuple[str, Any]]:
    yield from list(frame.f_locals.items())[:_MAX_ITEMS]
    if frame.f_globals is not frame.f_locals:
        yield from list(frame.f_globals.items())[:_MAX_ITEMS]


def _note(found: Found, name: str, value: Any, depth: int = 0) -> None:
    if name.startswith("__"):
        return
    if isinstance(value, nn.Module):
        if name == "self" and depth == 0:
            _descend(found, vars(value).get("_modules", {}).items(), "", depth)
            name = type(value).__name__
        found.modules.setdefault(name, value)
    elif isinstance(value, torch.optim.Optimizer):
        found.optimizers.setdefault(name, behind(value))
    elif isinstance(value, torch.Tensor):
        if value.requires_grad and value.is_leaf:
            found.tensors.setdefault(name, value)
    elif isinstance(value, dict) and depth < 2:
        _descend(found, ((f"{name}[{key!r}]", item) for key, item in list(value.items())[:_MAX_ITEMS]), "", depth)
    elif isinstance(value, list | tuple) and depth < 2:
        _descend(found, ((f"{name}[{index}]", item) for index, item in enumerate(value[:_MAX_ITEMS])), "", depth)
    elif depth == 0 and _has_plain_attributes(value):
        prefix = "" if name == "self" else f"{name}."
        _descend(found, list(vars(value).items())[:_MAX_ITEMS], prefix, depth)


def _descend(found: Found, items: Any, prefix: str, depth: int) -> None:
    for name, value in items:
        if isinstance(name, str):
            _note(found, prefix + name, value, depth + 1)


def _has_plain_attributes(value: Any) -> bool:
    """True for objects of the user's own classes, whose attributes can be read without running code."""
    kind = type(value)
    return not isinstance(value, type) and hasattr(value, "__dict__") and kind.__module__.split(".")[0] not in (
        *_SKIP, "builtins", "numpy", "pandas", "sklearn", "types", "functools", "_io", "re", "logging", "threading",
    )  # fmt: skip
