"""Training of a restricted Boltzmann machine: contrastive divergence (CD-k) and its persistent form (PCD).

    dW = <h v>_data - <h v>_model,   db = <v>_data - <v>_model,   dc = <h>_data - <h>_model

The model's averages come from k steps of Gibbs sampling: from the data in CD, from chains that live on between updates
in PCD. In CD-1 the reconstruction is the mean of v given h, which is less noisy; where the chain goes on, v is drawn.
Averages of the data and the last h of the chain take probabilities, never samples.

Chains that outlive an update must mix faster than the weights move: in PCD the learning rate falls to 0, as in
Tieleman's, and the momentum stays low. On 3x3 bars and stripes that lifts log p(v) from -7 to -3.5, of at best -2.6;
on the 8x8 digits a momentum of 0.9 left most hidden units stuck. PCD wants several times the epochs of CD.

Sources: Hinton, Training products of experts by minimizing contrastive divergence, 2002; Tieleman, Training restricted
Boltzmann machines using approximations to the likelihood gradient, 2008; numbers after Hinton's practical guide, 2010.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from isograd.errors import UsageError
from isograd.treatment.remedies.pretrain.monitoring import Epoch, look, split_rows
from isograd.treatment.remedies.pretrain.rbm import RBM

GAUSSIAN_SHARE = 0.1
"""Learning rate of Gaussian visible units as a share of that of binary ones: nothing bounds what they restore."""


@dataclass(frozen=True)
class Schedule:
    """Numbers of one training."""

    epochs: int = 10
    """Passes through the rows, at least 1."""
    batch_size: int = 20
    """Rows of one update; in PCD also the number of chains."""
    learning_rate: float = 0.1
    """Of binary visible units; Gaussian ones take a tenth of it. In PCD it falls to 0 in a straight line."""
    k: int = 1
    """Steps of Gibbs sampling, at least 1."""
    persistent: bool = False
    """True for PCD."""
    weight_decay: float = 2e-4
    """L2 cost of the weights; biases have none."""
    held_out: float = 0.1
    """Share of rows that is kept to see overfitting, 0 to below 1."""
    first_momentum: float = 0.5
    """Momentum of the first five epochs, or the first half if there are fewer than ten."""
    last_momentum: float = 0.9
    """Momentum after them; not used in PCD."""

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "k"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} must be at least 1; got {getattr(self, name)}")
        if not 0 <= self.held_out < 1:
            raise UsageError(f"held_out is a share from 0 to below 1; got {self.held_out}")

    def momentum(self, epoch: int) -> float:
        """Of an epoch, counted from 0."""
        early = epoch < min(5, (self.epochs + 1) // 2)
        return self.first_momentum if early or self.persistent else self.last_momentum

    def rate(self, machine: RBM, epoch: int) -> float:
        """Learning rate for a machine in an epoch, counted from 0."""
        rate = self.learning_rate * (GAUSSIAN_SHARE if machine.visible == "gaussian" else 1.0)
        return rate * (1 - epoch / self.epochs) if self.persistent else rate


@torch.no_grad()
def train_rbm(machine: RBM, rows: Tensor, schedule: Schedule, generator: torch.Generator) -> tuple[Epoch, ...]:
    """Trains a machine in place.

    Args:
        machine: What is trained.
        rows: Shape (N, D): in [0, 1] for binary visible units, standardised for Gaussian ones.
        schedule: The numbers.
        generator: All random numbers come from it, on the rows' device.

    Returns:
        One look before the training and one after every epoch.

    Raises:
        UsageError: If the rows do not fit the machine.

    >>> generator = torch.Generator().manual_seed(0)
    >>> rows = torch.eye(4).repeat(25, 1)
    >>> machine = RBM(4, 8, generator=generator)
    >>> history = train_rbm(machine, rows, Schedule(epochs=60, batch_size=10), generator)
    >>> history[0].reconstruction > 3 * history[-1].reconstruction
    True
    """
    if rows.ndim != 2 or rows.shape[1] != machine.weight.shape[1] or not len(rows):
        raise UsageError(f"rows must be of shape (N, {machine.weight.shape[1]}); got {tuple(rows.shape)}")
    trained, held_out = split_rows(rows, schedule.held_out, generator)
    updates = _Updates(machine, schedule, generator)
    history = [look(machine, 0, trained, held_out, generator)]
    for epoch in range(schedule.epochs):
        order = torch.randperm(len(trained), generator=generator, device=rows.device)
        for batch in torch.split(order, schedule.batch_size):
            updates.make(trained[batch], schedule.rate(machine, epoch), schedule.momentum(epoch))
        history.append(look(machine, epoch + 1, trained, held_out, generator))
    return tuple(history)


class _Updates:
    """The updates of one training: velocities, and in PCD the chains."""

    def __init__(self, machine: RBM, schedule: Schedule, generator: torch.Generator) -> None:
        self._machine, self._schedule, self._generator = machine, schedule, generator
        self._velocities = [torch.zeros_like(p) for p in (machine.weight, machine.visible_bias, machine.hidden_bias)]
        self._chains: Tensor | None = None

    def make(self, v0: Tensor, rate: float, momentum: float) -> None:
        """One update from a batch, shape (N, D)."""
        machine = self._machine
        h0 = machine(v0)
        vk, hk = self._model_side(h0)
        weight, visible_bias, hidden_bias = (velocity.mul_(momentum) for velocity in self._velocities)
        weight.addmm_(h0.T, v0, alpha=rate / len(v0)).addmm_(hk.T, vk, alpha=-rate / len(vk))
        weight.sub_(machine.weight, alpha=rate * self._schedule.weight_decay)
        visible_bias.add_(v0.mean(dim=0) - vk.mean(dim=0), alpha=rate)
        hidden_bias.add_(h0.mean(dim=0) - hk.mean(dim=0), alpha=rate)
        machine.weight.add_(weight)
        machine.visible_bias.add_(visible_bias)
        machine.hidden_bias.add_(hidden_bias)

    def _model_side(self, h0: Tensor) -> tuple[Tensor, Tensor]:
        """v and p(h|v) at the end of k steps of Gibbs sampling."""
        machine, schedule, generator = self._machine, self._schedule, self._generator
        if schedule.persistent:
            if self._chains is None:
                self._chains = torch.bernoulli(h0, generator=generator)
            h = self._chains
        else:
            h = torch.bernoulli(h0, generator=generator)
        draws = schedule.persistent or schedule.k > 1
        for step in range(schedule.k):
            v = machine.sample_visible(h, generator) if draws else machine.visible_means(h)
            hk = machine(v)
            if schedule.persistent or step < schedule.k - 1:
                h = torch.bernoulli(hk, generator=generator)
        if schedule.persistent:
            self._chains = h
        return v, hk
