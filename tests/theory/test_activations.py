import numpy as np
import pytest
import torch
from torch.nn import functional as F

from isograd.theory import ACTIVATIONS, find_activation
from isograd.theory.piecewise import hardtanh, leaky_relu
from isograd.theory.smooth import celu, elu, softplus

TWINS = {
    "linear": lambda x: x * 1.0,
    "prelu": lambda x: F.prelu(x, torch.full((1,), 0.25, dtype=x.dtype)),
    "erf": torch.erf,
    "sin": torch.sin,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
}
POINTS = np.concatenate([np.linspace(-9, 9, 1234), [-40.0, 40.0]])


# torch keeps some constants in single precision (1/6 of hardsigmoid, 1/alpha of CELU) even for double tensors.
SINGLE = 3e-7


def _torch(function, x):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    y = function(x)
    return y.detach().numpy(), torch.autograd.grad(y.sum(), x)[0].numpy()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value_and_slope_are_those_of_torch(name):
    act = ACTIVATIONS[name]
    value, slope = _torch(TWINS.get(name) or getattr(F, name), POINTS)
    np.testing.assert_allclose(act.phi(POINTS), value, rtol=SINGLE, atol=1e-12)
    np.testing.assert_allclose(act.slope(POINTS), slope, rtol=SINGLE, atol=1e-12)


@pytest.mark.parametrize(
    ("act", "function"),
    [
        (leaky_relu(0.3), lambda x: F.leaky_relu(x, 0.3)),
        (elu(0.7), lambda x: F.elu(x, 0.7)),
        (celu(0.7), lambda x: F.celu(x, 0.7)),
        (softplus(2.0), lambda x: F.softplus(x, 2.0, threshold=100)),
        (hardtanh(-0.5, 2.0), lambda x: F.hardtanh(x, -0.5, 2.0)),
    ],
    ids=lambda p: getattr(p, "name", ""),
)
def test_other_parameters_than_the_defaults(act, function):
    value, slope = _torch(function, POINTS)
    np.testing.assert_allclose(act.phi(POINTS), value, rtol=SINGLE, atol=1e-12)
    np.testing.assert_allclose(act.slope(POINTS), slope, rtol=SINGLE, atol=1e-12)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_kink_is_declared_as_a_break(name):
    act, h = ACTIVATIONS[name], 1e-7
    x = np.round(np.linspace(-8, 8, 3201), 6)
    jump = np.abs(act.slope(x + h) - act.slope(x - h)) > 1e-3
    assert set(x[jump]) <= set(act.breaks)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_mapping_names_its_entries(name):
    assert ACTIVATIONS[name].name == name
    assert find_activation(name) is ACTIVATIONS[name]


def test_unknown_activation_is_named_in_the_error():
    with pytest.raises(ValueError, match=r"'swoosh'.*relu"):
        find_activation("swoosh")


def test_hardtanh_refuses_ends_the_wrong_way_round():
    with pytest.raises(ValueError, match="low=2"):
        hardtanh(2.0, 1.0)
