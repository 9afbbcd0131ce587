"""The range of floating-point formats: where gradients are flushed to zero or overflow.

Legend (IEEE 754): p significant bits including the hidden one, e_min and e_max the smallest and largest exponent.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class NumberFormat:
    """A binary floating-point format with gradual underflow.

    Example:
        >>> FORMATS["float16"].maximum
        65504.0
    """

    name: str
    """As PyTorch has it, without `torch.`."""
    significant_bits: int
    """p."""
    exponent_min: int
    """e_min: the smallest normal number is 2^e_min."""
    exponent_max: int
    """e_max."""

    @property
    def maximum(self) -> float:
        """The largest finite number."""
        return math.ldexp(2 - math.ldexp(1.0, 1 - self.significant_bits), self.exponent_max)

    @property
    def smallest_normal(self) -> float:
        """Below it precision is lost bit by bit."""
        return math.ldexp(1.0, self.exponent_min)

    @property
    def smallest_subnormal(self) -> float:
        """The smallest number above zero."""
        return math.ldexp(1.0, self.exponent_min - self.significant_bits + 1)

    @property
    def flush(self) -> float:
        """What is no larger than this rounds to zero (half the smallest subnormal, ties to even).

        Python's floats end at 2^-1074, so this is 0 for float64.
        """
        return math.ldexp(1.0, self.exponent_min - self.significant_bits)

    @property
    def epsilon(self) -> float:
        """Distance from 1 to the next number."""
        return math.ldexp(1.0, 1 - self.significant_bits)

    @property
    def square_flush(self) -> float:
        """Numbers no larger than this have a square of zero; a norm computed in this format does not see them."""
        return math.exp2((self.exponent_min - self.significant_bits) / 2)


FORMATS: Mapping[str, NumberFormat] = MappingProxyType(
    {
        "float16": NumberFormat("float16", 11, -14, 15),
        "bfloat16": NumberFormat("bfloat16", 8, -126, 127),
        "float32": NumberFormat("float32", 24, -126, 127),
        "float64": NumberFormat("float64", 53, -1022, 1023),
    }
)
"""The formats that activations and gradients come in."""


def flushed_share(rms: float, number_format: NumberFormat, scale: float = 1.0) -> float:
    """Share of normally distributed gradients that are flushed to zero.

    Real gradients have heavier tails than a Gaussian, so a few more survive than this says.

    Args:
        rms: their root mean square, positive.
        number_format: the format that they are kept in.
        scale: factor of the loss (loss scaling).

    Returns:
        P(|g| * scale <= flush), 0..1.

    Raises:
        ValueError: if rms or scale is not positive.

    Example:
        >>> half = FORMATS["float16"]
        >>> round(flushed_share(1e-8, half), 3), round(flushed_share(1e-8, half, 65536.0), 3)
        (0.997, 0.0)

    Source: Micikevicius et al. 2018, section 3.2.
    """
    if rms <= 0 or scale <= 0:
        raise ValueError(f"rms and scale must be positive, got rms={rms} and scale={scale}")
    return math.erf(number_format.flush / (rms * scale * math.sqrt(2)))


def loss_scale_limit(largest_gradient: float, number_format: NumberFormat) -> float:
    """The largest power of two by which the loss may be scaled before that gradient overflows.

    Args:
        largest_gradient: max |g| at scale one, positive.
        number_format: the format that gradients are kept in.

    Raises:
        ValueError: if the gradient is not positive.

    Example:
        >>> loss_scale_limit(0.5, FORMATS["float16"])
        65536.0
    """
    if largest_gradient <= 0:
        raise ValueError(f"the largest gradient must be positive, got {largest_gradient}")
    exponent = math.floor(math.log2(number_format.maximum) - math.log2(largest_gradient))
    return math.ldexp(1.0, exponent)
