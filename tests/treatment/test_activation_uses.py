"""What activations are for, by where their calls come from."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from isograd.treatment.activation_uses import activation_uses

X = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))


def uses_of(net, *inputs):
    return activation_uses(net, [lambda x=x: net(x).sum() for x in inputs or (X,)])


def roles(net, *inputs):
    return [(use.function, use.role, use.kind) for use in uses_of(net, *inputs)]


class Forms(nn.Module):
    """Every way to call a sigmoid between layers."""

    def __init__(self):
        super().__init__()
        self.fc = nn.ModuleList(nn.Linear(4, 4) for _ in range(9))
        self.held, self.module, self.out = torch.sigmoid, nn.Sigmoid(), nn.Linear(4, 1)

    def forward(self, x):
        x = torch.sigmoid(self.fc[0](x))
        x = F.sigmoid(self.fc[1](x))
        x = self.fc[2](x).sigmoid()
        x = self.fc[3](x).sigmoid_()
        x = torch.special.expit(self.fc[4](x))
        x = self.held(input=self.fc[5](x))
        x = self.module(self.fc[6](x))
        x = torch.stack([torch.sigmoid(row) for row in self.fc[7](x)])
        x = (
            self.fc[8](x)
            .sigmoid()
        )  # fmt: skip
        return self.out(x)


def test_all_forms_of_a_call_are_found_with_what_feeds_them():
    found = uses_of(Forms())
    assert [use.role for use in found] == ["hidden"] * 9
    assert {use.kind for use in found} == {"call", "module"}
    assert [use.feeders for use in found[:7]] == [(f"fc.{number}",) for number in range(7)]
    assert found[3].in_place
    assert found[8].feeders == ("fc.8",)
    assert found[8].position.end_line == found[8].position.line + 1  # the whole expression, not from `.sigmoid` on


class Roles(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.out = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 4)
        self.lstm = nn.LSTM(4, 4)

    def forward(self, x):
        x = torch.relu(self.a(x)) + x
        x = x * torch.sigmoid(self.b(x))
        x, _ = self.lstm(x)
        return torch.tanh(self.out(x)) * torch.softmax(x, 1)


def test_gates_outputs_softmax_and_fused_layers_are_told_apart():
    assert roles(Roles()) == [("relu", "hidden", "call"), ("sigmoid", "gate", "call"), ("tanh", "output", "call")]


class Looping(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell, self.out = nn.Linear(4, 4), nn.Linear(4, 1)

    def forward(self, x):
        h = torch.zeros(4)
        for row in x:
            h = torch.tanh(self.cell(h + row))
            if len(x) > 6:
                h = torch.relu(self.cell(h))
        return self.out(h)


def test_a_loop_is_one_use_whatever_its_length_and_branches_may_come_later():
    assert roles(Looping(), X, X[:2]) == [("tanh", "hidden", "call")]
    assert roles(Looping(), X[:2], torch.cat([X, X])) == [("tanh", "hidden", "call"), ("relu", "hidden", "call")]
    assert all(use.feeders == () for use in uses_of(Looping())), "a layer that is used many times keeps its values"


class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
        self.act = nn.Sigmoid()

    def forward(self, x):
        for layer in self.layers:
            x = torch.sigmoid(self.act(layer(x)))
        return x


def test_a_place_that_is_hidden_and_output_at_once_is_mixed():
    assert roles(Mixed()) == [("sigmoid", "mixed", "module"), ("sigmoid", "mixed", "call")]


def outside(x):
    return torch.sigmoid(x)


class Outside(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.out = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 1)

    def forward(self, x):
        return self.out(next(map(torch.tanh, [self.b(outside(self.a(x)))])))


def test_calls_that_no_method_holds_are_elsewhere():
    assert roles(Outside()) == [("sigmoid", "hidden", "elsewhere"), ("tanh", "hidden", "elsewhere")]


class Checkpointed(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.out = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 1)

    def half(self, x):
        return torch.sigmoid(self.b(torch.sigmoid(self.a(x))))

    def forward(self, x):
        return self.out(checkpoint(self.half, x, use_reentrant=False))


def test_checkpointed_calls_are_found():
    assert roles(Checkpointed()) == [("sigmoid", "hidden", "call"), ("sigmoid", "hidden", "call")]


class Fed(nn.Module):
    """Layers that may not be drawn anew, and one that may."""

    def __init__(self):
        super().__init__()
        self.tied, self.frozen, self.normed, self.own = (nn.Linear(4, 4) for _ in range(4))
        self.twin = nn.Linear(4, 4)
        self.twin.weight = self.tied.weight
        self.frozen.weight.requires_grad_(False)
        self.parametrised = nn.utils.parametrizations.weight_norm(nn.Linear(4, 4))
        self.norm, self.out = nn.LayerNorm(4), nn.Linear(4, 1)

    def forward(self, x):
        x = torch.relu(self.twin(torch.relu(self.tied(x))))
        x = torch.relu(self.norm(self.normed(torch.relu(self.frozen(x)))))
        return self.out(torch.relu(self.own(torch.relu(self.parametrised(x)))))


def test_only_layers_of_their_own_feed():
    assert [use.feeders for use in uses_of(Fed())] == [(), (), (), (), (), ("own",)]


class Variational(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean, self.scale, self.out = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 1)

    def forward(self, x):
        return self.out(self.mean(x) + F.softplus(self.scale(x)) * torch.randn(x.shape))


def test_a_softplus_that_makes_a_deviation_positive_is_a_gate():
    assert roles(Variational()) == [("softplus", "gate", "call")]


def test_asking_changes_nothing():
    net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(), nn.Linear(4, 1))
    before = {name: value.clone() for name, value in net.state_dict().items()}
    state = torch.get_rng_state()
    assert uses_of(net)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())


@pytest.mark.parametrize("broken", [lambda: X.sum(), lambda: torch.zeros(2, requires_grad=True)])
def test_a_pass_that_cannot_be_measured_tells_nothing(broken):
    assert activation_uses(nn.Linear(4, 4), [broken]) == ()
