"""The float64 twin of the sigmoid perceptron is itself right: against formulas by hand, and against the script."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tests.twins.mlp import (
    first_step,
    linear_names,
    load_script,
    log10_norms,
    preactivation_gradients,
    rho,
    total_gain,
    twin_gains,
)
from torch import Tensor, nn
from torch.nn import functional as F

SCRIPT = Path(__file__).parents[2] / "examples" / "mnist_sigmoid_mlp.py"


def by_hand(layers: list[nn.Linear], x: Tensor, labels: Tensor) -> list[Tensor]:
    """dL/dz of a three-layer sigmoid net from the chain rule: delta_3 = (p - y) / n, delta_l = delta W * s(1 - s)."""
    z1 = x @ layers[0].weight.T + layers[0].bias
    s1 = 1 / (1 + torch.exp(-z1))
    z2 = s1 @ layers[1].weight.T + layers[1].bias
    s2 = 1 / (1 + torch.exp(-z2))
    z3 = s2 @ layers[2].weight.T + layers[2].bias
    p = torch.exp(z3) / torch.exp(z3).sum(dim=1, keepdim=True)
    d3 = (p - F.one_hot(labels, z3.shape[1])) / len(x)
    d2 = (d3 @ layers[2].weight) * s2 * (1 - s2)
    d1 = (d2 @ layers[1].weight) * s1 * (1 - s1)
    return [d1, d2, d3]


def test_gradients_are_those_of_the_chain_rule_by_hand() -> None:
    generator = torch.Generator().manual_seed(3)
    model = load_script(SCRIPT).SigmoidMLP(inputs=7, width=5, classes=4, depth=3).double()
    x = torch.randn(11, 7, generator=generator, dtype=torch.float64)
    labels = torch.randint(4, (11,), generator=generator)
    found = preactivation_gradients(model, x, labels)
    assert list(found) == ["layers.0", "layers.1", "layers.2"]
    for gradient, expected in zip(found.values(), by_hand(list(model.layers), x, labels), strict=True):
        torch.testing.assert_close(gradient, expected, rtol=1e-12, atol=0)


def test_an_exact_zero_is_minus_infinity() -> None:
    zero = torch.zeros(2, 3, dtype=torch.float64)
    assert log10_norms({"a": zero, "b": zero + 1 / 6**0.5}) == {"a": -float("inf"), "b": pytest.approx(0, abs=1e-15)}


def test_gains_fall_through_all_ten_layers_and_add_up() -> None:
    gains = twin_gains(SCRIPT, seed=0)
    assert list(gains) == linear_names(load_script(SCRIPT).SigmoidMLP())
    assert len(gains) == 10
    assert all(-1.2 < gain < -0.5 for gain in list(rho(gains).values())[:-1])  # theory: -0.849 a layer
    assert sum(rho(gains).values()) == pytest.approx(total_gain(gains))
    assert total_gain(gains) < -6


def test_the_batch_is_the_one_that_the_script_trains_on_first() -> None:
    model, inputs, labels = first_step(load_script(SCRIPT), seed=2)
    command = [sys.executable, str(SCRIPT), "--seed", "2", "--steps", "1"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    assert printed == f"step    0  loss {F.cross_entropy(model(inputs), labels).item():.4f}"


def test_the_global_random_state_is_left_alone() -> None:
    before = torch.get_rng_state()
    twin_gains(SCRIPT, seed=1)
    assert torch.equal(before, torch.get_rng_state())
