"""Lets a function mode see what torch's composite functions call inside.

`torch.nn.functional` hands a whole call (multi-head attention, `relu` ...) to the mode before its body runs, and the
mode cannot enter the body again. While these checks say "no mode", the bodies run and the mode sees the operations in
them. Only Python functions of these two modules ask here; operations written in C++ find the mode by themselves.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch.functional
import torch.nn.functional

_PLACES = (torch.nn.functional, torch.functional)
_CHECKS = ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic")


@contextmanager
def direct() -> Iterator[None]:
    """Runs the bodies of composite functions under the modes that are on."""
    kept = [(place, name, getattr(place, name)) for place in _PLACES for name in _CHECKS if hasattr(place, name)]
    try:
        for place, name, _ in kept:
            setattr(place, name, _no)
        yield
    finally:
        for place, name, check in kept:
            setattr(place, name, check)


def _no(*_: object) -> bool:
    return False
