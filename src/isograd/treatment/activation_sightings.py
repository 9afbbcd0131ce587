"""Which part of a model makes each call of an activation, seen from the frames of a running pass.

A call comes from a module of torch (`nn.Sigmoid`), from a function that a module of torch holds
(`nn.TransformerEncoderLayer(activation=...)`), or from a place in the source of a method. Calls are not numbered: on
the next batch a loop may run longer, and a branch may not be taken.
"""

import ast
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Literal

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from isograd.diagnosis.interventions.roles import ACTIVATIONS, Census, plain_name
from isograd.model.call_sites import End, end_of, source_of, stands_in
from isograd.model.rewriting import can_rewrite, method_running

Kind = Literal["module", "attribute", "call", "elsewhere"]
EXCHANGEABLE = frozenset(ACTIVATIONS) - {"clamp_min", "threshold"}
"""Activations by function; a clamp is as often a guard as a rectifier."""

_TORCH = os.path.dirname(torch.__file__) + os.sep
_PASSING = (f"{_TORCH}overrides.py", f"{_TORCH}_tensor.py", os.path.join(_TORCH, "nn", "functional.py"))
_ACTIVATION_MODULES = os.path.join(_TORCH, "nn", "modules", "activation.py")


@dataclass(frozen=True)
class Place:
    """Where calls come from; the same for all calls from there."""

    kind: Kind
    """`module`: an activation module; `attribute`: a function held by a module of torch; `call`: a call in the source
    of a method; `elsewhere`: anything else, which is left alone."""
    owner: int = 0
    """`id` of the activation module, or of the module that holds the function; 0 for the others."""
    attribute: str = ""
    """Name under which the function is held."""
    file: str = ""
    """Source file of a call."""
    end: End = (0, 0)
    """Where the call ends."""
    method: str = ""
    """Name of the method that it stands in."""


@dataclass(frozen=True)
class Sighting:
    """One call."""

    place: Place
    """Where it comes from."""
    function: str
    """Plain name of the function, e.g. `sigmoid`."""
    in_place: bool
    """True if it overwrites its input."""
    module: nn.Module | None = None
    """The module whose method makes the call."""


@dataclass(eq=False)
class Sightings(TorchFunctionMode):
    """Notes where each call comes from, in the order in which a census counts them; it changes nothing."""

    census: Census
    calls: list[Sighting] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if plain_name(func) in ACTIVATIONS:
            name = getattr(func, "__name__", "")
            in_place = (name.endswith("_") and not name.startswith("__")) or (kwargs or {}).get("inplace") is True
            place, module = _place(plain_name(func))
            self.calls.append(Sighting(place, plain_name(func), in_place, module))
        return self.census.__torch_function__(func, types, args, kwargs)


def _place(function: str) -> tuple[Place, nn.Module | None]:
    frames = _frames()
    frame = next(frames, None)
    if frame is None:
        return Place("elsewhere"), None
    if frame.f_code.co_filename == _ACTIVATION_MODULES:
        module = _instance(frame)
        return (Place("module", owner=id(module)) if module is not None else Place("elsewhere")), module
    end, file = end_of(frame), frame.f_code.co_filename
    source = source_of(file)
    if source is None or end is None or end not in source.calls:
        return Place("elsewhere", file=file, end=end or (frame.f_lineno, 0)), None
    called = _said(source.calls[end].func)
    if not _is_called(called, function, frame):
        return Place("elsewhere", file=file, end=end), None
    if file.startswith(_TORCH):
        module = _instance(frame)
        name = called.removeprefix("self.")
        held = module is not None and called.startswith("self.") and name in vars(module)
        return (Place("attribute", id(module), name) if held else Place("elsewhere", file=file, end=end)), module
    return _in_method(frame, frames, file, end)


def _in_method(frame: FrameType, outer: Iterator[FrameType], file: str, end: End) -> tuple[Place, nn.Module | None]:
    """The method of a module around a call, which may stand in a comprehension or a function within it."""
    source = source_of(file)
    for candidate in (frame, *outer):
        if candidate.f_code.co_filename != file:
            break
        module = _instance(candidate)
        if module is None:
            continue
        code, kind = candidate.f_code, type(module)
        method = method_running(kind, code)
        if method is None or source is None or not stands_in(source, end, code) or not can_rewrite(kind, method, code):
            break
        return Place("call", file=file, end=end, method=method), module
    return Place("elsewhere", file=file, end=end), None


def _frames() -> Iterator[FrameType]:
    """Frames from the one that called the function on, without those that pass a call on."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename in (__file__, *_PASSING):
        frame = frame.f_back
    while frame is not None:
        yield frame
        frame = frame.f_back


def _instance(frame: FrameType) -> nn.Module | None:
    code = frame.f_code
    first = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
    return first if isinstance(first, nn.Module) else None


def _said(node: Any) -> str:
    """What is called, as written: `torch.sigmoid`, `self.act`; `.tanh` where it is called on something computed."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    names.append(node.id if isinstance(node, ast.Name) else "")
    return ".".join(reversed(names))


def _is_called(said: str, function: str, frame: FrameType) -> bool:
    """True if the expression that is called is the activation itself, and no `map`, `partial` or wrapper around it."""
    first, *attributes = said.split(".")
    if _alike(attributes[-1] if attributes else first, function):
        return True
    found: Any = frame.f_locals.get(first, frame.f_globals.get(first))
    for attribute in attributes:
        found = getattr(found, attribute, None)
    return found is not None and _alike(plain_name(found), function) and not isinstance(found, nn.Module)


def _alike(name: str, function: str) -> bool:
    same = {"expit": "sigmoid", "special_expit": "sigmoid", "logsigmoid": "log_sigmoid"}
    plain = name.removesuffix("_")
    return same.get(plain, plain) == same.get(function, function)
