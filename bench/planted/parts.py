"""What planted networks are made of; every one is healthy as it is made here."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

GAINS = {"relu": math.sqrt(2), "leaky": math.sqrt(2), "elu": 1.2234, "tanh": 1.0, "selu": 1.0, "gelu": 1.4811}
"""sigma_w at which the gradient keeps its size."""
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU, "leaky": nn.LeakyReLU, "elu": nn.ELU, "tanh": nn.Tanh, "selu": nn.SELU, "gelu": nn.GELU,
    "sigmoid": nn.Sigmoid, "hardsigmoid": nn.Hardsigmoid,
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """One network, its batch, and what was put wrong."""

    name: str
    causes: frozenset[str]
    model: nn.Module
    loss: Callable[[Any], Tensor]
    batch: Any


def perceptron(activation: str, depth: int, width: int, sigma: float, bias: float = 0.0) -> nn.Sequential:
    """`depth` linear layers of equal width."""
    layers: list[nn.Module] = []
    for _ in range(depth):
        layer = nn.Linear(width, width)
        nn.init.normal_(layer.weight, 0, sigma / math.sqrt(width))
        nn.init.constant_(layer.bias, bias)
        layers += [layer, ACTIVATIONS[activation]()]
    head = nn.Linear(width, 10)
    nn.init.normal_(head.weight, 0, 1 / math.sqrt(width))
    return nn.Sequential(*layers, head)


def convolutions(activation: str, depth: int, channels: int, sigma: float, norm: bool = False) -> nn.Sequential:
    """A stem, `depth` 3x3 convolutions with circular padding, global pooling and a head."""
    layers: list[nn.Module] = []
    for index in range(depth):
        layer = nn.Conv2d(channels if index else 3, channels, 3, padding=1, padding_mode="circular", bias=not norm)
        nn.init.normal_(layer.weight, 0, sigma / math.sqrt(9 * layer.in_channels))
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
        layers += [layer, *([nn.BatchNorm2d(channels)] if norm else []), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10))


class Residual(nn.Module):
    """Blocks of x + scale * f(x)."""

    def __init__(self, width: int, blocks: int, scale: float) -> None:
        super().__init__()
        self.entry, self.head, self.scale = nn.Linear(width, width), nn.Linear(width, 10), scale
        self.blocks = nn.ModuleList(perceptron("relu", 1, width, math.sqrt(2)) for _ in range(blocks))
        for block in self.blocks:
            block[-1] = nn.Linear(width, width)
            nn.init.normal_(block[-1].weight, 0, 1 / math.sqrt(width))

    def forward(self, x: Tensor) -> Tensor:
        """Ten scores of each example."""
        x = self.entry(x)
        for block in self.blocks:
            x = x + self.scale * block(x)
        return self.head(x)  # type: ignore[no-any-return]  # nn.Module's call is untyped


class Attention(nn.Module):
    """Residual self-attention without normalisation; scores are multiplied by `scale`."""

    def __init__(self, width: int, layers: int, scale: float) -> None:
        super().__init__()
        self.qkv = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(layers))
        self.out = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.head, self.scale = nn.Linear(width, 10), scale
        for layer in (*self.qkv, *self.out):
            nn.init.normal_(layer.weight, 0, 1 / math.sqrt(width))

    def forward(self, x: Tensor) -> Tensor:
        """Ten scores of each example."""
        for qkv, out in zip(self.qkv, self.out, strict=True):
            q, k, v = qkv(x).chunk(3, -1)
            x = x + out(torch.softmax(q @ k.transpose(-2, -1) * self.scale, -1) @ v)
        return self.head(x.mean(1))  # type: ignore[no-any-return]  # as above


class Recurrence(nn.Module):
    """A recurrent loop; spectral radius `radius`, inputs that add `drive` rms to each unit a step."""

    def __init__(self, hidden: int, radius: float, drive: float, activation: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.hh, self.ih = nn.Linear(hidden, hidden), nn.Linear(6, hidden, bias=False)
        self.head, self.activation = nn.Linear(hidden, 10), activation
        with torch.no_grad():
            nn.init.normal_(self.hh.weight)
            self.hh.weight *= radius / torch.linalg.eigvals(self.hh.weight).abs().max()
            nn.init.zeros_(self.hh.bias)
            nn.init.normal_(self.ih.weight, 0, drive / math.sqrt(6))

    def forward(self, x: Tensor) -> Tensor:
        """Ten scores of each example."""
        state = x.new_zeros(x.shape[0], self.hh.in_features)
        for time in range(x.shape[1]):
            state = self.activation(self.hh(state) + self.ih(x[:, time]))
        return self.head(state)  # type: ignore[no-any-return]  # as above


class FusedRecurrence(nn.Module):
    """`nn.RNN` with tanh, or `nn.LSTM`, and a head on the last time step."""

    def __init__(self, layer: nn.RNN | nn.LSTM) -> None:
        super().__init__()
        self.layer, self.head = layer, nn.Linear(layer.hidden_size, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Ten scores of each example."""
        return self.head(self.layer(x)[0][:, -1])  # type: ignore[no-any-return]  # as above


def fused_rnn(hidden: int, radius: float, drive: float) -> FusedRecurrence:
    """`nn.RNN` with chosen spectral radius and drive."""
    layer = nn.RNN(6, hidden, batch_first=True)
    with torch.no_grad():
        nn.init.normal_(layer.weight_hh_l0)
        layer.weight_hh_l0 *= radius / torch.linalg.eigvals(layer.weight_hh_l0).abs().max()
        nn.init.normal_(layer.weight_ih_l0, 0, drive / math.sqrt(6))
        nn.init.zeros_(layer.bias_hh_l0)
        nn.init.zeros_(layer.bias_ih_l0)
    return FusedRecurrence(layer)


def lstm(hidden: int, forget: float) -> FusedRecurrence:
    """`nn.LSTM` with chosen forget-gate bias."""
    layer = nn.LSTM(6, hidden, batch_first=True)
    with torch.no_grad():
        layer.bias_ih_l0[hidden : 2 * hidden] = forget
    return FusedRecurrence(layer)


def planted(name: str, causes: str, model: nn.Module, shape: tuple[int, ...], scale: float = 1.0) -> Planted:
    """A network in float64 with a batch of that shape, normal numbers times `scale`, and ten classes."""
    model = model.double()
    batch = (scale * torch.randn(shape).double(), torch.randint(0, 10, shape[:1]))
    return Planted(name, frozenset(causes.split()), model, lambda b: cross_entropy(model(b[0]), b[1]), batch)
