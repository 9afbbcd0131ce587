"""What is done to gradients right before an optimizer uses them, also where it computes them itself by a closure.

A hook before a step sees gradients unscaled by a `GradScaler`, summed over micro-batches, averaged over processes. With
a closure they do not exist yet when the step begins: there the closure is wrapped, and each evaluation looked at.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, final

import torch


@final
class Around:
    """Hooks around every update of one optimizer; `remove` takes them off.

    Gradients that `before` sets to None are not used, as optimizers pass over such parameters, and are put back when
    the step is over: a step is left out without its weights, moments or step counts being touched.

    Args:
        optimizer: Whose updates.
        before: Called when the gradients are there.
        after: Called when the step is over.

    >>> weight = torch.nn.Parameter(torch.ones(1))
    >>> optimizer = torch.optim.SGD([weight], lr=1.0)
    >>> around = Around(optimizer, lambda: weight.grad.mul_(0.5))
    >>> weight.grad = torch.ones(1); optimizer.step(); weight.item()
    0.5
    >>> around.remove()
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        before: Callable[[], object],
        after: Callable[[], object] = lambda: None,
    ) -> None:
        self._before, self._after = before, after
        self._aside: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._handles = [
            optimizer.register_step_pre_hook(self._begin),
            optimizer.register_step_post_hook(self._end),
        ]

    def remove(self) -> None:
        """Takes the hooks off; a second call does nothing."""
        self._put_back()
        while self._handles:
            self._handles.pop().remove()

    def _begin(self, optimizer: torch.optim.Optimizer, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        self._put_back()  # what a step that raised an error left aside
        closure = args[1] if len(args) > 1 else kwargs.get("closure")
        if closure is None:
            self._look(optimizer)
            return None

        def evaluate() -> Any:
            self._put_back()
            loss = closure()
            self._look(optimizer)
            return loss

        if len(args) > 1:
            return (args[0], evaluate, *args[2:]), kwargs
        return args, {**kwargs, "closure": evaluate}

    def _look(self, optimizer: torch.optim.Optimizer) -> None:
        given = [(p, p.grad) for p in parameters_of(optimizer)]
        with torch.no_grad():
            self._before()
        self._aside = [(p, gradient) for p, gradient in given if gradient is not None and p.grad is None]

    def _end(self, *_: Any) -> None:
        self._after()
        self._put_back()

    def _put_back(self) -> None:
        for parameter, gradient in self._aside:
            if parameter.grad is None:
                parameter.grad = gradient
        self._aside = []


def parameters_of(optimizer: torch.optim.Optimizer) -> Iterator[torch.Tensor]:
    """All that an optimizer updates, in the order of its groups."""
    for group in optimizer.param_groups:
        yield from group["params"]


@final
class Handle:
    """Several things to take back together."""

    def __init__(self, *removers: Callable[[], object]) -> None:
        self._removers = list(removers)

    def remove(self) -> None:
        """Takes them back, the last first; a second call does nothing."""
        while self._removers:
            self._removers.pop()()
