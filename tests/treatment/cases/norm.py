"""Deep nets whose signal or gradient dies on its way, for want of a normalisation."""

import torch
from torch import nn
from torch.nn import functional as F

from cases.case import Case
from isograd.facts import Task

WIDTH, CLASSES = 16, 4


class Plain(nn.Module):
    """A perceptron whose activation is called as a function, with PyTorch's own initial weights."""

    def __init__(self, activation, depth):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(depth))
        self.head = nn.Linear(WIDTH, CLASSES)
        self.activation = activation

    def forward(self, x):
        for layer in self.layers:
            x = self.activation(layer(x))
        return self.head(x)


class Convolutions(nn.Module):
    """The same of convolutions, with their activations as modules."""

    def __init__(self, depth):
        super().__init__()
        layers = [nn.Conv1d(1, WIDTH, 3, padding=1), nn.ReLU()]
        for _ in range(depth - 1):
            layers += [nn.Conv1d(WIDTH, WIDTH, 3, padding=1), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        return self.head(self.features(x.unsqueeze(1)).mean(dim=-1))


def rows(number, seed):
    """Standard normal rows and their classes: the largest of four fixed directions."""
    x = torch.randn(number, WIDTH, generator=torch.Generator().manual_seed(seed))
    return x, x[:, :CLASSES].argmax(dim=1)


def waves(number, seed):
    """Rows that differ in how often they swing."""
    generator = torch.Generator().manual_seed(seed)
    y = torch.randint(CLASSES, (number,), generator=generator)
    phase = 6.28 * torch.rand(number, 1, generator=generator)
    return torch.sin((2 * y[:, None] + 1) * torch.linspace(0, 3.14, WIDTH) + phase), y


def batches(data, size, seed):
    number = 0
    while True:
        yield data(size, 10_000 * (seed + 1) + number)
        number += 1


def task(build, data=rows, rate=0.1, steps=100, size=64):
    def seeded(seed):
        torch.manual_seed(seed)
        return build()

    def evaluate(model):
        x, y = data(500, 7)
        model.eval()
        with torch.no_grad():
            return float((model(x).argmax(dim=1) == y).float().mean())

    return Task(
        build=seeded,
        loss=lambda model, batch: F.cross_entropy(model(batch[0]), batch[1]),
        batches=lambda seed: batches(data, size, seed),
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=rate, momentum=0.9),
        evaluate=evaluate,
        steps=steps,
    )


CASES = (
    Case("norm:batch", lambda: task(lambda: Plain(torch.sigmoid, 8)), success=0.65),
    Case("norm:layer", lambda: task(lambda: Plain(torch.tanh, 8), rate=0.02), success=0.65),
    Case("norm:rms", lambda: task(lambda: Plain(torch.relu, 6), rate=0.02), success=0.65),
    Case("norm:group", lambda: task(lambda: Convolutions(7), waves, rate=0.02), success=0.65),
    Case("norm:weight", lambda: task(lambda: Plain(torch.relu, 6), rate=0.02), success=0.65),
)
