"""Counts the optimizer steps of every network, tells how far the run is, and ends it after enough of them."""

import time
from collections.abc import Callable

from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook
from torch.utils.hooks import RemovableHandle

from isograd.treatment.trial.injection.roll import Network, Roll
from isograd.treatment.trial.process.leaving import EnoughSteps

_TELL_SECONDS = 0.1


class Steps:
    """Counts from `start` on.

    Args:
        roll: The networks.
        is_ordered: Whether a network is the one that counts for the limit and for what is told.
        most: The limit; None for none.
        tell: Called with the number of steps taken, a few times a second.
    """

    def __init__(
        self, roll: Roll, is_ordered: Callable[[Network], bool], most: int | None, tell: Callable[[int], None]
    ) -> None:
        self.taken = 0
        """Steps of the ordered network."""
        self.enough = False
        """Whether the limit was reached."""
        self.stepped: list[Callable[[Network, Optimizer], None]] = []
        """Told after each step."""
        self._roll = roll
        self._is_ordered = is_ordered
        self._most = most
        self._tell = tell
        self._told_at = 0.0
        self._depth = 0
        self._handles: list[RemovableHandle] = []

    def start(self) -> None:
        """Begins to count; to be called after the session has begun to watch, which then sees each step first."""
        self._handles = [
            register_optimizer_step_pre_hook(lambda *_: self._begin()),
            register_optimizer_step_post_hook(lambda optimizer, *_: self._end(optimizer)),
        ]

    def stop(self) -> None:
        """Counts no more."""
        while self._handles:
            self._handles.pop().remove()

    def _begin(self) -> None:
        self._depth += 1

    def _end(self, optimizer: Optimizer) -> None:
        self._depth = max(self._depth - 1, 0)
        network = self._roll.of(optimizer) if self._depth == 0 else None
        if network is None:
            return
        network.steps += 1
        for listener in self.stepped:
            listener(network, optimizer)
        if self._is_ordered(network):
            self._count(network.steps)

    def _count(self, steps: int) -> None:
        self.taken = steps
        self.enough = done = self._most is not None and steps >= self._most
        now = time.monotonic()
        if done or now - self._told_at > _TELL_SECONDS:
            self._told_at = now
            self._tell(steps)
        if done:
            raise EnoughSteps
