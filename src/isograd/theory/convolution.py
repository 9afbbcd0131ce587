"""Convolutions in the same theory: their fan-in, and what zero padding takes away from it.

Legend: c_in channels in, k kernel size along each axis. Every Fourier mode of a wide convolutional net obeys the same
chi_1 as a dense net of that fan-in (Xiao et al. 2018); a delta-orthogonal kernel alone keeps all modes' singular values
at one. Var W * fan_in is the factor of ||dL/dx||^2 too, whatever the stride and the number of output channels.
"""

import math
from collections.abc import Sequence


def fan_in(channels_in: int, kernel: Sequence[int], groups: int = 1) -> int:
    """Inputs of one output unit: c_in / groups times the taps of the kernel.

    Args:
        channels_in: c_in.
        kernel: k along each axis; empty for a dense layer.
        groups: divides c_in.

    Raises:
        ValueError: if groups do not divide the channels.

    Example:
        >>> fan_in(64, (3, 3))
        576

    Source: He et al. 2015, section 2.2.
    """
    if channels_in % groups:
        raise ValueError(f"groups must divide the channels, got {channels_in} channels in {groups} groups")
    return channels_in // groups * math.prod(kernel)


def valid_share(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> float:
    """Share of the taps, along one axis, that fall inside the input and not on zero padding.

    Multiply sigma_w^2 by the product over the axes: at the border a padded convolution sees fewer inputs.

    Args:
        size: positions of the input along the axis.
        kernel: k.
        stride: step between outputs.
        padding: zeros at each end.
        dilation: distance between taps.

    Returns:
        In 0..1; 1 without padding.

    Raises:
        ValueError: if the kernel does not fit.

    Example:
        >>> valid_share(4, 3, padding=1)  # 10 of 12
        0.8333333333333334
    """
    num_outputs = (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    if num_outputs < 1:
        raise ValueError(f"a kernel of {kernel} with dilation {dilation} does not fit into {size} + 2 * {padding}")
    taps = (stride * out + dilation * tap - padding for out in range(num_outputs) for tap in range(kernel))
    return sum(0 <= tap < size for tap in taps) / (num_outputs * kernel)
