"""Every optimizer is attended once, at its outermost constructor, also those that wrap another."""

import torch
from torch import nn

from isograd.facts.trial import Order
from isograd.treatment.trial.injection import treating as injection
from isograd.treatment.trial.injection.constructors import Constructors
from isograd.treatment.trial.injection.roll import Roll
from isograd.treatment.trial.injection.told import Told
from isograd.treatment.trial.injection.treating import Injection, Surroundings


class Sharp(torch.optim.Optimizer):
    """As in sharpness-aware minimisation: makes the one that takes the steps itself."""

    def __init__(self, params, base, **settings):
        super().__init__(params, settings)
        self.base_optimizer = base(self.param_groups, **settings)
        self.param_groups = self.base_optimizer.param_groups


class Attendant:
    def __init__(self):
        self.heard = []

    def taken(self, optimizer, params):
        self.heard.append(("taken", type(optimizer).__name__))
        return params

    def made(self, optimizer):
        self.heard.append(("made", type(optimizer).__name__))


def test_each_constructor_is_heard_once_in_order():
    attendant = Attendant()
    with Constructors(attendant):
        torch.optim.AdamW(nn.Linear(1, 1).parameters())

        class Later(torch.optim.SGD):
            def __init__(self, params):
                super().__init__(params, lr=0.1)

        Later(nn.Linear(1, 1).parameters())
        Sharp(nn.Linear(1, 1).parameters(), torch.optim.SGD, lr=0.1)
    torch.optim.SGD(nn.Linear(1, 1).parameters())
    assert attendant.heard == [
        ("taken", "AdamW"), ("made", "AdamW"), ("taken", "Later"), ("made", "Later"),
        ("taken", "Sharp"), ("taken", "SGD"), ("made", "SGD"), ("made", "Sharp"),
    ]  # fmt: skip


class Dosed:
    """Counts optimizer-stage remedies in place of making them."""

    def __init__(self, monkeypatch, order):
        self.made = []
        around = Surroundings(lambda network: Told(), dict, torch.enable_grad, lambda network, root: None)
        self.injection = Injection(order, Roll(), around)
        monkeypatch.setattr(injection.dosing, "of_stage", lambda doses, stage: [stage])
        monkeypatch.setattr(injection.dosing, "give", self.give)

    def give(self, dose, patient):
        self.made.append((dose, type(patient.optimizer).__name__))


def test_a_network_is_dosed_once_though_optimizers_wrap_each_other(monkeypatch):
    dosed = Dosed(monkeypatch, Order("treated"))
    with Constructors(dosed.injection):
        model = nn.Linear(1, 1)
        Sharp(model.parameters(), torch.optim.SGD, lr=0.1)
    assert dosed.made == [("model", "NoneType"), ("optimizer", "Sharp")]


def test_an_optimizer_made_anew_for_a_treated_model_is_dosed_and_the_model_is_not(monkeypatch):
    dosed = Dosed(monkeypatch, Order("treated"))
    with Constructors(dosed.injection):
        model = nn.Linear(1, 1)
        for _ in range(2):
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        other = nn.Linear(1, 1)
        torch.optim.SGD(other.parameters(), lr=0.1)
    assert dosed.made == [("model", "NoneType"), ("optimizer", "SGD"), ("optimizer", "SGD")]
    assert optimizer.param_groups[0]["params"][0] is model.weight
