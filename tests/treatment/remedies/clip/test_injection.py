"""Clipping made on an optimizer: when it acts, how it is undone, chosen and written; programs that clip already."""

import math
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

from isograd.facts import Cause, Finding, Text
from isograd.facts.treatment import CLIPPING
from isograd.treatment.patient import Patient
from isograd.treatment.remedies import clip
from isograd.treatment.remedies.clip import AdaptiveClip, AutoClip, ClipNorm, ClipValue, ZClip

sys.path.insert(0, str(Path(__file__).parents[3] / "diagnosis"))
from builders import flat, observed

BY_NAME = {remedy.name: remedy for remedy in clip.REMEDIES}


@pytest.fixture(params=list(BY_NAME))
def remedy(request):
    return BY_NAME[request.param]


def net(seed=0, lr=0.1, kind=torch.optim.SGD, **settings):
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1))
    return Patient(model, kind(model.parameters(), lr=lr, **settings))


def batch(step, spike=1000.0):
    generator = torch.Generator().manual_seed(step)
    x = torch.randn(16, 4, generator=generator)
    return x, x.sum(1, keepdim=True) * (spike if step % 7 == 6 else 1.0)


def loss_of(patient, step):
    x, y = batch(step)
    return (patient.model(x) - y).square().mean()


def train(patient, steps=20, before=lambda: None, after=lambda: None, first=0):
    for step in range(first, first + steps):
        patient.optimizer.zero_grad()
        loss_of(patient, step).backward()
        before()
        patient.optimizer.step()
        after()
    return patient


def same(one, other):
    ours, theirs = one.model.state_dict(), other.model.state_dict()
    return all(torch.equal(ours[name], theirs[name]) for name in ours)


def finding(cause, first_step=0):
    return Finding("IG701", "instability", "error", "model", (), first_step, 99, Text("", ""), (), (Cause(cause, 0.8),))


@pytest.mark.parametrize("guarded", [False, True])
def test_the_lines_train_to_the_bits_of_the_edit(remedy, guarded, monkeypatch):
    offered = SimpleNamespace(
        ClipNorm=ClipNorm, ClipValue=ClipValue, AdaptiveClip=AdaptiveClip, AutoClip=AutoClip, ZClip=ZClip
    )
    monkeypatch.setitem(sys.modules, "isograd.remedies", offered)
    injected, written = net(), net()
    settings = {**remedy.choose(injected), "guarded": guarded}
    if "warmup" in settings:
        settings["warmup"] = 6
    code = remedy.code(written, settings)
    edit = remedy.make(injected, settings)
    train(injected)
    scope = {"model": written.model, "optimizer": written.optimizer}

    def run(lines):
        exec(lines.replace("{model}", "model").replace("{optimizer}", "optimizer"), scope)

    run("\n".join((*code.imports, code.definitions, code.after_optimizer)))
    train(written, before=lambda: run(code.before_step), after=lambda: run(code.after_step))
    assert same(injected, written)
    assert not same(injected, train(net())), "it did clip"
    told = edit.figures()
    assert told[f"{remedy.name} steps"] == 20
    assert 0 < told[f"{remedy.name} bound_share"] <= 1
    edit.undo()
    edit.undo()
    count = edit.figures()[f"{remedy.name} steps"]
    train(injected, 2)
    assert edit.figures()[f"{remedy.name} steps"] == count, "undone it acts no more"


def test_undone_the_optimizer_has_no_hooks(remedy):
    patient = net()
    remedy.make(patient, remedy.choose(patient)).undo()
    assert not patient.optimizer._optimizer_step_pre_hooks
    assert not patient.optimizer._optimizer_step_post_hooks
    assert same(train(patient), train(net()))


def test_after_unscaling_and_not_on_steps_that_a_scaler_skips():
    patient, plain = net(), net()
    edit = BY_NAME["clip:norm"].make(patient, {"max_norm": 0.5})
    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**20)
    for step in range(12):
        patient.optimizer.zero_grad()
        loss = loss_of(patient, step)
        scaler.scale(loss * (math.inf if step == 5 else 1.0)).backward()
        scaler.step(patient.optimizer)
        scaler.update()
        if step == 5:
            continue
        plain.optimizer.zero_grad()
        loss_of(plain, step).backward()
        clip_grad_norm_(plain.model.parameters(), 0.5)
        plain.optimizer.step()
    assert same(patient, plain)
    assert edit.figures()["clip:norm steps"] == 11


def test_micro_batches_are_clipped_together():
    patient, plain = net(), net()
    BY_NAME["clip:norm"].make(patient, {"max_norm": 0.5})
    for one in (patient, plain):
        for step in range(9):
            (loss_of(one, step) / 3).backward()
            if step % 3 == 2:
                if one is plain:
                    clip_grad_norm_(plain.model.parameters(), 0.5)
                one.optimizer.step()
                one.optimizer.zero_grad()
    assert same(patient, plain)


def test_within_the_closure_of_lbfgs():
    patient, plain = net(kind=torch.optim.LBFGS), net(kind=torch.optim.LBFGS)
    edit = BY_NAME["clip:norm"].make(patient, {"max_norm": 0.5})
    for one in (patient, plain):

        def closure(one=one):
            one.optimizer.zero_grad()
            loss = loss_of(one, 0)
            loss.backward()
            if one is plain:
                clip_grad_norm_(plain.model.parameters(), 0.5)
            return loss

        one.optimizer.step(closure)
    assert same(patient, plain)
    assert edit.figures()["clip:norm steps"] > 1


def test_of_two_networks_in_one_model_only_its_own():
    torch.manual_seed(0)
    model = nn.ModuleDict({"one": nn.Linear(2, 1), "two": nn.Linear(2, 1)})
    patient = Patient(model, torch.optim.SGD(model["one"].parameters(), lr=1.0))
    settings = {"max_norm": 1.0}
    code = BY_NAME["clip:norm"].code(patient, settings)
    assert "{optimizer}.param_groups" in code.before_step
    BY_NAME["clip:norm"].make(patient, settings)
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 10.0)
    patient.optimizer.step()
    assert model["two"].bias.grad.item() == 10.0
    assert model["one"].bias.grad.item() == pytest.approx(10 / math.sqrt(300), rel=1e-5)


def test_groups_in_another_order_are_written_as_they_are():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    groups = [{"params": model[1].parameters()}, {"params": model[0].parameters()}]
    code = BY_NAME["clip:norm"].code(Patient(model, torch.optim.SGD(groups, lr=0.1)), {"max_norm": 1.0})
    assert "{model}" not in code.before_step


def test_the_limit_is_the_median_norm_before_the_trouble():
    raw = np.concatenate([np.full(50, -0.5), np.full(50, 6.0)])
    seen = observed(loss=flat(1.0, 100), raw=raw)
    patient = replace(net(), observed=seen, finding=finding("learning-rate-too-high", 50))
    assert BY_NAME["clip:norm"].choose(patient)["max_norm"] == 0.32
    at_once = replace(patient, finding=finding("learning-rate-too-high", 0))
    assert BY_NAME["clip:norm"].choose(at_once)["max_norm"] == 1.0
    few_bad = observed(loss=flat(1.0, 100), raw=np.where(np.arange(100) % 20, 0.0, 6.0))
    outliers = replace(patient, observed=few_bad, finding=finding("outlier-batch", 0))
    assert BY_NAME["clip:norm"].choose(outliers)["max_norm"] == 1.0
    entries = sum(p.numel() for p in patient.model.parameters())
    value = BY_NAME["clip:value"].choose(patient)["clip_value"]
    assert value == pytest.approx(10 * 0.32 / math.sqrt(entries), rel=0.1)
    assert BY_NAME["clip:zscore"].choose(patient)["warmup"] == 25
    assert BY_NAME["clip:zscore"].choose(at_once)["warmup"] == 5


def test_torchs_own_is_not_trusted_where_it_fails():
    def guarded(patient):
        return BY_NAME["clip:norm"].choose(patient)["guarded"]

    assert not guarded(net())
    assert guarded(replace(net(), observed=observed(loss=flat(1.0, 100), raw=20.0)))
    bad = np.zeros(100, dtype=np.int64)
    bad[7] = 2
    assert guarded(replace(net(), observed=observed(loss=flat(1.0, 100), nonfinite=bad)))
    half = nn.Linear(2, 2).half()
    assert guarded(Patient(half, torch.optim.SGD(half.parameters(), lr=0.1)))
    table = nn.Embedding(4, 2, sparse=True)
    assert guarded(Patient(table, torch.optim.SGD(table.parameters(), lr=0.1)))


def tight(patient):
    return replace(patient, observed=observed(loss=flat(1.0, 100), raw=0.3), finding=finding("clipping-too-tight"))


def test_a_program_that_clips_too_tightly_gets_a_higher_limit():
    remedy = BY_NAME["clip:norm"]
    patient, loose, before = tight(net()), net(), net()
    settings = remedy.choose(patient)
    assert settings["raises"]
    assert settings["max_norm"] == 2.0
    edit = remedy.make(patient, settings)
    other = nn.Parameter(torch.zeros(1))

    def own(limit, one):
        return lambda: clip_grad_norm_(one.model.parameters(), max_norm=limit)  # a name bound before the edit

    train(patient, before=own(1e-3, patient))
    other.grad = torch.ones(1)
    clip_grad_norm_([other], 1e-3)
    assert other.grad.item() == pytest.approx(1e-3, rel=1e-2), "other networks keep theirs"
    assert edit.figures()["clip:norm raised_share"] == 1.0
    edit.undo()
    train(loose, before=own(2.0, loose))
    assert same(patient, loose)
    train(before, 3, before=own(1e-3, before))
    again = net()
    train(again, 3, before=own(1e-3, again))
    assert same(before, again)


def test_how_a_higher_limit_is_written():
    patient = tight(net())
    settings = BY_NAME["clip:norm"].choose(patient)
    told = BY_NAME["clip:norm"].code(patient, settings)
    assert "2.0" in told.advice
    assert not told.before_step
    swap = told.swaps[0]
    assert (swap.position, swap.function, swap.keywords) == (CLIPPING, "", {"max_norm": "2.0"})
