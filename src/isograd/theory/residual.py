"""Residual nets: what a shortcut makes of the gradient.

Legend: x + a f(x) with shortcut factor s, so s x + a f(x); v variance that the branch adds for an input of variance 1,
r its squared rate (factor of E||dL/dx||^2 through the branch alone); q_l variance of the stream.
"""

import math


def residual_rate(branch_rate: float = 1.0, a: float = 1.0, shortcut: float = 1.0) -> float:
    """Squared rate of s x + a f(x): s^2 + a^2 r, for a branch whose weights are independent of the stream.

    Args:
        branch_rate: r.
        a: factor of the branch.
        shortcut: s.

    Example:
        >>> residual_rate(), round(residual_rate(a=math.sqrt(0.5), shortcut=math.sqrt(0.5)), 12)
        (2.0, 1.0)

    Source: algebra; compare Hanin and Rolnick 2018.
    """
    return shortcut**2 + a**2 * branch_rate


def pre_norm_gain(num_blocks: int, branch_variance: float = 1.0, branch_rate: float = 1.0, start: float = 1.0) -> float:
    """G in decades over blocks x + f(norm(x)): 0.5 log10 prod(1 + r / q_l), q_l = start + l v.

    The stream grows by v a block, and every later branch weighs less; with r = v the product telescopes to
    q_L / q_0, a power of depth and not an exponential.

    Args:
        num_blocks: L.
        branch_variance: v.
        branch_rate: r at a normalised input.
        start: q_0, variance of the stream where it begins, positive.

    Raises:
        ValueError: if the stream starts with no variance.

    Example:
        >>> round(pre_norm_gain(99), 12)  # 0.5 log10(100)
        1.0

    Source: algebra; compare De and Smith 2020.
    """
    if start <= 0:
        raise ValueError(f"the stream must start with a positive variance, got start={start}")
    factors = (math.log10(1 + branch_rate / (start + block * branch_variance)) for block in range(num_blocks))
    return 0.5 * sum(factors)


def post_norm_rate(branch_variance: float = 1.0, branch_rate: float = 1.0, alpha: float = 1.0) -> float:
    """Squared rate of norm(alpha x + f(x)) for a stream of variance 1: (alpha^2 + r) / (alpha^2 + v).

    Args:
        branch_variance: v.
        branch_rate: r.
        alpha: factor of the shortcut; DeepNorm's is (2 N)^(1/4).

    Example:
        >>> post_norm_rate(branch_variance=1.0, branch_rate=0.0)  # a branch that passes no gradient
        0.5

    Source: Xiong et al. 2020; Wang et al. 2022 (DeepNorm).
    """
    return (alpha**2 + branch_rate) / (alpha**2 + branch_variance)
