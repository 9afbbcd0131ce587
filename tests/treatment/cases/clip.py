"""Regression with now and then a batch whose targets are thousands of times too large."""

import torch
from torch import nn
from torch.nn import functional as F

from cases.case import Case
from isograd.facts import Task

CALM = range(30)
"""Steps before the first bad batch."""
LAST_BAD = 140


def teacher(x):
    return torch.tanh(x[:, :1] - x[:, 1:2]) + 0.5 * x[:, 2:3]


def batches(seed):
    generator = torch.Generator().manual_seed(seed)
    step = 0
    while True:
        x = torch.randn(64, 8, generator=generator)
        bad = step not in CALM and step <= LAST_BAD and step % 13 == 5
        yield x, teacher(x) * (1e4 if bad else 1.0)
        step += 1


def evaluate(model):
    """Share of the variance that is explained."""
    x = torch.randn(400, 8, generator=torch.Generator().manual_seed(99))
    with torch.no_grad():
        return float(1 - F.mse_loss(model(x), teacher(x)) / teacher(x).var())


def task(lr=0.05):
    def build(seed):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))

    return Task(
        build,
        lambda model, batch: F.mse_loss(model(batch[0]), batch[1]),
        batches,
        lambda p: torch.optim.SGD(p, lr=lr),
        evaluate,
        300,
    )


def signals(seed):
    """Noise, and what a filter and a bend make of it."""
    generator = torch.Generator().manual_seed(seed)
    step = 0
    while True:
        x = torch.randn(16, 1, 24, generator=generator)
        bad = step not in CALM and step <= LAST_BAD and step % 13 == 5
        yield x, bent(x) * (1e4 if bad else 1.0)
        step += 1


def bent(x):
    return torch.tanh(x - torch.roll(x, 1, 2)) + 0.5 * torch.roll(x, -1, 2)


def heard(model):
    """Share of the variance that is explained, away from the ends."""
    x = torch.randn(64, 1, 24, generator=torch.Generator().manual_seed(99))
    with torch.no_grad():
        error = (model(x) - bent(x))[..., 2:-2]
    return float(1 - error.square().mean() / bent(x).var())


def filtering():
    def build(seed):
        torch.manual_seed(seed)
        layers = (nn.Conv1d(1, 16, 5, padding=2), nn.Tanh(), nn.Conv1d(16, 16, 3, padding=1), nn.Tanh())
        return nn.Sequential(*layers, nn.Conv1d(16, 1, 3, padding=1))

    return Task(
        build,
        lambda model, batch: F.mse_loss(model(batch[0]), batch[1]),
        signals,
        lambda p: torch.optim.SGD(p, lr=0.2),
        heard,
        200,
    )


def target(batch):
    return batch[1]


CASES: tuple[Case, ...] = (
    Case("clip:norm", task, success=0.8, target=target),
    Case("clip:value", task, success=0.8, target=target, settings={"clip_value": 0.1}),
    Case("clip:adaptive", filtering, success=0.8, target=target),
    Case("clip:auto", lambda: task(lr=0.3), success=0.8, target=target),
    Case("clip:zscore", task, success=0.8, target=target),
)
