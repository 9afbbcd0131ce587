"""Exact likelihoods against sums and integrals made in the plainest way."""

import itertools
import math

import pytest
import torch

from isograd.errors import UsageError
from isograd.treatment.remedies.pretrain import RBM, log_likelihood, log_partition, pseudo_log_likelihood


def machine(num_visible, num_hidden, visible="binary"):
    made = RBM(
        num_visible, num_hidden, visible, std=0.8, generator=torch.Generator().manual_seed(1), dtype=torch.double
    )
    with torch.no_grad():
        made.hidden_bias.normal_(generator=torch.Generator().manual_seed(2))
        made.visible_bias.normal_(generator=torch.Generator().manual_seed(3))
    return made


def states(size):
    return torch.tensor(list(itertools.product((0.0, 1.0), repeat=size)), dtype=torch.double)


@pytest.mark.parametrize("sizes", [(3, 6), (6, 3), (4, 4)])
def test_the_partition_function_is_the_sum_over_all_states_of_both_sides(sizes):
    mine = machine(*sizes)
    energies = torch.stack([mine.energy(states(sizes[0]), h.expand(2 ** sizes[0], -1)) for h in states(sizes[1])])
    assert torch.allclose(log_partition(mine), (-energies).flatten().logsumexp(dim=0), atol=1e-12)


@pytest.mark.parametrize("sizes", [(3, 6), (6, 3)])
def test_probabilities_add_up_to_one(sizes):
    total = log_likelihood(machine(*sizes), states(sizes[0])).logsumexp(dim=0)
    assert total.item() == pytest.approx(0.0, abs=1e-12)


def test_a_density_integrates_to_one():
    mine = machine(2, 3, "gaussian")
    line = torch.linspace(-12, 12, 601, dtype=torch.double)
    grid = torch.cartesian_prod(line, line)
    total = log_likelihood(mine, grid).logsumexp(dim=0) + 2 * math.log(float(line[1] - line[0]))
    assert total.item() == pytest.approx(0.0, abs=1e-6)


def test_more_states_than_fit_in_one_piece_are_summed_as_well():
    mine = machine(15, 16)
    swapped = RBM(16, 15, dtype=torch.double)  # the same model seen from its other side
    with torch.no_grad():
        swapped.weight.copy_(mine.weight.T)
        swapped.visible_bias.copy_(mine.hidden_bias)
        swapped.hidden_bias.copy_(mine.visible_bias)
    assert torch.allclose(log_partition(mine), log_partition(swapped))


def test_the_slope_of_the_likelihood_is_data_less_model():
    mine, v = machine(4, 3), states(4)[5:9]
    (slope,) = torch.autograd.grad(log_likelihood(mine, v).mean(), mine.weight)
    p = log_likelihood(mine, states(4)).exp()
    assert torch.allclose(slope, mine(v).T @ v / len(v) - (mine(states(4)) * p[:, None]).T @ states(4), atol=1e-12)


def test_the_pseudo_likelihood_is_the_sum_of_exact_conditionals():
    mine, v = machine(4, 3), states(4)
    expected = torch.zeros(16, dtype=torch.double)
    for i in range(4):
        other = v.clone()
        other[:, i] = 1 - other[:, i]
        both = torch.stack([log_likelihood(mine, v), log_likelihood(mine, other)])
        expected += both[0] - both.logsumexp(dim=0)
    assert torch.allclose(pseudo_log_likelihood(mine, v), expected)


def test_drawn_flips_estimate_the_pseudo_likelihood():
    mine, v = machine(6, 3), states(6)
    generator = torch.Generator().manual_seed(0)
    drawn = torch.stack([pseudo_log_likelihood(mine, v, generator) for _ in range(500)]).mean()
    assert drawn.item() == pytest.approx(pseudo_log_likelihood(mine, v).mean().item(), rel=0.02)


def test_what_cannot_be_enumerated_is_said():
    with pytest.raises(UsageError, match=r"at most 20 units .* got 30 x 21"):
        log_partition(RBM(30, 21))
    with pytest.raises(UsageError, match="at most 20"):
        log_partition(RBM(3, 21, "gaussian"))
    with pytest.raises(UsageError, match="binary visible units"):
        pseudo_log_likelihood(RBM(3, 2, "gaussian"), torch.zeros(1, 3))
