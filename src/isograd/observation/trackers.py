"""The networks of a run, each with its tracker: found among the variables, or when an optimizer first steps."""

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from isograd.observation.by_hand import ByHand, leaves_of
from isograd.observation.cadence import Cadence
from isograd.observation.guard import Guard
from isograd.observation.naming import Found, look_around
from isograd.observation.networks import Naming, Optimizers, name_network, parameters_of
from isograd.observation.tracker import Tracker

if TYPE_CHECKING:
    from isograd.observation.session import Sink

_BY_HAND = -1
MAX_NETWORKS = 64
"""Networks watched at most; a script that makes an optimizer a parameter is not followed further."""


class Trackers:
    """All trackers of a run, in the order in which their networks were found.

    Args:
        sink: where they write.
        budget: of each one's cadence; all count the time that isograd takes in all.
        guard: calls what runs inside the training.
        modules: models known beforehand.
        optimizers: if there are any, only these are watched.
    """

    def __init__(
        self,
        sink: "Sink",
        budget: float,
        guard: Guard,
        modules: Sequence[torch.nn.Module],
        optimizers: Sequence[torch.optim.Optimizer],
    ) -> None:
        self.by_hand: ByHand | None = None
        """The network that is updated without an optimizer, if there is one."""
        self.overfull = False
        """True if there were more networks than are watched."""
        self._sink = sink
        self._budget = budget
        self._guard = guard
        self._modules = tuple(weakref.ref(module) for module in modules)
        self._only = tuple(weakref.ref(optimizer) for optimizer in optimizers)
        self._optimizers = Optimizers()
        self._scale = 1.0
        self._trackers: dict[int, Tracker] = {}

    def __iter__(self) -> Iterator[Tracker]:
        return iter(tuple(self._trackers.values()))

    def alive(self) -> list[Tracker]:
        """Those whose network can still be trained."""
        return [tracker for tracker in self._trackers.values() if tracker.alive]

    def find(self, roots: Sequence[torch.Tensor]) -> None:
        """Before the first step: optimizers among the script's variables; without any, it may update by hand.

        Args:
            roots: what the first backward pass was called on.
        """
        found = self._surroundings()
        for optimizer in found.optimizers.values():
            self.of(optimizer)
        if not self._trackers and not self._only and (parameters := leaves_of(roots, found)):
            self.by_hand = ByHand(parameters, found, Cadence(self._budget), self._sink, self._guard)
            self._trackers[_BY_HAND] = self.by_hand.tracker

    def of(self, optimizer: torch.optim.Optimizer) -> Tracker | None:
        """The tracker of an optimizer's network, made at its first sight; None if it is not watched."""
        number, is_new = self._optimizers.number(optimizer)
        if self._only and all(reference() is not optimizer for reference in self._only):
            return None
        if is_new and self.by_hand is not None and self.by_hand.tracker.watched.step == 0:
            del self._trackers[_BY_HAND]
            self.by_hand = None
        if number not in self._trackers and self._taken_up(optimizer, number):
            return self._trackers[number]
        if is_new and len(self._trackers) < MAX_NETWORKS:
            self._trackers[number] = self._follow(optimizer)
        elif is_new:
            self.overfull = True
        return self._trackers.get(number)

    def known(self, optimizer: torch.optim.Optimizer) -> Tracker | None:
        """The tracker of an optimizer that was seen before, if it is watched."""
        number = self._optimizers.known(optimizer)
        return None if number is None else self._trackers.get(number)

    def is_new(self, optimizer: torch.optim.Optimizer) -> bool:
        """True if the optimizer was not seen before."""
        return self._optimizers.known(optimizer) is None

    def owns(self, tensor: torch.Tensor) -> bool:
        """True if a network's optimizer or modules hold the tensor."""
        return any(id(tensor) in tracker.watched.naming.owners for tracker in self._trackers.values())

    def scale_changed(self, scale: float) -> None:
        """Tells all, and those to come, what a scaler multiplies the loss by."""
        self._scale = scale
        for tracker in self._trackers.values():
            tracker.sentinel.scale_changed(scale)

    def _follow(self, optimizer: torch.optim.Optimizer) -> Tracker:
        naming = self._unique(name_network(parameters_of(optimizer), self._surroundings()))
        cadence, number = Cadence(self._budget), len(self._trackers)
        tracker = Tracker(number, weakref.ref(optimizer), naming, cadence, self._sink, self._guard)
        tracker.sentinel.scale = self._scale
        return tracker

    def _taken_up(self, optimizer: torch.optim.Optimizer, number: int) -> bool:
        """Whether the optimizer goes on where another of the same network stopped; its number then takes the place."""
        former = next((key for key, one in self._trackers.items() if one.takes_up(optimizer)), None)
        if former is not None:
            self._trackers = {number if key == former else key: one for key, one in self._trackers.items()}
        return former is not None

    def _unique(self, naming: Naming) -> Naming:
        """A model built anew goes by the same variable as the one before: the second is `model#2`."""
        taken = {tracker.watched.naming.name for tracker in self._trackers.values()}
        number, name = 2, naming.name
        while name in taken:
            name, number = f"{naming.name}#{number}", number + 1
        return replace(naming, name=name)

    def _surroundings(self) -> Found:
        found = look_around()
        known = {id(module) for module in found.modules.values()}
        for module in (reference() for reference in self._modules):
            if module is not None and id(module) not in known:
                found.modules.setdefault(type(module).__name__, module)
        return found
