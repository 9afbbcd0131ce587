"""What is carried forward from operation to operation: moments of a tensor's entries over random networks.

Legend: h entries of one unit; `square` E[h^2], `near` E[h h'] at two positions (pixels, tokens) of one example,
`across` E[h h'] of two examples, `mean` over the units. All are raw moments, so a sum of independent tensors adds them
up to the product of the means.
"""

from dataclasses import dataclass, replace

from isograd.theory import Activation
from isograd.theory.hermite import Series, expand


@dataclass(frozen=True)
class Signal:
    """Moments of one tensor."""

    square: float
    near: float
    across: float
    mean: float = 0.0
    channels_first: bool = False
    """True if units are counted along dimension 1, as behind a convolution."""
    mixing: int = 0
    """For the weights of attention the number of keys that they share one out among; else 0."""
    common: float = 0.0
    """For scores of attention the part of `square` that all keys of a query share."""
    origin: tuple[Activation, float, float] | None = None
    """Behind an activation: it, and the variance and mean of the Gaussian that went in."""

    @property
    def variance(self) -> float:
        """Over the units."""
        return max(self.square - self.mean**2, 0.0)

    def scaled(self, factor: float) -> "Signal":
        """The tensor times a number."""
        two = factor * factor
        return Signal(
            self.square * two, self.near * two, self.across * two, self.mean * factor, self.channels_first,
            self.mixing, self.common * two,
        )  # fmt: skip


@dataclass(frozen=True)
class Slopes:
    """What an activation does to the gradient's moments."""

    square: float
    """E[phi'^2]."""
    near: float
    """E[phi' phi'] at two positions."""
    across: float
    """E[phi' phi'] of two examples."""
    ratio: float
    """E[phi'^4] / E[phi'^2]^2."""


def correlation(pair: float, signal: Signal) -> float:
    """Correlation of two entries over the units, from their raw moment."""
    variance = signal.variance
    if variance <= 1e-14 * signal.square or variance == 0.0:
        return 1.0
    return max(-1.0, min(1.0, (pair - signal.mean**2) / variance))


def activated(signal: Signal, activation: Activation) -> tuple[Signal, Slopes]:
    """phi of a tensor whose entries are taken as Gaussian."""
    phi, slope, fourth = expand(activation, signal.variance, signal.mean)
    near, across = correlation(signal.near, signal), correlation(signal.across, signal)
    out = Signal(
        phi.square, _pair(phi, near), _pair(phi, across), phi.mean, signal.channels_first,
        origin=(activation, signal.variance, signal.mean),
    )  # fmt: skip
    ratio = fourth / slope.square**2 if slope.square > 0 else 1.0
    return out, Slopes(slope.square, _pair(slope, near), _pair(slope, across), ratio)


def _pair(series: Series, c: float) -> float:
    return series.pair(c)


def added(parts: list[Signal]) -> Signal:
    """The sum of independent tensors."""
    square = near = across = mean = 0.0
    for part in parts:
        cross = 2 * mean * part.mean
        square, near, across = square + part.square + cross, near + part.near + cross, across + part.across + cross
        mean += part.mean
    return Signal(square, near, across, mean, any(p.channels_first for p in parts), common=sum(p.common for p in parts))


def multiplied(first: Signal, second: Signal) -> Signal:
    """The product of independent tensors, entry by entry."""
    return Signal(
        first.square * second.square, first.near * second.near, first.across * second.across,
        first.mean * second.mean, first.channels_first or second.channels_first,
        mixing=first.mixing or second.mixing,
    )  # fmt: skip


def joined(parts: list[tuple[Signal, float]]) -> Signal:
    """Tensors laid side by side, each with its number of entries."""
    total = sum(size for _, size in parts) or 1.0

    def average(name: str) -> float:
        return sum(float(getattr(part, name)) * size for part, size in parts) / total

    mean = average("mean")
    return replace(parts[0][0], square=average("square"), near=average("near"), across=average("across"), mean=mean,
                   origin=None)  # fmt: skip


def averaged(signal: Signal, positions: int, units: int = 1) -> Signal:
    """The mean over `positions` places and `units` units."""
    square = signal.square / positions + (1 - 1 / positions) * signal.near
    floor = signal.mean**2
    square, near, across = (x / units + (1 - 1 / units) * floor for x in (square, signal.near, signal.across))
    return Signal(square, near, across, signal.mean, signal.channels_first)
