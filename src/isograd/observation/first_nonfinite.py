"""Tells of the first value of one network that is not finite: the step, the layer, the operation."""

import weakref
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

import torch

from isograd.facts import Event
from isograd.observation.backward import Backward
from isograd.observation.nonfinite import likeliest
from isograd.observation.sizes import all_finite
from isograd.observation.watched import Watched

if TYPE_CHECKING:
    from isograd.observation.session import Sink

_MOST_NAMES = 16


class FirstNonFinite:
    """Looks for it in one network, and writes its event once."""

    def __init__(self, watched: Watched, sink: "Sink") -> None:
        self.told = False
        """True once it was found."""
        self._watched = watched
        self._sink = sink
        self._probe: weakref.ref[torch.Tensor] | None = None

    def follow(self, parameters: Sequence[torch.Tensor]) -> None:
        """Chooses the gradient that is looked at: the smallest of those of the first layer, where all errors arrive."""
        self._probe = weakref.ref(min(parameters, key=lambda parameter: parameter.numel()))

    def probe(self) -> torch.Tensor | None:
        """The gradient that is looked at, if it is there."""
        parameter = self._probe() if self._probe is not None else None
        return None if parameter is None else parameter.grad

    def tell_of_pass(self, backwards: Sequence[Backward]) -> None:
        """Tells of a backward pass that located a value that is not finite, if one did."""
        found = next((backward for backward in backwards if backward.origin is not None), None)
        if self.told or found is None or found.origin is None:
            return
        owners = self._watched.naming.owners
        owner = owners.get(id(found.origin_leaf)) if found.origin_leaf is not None else None
        site = self._site_of(owner.name) if owner else ""
        self._tell(site, found.origin.direction, found.origin.operation, given=found.origin.given)

    def tell_of_gradients(self, held: Iterable[tuple[torch.Tensor, torch.Tensor | None]]) -> None:
        """Tells of a gradient that is not finite although the loss was: the layer nearest the loss.

        Args:
            held: parameters, each with the tensor that shows whether its gradient is finite.
        """
        if self.told:
            return
        owners = self._watched.naming.owners
        bad = [
            owners[id(p)].name for p, shown in held if shown is not None and id(p) in owners and not all_finite(shown)
        ]
        if bad:
            sites = [self._site_of(name) for name in bad]
            order = [name for name in self._watched.sites if name in sites]
            site = order[-1] if order else sites[-1]
            self._tell(site, "backward", likeliest(self._watched.risky), given=False, parameters=bad[:_MOST_NAMES])

    def _tell(self, site: str, direction: Literal["forward", "backward"], operation: str, **detail: object) -> None:
        detail["candidates"] = list(self._watched.risky)
        event = Event(self._watched.step, "non-finite", site, direction, operation, detail)
        self._sink.event(self._watched.index, event)
        self.told = True

    def _site_of(self, parameter: str) -> str:
        for site in self._watched.sites.values():
            if parameter in site.parameters:
                return site.name
        return parameter.rsplit(".", 1)[0]
