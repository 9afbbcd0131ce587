"""Causes of a watched run by experiment: kept in its record, the run untouched."""

import json
import random

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import isograd
from isograd.facts import Cause, Intervened, InterventionTable, Text
from isograd.facts.experiment import Experiment, as_event, experiments_of
from isograd.report.findings import findings
from isograd.report.page.document import render_html
from isograd.report.terminal.run import render_terminal


def train(steps=24, deep=12, activation=nn.Sigmoid):
    torch.manual_seed(0)
    hidden = [layer for _ in range(deep) for layer in (nn.Linear(24, 24), nn.Dropout(0.1), activation())]
    model = nn.Sequential(*hidden, nn.Linear(24, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(steps):
        data = torch.randn(32, 24)
        optimizer.zero_grad()
        F.cross_entropy(model(data), (data[:, 0] > 0).long()).backward()
        optimizer.step()
    return model


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "sick"
    with isograd.watch(out=out) as seen:
        model = train()
    return seen, model, out


def test_causes_are_found_by_experiment_and_kept_in_the_record(watched):
    _, _, out = watched
    found = isograd.diagnose(isograd.read(out)).findings[0]
    assert found.problem == "vanishing"
    assert {cause.cause for cause in found.causes} == {"saturating-activation", "init-too-small"}
    assert {cause.how for cause in found.causes} == {"intervention"}
    assert sum(cause.share for cause in found.causes) == pytest.approx(1.0)


def test_the_run_ends_as_it_would_have_ended(watched):
    _, model, _ = watched
    state = torch.get_rng_state()
    other = train()
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))
    torch.set_rng_state(state)
    assert all(module.training for module in model.modules())


def test_reports_show_what_was_tried(watched):
    seen, _, _ = watched
    record = seen.record()
    diagnosis = isograd.diagnose(record)
    text = render_terminal(record, diagnosis, "en", width=100, colour=False)
    assert "sigmoid to tanh" in text
    assert "restored" in text
    assert "restored" in render_html(record, diagnosis, "en")
    tried = findings(record, diagnosis)["interventions"]
    assert json.dumps(tried, allow_nan=False)
    assert tried[0]["sufficient"]


def test_a_healthy_run_keeps_no_pass_and_makes_no_experiment(tmp_path):
    with isograd.watch(out=tmp_path / "healthy") as seen:
        train(deep=2, activation=nn.ReLU)
    assert not [event for event in seen.record().observed[0].events if event.kind == "experiment"]


def test_an_experiment_is_read_back_as_it_was_written(watched):
    seen, _, _ = watched
    label = Text("one {a}", "하나 {a}", {"a": Text("inner", "안")})
    rows = (Intervened(("bias",), float("-inf")), Intervened(("bias", "weights"), -0.5))
    table = InterventionTable("net", "rnn", -9.0, 1.5, rows, {"bias": label}, (("bias", "weights"),), {"bias": 1.0})
    written = Experiment(7, (Cause("depth", 1.0, "intervention"),), table)
    kept = json.loads(json.dumps(as_event(written).detail))
    event = as_event(written).__class__(7, "experiment", "rnn", "", "", kept)
    observed = seen.record().observed[0]
    (read,) = experiments_of(observed.__class__(observed.network, observed.steps, observed.readings, (), (event,)))
    assert read.causes == written.causes
    assert (read.table.rows, read.table.labels, read.table.sufficient) == (rows, {"bias": label}, table.sufficient)


def test_no_random_state_is_touched(tmp_path):
    random.seed(3)
    torch.manual_seed(3)
    with isograd.watch(out=tmp_path / "sick") as seen:
        train(steps=8)
        states = random.getstate(), torch.get_rng_state()
    assert [event for event in seen.record().observed[0].events if event.kind == "experiment"]
    assert random.getstate() == states[0]
    assert torch.equal(torch.get_rng_state(), states[1])
