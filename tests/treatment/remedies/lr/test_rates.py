"""Learning rates: lower, higher, warmed up; schedulers build on them or do not notice; chosen, undone, written."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim import lr_scheduler

from isograd.facts import Cause, Finding, Text
from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies import lr
from isograd.treatment.remedies.lr import warm_up

sys.path.insert(0, str(Path(__file__).parents[3] / "diagnosis"))
from builders import flat, observed

BY_NAME = {remedy.name: remedy for remedy in lr.REMEDIES}
SETTINGS = [
    ("lr:lower", {"factor": 0.1, "each_step": False}),
    ("lr:lower", {"factor": 0.1, "each_step": True}),
    ("lr:raise", {"factor": 3.0, "each_step": False}),
    ("lr:warmup", {"steps": 7}),
]


def net(rate=0.05, **settings):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    groups = [{"params": model[0].parameters(), "lr": rate / 3}, {"params": model[2].parameters()}]
    return Patient(model, torch.optim.SGD(groups, lr=rate, momentum=0.9, **settings))


def train(patient, steps=15, schedule=None, before=lambda step: None):
    generator = torch.Generator().manual_seed(1)
    scheduler = schedule(patient.optimizer) if schedule else None
    for step in range(steps):
        x = torch.randn(8, 4, generator=generator)
        patient.optimizer.zero_grad()
        (patient.model(x) - x.sum(1, keepdim=True)).square().mean().backward()
        before(step)
        patient.optimizer.step()
        if scheduler:
            scheduler.step()
    return patient


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one.model.parameters(), other.model.parameters(), strict=True))


def rates(patient):
    return [group["lr"] for group in patient.optimizer.param_groups]


def cosine(optimizer):
    return lr_scheduler.CosineAnnealingLR(optimizer, 15)


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
@pytest.mark.parametrize("schedule", [None, cosine])
def test_the_lines_train_to_the_bits_of_the_edit(name, settings, schedule):
    injected, written = net(), net()
    code = BY_NAME[name].code(written, settings)
    BY_NAME[name].make(injected, settings)
    train(injected, schedule=schedule)
    scope = {"optimizer": written.optimizer}
    exec("\n".join((*code.imports, code.definitions, code.after_optimizer.replace("{optimizer}", "optimizer"))), scope)
    train(written, schedule=schedule)
    assert same(injected, written)
    assert not same(injected, train(net(), schedule=schedule))
    assert not code.before_step + code.after_step + code.before_optimizer


def test_lower_is_what_a_lower_rate_in_the_constructor_is():
    patient = net(0.05)
    BY_NAME["lr:lower"].make(patient, {"factor": 0.1, "each_step": False})
    torch.manual_seed(0)
    twin = net(0.05)
    for group in twin.optimizer.param_groups:
        group["lr"] = group["lr"] * 0.1
    train(patient, schedule=cosine)
    assert same(patient, train(twin, schedule=cosine))
    patient.optimizer.add_param_group({"params": [nn.Parameter(torch.ones(1))]})
    assert patient.optimizer.param_groups[-1]["lr"] == 0.05 * 0.1, "groups that come later, too"


@pytest.mark.parametrize(("name", "settings"), SETTINGS)
def test_undone_the_rate_is_what_it_was(name, settings):
    patient = net()
    before = rates(patient)
    edit = BY_NAME[name].make(patient, settings)
    assert edit.changes
    train(patient, 3)
    edit.undo()
    edit.undo()
    assert all(a is b for a, b in zip(rates(patient), before, strict=True))
    assert patient.optimizer.defaults["lr"] == 0.05
    assert not patient.optimizer._optimizer_step_pre_hooks
    assert not patient.optimizer._optimizer_step_post_hooks


@pytest.mark.parametrize("each_step", [False, True])
def test_one_tensor_that_all_groups_share_is_multiplied_once(each_step):
    rate = torch.tensor(0.05)
    patient = net(rate)
    patient.optimizer.param_groups[0]["lr"] = rate
    BY_NAME["lr:lower"].make(patient, {"factor": 0.1, "each_step": each_step})
    train(patient, 4)
    twin = net(torch.tensor(0.05 * 0.1))
    twin.optimizer.param_groups[0]["lr"] = twin.optimizer.param_groups[1]["lr"]
    for a, b in zip(patient.model.parameters(), train(twin, 4).model.parameters(), strict=True):
        assert torch.allclose(a, b, rtol=1e-6)
    assert rate.item() == pytest.approx(0.05), "the program's own tensor stays"


def test_where_the_program_sets_its_rate_it_is_scaled_at_each_step():
    def setting(patient, factor):
        def before(step):
            for group in patient.optimizer.param_groups:
                group["lr"] = 0.02 * (1 + step) * factor

        return before

    patient, twin = net(), net()
    BY_NAME["lr:lower"].make(patient, {"factor": 0.5, "each_step": True})
    train(patient, before=setting(patient, 1.0))
    train(twin, before=setting(twin, 0.5))
    assert same(patient, twin)


def test_warm_up_rises_in_a_line_and_is_over():
    patient, seen = net(), []
    warm_up(patient.optimizer, 4)
    patient.optimizer.register_step_pre_hook(lambda optimizer, *_: seen.append(optimizer.param_groups[1]["lr"]))
    train(patient, 6)
    assert seen == pytest.approx([0.05 / 4, 0.05 / 2, 0.05 * 3 / 4, 0.05, 0.05, 0.05])
    assert rates(patient)[1] == 0.05
    with pytest.raises(ValueError, match=r"at least 1. Got 0"):
        warm_up(patient.optimizer, 0)


def test_a_step_that_raises_leaves_the_rate_alone_in_the_end():
    patient, seen = net(), []
    warm_up(patient.optimizer, 4)

    def fails():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        patient.optimizer.step(fails)
    patient.optimizer.register_step_pre_hook(lambda optimizer, *_: seen.append(optimizer.param_groups[1]["lr"]))
    train(patient, 1)
    assert seen == [pytest.approx(0.05 / 2)]
    assert rates(patient)[1] == 0.05


def finding(cause):
    return Finding("IG701", "instability", "error", "model", (), 0, 99, Text("", ""), (), (Cause(cause, 0.8),))


def test_how_much_lower():
    def factor(patient):
        return BY_NAME["lr:lower"].choose(patient)["factor"]

    patient = replace(net(), calls=(Call((torch.ones(40, 4),), {}),))
    assert factor(patient) == 0.1
    assert factor(replace(patient, finding=finding("adversary"))) == 0.25
    assert factor(replace(patient, finding=finding("loss-reduction"))) == 0.025
    wild = observed(loss=flat(1.0, 100), readings={"update_ratio": 3.0})
    assert factor(replace(patient, observed=wild)) == pytest.approx(3e-3)
    calm = observed(loss=flat(1.0, 100), readings={"update_ratio": 1e-3})
    assert factor(replace(patient, observed=calm)) == 0.1


def test_how_much_higher():
    def factor(patient):
        return BY_NAME["lr:raise"].choose(patient)["factor"]

    assert factor(net()) == 10.0
    for ratio, expected in ((2e-5, 50.0), (1e-10, 1e6), (1e-2, 3.0), (float("nan"), 10.0)):
        seen = observed(loss=flat(1.0, 1000), readings={"update_ratio": ratio})
        assert factor(replace(net(), observed=seen)) == pytest.approx(expected)
    short = observed(loss=flat(1.0, 200), readings={"update_ratio": 1e-5})
    assert factor(replace(net(), observed=short)) == pytest.approx(500.0)


def test_a_tenth_of_the_run_is_warm_up():
    def steps(count):
        return BY_NAME["lr:warmup"].choose(replace(net(), observed=observed(loss=flat(1.0, count))))["steps"]

    assert (steps(400), steps(30)) == (40, 10)


def test_a_rate_that_moved_is_scaled_at_each_step():
    def each_step(moving):
        seen = observed(loss=flat(1.0, 100), rate=0.05 / 3)
        seen = replace(seen, steps=replace(seen.steps, learning_rate=moving))
        return BY_NAME["lr:lower"].choose(replace(net(), observed=seen))["each_step"]

    assert not each_step(np.full(100, 0.05 / 3))
    assert each_step(np.linspace(0.05 / 3, 0, 100))
    assert each_step(np.full(100, 0.3))


def test_an_optimizer_without_a_rate_is_not_suited():
    class Rateless(torch.optim.Optimizer):
        def __init__(self, parameters):
            super().__init__(parameters, {})

        def step(self, closure=None):
            return None

    model = nn.Linear(2, 1)
    patient = Patient(model, Rateless(model.parameters()))
    assert not any(remedy.suits(patient) for remedy in lr.REMEDIES)
    assert all(remedy.suits(net()) for remedy in lr.REMEDIES)
