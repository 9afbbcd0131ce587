"""What a cure is doing just now, for whoever shows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from isograd.facts.trial import Order, Result


@dataclass(frozen=True)
class Running:
    """A training that runs."""

    order: Order
    """What it is to do."""
    steps: int
    """Optimizer steps taken."""
    of: int | None
    """How many it is to take; None where that is not known yet."""


@dataclass(frozen=True)
class Now:
    """Where a cure stands."""

    stage: str
    """`baseline`, `outlook`, `choice` or `proof`."""
    done: int
    """Trainings of the stage's present round that are done."""
    total: int
    """How many it has."""
    running: tuple[Running, ...] = ()
    """Those that run."""


Tell = Callable[[Now], None]
"""Told whenever something has changed, a few times a second at most for each training that runs."""


class Round:
    """Follows the trainings of one round.

    Args:
        stage: Of the cure.
        orders: Its trainings.
        whole: Steps of a whole run; None where that is not known.
        tell: Told of every change.
    """

    def __init__(self, stage: str, orders: Sequence[Order], whole: int | None, tell: Tell) -> None:
        self._stage, self._orders, self._whole, self._say = stage, orders, whole, tell
        self._steps: dict[int, int] = {}
        self._done = 0
        self._tell()

    def started(self, place: int) -> None:
        """See `trial.listeners.Listeners`, as the two that follow."""
        self.progress(place, 0)

    def progress(self, place: int, steps: int) -> None:
        """A training goes on."""
        self._steps[place] = steps
        self._tell()

    def ended(self, result: Result) -> None:
        """A training is done."""
        self._done += 1
        self._steps = {place: s for place, s in self._steps.items() if self._orders[place] != result.order}
        self._tell()

    def _tell(self) -> None:
        orders = self._orders
        running = (Running(orders[n], s, orders[n].max_steps or self._whole) for n, s in sorted(self._steps.items()))
        self._say(Now(self._stage, self._done, len(self._orders), tuple(running)))
