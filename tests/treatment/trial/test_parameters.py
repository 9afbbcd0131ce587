"""What an optimizer takes after its network was changed."""

import copy

import pytest
import torch
from torch import nn

from isograd.treatment.trial.injection.parameters import Given, Homes


def net():
    return nn.Sequential(nn.Linear(2, 3), nn.Sigmoid(), nn.Linear(3, 3), nn.Linear(3, 1))


def names(model, given):
    by_id = {id(p): name for name, p in model.named_parameters()}
    return [[by_id.get(id(p), "?") for p in Given([group], True, given.named).tensors()] for group in given.groups]


def test_an_optimizer_of_all_parameters_takes_all_that_there_are_now():
    model = net()
    homes = Homes(Given.of(model.parameters()), model)
    model[1] = nn.BatchNorm1d(3)
    model[2] = nn.Linear(3, 3, bias=False)
    after = homes.refreshed(model).argument()
    assert all(a is b for a, b in zip(after, model.parameters(), strict=True))


def test_new_parameters_join_the_group_of_their_kin():
    model = net()
    groups = [
        {"params": list(model[:2].parameters()), "lr": 1.0},
        {"params": list(model[2:].parameters()), "lr": 2.0},
    ]
    homes = Homes(Given.of(groups), model)
    model[0] = nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3))
    model[2] = nn.GRUCell(3, 3)
    after = homes.refreshed(model)
    assert [group["lr"] for group in after.groups] == [1.0, 2.0]
    first, second = names(model, after)
    assert first == ["0.0.weight", "0.0.bias", "0.1.weight", "0.1.bias"]
    assert second == ["2.weight_ih", "2.weight_hh", "2.bias_ih", "2.bias_hh", "3.weight", "3.bias"]


def test_groups_by_dimension_stay_so():
    model = net()
    groups = [{"params": [p for p in model.parameters() if p.ndim == d], "weight_decay": d} for d in (2, 1)]
    homes = Homes(Given.of(groups), model)
    model[2].norm = nn.LayerNorm(3)
    decayed, plain = names(model, homes.refreshed(model))
    assert "2.norm.weight" in plain
    assert decayed == ["0.weight", "2.weight", "3.weight"]


def test_what_is_frozen_or_left_out_stays_out_and_strangers_stay_in():
    model, stranger = net(), nn.Parameter(torch.zeros(2))
    given = Given.of([*model[3].parameters(), stranger])
    homes = Homes(given, model)
    model[3].norm = nn.LayerNorm(1)
    model[3].norm.bias.requires_grad_(False)
    (after,) = names(model, homes.refreshed(model))
    assert after == ["3.weight", "3.bias", "3.norm.weight", "?"]


def test_names_and_tied_weights_are_kept():
    model = net()
    model[3].weight = nn.Parameter(torch.zeros(1, 3))
    model.append(nn.Linear(3, 1))
    model[4].weight = model[3].weight
    homes = Homes(Given.of(model.named_parameters()), model)
    model[1] = nn.BatchNorm1d(3)
    after = homes.refreshed(model).argument()
    assert [name for name, _ in after] == [name for name, _ in model.named_parameters()]
    assert len(torch.optim.SGD(after, lr=0.1).param_groups[0]["params"]) == len(list(model.parameters()))


@pytest.mark.parametrize("params", [torch.zeros(1), 3, ["a"], [{"params": "ab"}]])
def test_what_is_no_argument_of_an_optimizer_is_left_to_the_optimizer(params):
    assert Given.of(params) is None


def test_groups_that_the_program_holds_are_not_written_to():
    model = net()
    groups = [{"params": list(model.parameters())}]
    before = copy.copy(groups[0]["params"])
    homes = Homes(Given.of(groups), model)
    model[1] = nn.BatchNorm1d(3)
    homes.refreshed(model)
    assert len(groups[0]["params"]) == len(before)
