"""Networks of theory's spike: plain perceptrons and recurrences with one or two things wrong with them."""

import math

import torch
from torch import nn
from torch.nn import functional as F

XAVIER, HE = (lambda n: 1 / n), (lambda n: 2 / n)


def mlp(activation, variance="torch", depth=20, width=96, bias=None, seed=0):
    """A perceptron of `depth` layers in float64; `variance` is of the weights, by width, or PyTorch's own."""
    torch.manual_seed(seed)
    layers = []
    for index in range(depth):
        layer = nn.Linear(width, width if index < depth - 1 else 10)
        if variance != "torch":
            nn.init.normal_(layer.weight, 0, math.sqrt(variance(width)))
            nn.init.zeros_(layer.bias)
        if bias is not None:
            bias(layer.bias)
        layers += [layer, activation()]
    return nn.Sequential(*layers[:-1]).double()


def examples(width=96, seed=1):
    """A standardised batch and its classes."""
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randn(96, width, generator=generator, dtype=torch.float64),
        torch.randint(0, 10, (96,), generator=generator),
    )


def classes_loss(model):
    return lambda batch: F.cross_entropy(model(batch[0]), batch[1])


class Loop(nn.Module):
    """A recurrence written by hand: spectral radius `radius`, and inputs that drive it with rms `drive`."""

    def __init__(self, radius, activation=torch.tanh, drive=0.1, hidden=64, inputs=8):
        super().__init__()
        self.recurrent = nn.Parameter(torch.randn(hidden, hidden) / math.sqrt(hidden))
        self.entry = nn.Parameter(torch.randn(inputs, hidden) / math.sqrt(inputs) * drive)
        self.head = nn.Linear(hidden, 10)
        self.activation = activation
        with torch.no_grad():
            self.recurrent *= radius / torch.linalg.eigvals(self.recurrent).abs().max()

    def forward(self, x):
        hidden = x.new_zeros(x.shape[0], self.recurrent.shape[0])
        for time in range(x.shape[1]):
            hidden = self.activation(hidden @ self.recurrent + x[:, time] @ self.entry)
        return self.head(hidden)


class Fused(nn.Module):
    """A recurrent layer of torch and a head on its last time step."""

    def __init__(self, cell, inputs=8, hidden=32, **options):
        super().__init__()
        self.rnn = cell(inputs, hidden, batch_first=True, **options)
        self.head = nn.Linear(hidden, 10)

    def forward(self, x):
        return self.head(self.rnn(x)[0][:, -1])


def sequences(length=50, inputs=8, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return (
        torch.randn(16, length, inputs, generator=generator, dtype=torch.float64),
        torch.randint(0, 10, (16,), generator=generator),
    )


class HandLstm(nn.Module):
    """An LSTM written by hand: its sigmoids are gates."""

    def __init__(self, inputs=8, hidden=24):
        super().__init__()
        self.x, self.h, self.head = nn.Linear(inputs, 4 * hidden), nn.Linear(hidden, 4 * hidden), nn.Linear(hidden, 10)
        self.hidden = hidden

    def forward(self, x):
        h = c = x.new_zeros(len(x), self.hidden)
        for time in range(x.shape[1]):
            i, f, g, o = (self.x(x[:, time]) + self.h(h)).chunk(4, -1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return self.head(h)


class Residual(nn.Module):
    """x + scale * branch(x), He weights; `alpha` makes the scales parameters that begin at zero."""

    def __init__(self, width=64, blocks=12, scale=1.0, alpha=False, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.entry, self.head = nn.Linear(width, width), nn.Linear(width, 10)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width)) for _ in range(blocks)
        )
        for block in self.blocks:
            nn.init.kaiming_normal_(block[0].weight)
            nn.init.kaiming_normal_(block[2].weight)
        self.scales = nn.Parameter(torch.zeros(blocks)) if alpha else [scale] * blocks

    def forward(self, x):
        x = self.entry(x)
        for scale, block in zip(self.scales, self.blocks, strict=True):
            x = x + scale * block(x)
        return self.head(x)
