"""Optimizers that wrap another: libraries hand out such objects, and the steps are taken by the one within."""

import torch


def behind(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """The optimizer that takes the steps: the innermost one that shares the parameter groups, else the one given.

    Examples:
        >>> plain = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
        >>> behind(plain) is plain
        True
    """
    met = [optimizer]
    while (inner := _inner(met[-1])) is not None and all(inner is not one for one in met):
        met.append(inner)
    return met[-1]


def one_network(one: torch.optim.Optimizer, other: torch.optim.Optimizer) -> bool:
    """True if both hold the very same groups: two optimizers that only update the same parameters hold their own."""
    mine, theirs = one.param_groups, other.param_groups
    return bool(mine) and len(mine) == len(theirs) and all(a is b for a, b in zip(mine, theirs, strict=True))


def _inner(optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer | None:
    held = (value for value in vars(optimizer).values() if isinstance(value, torch.optim.Optimizer))
    return next((value for value in held if value is not optimizer and one_network(value, optimizer)), None)
