"""Everything of isograd that runs inside the user's training runs through here.

A fault of ours is reported once and ends the watching, never the training; and the time that we take is counted.
"""

import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


UNSEEN_SECONDS = 1e-5
"""What a call costs on its way here and back, where the clock does not run: measured between cold steps of training."""


class Guard:
    """Calls our code on the training thread, keeps the time, and stops for good at the first fault."""

    def __init__(self, on_fault: Callable[[], None] | None = None) -> None:
        self.spent_seconds = 0.0
        self.fault = ""
        self.thread = threading.get_ident()
        """The one that is watched; calls from others are none of ours."""
        self._on_fault = on_fault
        self._nested = False
        self._began = 0.0

    def __call__(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Calls the function and returns its result, or None after a fault of ours or on a foreign thread."""
        if self.fault or self._nested:
            return None
        self._nested = True
        self._began = began = time.perf_counter()
        try:
            return function(*args, **kwargs)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is ours and must not reach the training
            self._report(error)
            return None
        finally:
            self._nested = False
            self.spent_seconds += time.perf_counter() - began + UNSEEN_SECONDS

    def spent_so_far(self) -> float:
        """Seconds taken in all, those of the call in progress included; to be asked from within one."""
        return self.spent_seconds + time.perf_counter() - self._began

    def _report(self, error: Exception) -> None:
        place = traceback.extract_tb(error.__traceback__)[-1]
        self.fault = f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"
        sys.stderr.write(f"isograd: watching ended early by a fault of its own, training goes on: {self.fault}\n")
        if self._on_fault is not None:
            self._on_fault()
