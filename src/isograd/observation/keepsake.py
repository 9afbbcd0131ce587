"""What is kept of one pass of a running training, so that experiments can be made with it when the run has ended.

A sick gain arms it: for one pass torch's global forward hooks are on, then the pass's arguments, the gradient that came
back to the model's output, and a copy of the parameters are held until the end. The run itself does nothing more.
"""

import weakref
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import torch
from torch import nn

from isograd.observation.guard import Guard
from isograd.observation.replay import Replay, awaited

MOST_PARAMETERS = 50_000_000
"""Models with more numbers are not copied."""
LONGEST_STEP_SECONDS = 2.0
"""With slower steps the experiments at the end, some twenty passes, would keep the user waiting."""
ATTEMPTS = 3
"""A model that is called twice in a step, or not as a whole, is given up after this many passes."""


class Keepsake:
    """Waits for one pass of one root module, and keeps it."""

    def __init__(self, root: "weakref.ref[nn.Module]", guard: Guard) -> None:
        self._root = root
        self._guard = guard
        self._stack = ExitStack()
        self._replay: Replay | None = None
        self._parameters: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._modes: list[tuple[nn.Module, bool]] = []
        self._attempts = 0
        self.step = -1
        """The optimizer step of the pass that was kept; -1 as long as there is none."""

    @property
    def wanted(self) -> bool:
        """True as long as nothing was kept and it has not been given up."""
        return self.step < 0 and self._attempts < ATTEMPTS and self._replay is None

    @property
    def awaits(self) -> bool:
        """True between arming and the pass's step."""
        return self._replay is not None and self.step < 0

    def arm(self) -> None:
        """Listens to the next pass."""
        root = self._root()
        if root is None or sum(parameter.numel() for parameter in root.parameters()) > MOST_PARAMETERS:
            self._attempts = ATTEMPTS
            return
        self._attempts += 1
        self._replay = self._stack.enter_context(awaited(root, self._guard))

    def before_step(self, step: int) -> None:
        """After the pass and before the optimizer's step: copies the parameters if the pass was seen whole."""
        self._stack.close()
        replay = self._replay
        if replay is None or self.step >= 0:
            return
        if not replay.complete:
            self._replay = None
            return
        self.step = step
        self._parameters = [(parameter, parameter.detach().clone()) for parameter in replay.root.parameters()]
        self._modes = [(module, module.training) for module in replay.root.modules()]

    def give_up(self) -> None:
        """Stops listening, if it still does."""
        self._stack.close()

    @contextmanager
    def restored(self) -> Iterator[Replay]:
        """The pass, with parameters and modes as they were; all is put back, bit for bit, when the block ends."""
        assert self._replay is not None, "there is no pass to restore; ask `step` first"
        now = [(parameter, parameter.detach().clone()) for parameter, _ in self._parameters]
        modes = [(module, module.training) for module, _ in self._modes]
        try:
            _put(self._parameters, self._modes)
            yield self._replay
        finally:
            _put(now, modes)


def _put(values: Sequence[tuple[torch.Tensor, torch.Tensor]], modes: Sequence[tuple[nn.Module, bool]]) -> None:
    for parameter, kept in values:
        parameter.data.copy_(kept)  # through .data, so that no version is counted and no graph of the user's breaks
    for module, training in modes:
        module.training = training
