"""How probable data are to a restricted Boltzmann machine: exactly by enumeration, else as a pseudo-likelihood.

    log p(v) = -F(v) - log Z,   Z = sum_v exp(-F(v)) = sum_h exp(-F(h))

Z is summed over all states of the smaller side, 2^20 at most. Summed over h, what v contributes is known:

    binary visible     log sum_v exp(-E(v, h)) = c·h + sum_i softplus(b_i + (h W)_i)
    Gaussian visible   log int_v exp(-E(v, h)) = c·h + |h W|²/2 + b·h W + D/2 log 2 pi
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from isograd.errors import UsageError
from isograd.treatment.remedies.pretrain.rbm import RBM

MOST_UNITS = 20
"""Of the smaller side; its states are enumerated."""
_CHUNK = 1 << 14


def log_partition(machine: RBM) -> Tensor:
    """log Z, exact; a scalar that gradients flow through.

    Args:
        machine: One with at most 20 hidden units or, if its visible units are binary, at most 20 of those.

    Raises:
        UsageError: If it is too large.

    >>> machine = RBM(3, 2, std=0.0)  # all 32 states have energy 0
    >>> round(float(log_partition(machine).detach().exp()), 3)
    32.0
    """
    num_hidden, num_visible = machine.weight.shape
    over_visible = machine.visible == "binary" and num_visible < num_hidden
    size = num_visible if over_visible else num_hidden
    if size > MOST_UNITS:
        raise UsageError(f"at most {MOST_UNITS} units of one side can be enumerated; got {num_visible} x {num_hidden}")
    sums = [
        (-machine.free_energy(states) if over_visible else hidden_log_weight(machine, states)).logsumexp(dim=0)
        for states in all_states(size, machine.weight)
    ]
    return torch.stack(sums).logsumexp(dim=0)


def log_likelihood(machine: RBM, v: Tensor) -> Tensor:
    """log p(v) in nats, exact, shape (N,); a density where the visible units are Gaussian.

    Args:
        machine: As small as `log_partition` wants it.
        v: Shape (N, D).

    Raises:
        UsageError: If the machine is too large.
    """
    return -machine.free_energy(v) - log_partition(machine)


def hidden_log_weight(machine: RBM, h: Tensor) -> Tensor:
    """log of exp(-E(v, h)) summed over all v, shape (N,): log p(h) + log Z.

    Args:
        machine: Of any size.
        h: Hidden states, shape (N, H).
    """
    drive = h @ machine.weight
    if machine.visible == "binary":
        return h @ machine.hidden_bias + functional.softplus(machine.visible_bias + drive).sum(dim=-1)
    constant = drive.shape[-1] / 2 * math.log(2 * math.pi)
    return h @ machine.hidden_bias + drive.square().sum(dim=-1) / 2 + drive @ machine.visible_bias + constant


def all_states(size: int, like: Tensor) -> Iterator[Tensor]:
    """All 2^size rows of zeros and ones, shape (n, size) each, in pieces that keep memory small.

    >>> next(all_states(2, torch.empty(0))).tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    """
    for start in range(0, 1 << size, _CHUNK):
        numbers = torch.arange(start, min(start + _CHUNK, 1 << size), device=like.device)
        yield ((numbers[:, None] >> torch.arange(size, device=like.device)) & 1).to(like.dtype)


def pseudo_log_likelihood(machine: RBM, v: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """sum_i log p(v_i | all other v) of binary visible units in nats, shape (N,).

    Args:
        machine: With binary visible units.
        v: Shape (N, D), zeros and ones, or probabilities.
        generator: If given, one i is drawn per row and its term taken D times: an estimate at the cost of two free
            energies. None for the whole sum, at the cost of D.

    Returns:
        At most 0, -D log 2 for a machine that knows nothing. It can be compared between machines of unlike Z.

    Raises:
        UsageError: If the visible units are Gaussian.
    """
    if machine.visible != "binary":
        raise UsageError("a pseudo-likelihood by flips wants binary visible units; got Gaussian ones")
    if generator is None:
        units = range(v.shape[1])
        return torch.stack([_flip_term(machine, v, torch.full((len(v),), i, device=v.device)) for i in units]).sum(0)
    drawn = torch.randint(v.shape[1], (len(v),), generator=generator, device=v.device)
    return v.shape[1] * _flip_term(machine, v, drawn)


def _flip_term(machine: RBM, v: Tensor, units: Tensor) -> Tensor:
    """log p(v_i | others) = log sigmoid(F(v with v_i flipped) - F(v)), i by row."""
    rows = torch.arange(len(v), device=v.device)
    flipped = v.clone()
    flipped[rows, units] = 1 - flipped[rows, units]
    return functional.logsigmoid(machine.free_energy(flipped) - machine.free_energy(v))
