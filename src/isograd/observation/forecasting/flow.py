"""What is carried back from operation to operation, and what one operation does in both directions."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from isograd.observation.forecasting.signal import Signal


@dataclass(frozen=True)
class Flow:
    """The gradient on its way back: its size and how much of it points the same way."""

    log10: float
    """log10 of the expected squared norm over the whole tensor."""
    near: float = 0.0
    """Correlation between two positions of one example."""
    across: float = 0.0
    """Correlation between two examples."""
    only: tuple[int, int] | None = None
    """(size, index) of an axis outside of whose index the gradient is zero, as behind `h[:, -1]`; else None."""

    def times(self, factor: float, near: float | None = None, across: float | None = None) -> "Flow":
        """The flow with its squared norm multiplied, and where given new correlations."""
        size = self.log10 + math.log10(factor) if factor > 0 else -math.inf
        return Flow(size, self.near if near is None else near, self.across if across is None else across, self.only)


NO_FLOW = Flow(-math.inf)

Pull = Callable[[Flow], Flow]
"""From the gradient of an operation's output to its share of the gradient of one input."""


def unchanged(flow: Flow) -> Flow:
    """What a change of shape does."""
    return flow


def by(factor: float) -> Pull:
    """The squared norm times a factor."""
    return lambda flow: flow.times(factor)


def spread(copies: float) -> Pull:
    """An input that is used at several places gathers the gradients of all of them."""
    return lambda flow: flow.times(1 + (copies - 1) * max(flow.near, 0.0)) if copies > 1 else flow


@dataclass(frozen=True)
class Step:
    """One operation, as the forecast sees it."""

    signal: Signal
    """Of its output."""
    pulls: dict[int, Pull] = field(default_factory=dict)
    """By input slot; slots without one pass the gradient on unchanged."""
    beta: float = 0.0
    """Variance that a finite width adds to ln of the squared gradient."""
    known: bool = True
    """False if the operation has no rule."""


def merge(flows: Sequence[Flow]) -> Flow:
    """The sum of independent gradients."""
    largest = max((flow.log10 for flow in flows), default=-math.inf)
    if not math.isfinite(largest):
        return flows[0] if len(flows) == 1 else replace(NO_FLOW, log10=largest)
    shares = [10 ** (flow.log10 - largest) for flow in flows]
    total = sum(shares)
    near = sum(s * flow.near for s, flow in zip(shares, flows, strict=True)) / total
    across = sum(s * flow.across for s, flow in zip(shares, flows, strict=True)) / total
    return Flow(largest + math.log10(total), near, across, flows[0].only if len(flows) == 1 else None)
