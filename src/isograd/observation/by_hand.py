"""Training without an optimizer: scripts that update their parameters by hand, `p -= lr * p.grad`.

No hook tells of such a step. So a stand-in holds the parameters, and a step is taken to lie between two backward
passes if parameters changed in between; where none did, gradients are being accumulated.
"""

import weakref
from collections.abc import Sequence
from typing import Any, cast

import torch

from isograd.model.graph import trace
from isograd.observation.backward import Backward
from isograd.observation.cadence import Cadence
from isograd.observation.guard import Guard
from isograd.observation.naming import Found
from isograd.observation.networks import name_network
from isograd.observation.tracker import Tracker

_PROBES = 2


class HandWritten:
    """Stands where an optimizer would; its name is what reports show as the optimizer."""

    def __init__(self, parameters: Sequence[torch.Tensor]) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": list(parameters)}]
        self.state: dict[torch.Tensor, dict[str, Any]] = {}


def leaves_of(roots: Sequence[torch.Tensor], found: Found) -> list[torch.Tensor]:
    """The parameters behind a loss: those of modules, and tensors that a variable of the script holds."""
    graph = trace(roots)
    if graph is None:
        return []
    known = {id(tensor) for tensor in found.tensors.values()}
    leaves = (graph.leaf(vertex) for vertex in range(len(graph.nodes) - 1, -1, -1))
    return [t for t in leaves if t is not None and (isinstance(t, torch.nn.Parameter) or id(t) in known)]


class ByHand:
    """Follows one network that is updated by hand."""

    def __init__(
        self, parameters: Sequence[torch.Tensor], found: Found, cadence: Cadence, sink: Any, guard: Guard
    ) -> None:
        self._stand_in = HandWritten(parameters)
        optimizer = cast(torch.optim.Optimizer, self._stand_in)
        self.tracker = Tracker(0, weakref.ref(optimizer), name_network(parameters, found), cadence, sink, guard)
        self._probes = sorted(parameters, key=lambda p: p.numel())[:_PROBES]
        self._before: list[torch.Tensor] = []

    def after_backward(self, backwards: Sequence[Backward]) -> None:
        """A step may follow now."""
        self.tracker.begin_step(cast(torch.optim.Optimizer, self._stand_in), backwards)
        self.tracker.forget_applied()
        self._before = [probe.detach().clone() for probe in self._probes]

    def before_backward(self, backwards: Sequence[Backward], spent: float, training: float) -> bool:
        """If a step was taken since the last backward pass, it ends here; tells whether one was."""
        if not self._before:
            return False
        changed = any(not torch.equal(old, new.detach()) for old, new in zip(self._before, self._probes, strict=True))
        self._before = []
        if changed:
            self.tracker.end_step(cast(torch.optim.Optimizer, self._stand_in), backwards, spent, training)
        return changed
