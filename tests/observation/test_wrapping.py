"""Optimizers that wrap another are one network with it, as libraries for mixed precision and many ranks hand out."""

import torch
from sinks import watched
from torch import nn
from torch.nn import functional as F

import isograd
from isograd.observation.wrapping import behind

STEPS = 6


class Delegating(torch.optim.Optimizer):
    """Passes everything on, and never calls the constructor of its base."""

    def __init__(self, inner):
        self.optimizer = inner

    @property
    def param_groups(self):
        return self.optimizer.param_groups

    @property
    def state(self):
        return self.optimizer.state

    def step(self, closure=None):
        return self.optimizer.step(closure)

    def zero_grad(self, set_to_none=True):
        self.optimizer.zero_grad(set_to_none)


class TwoPhases(torch.optim.Optimizer):
    """Shares its groups with a base of its own making, whose step it takes in a method of another name."""

    def __init__(self, parameters, base, **settings):
        super().__init__(parameters, settings)
        self.base = base(self.param_groups, **settings)
        self.param_groups = self.base.param_groups

    def second_step(self):
        self.base.step()


def train(optimizer, model, take_step):
    for _ in range(STEPS):
        optimizer.zero_grad()
        F.cross_entropy(model(torch.randn(6, 4)), torch.zeros(6).long()).backward()
        take_step()


def test_a_wrapper_that_passes_on_is_one_network_with_the_optimizer_within():
    def run():
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
        optimizer = Delegating(Delegating(torch.optim.Adam(model.parameters())))
        train(optimizer, model, optimizer.step)

    sink = watched(run)
    assert [(network.name, network.optimizer) for network in sink.networks.values()] == [("model", "Adam")]
    assert [row.step for _, row in sink.steps] == list(range(STEPS))


def test_a_wrapper_that_shares_its_groups_is_one_network_with_its_base():
    def run():
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
        optimizer = TwoPhases(model.parameters(), torch.optim.SGD, lr=0.1)
        train(optimizer, model, optimizer.second_step)

    sink = watched(run)
    assert [(network.name, network.optimizer) for network in sink.networks.values()] == [("model", "SGD")]
    assert sink.networks[0].unreached == ()


def test_two_optimizers_of_the_same_parameters_stay_two():
    model = nn.Linear(4, 3)
    first, second = torch.optim.SGD(model.parameters(), 0.1), torch.optim.Adam(model.parameters())
    first.other = second
    assert behind(first) is first


def test_a_wrapper_given_to_watch_is_watched(tmp_path):
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = Delegating(torch.optim.Adam(model.parameters()))
    with isograd.watch(model, optimizer, out=tmp_path) as watch:
        train(optimizer, model, optimizer.step)
    assert [observed.steps.step.size for observed in watch.record().observed] == [STEPS]
