"""The machine against its definition, by enumeration of hidden states, and against scikit-learn's."""

import copy
import itertools

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neural_network import BernoulliRBM

from isograd.errors import UsageError
from isograd.treatment.remedies.pretrain import RBM, pseudo_log_likelihood


def machine(visible, num_visible=5, num_hidden=4, std=1.0):
    made = RBM(
        num_visible, num_hidden, visible, std=std, generator=torch.Generator().manual_seed(1), dtype=torch.double
    )
    with torch.no_grad():
        made.hidden_bias.normal_(generator=torch.Generator().manual_seed(2))
        made.visible_bias.normal_(generator=torch.Generator().manual_seed(3))
    return made


def data(visible, num_visible=5, rows=7):
    drawn = torch.randn(rows, num_visible, generator=torch.Generator().manual_seed(4), dtype=torch.double)
    return (drawn > 0).double() if visible == "binary" else drawn


def states(size):
    return torch.tensor(list(itertools.product((0.0, 1.0), repeat=size)), dtype=torch.double)


@pytest.fixture(scope="module")
def fitted():
    rows = load_digits(return_X_y=True)[0][:300] / 16
    peer = BernoulliRBM(12, n_iter=2, random_state=0).fit(rows)
    mine = RBM(64, 12, dtype=torch.double)
    with torch.no_grad():
        mine.weight.copy_(torch.from_numpy(peer.components_))
        mine.hidden_bias.copy_(torch.from_numpy(peer.intercept_hidden_))
        mine.visible_bias.copy_(torch.from_numpy(peer.intercept_visible_))
    return peer, mine, rows


@pytest.mark.parametrize("visible", ["binary", "gaussian"])
def test_the_free_energy_is_minus_the_log_of_the_sum_over_hidden_states(visible):
    mine, v = machine(visible), data(visible)
    energies = torch.stack([mine.energy(v, h.expand(len(v), -1)) for h in states(4)])
    assert torch.allclose(mine.free_energy(v), -(-energies).logsumexp(dim=0), atol=1e-12)


@pytest.mark.parametrize("visible", ["binary", "gaussian"])
def test_the_energy_is_that_of_the_papers(visible):
    mine, v, h = machine(visible), data(visible), states(4)[3:10]
    couplings = torch.einsum("ni,nj,ji->n", v, h, mine.weight)
    alone = -(v @ mine.visible_bias) if visible == "binary" else ((v - mine.visible_bias) ** 2).sum(1) / 2
    assert torch.allclose(mine.energy(v, h), alone - h @ mine.hidden_bias - couplings)


@pytest.mark.parametrize("visible", ["binary", "gaussian"])
def test_hidden_probabilities_are_those_of_the_energies(visible):
    mine, v = machine(visible), data(visible)
    weights = torch.stack([-mine.energy(v, h.expand(len(v), -1)) for h in states(4)]).softmax(dim=0)
    assert torch.allclose(mine(v), weights.T @ states(4), atol=1e-12)


def test_binary_visible_means_are_those_of_the_energies():
    mine, h = machine("binary"), states(4)
    weights = torch.stack([-mine.energy(v.expand(len(h), -1), h) for v in states(5)]).softmax(dim=0)
    assert torch.allclose(mine.visible_means(h), weights.T @ states(5), atol=1e-12)


def test_gaussian_visible_means_are_where_the_energy_is_least_and_samples_lie_around_them_with_variance_one():
    mine, h = machine("gaussian"), states(4)
    means = mine.visible_means(h).detach().requires_grad_()
    (slope,) = torch.autograd.grad(mine.energy(means, h).sum(), means)
    assert torch.allclose(slope, torch.zeros_like(slope), atol=1e-12)
    many = mine.sample_visible(h[5].expand(20_000, -1), torch.Generator().manual_seed(0))
    assert torch.allclose(many.mean(dim=0), means[5], atol=0.04)
    assert torch.allclose(many.var(dim=0), torch.ones(5, dtype=torch.double), atol=0.05)


def test_samples_have_the_probabilities_they_are_drawn_with():
    mine, v = machine("binary"), data("binary")
    generator = torch.Generator().manual_seed(0)
    hidden = torch.stack([mine.sample_hidden(v, generator) for _ in range(4000)]).mean(dim=0)
    visible = torch.stack([mine.sample_visible(states(4), generator) for _ in range(4000)]).mean(dim=0)
    assert torch.allclose(hidden, mine(v), atol=0.05)
    assert torch.allclose(visible, mine.visible_means(states(4)), atol=0.05)


def test_hidden_probabilities_and_free_energies_are_scikit_learns(fitted):
    peer, mine, rows = fitted
    assert np.allclose(mine(torch.from_numpy(rows)).detach(), peer.transform(rows), atol=1e-12)
    assert np.allclose(mine.free_energy(torch.from_numpy(rows)).detach(), peer._free_energy(rows), atol=1e-9)


def test_the_pseudo_likelihood_is_scikit_learns(fitted):
    peer, mine, rows = fitted
    v = (rows > 0.5).astype(float)
    peer.random_state = np.random.RandomState(0)
    theirs = np.mean([peer.score_samples(v).mean() for _ in range(40)])  # one flip a row: a noisy estimate
    assert pseudo_log_likelihood(mine, torch.from_numpy(v)).mean().item() == pytest.approx(theirs, rel=0.02)


def test_the_slope_of_the_free_energy_is_the_statistic_of_contrastive_divergence():
    mine, v = machine("binary"), data("binary")
    (slope,) = torch.autograd.grad(-mine.free_energy(v).mean(), mine.weight)
    assert torch.allclose(slope, mine(v).T @ v / len(v))


def test_the_visible_bias_starts_at_the_means_of_the_data():
    rows = torch.tensor([[1.0, 0.0, 0.25], [1.0, 0.0, 0.25]])
    mine = RBM(3, 2, std=0.0)
    mine.start_visible_bias(rows)
    assert torch.allclose(mine.visible_means(torch.zeros(1, 2)), torch.tensor([[0.99, 0.01, 0.25]]))
    mine = RBM(3, 2, "gaussian")
    mine.start_visible_bias(3 * rows)
    assert torch.equal(mine.visible_bias, torch.tensor([3.0, 0.0, 0.75]))


def test_it_is_a_module_like_any_other():
    mine = machine("gaussian")
    other = RBM(5, 4, "gaussian", dtype=torch.double)
    other.load_state_dict(mine.state_dict())
    assert torch.equal(copy.deepcopy(mine)(data("gaussian")), other(data("gaussian")))
    assert "5, 4, visible='gaussian'" in str(mine)


def test_what_it_is_not_is_said():
    with pytest.raises(UsageError, match="at least one unit on each side; got 0 and 3"):
        RBM(0, 3)
    with pytest.raises(UsageError, match="got 'softmax'"):
        RBM(2, 3, "softmax")
