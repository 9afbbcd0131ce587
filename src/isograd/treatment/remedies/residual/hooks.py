"""Hooks that make a block residual, or scale the branch of one that is.

They are functions and methods of plain objects, so that a model with them can be copied and pickled; the same lines are
written into the user's source.
"""

from typing import Any

import torch
from torch import nn


class Skip:
    """Carries the input of one layer to the next layer, whose input it is added to.

    The tensor is let go as soon as it was added; copies and files of the model never hold it. It serves one pass at a
    time: threads that share it (`DataParallel`) would mix their inputs up.
    """

    def __init__(self, scale: float = 1.0, total: float = 1.0) -> None:
        self.scale, self.total = scale, total
        self.kept: torch.Tensor | None = None

    def remember(self, layer: nn.Module, args: tuple[Any, ...]) -> None:
        """Before the block."""
        self.kept = args[0]

    def add(self, layer: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Behind it: total * (x + scale * f(x))."""
        x, branch = self._let_go(), args[0]
        if self.scale != 1.0:
            branch = self.scale * branch
        x = x + branch
        if self.total != 1.0:
            x = self.total * x
        return (x, *args[1:])

    def add_learnt(self, layer: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """Behind it: x + alpha * f(x), alpha a parameter of the layer that it goes to."""
        return (self._let_go() + layer.alpha * args[0], *args[1:])

    def _let_go(self) -> torch.Tensor:
        kept, self.kept = self.kept, None
        if kept is None:
            raise RuntimeError(
                "a skip has nothing to add: its block was not begun, since the layer before was not called; "
                "call the model as a whole, and let no block lie across the border of a checkpointed region"
            )
        return kept

    def __getstate__(self) -> dict[str, Any]:
        return {"scale": self.scale, "total": self.total, "kept": None}


def scale_branch(module: nn.Module, args: tuple[Any, ...], output: torch.Tensor) -> torch.Tensor:
    """Multiplies an output with the module's own number `alpha`."""
    return module.alpha * output  # type: ignore[operator]  # a parameter or a float


def scale_first(module: nn.Module, args: tuple[Any, ...], output: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same where several things are given and the first is the branch, as in multi-head attention."""
    return (module.alpha * output[0], *output[1:])


SCALE_BRANCH = """\
def scale_branch(module, args, output):
    return module.alpha * output
"""
SCALE_FIRST = """\
def scale_first(module, args, output):
    return (module.alpha * output[0], *output[1:])
"""
SKIP = """\
class Skip:
    def remember(self, layer, args):
        self.kept = args[0]

    def add(self, layer, args):
        x, self.kept = self.kept, None
        return ({sum}, *args[1:])
"""
