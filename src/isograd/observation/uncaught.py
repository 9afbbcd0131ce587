"""An exception that a script did not catch, shown as Python shows it, without isograd's own frames."""

import itertools
import os
import sys
from types import FrameType, TracebackType

import isograd

_HOME = os.path.dirname(os.path.abspath(isograd.__file__)) + os.sep


def exit_code(leaving: SystemExit) -> int:
    """The exit status that a `SystemExit` asks for; a message goes to standard error, as Python does it.

    Example:
        >>> exit_code(SystemExit(3)), exit_code(SystemExit(None))
        (3, 0)
    """
    if leaving.code is None:
        return 0
    if isinstance(leaving.code, int):
        return leaving.code
    print(leaving.code, file=sys.stderr)
    return 1


def show_uncaught(error: BaseException) -> int:
    """Hands the exception to `sys.excepthook`, as Python does at the end of a script.

    Args:
        error: What ended the script; its traceback and those of its causes lose isograd's frames.

    Returns:
        The exit status: 1, or what the script's own hook asks for by `sys.exit`.
    """
    strip(error)
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, error.__traceback__
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    fault = _call_hook(error)
    if fault is None:
        return 1
    if isinstance(fault, SystemExit):
        return exit_code(fault)
    strip(fault)
    print("Error in sys.excepthook:", file=sys.stderr)
    sys.__excepthook__(type(fault), fault, fault.__traceback__)
    print("\nOriginal exception was:", file=sys.stderr)
    sys.__excepthook__(type(error), error, error.__traceback__)
    return 1


def _call_hook(error: BaseException) -> BaseException | None:
    """Calls the script's hook, or Python's if the script deleted it; returns what the hook itself raised."""
    hook = getattr(sys, "excepthook", sys.__excepthook__)
    try:
        hook(type(error), error, error.__traceback__)
    except BaseException as fault:  # noqa: BLE001  whatever a hook raises is shown, as Python shows it
        return fault
    return None


def strip(error: BaseException) -> None:
    """Takes isograd's frames out of the tracebacks of an exception, its causes, contexts and members.

    Args:
        error: Changed in place.
    """
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        current.__traceback__ = _without_own_frames(current.__traceback__)
        waiting += [linked for linked in (current.__cause__, current.__context__) if linked is not None]
        if isinstance(current, BaseExceptionGroup):
            waiting += current.exceptions


def _without_own_frames(first: TracebackType | None) -> TracebackType | None:
    """The chain without isograd's entries; the chain itself if nothing else would be left."""
    chain: list[TracebackType] = []
    entry = first
    while entry is not None:
        chain.append(entry)
        entry = entry.tb_next
    own = [_is_own(entry.tb_frame) for entry in chain]
    _spread_over_imports(chain, own)
    kept = [entry for entry, drop in zip(chain, own, strict=True) if not drop]
    if not kept:
        return first
    for earlier, later in itertools.pairwise(kept):
        earlier.tb_next = later
    kept[-1].tb_next = None
    return kept[0]


def _is_own(frame: FrameType) -> bool:
    """Whether the frame is isograd's; a module of isograd that is itself run as the script is the user's."""
    return frame.f_code.co_filename.startswith(_HOME) and frame.f_globals.get("__name__") != "__main__"


def _spread_over_imports(chain: list[TracebackType], own: list[bool]) -> None:
    """Marks the import system's frames beside ours too: Python hides them, but not when ours stand between them."""
    downwards, upwards = range(1, len(chain)), range(len(chain) - 2, -1, -1)
    for order, neighbour in ((downwards, -1), (upwards, 1)):
        for index in order:
            name = chain[index].tb_frame.f_code.co_filename
            own[index] = own[index] or (own[index + neighbour] and name.startswith("<frozen importlib."))
