"""Networks that are healthy by design, each as a task: a check lays no error and no warning on them."""

import math

import pytest
import torch
from nets import HE, mlp
from torch import Tensor, nn
from torch.nn import functional as F

import isograd
from isograd.facts import Task


class HandGru(nn.Module):
    """A gated recurrent unit by hand; the sigmoids are cut into two gates."""

    def __init__(self, mixed: bool) -> None:
        super().__init__()
        self.entry, self.state = nn.Linear(8, 64), nn.Linear(32, 64)
        self.fresh, self.kept, self.head = nn.Linear(8, 32), nn.Linear(32, 32), nn.Linear(32, 10)
        self.mixed = mixed

    def forward(self, x: Tensor) -> Tensor:
        hidden = x.new_zeros(x.shape[0], 32)
        for time in range(x.shape[1]):
            reset, update = torch.sigmoid(self.entry(x[:, time]) + self.state(hidden)).chunk(2, -1)
            fresh = torch.tanh(self.fresh(x[:, time]) + reset * self.kept(hidden))
            hidden = fresh + update * (hidden - fresh) if self.mixed else (1 - update) * fresh + update * hidden
        return self.head(hidden)


class Adapted(nn.Module):
    """A frozen layer with a low-rank adapter whose second factor begins at zero."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen = nn.Linear(48, 48).requires_grad_(False)
        self.down, self.up = nn.Parameter(torch.randn(4, 48) / 7), nn.Parameter(torch.zeros(48, 4))

    def forward(self, x: Tensor) -> Tensor:
        return self.frozen(x) + x @ self.down.T @ self.up.T


class Highway(nn.Module):
    """Gates between a layer and its input, which carry most of it at first."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(48, 48) for _ in range(16))
        self.gates = nn.ModuleList(nn.Linear(48, 48) for _ in range(16))
        self.head = nn.Linear(48, 10)
        for gate in self.gates:
            nn.init.constant_(gate.bias, -2.0)

    def forward(self, x: Tensor) -> Tensor:
        for layer, gate in zip(self.layers, self.gates, strict=True):
            share = torch.sigmoid(gate(x))
            x = share * torch.relu(layer(x)) + (1 - share) * x
        return self.head(x)


class Branches(nn.Module):
    """Residual blocks whose last weights, and the head's, begin at zero."""

    def __init__(self) -> None:
        super().__init__()
        self.entry, self.head = nn.Linear(48, 48), nn.Linear(48, 10)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 48)) for _ in range(8)
        )  # fmt: skip
        for layer in (self.head, *(block[2] for block in self.blocks)):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = self.entry(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


class UnusedHead(nn.Module):
    """A head that the loss does not ask."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.unused = mlp(nn.ReLU, HE, depth=5, width=48).float(), nn.Linear(48, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)


def frozen_trunk() -> nn.Module:
    model = mlp(nn.ReLU, HE, depth=8, width=48).float()
    model[:8].requires_grad_(False)
    return model


def converged() -> nn.Module:
    model = mlp(nn.ReLU, HE, depth=3, width=48).float()
    x, y = next(vectors(0))
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(200):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    optimizer.zero_grad()
    return model


def transformer(norm_first: bool) -> nn.Module:
    layer = nn.TransformerEncoderLayer(32, 4, 64, 0.1, batch_first=True, norm_first=norm_first)
    body = nn.TransformerEncoder(layer, 6, enable_nested_tensor=False)
    return nn.Sequential(nn.Linear(8, 32), body, nn.Flatten(), nn.Linear(32 * 12, 10))


def normalised() -> nn.Module:
    blocks = [layer for _ in range(10) for layer in (nn.Linear(48, 48), nn.BatchNorm1d(48), nn.ReLU())]
    return nn.Sequential(*blocks, nn.Linear(48, 10))


def vectors(seed):
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield torch.randn(64, 48, generator=generator), torch.randint(0, 10, (64,), generator=generator)


def sequences(seed):
    yield torch.randn(16, 12, 8), torch.randint(0, 10, (16,))


def long_sequences(seed):
    yield torch.randn(16, 60, 8), torch.randint(0, 10, (16,))


def words(seed):
    yield torch.randint(0, 4000, (16, 8)), torch.randint(0, 10, (16,))


def yes_or_no(seed):
    for x, y in vectors(seed):
        yield x, (y % 2).float()[:, None]


def classes(model, batch):
    return F.cross_entropy(model(batch[0]), batch[1])


INNOCENT = {
    "a GRU by hand": (lambda: HandGru(False), long_sequences, classes),
    "a GRU by hand, written as a blend": (lambda: HandGru(True), long_sequences, classes),
    "low-rank adapters": (
        lambda: nn.Sequential(Adapted(), nn.ReLU(), Adapted(), nn.ReLU(), nn.Linear(48, 10)), vectors, classes,
    ),
    "highway": (Highway, vectors, classes),
    "zero branches and head": (Branches, vectors, classes),
    "an unused head": (UnusedHead, vectors, classes),
    "a frozen trunk": (frozen_trunk, vectors, classes),
    "a converged model": (converged, vectors, classes),
    "post-norm transformer": (lambda: transformer(False), sequences, classes),
    "pre-norm transformer": (lambda: transformer(True), sequences, classes),
    "batch normalisation": (normalised, vectors, classes),
    "sparse embeddings": (
        lambda: nn.Sequential(nn.EmbeddingBag(4000, 32, sparse=True), nn.ReLU(), nn.Linear(32, 10)), words, classes,
    ),
    "a sigmoid for binary cross-entropy": (
        lambda: nn.Sequential(nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, 1), nn.Sigmoid()), yes_or_no,
        lambda model, batch: F.binary_cross_entropy(model(batch[0]), batch[1]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", INNOCENT)
@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
def test_no_error_and_no_warning(name, optimizer):
    build, batches, loss = INNOCENT[name]

    def seeded(seed):
        torch.manual_seed(seed)
        return build()

    found = isograd.check(Task(seeded, loss, batches, lambda parameters: optimizer(parameters, lr=1e-2)))
    assert [one for one in found.diagnosis.findings if one.severity != "note"] == []
    assert found.diagnosis.health == "healthy"


def test_a_weight_that_is_used_transposed_is_experimented_with_all_the_same():
    class Loop(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight, self.head = nn.Parameter(0.3 * torch.randn(48, 48) / math.sqrt(48)), nn.Linear(48, 10)

        def forward(self, x):
            hidden = torch.zeros(x.shape[0], 48)
            for time in range(x.shape[1]):
                hidden = torch.tanh(hidden @ self.weight.T + 0.1 * x[:, time].repeat(1, 6))
            return self.head(hidden)

    torch.manual_seed(0)
    found = isograd.check(Task(lambda seed: Loop(), classes, long_sequences, lambda p: torch.optim.SGD(p, lr=0.1)))
    assert [cause.cause for cause in found.diagnosis.findings[0].causes] == ["recurrence-contracts"]
