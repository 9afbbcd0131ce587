"""Four small networks whose steps last well over 5 ms on one core, each with its batch and its optimizer."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, scaled_dot_product_attention


@dataclass(frozen=True)
class Workload:
    """One model in training on one batch."""

    model: nn.Module
    """What is trained."""
    optimizer: torch.optim.Optimizer
    """What trains it."""
    inputs: Tensor
    """The batch."""
    labels: Tensor
    """Class of each example, or of each position."""

    def loss(self) -> Tensor:
        """Mean cross-entropy of the batch."""
        return cross_entropy(self.model(self.inputs).flatten(0, -2), self.labels.flatten())


class Block(nn.Module):
    """A pre-norm Transformer block with causal attention."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.project = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, width) to the same."""
        batch, time, width = x.shape
        q, k, v = (t.view(batch, time, self.heads, -1).transpose(1, 2) for t in self.qkv(self.norm1(x)).chunk(3, -1))
        mixed = scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.project(mixed.transpose(1, 2).reshape(batch, time, width))
        return x + self.mlp(self.norm2(x))


class LastState(nn.Module):
    """A two-layer LSTM read after its last step."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(28, 128, num_layers=2, batch_first=True)
        self.readout = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time, 28) to (batch, 10)."""
        states, _ = self.lstm(x)
        return self.readout(states[:, -1])


def mlp() -> Workload:
    """Six ReLU layers of 512 units, batch 128, SGD with momentum."""
    sizes = [784, 512, 512, 512, 512, 512]
    layers = [part for n, m in pairwise(sizes) for part in (nn.Linear(n, m), nn.ReLU())]
    model = nn.Sequential(*layers, nn.Linear(512, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    return Workload(model, optimizer, torch.randn(128, 784), torch.randint(10, (128,)))


def cnn() -> Workload:
    """Three blocks of convolution, batch normalisation, in-place ReLU and pooling, batch 64, SGD with momentum."""
    channels = [1, 32, 64, 64]
    blocks = [
        part
        for n, m in pairwise(channels)
        for part in (nn.Conv2d(n, m, 3, padding=1, bias=False), nn.BatchNorm2d(m), nn.ReLU(True), nn.MaxPool2d(2))
    ]
    model = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(576, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    return Workload(model, optimizer, torch.randn(64, 1, 28, 28), torch.randint(10, (64,)))


def gpt() -> Workload:
    """Four pre-norm Transformer blocks of width 128 on 16 x 64 tokens, AdamW."""
    model = nn.Sequential(
        nn.Embedding(100, 128),
        *(Block(128, 4) for _ in range(4)),
        nn.LayerNorm(128),
        nn.Linear(128, 100),
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    return Workload(model, optimizer, torch.randint(100, (16, 64)), torch.randint(100, (16, 64)))


def lstm() -> Workload:
    """Two LSTM layers of 128 units on 64 sequences of 28 rows, Adam."""
    model = LastState()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    return Workload(model, optimizer, torch.randn(64, 28, 28), torch.randint(10, (64,)))


MODELS: dict[str, Callable[[], Workload]] = {"mlp": mlp, "cnn": cnn, "gpt": gpt, "lstm": lstm}
"""By the names that contract readers know."""
