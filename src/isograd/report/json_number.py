"""Numbers as the findings file writes them: JSON has no word for infinity, and none for what is no number."""

import math
from typing import Literal

Number = float | Literal["NaN", "Infinity", "-Infinity"] | None


def number(value: float | None) -> Number:
    """A number for JSON.

    >>> number(0.5), number(float("-inf")), number(None)
    (0.5, '-Infinity', None)
    """
    if value is None:
        return None
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return float(value)
