"""The first non-finite value is traced to its operation and layer."""

import pytest
import torch
from sinks import watched
from torch import nn
from torch.nn import functional as F


def train(loss_of, steps=3):
    def run():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        for index in range(steps):
            optimizer.zero_grad()
            loss_of(model, index).backward()
            optimizer.step()

    return run


def log_of_zero(model, index):
    probabilities = F.softmax(model(torch.randn(5, 4)), dim=1)
    return -torch.log(probabilities * (index < 2)).mean() if index == 2 else probabilities.log().mean()


def root_at_zero(model, index):
    out = model(torch.randn(5, 4))
    return (out - out.detach() * (index == 2)).sum(dim=1).square().sqrt().mean()


def test_forward_names_the_operation_and_the_step():
    sink = watched(train(log_of_zero))
    event = next(event for _, event in sink.events if event.kind == "non-finite")
    assert (event.step, event.direction, event.operation, event.site) == (2, "forward", "Log", "2")


@pytest.mark.parametrize("budget", [1.0, 0.01])
def test_backward_alone_is_told_apart(budget):
    sink = watched(train(root_at_zero), budget)
    event = next(event for _, event in sink.events if event.kind == "non-finite")
    assert (event.step, event.direction, event.site, event.operation) == (2, "backward", "2", "Sqrt")


def test_data_that_is_not_finite_is_given_from_outside():
    sink = watched(train(lambda model, index: model(torch.full((5, 4), float("nan") if index == 1 else 1.0)).sum()))
    event = next(event for _, event in sink.events if event.kind == "non-finite")
    assert (event.step, event.direction, event.site, event.detail["given"]) == (1, "forward", "0", True)


def test_a_script_that_breaks_off_at_nan_is_told_all_the_same():
    def run():
        model = nn.Linear(4, 2)
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        for index in range(4):
            optimizer.zero_grad()
            loss = (model(torch.ones(3, 4)) * (float("inf") if index == 3 else 1.0)).mean()
            loss.backward()
            if not torch.isfinite(loss):
                return
            optimizer.step()

    assert any(event.kind == "non-finite" for _, event in watched(run).events)


def test_a_healthy_run_has_no_such_event():
    sink = watched(train(lambda model, index: model(torch.randn(5, 4)).square().mean(), steps=8))
    assert not sink.events
    assert all(row.nonfinite == 0 for _, row in sink.steps)
