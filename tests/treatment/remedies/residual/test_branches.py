"""Residual branches scaled by a constant or a learnt number, wherever their last module is."""

import copy
import math

import pytest
import torch
from torch import nn

from isograd.errors import UsageError
from isograd.observation.probe import measure
from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.residual import REMEDIES, rezero, scale_branches
from isograd.treatment.remedies.residual.scaling import found_branches

BY_NAME = {remedy.name: remedy for remedy in REMEDIES}


class Block(nn.Module):
    def __init__(self, width=64):
        super().__init__()
        self.inner, self.outer = nn.Linear(width, width), nn.Linear(width, width)
        nn.init.normal_(self.inner.weight, 0, math.sqrt(2 / width))
        nn.init.normal_(self.outer.weight, 0, math.sqrt(1 / width))
        self.factor = 1.0

    def forward(self, x):
        return x + self.factor * self.outer(torch.relu(self.inner(x)))


def residual(blocks=32, width=64):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, width), *(Block(width) for _ in range(blocks)), nn.Linear(width, 4))


def patient(model, *args):
    return Patient(model, calls=(Call(args, {}),))


def gain(model, x):
    return measure({"model": model}, lambda: model(x).square().mean()).gain


def test_unit_branches_grow_by_015_decades_each_and_scaled_by_022_in_all():
    model, x = residual(), torch.randn(32, 8)
    before = gain(model, x)
    edit = scale_branches(model, x)
    after = gain(model, x)
    edit.undo()
    assert before == pytest.approx(32 * 0.15, abs=1.0)
    assert before - after == pytest.approx(32 * 0.15 - 0.22, abs=1.0)
    assert gain(model, x) == before


def test_scaled_it_is_the_net_with_the_factor_written_in():
    model, x = residual(4), torch.randn(3, 8)
    written = copy.deepcopy(model)
    for block in written[1:-1]:
        block.factor = 0.5
    scale_branches(model, x)
    assert torch.equal(model(x), written(x))
    assert "alpha" not in "".join(model.state_dict())


class Attention(nn.Module):
    """Pre-norm blocks of attention, whose module gives a pair, and of a perceptron with dropout behind."""

    def __init__(self, blocks=3, width=8):
        super().__init__()
        self.enter, self.head = nn.Linear(5, width), nn.Linear(width, 3)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2 * blocks))
        self.attend = nn.ModuleList(nn.MultiheadAttention(width, 2, batch_first=True) for _ in range(blocks))
        self.feed = nn.ModuleList(
            nn.Sequential(nn.Linear(width, 16), nn.GELU(), nn.Linear(16, width)) for _ in range(blocks)
        )
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        x = self.enter(x)
        for number, (attend, feed) in enumerate(zip(self.attend, self.feed, strict=True)):
            h = self.norms[2 * number](x)
            x = x + self.drop(attend(h, h, h, need_weights=False)[0])
            x = x + self.drop(feed(self.norms[2 * number + 1](x)))
        return self.head(x.mean(dim=1))


def test_branches_end_with_what_learns_in_front_of_dropout_and_also_with_the_first_of_several_outputs():
    model, x = Attention(), torch.randn(4, 6, 5)
    ends = [branch.end.path for branch in found_branches(patient(model, x))]
    assert ends == ["attend.0", "feed.0", "attend.1", "feed.1", "attend.2", "feed.2"]
    expected = model.head(model.enter(x).mean(dim=1))
    rezero(model, x)
    torch.testing.assert_close(model(x), expected)
    model(x).sum().backward()
    assert all(module.alpha.grad is not None for module in (*model.attend, *model.feed))


def test_branches_without_a_module_of_their_own_or_with_a_learnt_number_are_left_alone():
    class Functional(nn.Module):
        def __init__(self, learnt):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(4))
            self.alpha = nn.Parameter(torch.full((4,), 0.1)) if learnt else None

        def forward(self, x):
            x = self.layers[0](x)
            for number, layer in enumerate(self.layers[1:]):
                x = x + (torch.tanh(layer(x)) if self.alpha is None else self.alpha[number] * layer(x))
            return self.layers[0](x)

    x = torch.randn(4, 8)
    for learnt in (False, True):
        assert not BY_NAME["residual:scale"].suits(patient(Functional(learnt), x))
    with pytest.raises(UsageError, match="no residual branch"):
        scale_branches(Functional(True), x)
    twice = residual(4)
    scale_branches(twice, torch.randn(3, 8))
    assert not BY_NAME["residual:scale"].suits(patient(twice, torch.randn(3, 8)))


def test_a_resnet_is_scaled_behind_its_last_normalisation():
    class Basic(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.conv2 = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
            self.norm1, self.norm2 = nn.BatchNorm2d(4), nn.BatchNorm2d(4)

        def forward(self, x):
            out = self.norm2(self.conv2(torch.relu(self.norm1(self.conv1(x)))))
            out += x
            return torch.relu(out)

    model = nn.Sequential(nn.Conv2d(1, 4, 3), *(Basic() for _ in range(3)), nn.Flatten(), nn.Linear(64, 2))
    x = torch.randn(3, 1, 6, 6)
    assert [branch.end.path for branch in found_branches(patient(model, x))] == ["1.norm2", "2.norm2", "3.norm2"]
    parameters = list(model.parameters())
    edit = rezero(model, x)
    assert [name for name, _ in model.named_parameters()][10] == "1.norm2.alpha"
    edit.undo()
    assert all(a is b for a, b in zip(parameters, model.parameters(), strict=True))


@pytest.mark.parametrize("name", ["residual:rezero", "residual:scale"])
@pytest.mark.parametrize("build", [lambda: residual(3), Attention])
def test_the_written_lines_train_to_the_same_bits(name, build):
    torch.manual_seed(0)
    model = build().eval()
    x = torch.randn(4, 6, 5) if isinstance(model, Attention) else torch.randn(4, 8)
    by_hand, remedy, one = copy.deepcopy(model), BY_NAME[name], patient(model, x)
    settings = remedy.choose(one)
    code = remedy.code(one, settings)
    remedy.make(one, settings)
    exec("\n".join((*code.imports, code.definitions, code.before_optimizer.replace("{model}", "model"))),
         {"model": by_hand})  # fmt: skip
    assert [n for n, _ in model.named_parameters()] == [n for n, _ in by_hand.named_parameters()]
    for net in (model, by_hand):
        optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
        for _ in range(3):
            optimizer.zero_grad()
            net(x).square().sum().backward()
            optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), by_hand.parameters(), strict=True))
