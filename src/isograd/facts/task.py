"""What is to be trained, as functions: what `isograd check` and `isograd cure` take from the user."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """A training task that can be built again and again from a seed.

    >>> Task(lambda seed: None, lambda model, batch: 0.0, lambda seed: [], lambda parameters: None).steps
    300
    """

    build: Callable[[int], Any]
    """`build(seed)` gives a new `torch.nn.Module`."""
    loss: Callable[[Any, Any], Any]
    """`loss(model, batch)` gives a scalar tensor."""
    batches: Callable[[int], Iterable[Any]]
    """`batches(seed)` gives batches, as many as are wanted."""
    optimizer: Callable[[Any], Any]
    """`optimizer(parameters)` gives a `torch.optim.Optimizer`."""
    evaluate: Callable[[Any], float] | None = None
    """`evaluate(model)` gives a score, the higher the better; None to judge by the loss."""
    steps: int = 300
    """Optimizer steps of one training, at least 1."""
