"""How much a block of a network can stretch or shrink a small change of its input."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Extremes:
    """Extreme singular values of the Jacobian d(output)/d(input) of one block, at one example."""

    block: str
    """The module's path in the model."""
    largest: float
    """The largest singular value; if not `exact`, it is at least this."""
    smallest: float
    """The smallest of the min(inputs, outputs) singular values; if not `exact`, it is at most this."""
    exact: bool
    """True if the iteration exhausted the Jacobian, so that both are exact up to rounding."""
