"""A small regression at learning rates that do not suit it."""

import torch
from torch import nn
from torch.nn import functional as F

from cases.case import Case
from isograd.facts import Task


def batches(seed, offset=0.0):
    generator = torch.Generator().manual_seed(seed)
    while True:
        x = torch.randn(64, 8, generator=generator)
        yield x, teacher(x) + offset


def teacher(x):
    return torch.tanh(x[:, :1] - x[:, 1:2]) + 0.5 * x[:, 2:3]


def explained(offset=0.0):
    def evaluate(model):
        """Share of the variance that is explained."""
        x = torch.randn(400, 8, generator=torch.Generator().manual_seed(99))
        with torch.no_grad():
            return float(1 - F.mse_loss(model(x), teacher(x) + offset) / teacher(x).var())

    return evaluate


def task(lr, kind=nn.Tanh, offset=0.0, steps=200):
    def build(seed):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(8, 32), kind(), nn.Linear(32, 32), kind(), nn.Linear(32, 1))

    return Task(
        build,
        lambda model, batch: F.mse_loss(model(batch[0]), batch[1]),
        lambda seed: batches(seed, offset),
        lambda p: torch.optim.SGD(p, lr=lr, momentum=0.9),
        explained(offset),
        steps,
    )


CASES: tuple[Case, ...] = (
    Case("lr:lower", lambda: task(lr=0.5), success=0.8),
    Case("lr:raise", lambda: task(lr=2e-4), success=0.8),
    Case("lr:warmup", lambda: task(lr=0.1, kind=nn.ReLU, offset=10.0, steps=250), success=0.8),
)
