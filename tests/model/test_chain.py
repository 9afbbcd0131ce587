"""What counts as a skip connection: a way past every layer, and not any place where branches join."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from isograd.observation.probe import measure

Build = Callable[[nn.Linear, nn.Linear, torch.Tensor], torch.Tensor]
JOINS: dict[str, tuple[Build, bool]] = {
    "identity": (lambda f, g, h: h + torch.relu(f(h)), True),
    "identity, past a scale": (lambda f, g, h: 0.5 * h + torch.relu(f(h)), True),
    "mean and deviation": (lambda f, g, h: f(h) + torch.exp(0.5 * g(h)), False),
    "two towers": (lambda f, g, h: torch.relu(f(h)) + torch.relu(g(h)), False),
    "highway": (lambda f, g, h: torch.sigmoid(f(h)) * torch.tanh(g(h)) + (1 - torch.sigmoid(f(h))) * h, True),
}


@pytest.mark.parametrize("join", JOINS)
def test_a_skip_connection_passes_every_layer(join: str) -> None:
    build, skips = JOINS[join]
    torch.manual_seed(0)
    first, f, g, last = (nn.Linear(8, 8) for _ in range(4))
    modules = {"model": nn.ModuleList([first, f, g, last])}
    x = torch.randn(4, 8)
    found = measure(modules, lambda: last(build(f, g, torch.tanh(first(x)))).square().mean())
    assert found.read.chain is not None
    assert found.read.chain.sums, "branches join"
    assert bool(found.read.chain.shortcuts) == skips
