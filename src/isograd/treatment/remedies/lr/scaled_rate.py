"""The learning rate multiplied for the time of a step, and put back behind it, so that schedulers see their own."""

from collections.abc import Callable
from typing import Any, final

import torch

from isograd.facts.treatment import Code

WRITTEN = '''\
def scale_rate(optimizer, share):
    """Multiplies the learning rate by share(step), step = 1, 2, ..., during each step; schedulers do not see it."""
    steps, rates = itertools.count(1), []

    def before(*_):
        factor = share(next(steps))
        rates[:] = [group["lr"] for group in optimizer.param_groups]
        for group in optimizer.param_groups:
            group["lr"] = group["lr"] * factor

    def after(*_):
        for group, rate in zip(optimizer.param_groups, rates):
            group["lr"] = rate

    optimizer.register_step_pre_hook(before)
    optimizer.register_step_post_hook(after)
'''
"""The same in the user's source."""


@final
class ScaledRate:
    """Hooks that multiply the learning rate of every group during each step; `remove` takes them off.

    Args:
        optimizer: Whose rate.
        share: Gives the factor of a step, counted from 1.

    >>> optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    >>> rate = ScaledRate(optimizer, lambda step: 0.5)
    >>> optimizer.param_groups[0]["params"][0].grad = torch.ones(1); optimizer.step()
    >>> optimizer.param_groups[0]["params"][0].item(), optimizer.param_groups[0]["lr"]
    (-0.5, 1.0)
    """

    def __init__(self, optimizer: torch.optim.Optimizer, share: Callable[[int], float]) -> None:
        self._share = share
        self._rates: list[tuple[dict[str, Any], Any, Any]] = []
        self.steps = 0
        """Steps taken."""
        self._handles = [
            optimizer.register_step_pre_hook(self._before),
            optimizer.register_step_post_hook(self._after),
        ]

    def remove(self) -> None:
        """Takes the hooks off and puts the rate back; a second call does nothing."""
        self._put_back()
        while self._handles:
            self._handles.pop().remove()

    def _before(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        self._put_back()  # what a step that raised an error left
        self.steps += 1
        factor = self._share(self.steps)
        for group in optimizer.param_groups:
            rate = group["lr"]
            group["lr"] = rate * factor  # not in place: groups may hold one and the same tensor
            self._rates.append((group, rate, group["lr"]))

    def _after(self, *_: Any) -> None:
        self._put_back()

    def _put_back(self) -> None:
        for group, rate, scaled in self._rates:
            if group["lr"] is scaled:
                group["lr"] = rate
        self._rates = []


def written(share: str) -> Code:
    """The lines that scale the rate by an expression of `step`.

    >>> written("0.1").after_optimizer
    'scale_rate({optimizer}, lambda step: 0.1)'
    """
    return Code(
        imports=("import itertools",),
        definitions=WRITTEN,
        after_optimizer=f"scale_rate({{optimizer}}, lambda step: {share})",
    )
