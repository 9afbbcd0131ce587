"""Where a running program stands in its source."""

import os
import sys
from collections.abc import Iterator
from itertools import islice
from types import FrameType
from typing import Any

import torch

import isograd
from isograd.facts.treatment import Position

_OURS, _TORCH = (os.path.dirname(os.path.abspath(str(module.__file__))) + os.sep for module in (isograd, torch))
_MAX_FRAMES = 48


def position_of(frame: FrameType) -> Position:
    """The expression that a frame is evaluating, e.g. the call that it waits for.

    Of a method call that spans several lines Python tells the part from the method's name on. Where Python kept no
    columns the line is 0.
    """
    code = frame.f_code
    line, end_line, column, end_column = next(islice(code.co_positions(), frame.f_lasti // 2, None))
    if line is None or end_line is None or column is None or end_column is None:
        return Position(code.co_filename, 0, 0, 0, 0)
    return Position(code.co_filename, line, column, end_line, end_column)


def user_frames(instance: Any = None) -> Iterator[FrameType]:
    """Frames of the program that called, innermost first, without those of torch; isograd, which runs it, ends them.

    Args:
        instance: If given, frames of its own methods are left out until another frame comes: what remains first is
            the one that called the constructor, or the method.
    """
    inside, begun = instance is not None, False
    for frame in islice(_outwards(), _MAX_FRAMES):
        if frame.f_code.co_filename.startswith(_OURS):
            if begun:
                return
        elif not _is_of_torch(frame):
            begun, inside = True, inside and is_method(frame, instance)
            if not inside:
                yield frame


def is_made_by_isograd(instance: Any) -> bool:
    """Whether the constructor that is running was called by isograd's own code, not by the program's."""
    for frame in islice(_outwards(), _MAX_FRAMES):
        ours = frame.f_code.co_filename.startswith(_OURS)
        if ours and any(value is instance for value in frame.f_locals.values()):
            continue  # it stands around the constructor, as we do
        if ours or not _is_of_torch(frame):
            return ours
    return False


def passed_through(kind: type) -> bool:
    """Whether a method of an object of this kind is among the callers."""
    frames = islice(_outwards(), _MAX_FRAMES)
    return any(isinstance(_first(frame), kind) for frame in frames if frame.f_code.co_filename.startswith(_TORCH))


def here() -> Position | None:
    """The innermost call outside torch and isograd, e.g. of the torch function that an override sees.

    >>> def program():
    ...     return here()
    >>> position = program()
    >>> (position.line, position.column, position.end_column)
    (2, 11, 17)
    """
    return next(map(position_of, user_frames()), None)


def is_method(frame: FrameType, instance: Any) -> bool:
    """Whether a frame runs a method of the instance, and not a function that was only given it first."""
    return _first(frame) is instance and hasattr(type(instance), frame.f_code.co_name)


def _first(frame: FrameType) -> Any:
    """What a function was called with first, usually `self`; None for a module or a class body."""
    return frame.f_locals.get(frame.f_code.co_varnames[0]) if frame.f_code.co_argcount else None


def _is_of_torch(frame: FrameType) -> bool:
    """Told by the module's name, too: torch generates code that has no file."""
    return frame.f_code.co_filename.startswith(_TORCH) or str(frame.f_globals.get("__name__")).startswith("torch.")


def _outwards() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        yield frame
        frame = frame.f_back
