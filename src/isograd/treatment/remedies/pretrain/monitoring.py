"""What is watched while a machine is trained, once an epoch, on the same few rows every time.

The reconstruction error falls even where the model gets worse, so it never stands alone: the pseudo-likelihood tells
how well the model predicts each unit from the others, and the gap of free energies, held-out rows less rows that were
trained on, grows when the model overfits; it needs no partition function, which cancels.

Source: Hinton, A practical guide to training restricted Boltzmann machines, 2010, sections 5 and 6.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from isograd.treatment.remedies.pretrain.likelihood import pseudo_log_likelihood
from isograd.treatment.remedies.pretrain.rbm import RBM

_MOST_ROWS = 256


@dataclass(frozen=True)
class Epoch:
    """One look at the training."""

    epoch: int
    """How many epochs were done; 0 before the first."""
    reconstruction: float
    """Mean of (v - v')² over rows and visible units, v' restored from the hidden probabilities of v."""
    free_energy: float
    """Mean free energy of rows that are trained on, in nats; nan where the model has none."""
    held_out_free_energy: float
    """The same of rows that are not; nan if none were held out."""
    pseudo_log_likelihood: float
    """Of the rows that are trained on, per row, estimated from one flip each; nan unless visible units are binary."""

    @property
    def free_energy_gap(self) -> float:
        """Held-out less trained on, in nats: near 0 at first, growing as the model overfits."""
        return self.held_out_free_energy - self.free_energy


def split_rows(rows: Tensor, share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Parts rows at random into those to train on and those to hold out.

    Args:
        rows: Shape (N, ...).
        share: Of rows to hold out, 0 to below 1; fewer than ten rows are not parted.
        generator: Draws the order.

    >>> kept, out = split_rows(torch.arange(20.0)[:, None], 0.1, torch.Generator())
    >>> kept.shape, out.shape
    (torch.Size([18, 1]), torch.Size([2, 1]))
    """
    num_out = int(len(rows) * share) if len(rows) >= 10 else 0
    order = torch.randperm(len(rows), generator=generator, device=rows.device)
    return rows[order[num_out:]], rows[order[:num_out]]


@torch.no_grad()
def look(machine: RBM, epoch: int, trained: Tensor, held_out: Tensor, generator: torch.Generator) -> Epoch:
    """Measures a machine on at most 256 rows of each kind."""
    rows = trained[:_MOST_ROWS]
    binary = machine.visible == "binary"
    return Epoch(
        epoch=epoch,
        reconstruction=float((machine.visible_means(machine(rows)) - rows).square().mean()),
        free_energy=float(machine.free_energy(rows).mean()),
        held_out_free_energy=float(machine.free_energy(held_out[:_MOST_ROWS]).mean()) if len(held_out) else math.nan,
        pseudo_log_likelihood=float(pseudo_log_likelihood(machine, rows, generator).mean()) if binary else math.nan,
    )


class Look(Protocol):
    """What every training tells of an epoch."""

    @property
    def epoch(self) -> int:
        """How many epochs were done."""

    @property
    def reconstruction(self) -> float:
        """Mean squared error of what was restored."""


def told(history: Sequence[Look]) -> str:
    """The training in a few words.

    >>> told([Epoch(0, 0.91, 0, 0, 0), Epoch(12, 0.34, 0, 0, 0)])
    '12 epochs, reconstruction 0.91 -> 0.34'
    """
    first, last = history[0], history[-1]
    epochs = f"{last.epoch} epoch{'s' if last.epoch != 1 else ''}"
    return f"{epochs}, reconstruction {first.reconstruction:.2g} -> {last.reconstruction:.2g}"
