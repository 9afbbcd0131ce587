"""On every architecture: the ledger adds up exactly, the model is left as it was, and runs are bit for bit the same."""

import math

import pytest
import torch
from tests.twins.zoo import ZOO, build
from torch.nn import functional as F

from isograd.observation.ledger import keep_ledger
from isograd.observation.probe import measure


def probed(name):
    model, data, target = build(name)
    return model, measure({"model": model}, lambda: F.cross_entropy(model(data), target))


@pytest.mark.parametrize("name", ZOO)
def test_ledger_adds_up_to_the_measured_gain(name):
    _, seen = probed(name)
    rows = keep_ledger(seen.read.graph, seen.read.layout, seen.read.chain, seen.read.gradients)
    assert rows, "no two layers on the chain"
    for row in rows:
        assert math.isfinite(row.rho)
        assert sum(row.columns.values()) == pytest.approx(row.rho, abs=1e-6)
    assert sum(row.rho for row in rows) == pytest.approx(seen.gain, abs=1e-6)


@pytest.mark.parametrize("name", ZOO)
def test_every_weight_of_two_dimensions_belongs_to_a_site(name):
    model, seen = probed(name)
    named = {parameter for site in seen.sites for parameter in site.parameters}
    weights = {
        n.replace("parametrizations.weight.original1", "weight")
        for n, p in model.named_parameters()
        if p.ndim >= 2 and "original0" not in n and n != "place"
    }
    assert weights <= named


@pytest.mark.parametrize("name", ZOO)
def test_a_probe_leaves_everything_as_it_was(name):
    model, data, target = build(name)
    for parameter in model.parameters():
        parameter.grad = torch.full_like(parameter, 0.5)
    next(model.children()).eval()
    modes = [module.training for module in model.modules()]
    before = {key: value.clone() for key, value in model.state_dict().items()}
    state = torch.get_rng_state()
    measure({"model": model}, lambda: F.cross_entropy(model(data), target))
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert all(bool((parameter.grad == 0.5).all()) for parameter in model.parameters())
    assert modes == [module.training for module in model.modules()]
