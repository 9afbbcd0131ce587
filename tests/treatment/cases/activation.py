"""Deep networks that do not train because of their activations."""

import torch
from torch import nn
from torch.nn import functional as F

from cases.case import Case
from isograd.facts import Task

WIDTH, CLASSES = 32, 4


def points(seed, size):
    """Four classes by the signs of two projections, far enough from the border."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(size, 8, generator=generator)
    label = (x[:, :2].sum(1) > 0).long() * 2 + (x[:, 2:4].sum(1) > 0).long()
    return x, label


def batches(seed):
    for step in range(1000):
        yield points(1 + step + 1000 * seed, 64)


class Functional(nn.Module):
    """Activations as calls, in a loop, by a method and by a function that the module holds."""

    def __init__(self, depth, act):
        super().__init__()
        self.first = nn.Linear(8, WIDTH)
        self.layers = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(depth))
        self.last = nn.Linear(WIDTH, WIDTH)
        self.out = nn.Linear(WIDTH, CLASSES)
        self.act = act

    def forward(self, x):
        x = self.first(x).sigmoid()
        for layer in self.layers:
            x = self.act(layer(x))
        return self.out(torch.sigmoid(self.last(x)))


def stacked(depth, activation, scale=1.0):
    layers = [nn.Linear(8, WIDTH), activation()]
    for _ in range(depth):
        layers += [nn.Linear(WIDTH, WIDTH), activation()]
    net = nn.Sequential(*layers, nn.Linear(WIDTH, CLASSES))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(scale)
    return net


def task(net, lr=0.1, momentum=0.9, steps=120):
    def build(seed):
        torch.manual_seed(seed)
        return net()

    def evaluate(model):
        x, label = points(0, 400)
        with torch.no_grad():
            return float((model(x).argmax(1) == label).float().mean())

    return Task(
        build=build,
        loss=lambda model, batch: F.cross_entropy(model(batch[0]), batch[1]),
        batches=batches,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=lr, momentum=momentum),
        evaluate=evaluate,
        steps=steps,
    )


def dead():
    """ReLU units that are negative on every example."""
    net = stacked(5, nn.ReLU)
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, nn.Linear):
                layer.bias.fill_(-1.0)
    return net


CASES: tuple[Case, ...] = (
    Case("activation:relu", lambda: task(lambda: Functional(5, torch.sigmoid), lr=0.05), success=0.8),
    Case("activation:leaky-relu", lambda: task(dead, lr=0.05), success=0.8),
    Case("activation:elu", lambda: task(lambda: stacked(7, nn.Sigmoid), lr=0.03), success=0.8),
    Case("activation:selu", lambda: task(lambda: stacked(7, nn.Sigmoid), lr=0.03), success=0.8),
    Case("activation:gelu", lambda: task(lambda: Functional(5, torch.sigmoid), lr=0.05), success=0.8),
    Case("activation:silu", lambda: task(lambda: stacked(7, nn.Sigmoid), lr=0.05), success=0.8),
    Case("activation:prelu", lambda: task(lambda: Functional(5, torch.sigmoid), lr=0.015, steps=150), success=0.8),
    Case("activation:tanh", lambda: task(lambda: stacked(7, nn.Sigmoid), lr=0.05), success=0.8),
)
