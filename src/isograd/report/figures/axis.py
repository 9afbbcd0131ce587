"""Axes: from numbers to places on the page, with ticks at round numbers."""

import math
from collections.abc import Callable
from dataclasses import dataclass

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Tick:
    """A mark on an axis."""

    percent: float
    """Where, 0 at the low end of the axis and 100 at its high end."""
    label: str
    """What stands beside it."""


@dataclass(frozen=True)
class Axis:
    """A straight axis from `low` to `high`, `low < high`."""

    label: str
    """What is measured along it."""
    low: float
    """The value at its low end."""
    high: float
    """The value at its high end."""
    ticks: tuple[Tick, ...]
    """Round numbers between, ascending."""

    def place(self, value: float) -> float:
        """Where a value lies, 0..1; beyond the ends (infinities too) it stays at the end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def linear_axis(label: str, low: float, high: float, num_ticks: int = 5, whole: bool = False) -> Axis:
    """An axis over a range, ticks at multiples of 1, 2 or 5 times a power of ten.

    Args:
        label: What is measured.
        low: Lower end.
        high: Upper end; an empty range is widened.
        num_ticks: About how many ticks.
        whole: True for counts: no tick between two whole numbers.

    Example:
        >>> [tick.label for tick in linear_axis("share", 0.0, 1.0).ticks]
        ['0', '0.2', '0.4', '0.6', '0.8', '1.0']
    """
    low, high = _widened(low, high)
    step = _round_step((high - low) / num_ticks, whole)
    ticks = _ticks(low, high, step, lambda value: plain(value, step))
    return Axis(label, low, high, ticks)


def decade_axis(label: str, low: float, high: float, num_ticks: int = 5) -> Axis:
    """An axis of log10 values that is labelled with powers of ten.

    Example:
        >>> [tick.label for tick in decade_axis("norm", -3.2, 0.1).ticks]
        ['10⁻³', '10⁻²', '10⁻¹', '10⁰']
    """
    low, high = math.floor(low * 10) / 10, math.ceil(high * 10) / 10
    if high - low < 1:
        low, high = (low + high - 1) / 2, (low + high + 1) / 2
    if high - low < 2:
        return Axis(label, low, high, _between_powers(low, high))
    step = _round_step((high - low) / num_ticks, whole=True)
    return Axis(label, low, high, _ticks(low, high, step, lambda value: power_of_ten(round(value))))


def _between_powers(low: float, high: float) -> tuple[Tick, ...]:
    """1, 2 and 5 times each power of ten: where there are few powers, they alone say too little."""
    ticks = []
    for exponent in range(math.floor(low), math.ceil(high) + 1):
        for factor in (1, 2, 5):
            value = exponent + math.log10(factor)
            if low <= value <= high:
                ticks.append(Tick(_percent(value, low, high), _times_power(factor, exponent)))
    return tuple(ticks)


def _times_power(factor: int, exponent: int) -> str:
    if -4 <= exponent <= 3:
        return f"{factor * 10.0**exponent:,.{max(0, -exponent)}f}"
    return power_of_ten(exponent) if factor == 1 else f"{factor}·{power_of_ten(exponent)}"


def power_of_ten(exponent: int) -> str:
    """`10` with a raised exponent."""
    return "10" + str(exponent).translate(SUPERSCRIPTS)


def plain(value: float, step: float) -> str:
    """A tick's number with as many places as its step needs, and a true minus sign."""
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    rounded = round(value, places)
    return f"{rounded:,.{places}f}".replace("-", MINUS) if rounded else "0"


def _widened(low: float, high: float) -> tuple[float, float]:
    smallest = 1e-9 * max(1.0, abs(low), abs(high))  # below that, ticks could not be told apart
    return (low, high) if high - low > smallest else (low - 0.5, high + 0.5)


def _round_step(rough: float, whole: bool) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough * (1 - 1e-9))
    return max(1.0, float(round(step))) if whole else step


def _ticks(low: float, high: float, step: float, text: Callable[[float], str]) -> tuple[Tick, ...]:
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    values = (index * step for index in range(first, last + 1))
    return tuple(Tick(_percent(value, low, high), text(value)) for value in values)


def _percent(value: float, low: float, high: float) -> float:
    return min(100.0, max(0.0, round(100 * (value - low) / (high - low), 2)))
