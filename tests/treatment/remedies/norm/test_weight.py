"""w = g v / ||v|| against torch's own, and the length that it starts with."""

import copy

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from isograd.treatment.patient import Patient
from isograd.treatment.remedies.norm import REMEDIES, weight_normalise

REMEDY = next(remedy for remedy in REMEDIES if remedy.name == "norm:weight")


@pytest.mark.parametrize(
    ("layer", "dim", "shape"),
    [
        (lambda: nn.Linear(6, 5), 0, (4, 6)),
        (lambda: nn.Conv1d(2, 5, 3, padding=1, padding_mode="circular"), 0, (4, 2, 6)),
        (lambda: nn.Conv2d(2, 6, 3, groups=2, bias=False), 0, (4, 2, 6, 6)),
        (lambda: nn.ConvTranspose2d(2, 5, 3, stride=2), 1, (4, 2, 4, 4)),
    ],
)
def test_outputs_and_gradients_are_those_of_torchs_parametrisation(layer, dim, shape):
    torch.manual_seed(0)
    mine = nn.Sequential(layer(), nn.ReLU(), nn.Flatten(), nn.LazyLinear(2)).double()
    x = torch.randn(shape, dtype=torch.float64)
    mine(x)
    other = copy.deepcopy(mine)
    nn.utils.parametrizations.weight_norm(other[0], dim=dim)
    weight_normalise(mine, x, length=0)
    torch.testing.assert_close(mine(x), other(x))
    for model in (mine, other):
        model(x).square().sum().backward()
    parts = other[0].parametrizations.weight
    torch.testing.assert_close(mine[0].gain.grad, parts.original0.grad)
    torch.testing.assert_close(mine[0].weight.grad, parts.original1.grad)


@pytest.mark.parametrize(("activation", "length"), [(nn.ReLU, 2**0.5), (nn.Tanh, 1.0), (nn.SELU, 1.0), (nn.Sigmoid, 0)])
def test_the_length_is_the_critical_one_of_the_activation(activation, length):
    model = nn.Sequential(nn.Linear(8, 8), activation(), nn.Linear(8, 8), activation(), nn.Linear(8, 2))
    assert REMEDY.choose(Patient(model))["length"] == pytest.approx(length, abs=1e-6)
    assert REMEDY.suits(Patient(model)) == (length > 0)


def test_the_parameter_stands_in_its_place_again_after_calls_that_fail():
    model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    weight = model[0].weight
    weight_normalise(model)
    with pytest.raises(RuntimeError):
        model(torch.randn(2, 3))
    assert model[0].weight is weight
    assert dict(model.named_parameters())["0.weight"] is weight


def test_recomputed_in_the_backward_pass_it_gives_the_same_gradients():
    model, x = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2)), torch.randn(4, 8)
    weight_normalise(model, x)
    model(x).square().sum().backward()
    expected = [parameter.grad.clone() for parameter in model.parameters()]
    model.zero_grad()
    checkpoint(model, x, use_reentrant=False).square().sum().backward()
    assert all(torch.equal(p.grad, e) for p, e in zip(model.parameters(), expected, strict=True))
    assert "weight" not in vars(model[0])


def test_weights_that_have_no_direction_or_are_computed_are_left_alone():
    zero = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    nn.init.zeros_(zero[0].weight)
    computed = nn.Sequential(nn.utils.parametrizations.orthogonal(nn.Linear(8, 8)), nn.ReLU(), nn.Linear(8, 2))
    grouped = nn.Sequential(nn.ConvTranspose1d(4, 4, 3, groups=2), nn.ReLU(), nn.Conv1d(4, 2, 1))
    assert not any(REMEDY.suits(Patient(model)) for model in (zero, computed, grouped))
