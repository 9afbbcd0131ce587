"""Regression and classification on data as recorded, in units of their own."""

import torch
from torch import nn
from torch.nn import functional as F

from cases.case import Case
from isograd.facts import Task

UNITS = torch.tensor([1.0, 400.0, 0.01, 30.0, 5000.0, 0.2])
ZEROS = torch.tensor([10.0, 2000.0, 0.5, -300.0, 90000.0, 0.0])


def raw(seed, size):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(size, 6, generator=generator)


def epochs(x, y):
    """Batches of 64 over the same data in an order of the seed's own; eight are an epoch."""

    def batches(seed):
        generator = torch.Generator().manual_seed(seed)
        while True:
            for index in torch.randperm(len(x), generator=generator).split(64):
                yield x[index], y[index]

    return batches


def train(evaluate, loss, batches, lr, steps=150):
    def build(seed):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))

    return Task(build, loss, batches, lambda p: torch.optim.SGD(p, lr=lr, momentum=0.9), evaluate, steps)


def as_recorded():
    """Six measurements in six units; the label depends on all."""

    def labelled(seed, size):
        z = raw(seed, size)
        return z * UNITS + ZEROS, (z.sum(1) > 0).float()

    def evaluate(model):
        x, y = labelled(0, 400)
        with torch.no_grad():
            return float(((model(x)[:, 0] > 0).float() == y).float().mean())

    return train(
        evaluate,
        lambda model, batch: F.binary_cross_entropy_with_logits(model(batch[0])[:, 0], batch[1]),
        epochs(*labelled(1, 512)),
        lr=0.05,
    )


def prices():
    """Prices in the hundreds of thousands."""

    def priced(seed, size):
        z = raw(seed, size)
        return z, (250_000 + 80_000 * torch.tanh(z[:, 0] - z[:, 1]) + 40_000 * z[:, 2])[:, None]

    def evaluate(model):
        """Share of the variance that is explained."""
        x, y = priced(0, 400)
        with torch.no_grad():
            return float(1 - F.mse_loss(model(x), y) / y.var())

    return train(
        evaluate,
        lambda model, batch: F.mse_loss(model(batch[0]), batch[1]),
        epochs(*priced(1, 512)),
        lr=0.03,
    )


CASES: tuple[Case, ...] = (
    Case("scale:input", as_recorded, success=0.85),
    Case("scale:target", prices, success=0.8, target=lambda batch: batch[1]),
)
