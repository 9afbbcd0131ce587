"""Deep nets without skips whose gradient vanishes, and residual nets whose branches are too large."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from cases.case import Case
from isograd.facts import Task

WIDTH, CLASSES, INPUTS = 24, 4, 16


class Plain(nn.Module):
    """A perceptron whose activation is called as a function, with PyTorch's own initial weights."""

    def __init__(self, activation, depth):
        super().__init__()
        self.first = nn.Linear(INPUTS, WIDTH)
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(depth))
        self.head = nn.Linear(WIDTH, CLASSES)
        self.activation = activation

    def forward(self, x):
        x = self.activation(self.first(x))
        for layer in self.layers:
            x = self.activation(layer(x))
        return self.head(x)


class Block(nn.Module):
    """x + f(x), with a branch of a given gain."""

    def __init__(self, gain):
        super().__init__()
        self.inner = nn.Linear(WIDTH, WIDTH)
        self.outer = nn.Linear(WIDTH, WIDTH)
        nn.init.normal_(self.inner.weight, 0, math.sqrt(2 / WIDTH))
        nn.init.normal_(self.outer.weight, 0, gain / math.sqrt(WIDTH))

    def forward(self, x):
        return x + self.outer(torch.relu(self.inner(x)))


def residual(depth, gain):
    return nn.Sequential(
        nn.Linear(INPUTS, WIDTH), *(Block(gain) for _ in range(depth)), nn.ReLU(), nn.Linear(WIDTH, CLASSES)
    )


def rows(number, seed):
    """Standard normal rows and their classes: the largest of the first four entries."""
    x = torch.randn(number, INPUTS, generator=torch.Generator().manual_seed(seed))
    return x, x[:, :CLASSES].argmax(dim=1)


def batches(seed, size=64):
    number = 0
    while True:
        yield rows(size, 10_000 * (seed + 1) + number)
        number += 1


def task(build, rate=0.05, steps=100):
    def seeded(seed):
        torch.manual_seed(seed)
        return build()

    def evaluate(model):
        x, y = rows(500, 7)
        model.eval()
        with torch.no_grad():
            return float((model(x).argmax(dim=1) == y).float().mean())

    return Task(
        build=seeded,
        loss=lambda model, batch: F.cross_entropy(model(batch[0]), batch[1]),
        batches=batches,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=rate, momentum=0.9),
        evaluate=evaluate,
        steps=steps,
    )


CASES = (
    Case("residual:skip", lambda: task(lambda: Plain(torch.relu, 10)), success=0.65),
    Case("residual:rezero", lambda: task(lambda: Plain(torch.tanh, 12)), success=0.65),
    Case("residual:rezero", lambda: task(lambda: residual(12, 2.0)), success=0.65),
    Case("residual:scale", lambda: task(lambda: residual(12, 2.0), rate=0.02), success=0.65),
)
