"""Runs an unmodified script in this process as `python script args` would."""

import builtins
import os
import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from traceback import format_exception_only
from types import ModuleType
from typing import NoReturn

from isograd.observation.target import Target, absolute
from isograd.observation.uncaught import exit_code, show_uncaught

_kept: list[ModuleType] = []
"""The `__main__` that was there before: dropping the last reference would clear it while it still runs."""


@dataclass(frozen=True)
class Outcome:
    """How a script ended."""

    status: int
    """Its exit status, as Python would give it to the shell."""
    error: str
    """The last line of its traceback, e.g. `ValueError: no data`; empty if it ended well."""
    interrupted: bool
    """True if Ctrl-C ended it; Python then dies by SIGINT instead of exiting with a status."""
    forked: bool
    """True in a child process that the script forked and that ran on to the script's end."""


def run_script(target: Target, ended: Callable[[], None] | None = None) -> Outcome:
    """Runs the target until its main code ends, and shows an uncaught exception as Python would.

    `sys.argv`, `sys.path[0]` and `sys.modules["__main__"]` become the script's and stay so until the interpreter
    exits: its atexit handlers, threads and spawned children need them.

    Args:
        target: What to run; it was checked when it was made.
        ended: Called when the main code has ended, before a traceback is shown; not in a forked child.

    Returns:
        How it ended. Nothing that the script raises leaves this function.
    """
    process = os.getpid()
    _take_the_stage(target)
    failure = _execute(target)
    _flush()
    forked = os.getpid() != process
    if ended is not None and not forked:
        ended()
    return _outcome(failure, forked)


def leave(outcome: Outcome, status: int) -> NoReturn:
    """Ends this process as Python would have ended the script's.

    Args:
        outcome: How the script ended.
        status: The exit status; after Ctrl-C the process dies by SIGINT all the same.
    """
    if not outcome.interrupted:
        sys.exit(status)
    # An uncaught KeyboardInterrupt makes Python run its exit handlers and then kill itself by SIGINT. Its traceback
    # has been shown already, so for this once the hook shows nothing and puts back what the script had.
    script_hook, shown = sys.excepthook, (sys.last_type, sys.last_value, sys.last_traceback)

    def silent(*_: object) -> None:
        sys.excepthook = script_hook
        sys.last_type, sys.last_value, sys.last_traceback = shown

    sys.excepthook = silent
    raise KeyboardInterrupt


def _take_the_stage(target: Target) -> None:
    """Sets `sys.argv`, `sys.path[0]` and `__main__` as Python does before the first line of a script."""
    sys.argv = ["-m" if target.kind == "module" else target.name, *target.arguments]
    if not sys.flags.safe_path:  # with -P Python puts no folder in front, so there is none to replace
        sys.path[0] = first_path(target)
    _kept.append(sys.modules["__main__"])
    sys.modules["__main__"] = _fresh_main(target)


def first_path(target: Target) -> str:
    """What Python puts in front of `sys.path` for the target: the script's folder, symbolic links resolved."""
    if target.kind == "module":
        return os.getcwd()
    if target.kind == "folder":
        return absolute(target.name)
    return os.path.dirname(os.path.realpath(target.name))


def _fresh_main(target: Target) -> ModuleType:
    """A `__main__` with the names that Python puts there, in the same order."""
    main = ModuleType("__main__")
    if sys.version_info < (3, 14):
        main.__annotations__ = {}
    main.__dict__["__builtins__"] = builtins
    if target.code is not None:
        path = target.code.co_filename
        main.__dict__.update(__loader__=SourceFileLoader("__main__", path), __file__=path, __cached__=None)
    return main


def _execute(target: Target) -> BaseException | None:
    """Runs the code; returns what it raised, so that nothing is being handled when the exception is shown."""
    try:
        if target.code is not None:
            exec(target.code, sys.modules["__main__"].__dict__)
        else:
            # What the interpreter itself calls for `-m` and for folders; the public functions of runpy put their own
            # module and argv in place and take them away again.
            runpy._run_module_as_main(  # type: ignore[attr-defined]  # private, see above
                "__main__" if target.kind == "folder" else target.name, target.kind == "module"
            )
    except BaseException as error:  # noqa: BLE001  it is the script's, and is shown or turned into an exit status
        return error
    return None


def _outcome(failure: BaseException | None, forked: bool) -> Outcome:
    if failure is None:
        return Outcome(0, "", False, forked)
    if isinstance(failure, SystemExit):
        status = exit_code(failure)
        return Outcome(status, f"SystemExit: {failure.code}" if status else "", False, forked)
    status = show_uncaught(failure)
    return Outcome(status, _in_a_line(failure), type(failure) is KeyboardInterrupt, forked)


def _in_a_line(failure: BaseException) -> str:
    """Its kind and the first line of what it says; of a syntax error, the line behind its place in the source."""
    lines = "".join(format_exception_only(failure)).strip().splitlines()
    return lines[-1 if isinstance(failure, SyntaxError) else 0]


def _flush() -> None:
    """Flushes the script's output, as Python does before it shows a traceback."""
    for stream in (sys.stderr, sys.stdout):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            continue  # a closed pipe or stream: Python keeps silent here too, and says so when it exits
