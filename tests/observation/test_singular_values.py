"""Extreme singular values of block Jacobians against the Jacobian itself."""

import pytest
import torch
from torch import nn
from torch.autograd.functional import jacobian

import isograd
from isograd.errors import ObservationError, UsageError


class Pair(nn.Module):
    """Gives two tensors, takes two, and has a residual connection."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(12, 12)

    def forward(self, x, scale, *, shift=0.0):
        return {"out": x + scale * torch.tanh(self.layer(x)) + shift, "size": x.norm()}


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.pair, self.head = Pair(), nn.Linear(12, 5)

    def forward(self, x):
        return self.head(self.pair(x, 0.5, shift=1.0)["out"])


def exact(block, x, example):
    """Singular values of the Jacobian of one example, in float64."""
    whole = jacobian(lambda one: block(torch.cat([x[:example], one[None], x[example + 1 :]]))[example], x[example])
    return torch.linalg.svdvals(whole.reshape(-1, x[example].numel()))


BLOCKS = {
    "linear": (lambda: nn.Linear(10, 10), (6, 10)),
    "wide": (lambda: nn.Linear(10, 30), (6, 10)),
    "narrow": (lambda: nn.Linear(30, 7), (6, 30)),
    "activation": (lambda: nn.Sequential(nn.Linear(12, 12), nn.ReLU()), (6, 12)),
    "in place": (lambda: nn.Sequential(nn.ReLU(inplace=True), nn.Linear(12, 12)), (6, 12)),
    "normalised": (lambda: nn.Sequential(nn.Linear(12, 12), nn.BatchNorm1d(12), nn.Tanh()), (6, 12)),
    "convolution": (lambda: nn.Conv2d(2, 2, 3, padding=1), (3, 2, 4, 4)),
    "attention": (
        lambda: nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True, norm_first=True), (3, 4, 8),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("example", [0, 2])
def test_they_are_those_of_the_jacobian(name, example):
    make, shape = BLOCKS[name]
    torch.manual_seed(0)
    block = make().double()
    x = torch.randn(shape, dtype=torch.float64)
    model = nn.Sequential(block, nn.Flatten())
    (found,) = isograd.singular_values(model, lambda: model(x), ["0"], example=example)
    wanted = exact(block, x, example)
    assert (found.block, found.exact) == ("0", True)
    assert found.largest == pytest.approx(float(wanted[0]), rel=1e-7)
    assert found.smallest == pytest.approx(float(wanted[-1]), rel=1e-6, abs=1e-9)


def test_few_steps_bound_them_from_within():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(80, 80), nn.Tanh(), nn.Linear(80, 3)).double()
    x = torch.randn(4, 80, dtype=torch.float64)
    few, many = (isograd.singular_values(model, lambda: model(x), ["0"], steps)[0] for steps in (10, 80))
    assert (few.exact, many.exact) == (False, True)
    assert 0.95 * many.largest < few.largest <= many.largest + 1e-9
    assert few.smallest >= many.smallest - 1e-9


def test_blocks_with_further_arguments_and_outputs():
    torch.manual_seed(0)
    model = Outer().double()
    x = torch.randn(3, 12, dtype=torch.float64)
    (found,) = isograd.singular_values(model, lambda: model(x), ["pair"])
    wanted = exact(lambda batch: model.pair(batch, 0.5)["out"], x, 0)
    assert found.largest == pytest.approx(float(wanted[0]), rel=1e-7)


def test_a_recurrent_layer():
    torch.manual_seed(0)
    model = nn.Sequential(nn.LSTM(6, 6, batch_first=True))
    (found,) = isograd.singular_values(model, lambda: model(torch.ones(2, 3, 6)))
    assert 0 < found.smallest < found.largest < 1


def test_dropout_is_the_same_in_all_products_and_all_is_put_back():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(16, 16), nn.Dropout(0.5), nn.BatchNorm1d(16))
    x, state = torch.randn(8, 16), torch.get_rng_state()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    first, second = (isograd.singular_values(model, lambda: model(x)) for _ in range(2))
    assert first == second
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize(
    ("model", "settings", "error", "says"),
    [
        (nn.Linear(4, 4), {}, UsageError, "name them"),
        (nn.Sequential(nn.Linear(4, 4)), {"blocks": ["1"]}, UsageError, "no module '1'"),
        (nn.Sequential(nn.Linear(4, 4)), {"example": 9}, ObservationError, "no example 9"),
        (nn.ModuleList([nn.Linear(4, 4)]), {}, ObservationError, "did not run"),
        (nn.Sequential(nn.Embedding(4, 4)), {"integers": True}, ObservationError, "no tensor of numbers"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(model, settings, error, says):
    x = torch.zeros(2, 4, dtype=torch.long if settings.pop("integers", False) else torch.float32)
    run = (lambda: None) if isinstance(model, nn.ModuleList) else (lambda: model(x))
    with pytest.raises(error, match=says) as raised:
        isograd.singular_values(model, run, **settings)
    assert "\n" not in str(raised.value)
