"""Which layers are taken: hidden ones, one after the other, from the data on; and which are left alone."""

from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.parametrizations import weight_norm

from isograd.observation.replay import Call
from isograd.treatment.remedies.pretrain.hidden_chain import belief_chain, encoder_chain

ROWS = Call((torch.rand(5, 8),), {})
IMAGES = Call((torch.rand(2, 1, 8, 8),), {})


def stack(*between, sizes=(8, 6, 6, 6), last=2):
    """Linear layers with the given modules behind each; then an output layer."""
    layers = []
    for inside, outside in pairwise(sizes):
        layers += [nn.Linear(inside, outside), *(make() for make in between)]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], last))


def sites(chain):
    return [layer.site for layer in chain]


class Functional(nn.Module):
    """Written with functions, bare parameters and a reshape."""

    def __init__(self):
        super().__init__()
        self.w1, self.b1 = nn.Parameter(torch.randn(6, 8)), nn.Parameter(torch.zeros(6))
        self.second, self.out = nn.Linear(6, 6), nn.Linear(6, 1)

    def forward(self, x):
        h = torch.sigmoid(functional.linear(x, self.w1, self.b1)).view(-1, 6)
        h = functional.dropout(self.second(h).sigmoid_(), 0.3, self.training)
        return self.out(h).squeeze(-1)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (stack(nn.Sigmoid), ["0", "2", "4"]),
        (stack(nn.Sigmoid, lambda: nn.Dropout(0.5)), ["0", "3", "6"]),
        (stack(nn.Tanh), ["0", "2", "4"]),
        (nn.Sequential(stack(nn.Sigmoid, last=1), nn.Sigmoid()), ["0.0", "0.2", "0.4"]),  # the output's is none
        (nn.Sequential(nn.Flatten(), stack(nn.Sigmoid)), ["1.0", "1.2", "1.4"]),
        (Functional(), ["w1", "second"]),
        (stack(nn.ReLU), []),
        (stack(nn.Sigmoid, sizes=(8, 6)), []),  # one hidden layer is not deep
        (stack(nn.Sigmoid, lambda: nn.BatchNorm1d(6)), []),
        (stack(lambda: nn.LayerNorm(6), nn.Sigmoid), []),
        (nn.Linear(8, 2), []),
    ],
    ids=str,
)
def test_machines_are_made_of_linear_layers_with_sigmoid_or_tanh(model, expected):
    assert sites(belief_chain(model, ROWS)) == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (stack(nn.ReLU), ["0", "2", "4"]),
        (stack(nn.GELU, lambda: nn.Dropout(0.5)), ["0", "3", "6"]),
        (stack(lambda: nn.LeakyReLU(0.2, inplace=True)), ["0", "2", "4"]),
        (stack(nn.PReLU), []),  # its slope is a parameter
        (stack(lambda: nn.LayerNorm(6), nn.ReLU), []),
    ],
    ids=str,
)
def test_encoders_take_any_activation_without_parameters(model, expected):
    assert sites(encoder_chain(model, ROWS)) == expected


def test_encoders_go_through_pooling_and_flattening():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 4, 3), nn.Tanh(), nn.Flatten(),
        nn.Linear(16, 8), nn.Sigmoid(), nn.Linear(8, 2),
    )  # fmt: skip
    chain = encoder_chain(model, IMAGES)
    assert sites(chain) == ["0", "3", "6"]
    assert chain[0].geometry == {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
    assert belief_chain(model, IMAGES) == ()


def test_padding_that_is_not_the_same_on_both_sides_is_left_out():
    model = nn.Sequential(nn.Conv2d(1, 4, 4, padding="same"), nn.ReLU(), nn.Flatten(), nn.Linear(256, 8), nn.ReLU(),
                          nn.Linear(8, 2))  # fmt: skip
    assert encoder_chain(model, IMAGES) == ()


def edited(change):
    model = stack(nn.Sigmoid, sizes=(8, 6, 6, 6, 6))
    change(model)
    return model


def freeze(model):
    model[0].requires_grad_(False)


def without_bias(model):
    model[4] = nn.Linear(6, 6, bias=False)


def share(model):
    model[4] = model[6]


def normalise_weight(model):
    weight_norm(model[4])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (freeze, ["2", "4", "6"]),  # what a frozen layer gives are data to the next
        (without_bias, ["0", "2"]),
        (share, ["0", "2"]),
        (normalise_weight, ["0", "2"]),
    ],
)
def test_layers_that_are_not_ones_own_to_write_end_the_chain(change, expected):
    assert sites(belief_chain(edited(change), ROWS)) == expected


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(4))

    def forward(self, x):
        for layer in self.layers:
            x = x + torch.sigmoid(layer(x))
        return x


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(4))

    def forward(self, x):
        for layer in self.layers:
            z = layer(x)
            x = z * torch.sigmoid(z)
        return x


class Embedded(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.net = nn.Embedding(10, 8), stack(nn.Sigmoid)

    def forward(self, x):
        return self.net(self.table(x.long()).mean(dim=1))


class Mixer(nn.Module):
    """The second layer works across rows: it is not fed by the first unit by unit."""

    def __init__(self):
        super().__init__()
        self.one, self.two, self.out = nn.Linear(8, 5), nn.Linear(5, 5), nn.Linear(5, 2)

    def forward(self, x):
        h = torch.sigmoid(self.one(x[:5])).T
        return self.out(torch.sigmoid(self.two(h)))


@pytest.mark.parametrize("model", [Residual(), Gate(), Embedded(), Mixer()], ids=lambda model: type(model).__name__)
def test_other_wirings_are_not_taken(model):
    assert belief_chain(model, ROWS) == ()


def test_of_two_branches_the_longer_is_taken():
    class Branches(nn.Module):
        def __init__(self):
            super().__init__()
            self.short, self.long = stack(nn.Sigmoid, sizes=(8, 6, 6)), stack(nn.Sigmoid)

        def forward(self, x):
            return self.short(x) + self.long(x)

    assert sites(belief_chain(Branches(), ROWS)) == ["long.0", "long.2", "long.4"]


def test_two_heads_end_the_chain():
    class Heads(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(8, 6), nn.Sigmoid(), nn.Linear(6, 6), nn.Sigmoid())
            self.mean, self.width = nn.Linear(6, 2), nn.Linear(6, 2)

        def forward(self, x):
            h = self.body(x)
            return self.mean(h), self.width(h)

    assert sites(belief_chain(Heads(), ROWS)) == ["body.0", "body.2"]


def test_lazy_models_are_not_run():
    model = nn.Sequential(nn.LazyLinear(6), nn.Sigmoid(), nn.LazyLinear(6), nn.Sigmoid(), nn.LazyLinear(2))
    assert belief_chain(model, ROWS) == ()
    assert isinstance(model[0].weight, nn.parameter.UninitializedParameter)


def test_looking_changes_nothing():
    model = nn.Sequential(nn.BatchNorm1d(8), stack(nn.Sigmoid, lambda: nn.Dropout(0.5)))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.get_rng_state()
    belief_chain(model, ROWS)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert torch.equal(state, torch.get_rng_state())
    assert model.training
