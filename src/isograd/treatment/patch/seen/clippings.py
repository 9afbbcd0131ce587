"""Where a program clips gradients by their norm with torch's own function."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any
from weakref import ref

import torch
from torch.nn.utils import clip_grad

from isograd.facts.treatment import Passage, Position
from isograd.treatment.interposition import Around, Place
from isograd.treatment.patch.seen.positions import position_of, user_frames

# `clip_grad_norm_` may have been imported by name before we come; what it calls inside, it looks up on each call.
_INNER = "_clip_grads_with_norm_"
CLIPPING_PLACE = Place(clip_grad, _INNER if hasattr(clip_grad, _INNER) else "clip_grad_norm_")
"""Through which every call of `torch.nn.utils.clip_grad_norm_` goes, with parameters and limit in front."""
_MOST_CALLS = 64


class Clippings:
    """Positions of calls that clip, with weak references to the parameters that each was given."""

    def __init__(self) -> None:
        self._given: dict[Position, dict[int, list[Any]]] = {}

    def note(self, original: Around, parameters: Any, *args: Any, **kwargs: Any) -> Any:
        """Stands around the clipping; for `Place.enter`."""
        parameters = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
        with suppress(Exception):  # a fault of ours costs a position, never the program
            self._remember(parameters)
        return original(parameters, *args, **kwargs)

    def positions(self) -> tuple[Position, ...]:
        """All of them."""
        return tuple(self._given)

    def passages(self, parameters: Collection[torch.Tensor]) -> tuple[Passage, ...]:
        """Calls that were given some of these parameters; `shared` where others were clipped by the same call."""
        own = {id(parameter) for parameter in parameters}
        found = []
        for position, calls in self._given.items():
            living = [[one for kept in refs if (one := kept()) is not None] for refs in calls.values()]
            ours = [any(id(one) in own for one in call) for call in living if call]
            if any(ours):
                found.append(Passage(position, shared=not all(ours)))
        return tuple(found)

    def _remember(self, parameters: list[torch.Tensor]) -> None:
        frame = next(user_frames(), None)
        if frame is None or not parameters:
            return
        calls = self._given.setdefault(position_of(frame), {})
        known = calls.get(id(parameters[0]))
        if (known is None and len(calls) < _MOST_CALLS) or (known is not None and known[0]() is None):
            calls[id(parameters[0])] = [ref(one) for one in parameters]
