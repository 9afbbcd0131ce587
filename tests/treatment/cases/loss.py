"""A loss that is undefined for confident predictions."""

import torch
from torch import nn

from cases.case import Case
from isograd.facts import Task


def points(seed, size):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(size, 8, generator=generator)
    return x, (x[:, :2].sum(1) > 0).long() * 2 + (x[:, 2:4].sum(1) > 0).long()


def build(seed):
    """Scores in the hundreds: probabilities round to zero, and their logarithms are infinite."""
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))
    with torch.no_grad():
        net[2].weight.mul_(500.0)
    return net


def loss(model, batch):
    return -(nn.functional.one_hot(batch[1], 4) * torch.softmax(model(batch[0]), 1).log()).sum(1).mean()


def evaluate(model):
    x, label = points(0, 400)
    with torch.no_grad():
        return float((model(x).argmax(1) == label).float().mean())


def confident():
    return Task(
        build,
        loss,
        lambda seed: (points(1 + step + 1000 * seed, 64) for step in range(1000)),
        lambda parameters: torch.optim.Adam(parameters, lr=0.02),
        evaluate,
        steps=150,
    )


CASES: tuple[Case, ...] = (Case("loss:stable", confident, success=0.8),)
