"""Keeps `os.fork` from happening while a writer's thread is inside SQLite.

A child that is forked in that moment inherits SQLite's mutexes locked for ever: the first query of the user's own code
in a DataLoader worker, e.g. of a data set in SQLite, would hang.
"""

import os
import threading
import weakref
from typing import final

_WAIT_SECONDS = 5.0  # a disk that hangs must not stop the user's fork


@final
class ForkGate:
    """A context that holds forks up while it is entered; one thread enters it at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _GATES.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()

    def shut(self) -> bool:
        """Wait until nobody is inside, and let nobody in; False if it takes too long."""
        return self._lock.acquire(timeout=_WAIT_SECONDS)

    def open(self) -> None:
        """Let the next one in."""
        self._lock.release()


_GATES: weakref.WeakSet[ForkGate] = weakref.WeakSet()
_shut = threading.local()  # two threads may fork at the same time


def _before() -> None:
    _shut.gates = [gate for gate in list(_GATES) if gate.shut()]


def _after_in_parent() -> None:
    for gate in _shut.gates:
        gate.open()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(before=_before, after_in_parent=_after_in_parent)
