"""Trials of tasks: by SPEC in processes, as objects in this one; pairs share the build and the batches."""

import random
import time

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from isograd.facts import Task
from isograd.facts.treatment import Dose, Plan
from isograd.facts.trial import Order
from isograd.treatment.trial import Subject, run_trial, run_trials

SOURCE = """
import torch
from torch import nn
from torch.nn import functional as F
from isograd.facts import Task

def batches(seed):
    generator = torch.Generator().manual_seed(seed)
    while True:
        yield torch.randn(16, 4, generator=generator)

def task():
    return Task(
        build=lambda seed: nn.Sequential(nn.Linear(4, 8), nn.Sigmoid(), nn.Linear(8, 8), nn.Sigmoid(), nn.Linear(8, 1)),
        loss=lambda model, batch: F.mse_loss(model(batch), batch.sum(1, keepdim=True)),
        batches=batches,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.1),
        evaluate=lambda model: -float(model(torch.eye(4)).var()),
        steps=6,
    )
"""


def task(**changed):
    names = {}
    exec(SOURCE, names)
    return Task(**{**vars(names["task"]()), **changed})


def test_a_spec_and_an_object_train_alike(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tasks.py").write_text(SOURCE)
    orders = [Order(keep_samples=True), Order("sham"), Order(seed=1), Order("reseed"), Order(max_steps=3)]
    loaded = run_trials(Subject.spec("tasks.py:task"), orders, tmp_path / "a", threads=1, parallel=2)
    given = run_trials(Subject.of_task(task()), orders, tmp_path / "b")
    assert [one.error for one in loaded] == [""] * 5
    assert [one.digest for one in loaded] == [one.digest for one in given]
    assert len({one.digest for one in given}) == 5
    assert [one.status for one in given] == ["finished"] * 4 + ["stopped"]
    assert given[0].score == loaded[0].score < 0
    assert given[0].metric_kinds == ("evaluate", "training-loss")
    assert given[0].networks[0].name == "Sequential"


def test_remedies_are_made_between_build_and_optimizer(tmp_path):
    subject = Subject.of_task(task())
    plan = Plan((Dose("init:he"),))
    baseline = run_trial(subject, Order(keep_samples=True, outlooks=(plan,)), tmp_path)
    folder = next(path for path in tmp_path.iterdir())
    treated = run_trial(subject, Order("treated", plan.doses, untreated=str(folder)), tmp_path)
    assert treated.error == ""
    assert treated.made[0].changes
    assert treated.made[0].code is not None
    assert baseline.outlooks[0].plan.measured_gain == pytest.approx(treated.gains.first, abs=0.5)


def test_a_pair_sees_the_same_batches_and_noise(tmp_path):
    seen = []

    def loss(model, batch):
        seen[-1].append((batch, torch.rand(()).item(), random.random(), np.random.rand()))
        return F.mse_loss(model(batch), batch.sum(1, keepdim=True))

    def batches(seed):
        seen.append([])
        while True:
            yield torch.randn(16, 4)

    subject = Subject.of_task(task(loss=loss, batches=batches))
    run_trials(subject, [Order(keep_samples=True), Order("treated", (Dose("init:he"),))], tmp_path)
    plain, treated = seen
    for one, other in zip(plain, treated, strict=True):
        assert torch.equal(one[0], other[0])
        assert one[1:] == other[1:]


def test_this_process_is_left_as_it_was(tmp_path):
    torch.manual_seed(5)
    state = torch.get_rng_state()
    run_trial(Subject.of_task(task()), Order(), tmp_path)
    assert torch.equal(state, torch.get_rng_state())
    assert "__init_subclass__" not in vars(torch.optim.Optimizer)
    assert not hasattr(F.mse_loss, "__wrapped__")
    assert not hasattr(torch.optim.SGD.__init__, "__wrapped__")


def test_few_batches_are_gone_through_again(tmp_path):
    result = run_trial(Subject.of_task(task(batches=lambda seed: [torch.ones(2, 4)])), Order(), tmp_path)
    assert (result.status, result.steps) == ("finished", 6)


def test_lbfgs_and_failures(tmp_path):
    lbfgs = task(optimizer=lambda parameters: torch.optim.LBFGS(parameters, max_iter=2))
    assert run_trial(Subject.of_task(lbfgs), Order(), tmp_path).steps == 6
    broken = task(loss=lambda model, batch: model(batch.view(-1)).mean())
    result = run_trial(Subject.of_task(broken), Order(), tmp_path)
    assert (result.status, "RuntimeError" in result.error) == ("failed", True)
    with pytest.raises(KeyboardInterrupt):
        run_trial(Subject.of_task(task(evaluate=interrupt)), Order(), tmp_path)
    late = run_trials(Subject.of_task(task()), [Order()], tmp_path, deadline=time.monotonic() - 1)
    assert late[0].status == "interrupted"


def interrupt(model: nn.Module) -> float:
    raise KeyboardInterrupt
