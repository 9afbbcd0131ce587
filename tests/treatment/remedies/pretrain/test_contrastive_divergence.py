"""Training: the exact likelihood rises, updates point the way of its gradient, overfitting is seen."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.neural_network import BernoulliRBM

from isograd.errors import UsageError
from isograd.treatment.remedies.pretrain import RBM, Schedule, log_likelihood, pseudo_log_likelihood, train_rbm
from isograd.treatment.remedies.pretrain.monitoring import split_rows

STILL = Schedule(epochs=1, weight_decay=0.0, held_out=0.0, first_momentum=0.0, last_momentum=0.0)


def bars_and_stripes():
    """All 14 images of 3x3 pixels whose rows, or whose columns, are of one colour each."""
    lines = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3)
    bars = lines[:, :, None].expand(-1, 3, 3).reshape(-1, 9)
    stripes = lines[:, None, :].expand(-1, 3, 3).reshape(-1, 9)
    return torch.cat([bars, stripes]).unique(dim=0).double()


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def machine(rows, num_hidden, visible="binary", seed=0, std=0.01):
    made = RBM(rows.shape[1], num_hidden, visible, std=std, generator=generator(seed), dtype=rows.dtype)
    made.start_visible_bias(rows)
    return made


def likelihood(mine, rows):
    return float(log_likelihood(mine, rows).mean().detach())


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("k", [1, 5])
def test_the_exact_likelihood_rises(k, persistent):
    rows = bars_and_stripes()
    mine = machine(rows, 10, std=0.1)
    before = likelihood(mine, rows)
    rate = 0.2 if persistent else 0.1  # its momentum stays low
    schedule = Schedule(epochs=100, batch_size=7, k=k, persistent=persistent, held_out=0.0, learning_rate=rate)
    train_rbm(mine, rows.repeat(5, 1), schedule, generator())
    assert before == pytest.approx(-9 * math.log(2), abs=0.2)
    assert likelihood(mine, rows) > before + 1.5  # the best model there is has -log 14 = -2.64


def test_a_gaussian_machine_raises_the_density_of_its_data():
    centres = torch.tensor([[2.0, 2.0, -2.0, -2.0], [-2.0, 2.0, 2.0, -2.0]], dtype=torch.double)
    rows = centres[torch.randint(2, (200,), generator=generator())]
    rows = rows + torch.randn(200, 4, generator=generator(), dtype=torch.double)
    mine = machine(rows, 6, "gaussian")
    before = likelihood(mine, rows)
    train_rbm(mine, rows, Schedule(epochs=40), generator())
    assert likelihood(mine, rows) > before + 0.5


@pytest.fixture(scope="module")
def half_trained():
    rows = bars_and_stripes()
    mine = machine(rows, 8, std=0.1)
    train_rbm(mine, rows.repeat(2, 1), Schedule(epochs=20, batch_size=7, held_out=0.0), generator())
    (slope,) = torch.autograd.grad(log_likelihood(mine, rows).mean(), mine.weight)
    return mine, rows, slope


def update_of(mine, rows, schedule, repeats=400):
    """The change of the weights by one update on many copies of the rows, so that chance averages out."""
    copied = RBM(9, 8, dtype=torch.double)
    copied.load_state_dict(mine.state_dict())
    many = rows.repeat(repeats, 1)
    train_rbm(copied, many, replace(schedule, batch_size=len(many)), generator())
    return (copied.weight - mine.weight).detach()


def cosine(a, b):
    return float(torch.nn.functional.cosine_similarity(a.flatten(), b.flatten(), dim=0))


def test_an_update_points_the_way_of_the_exact_gradient_the_better_the_longer_its_chains(half_trained):
    mine, rows, slope = half_trained
    towards = {k: cosine(update_of(mine, rows, replace(STILL, k=k)), slope) for k in (1, 2, 50)}
    assert 0.5 < towards[1] < towards[2] < 0.97 < towards[50]


def test_an_update_of_long_chains_has_the_size_of_the_exact_gradient(half_trained):
    mine, rows, slope = half_trained
    change = update_of(mine, rows, replace(STILL, k=100, learning_rate=0.05))
    assert float(change.norm() / (0.05 * slope).norm()) == pytest.approx(1.0, abs=0.15)


def test_chains_that_live_on_end_where_the_model_is_and_short_ones_stay_at_the_data():
    rows = bars_and_stripes()
    model = machine(rows, 8)
    with torch.no_grad():
        model.weight.normal_(0, 1.0, generator=generator(1))
        model.visible_bias.fill_(-1.0)
    expected = torch.autograd.grad(log_likelihood(model, rows).mean(), model.visible_bias)[0]
    schedule = replace(STILL, epochs=60, learning_rate=1e-6, batch_size=1400)  # it hardly moves meanwhile
    share = {False: 1.0, True: 61 / 120}  # of the learning rate, on average over the epochs
    slopes = {}
    for persistent in (False, True):
        moved = machine(rows, 8)
        moved.load_state_dict(model.state_dict())
        train_rbm(moved, rows.repeat(100, 1), replace(schedule, persistent=persistent), generator())
        slopes[persistent] = (moved.visible_bias - model.visible_bias).detach() / (60 * share[persistent] * 1e-6)
    assert float((slopes[True] - expected).norm() / expected.norm()) < 0.1
    assert float((slopes[False] - expected).norm() / expected.norm()) > 0.2


def test_one_update_is_the_formula():
    rows = bars_and_stripes()
    mine = machine(rows, 8)
    weight, hidden, visible = (p.detach().clone() for p in (mine.weight, mine.hidden_bias, mine.visible_bias))
    train_rbm(mine, rows, replace(STILL, batch_size=14, weight_decay=0.01, learning_rate=0.1), generator(7))
    replay = generator(7)
    kept, _ = split_rows(rows, 0.0, replay)
    twin = RBM(9, 8, dtype=torch.double)
    with torch.no_grad():
        twin.weight.copy_(weight)
        twin.hidden_bias.copy_(hidden)
        twin.visible_bias.copy_(visible)
    torch.randint(9, (14,), generator=replay)  # the flips of the first look
    v0 = kept[torch.randperm(14, generator=replay)]
    h0 = twin(v0)
    v1 = twin.visible_means(torch.bernoulli(h0, generator=replay))
    h1 = twin(v1)
    expected = weight + 0.1 * ((h0.T @ v0 - h1.T @ v1) / 14 - 0.01 * weight)
    assert torch.allclose(mine.weight, expected, atol=1e-14)
    assert torch.allclose(mine.hidden_bias, hidden + 0.1 * (h0 - h1).mean(dim=0), atol=1e-14)
    assert torch.allclose(mine.visible_bias, visible + 0.1 * (v0 - v1).mean(dim=0), atol=1e-14)


@pytest.mark.parametrize("persistent", [False, True])
def test_digits_are_modelled_as_well_as_by_scikit_learn(persistent):
    rows = load_digits(return_X_y=True)[0] / 16
    train, test = rows[:800], torch.from_numpy(rows[800:])
    peer = BernoulliRBM(32, learning_rate=0.06, batch_size=10, n_iter=10, random_state=0).fit(train)
    theirs = RBM(64, 32, dtype=torch.double)
    with torch.no_grad():
        theirs.weight.copy_(torch.from_numpy(peer.components_))
        theirs.hidden_bias.copy_(torch.from_numpy(peer.intercept_hidden_))
        theirs.visible_bias.copy_(torch.from_numpy(peer.intercept_visible_))
    mine = machine(torch.from_numpy(train), 32)
    train_rbm(mine, torch.from_numpy(train), Schedule(epochs=10, batch_size=10, persistent=persistent), generator())
    mine_at, theirs_at = (float(pseudo_log_likelihood(m, test).detach().mean()) for m in (mine, theirs))
    assert mine_at > theirs_at - 0.5
    assert np.isfinite(mine_at)


def test_the_gap_of_free_energies_grows_when_few_rows_are_learned_by_heart():
    rows = torch.rand(40, 30, generator=generator(), dtype=torch.double).round()
    mine = machine(rows, 60)
    history = train_rbm(mine, rows, Schedule(epochs=150, batch_size=10, held_out=0.5), generator())
    assert abs(history[0].free_energy_gap) < 2
    assert history[-1].free_energy_gap > 10


def test_a_look_is_made_before_and_after_every_epoch():
    rows = bars_and_stripes()
    history = train_rbm(machine(rows, 4), rows, Schedule(epochs=3, batch_size=5), generator())
    assert [look.epoch for look in history] == [0, 1, 2, 3]
    assert history[0].reconstruction == pytest.approx(0.25, abs=0.02)
    assert history[0].pseudo_log_likelihood == pytest.approx(-9 * math.log(2), abs=0.3)
    assert all(math.isfinite(look.held_out_free_energy) for look in history)


def test_without_rows_to_spare_none_are_held_out_and_gaussian_units_have_no_pseudo_likelihood():
    rows = torch.randn(6, 3, generator=generator())
    history = train_rbm(machine(rows, 2, "gaussian"), rows, Schedule(epochs=1), generator())
    assert math.isnan(history[-1].free_energy_gap)
    assert math.isnan(history[-1].pseudo_log_likelihood)


def test_learning_rates_and_momentum_are_those_of_the_kind():
    binary, gaussian = RBM(3, 2), RBM(3, 2, "gaussian")
    assert Schedule().rate(binary, 9) == pytest.approx(0.1)
    assert Schedule().rate(gaussian, 0) == pytest.approx(0.01)
    rates = [Schedule(epochs=4, persistent=True).rate(binary, epoch) for epoch in range(4)]
    assert rates == pytest.approx([0.1, 0.075, 0.05, 0.025])
    assert [Schedule(epochs=12).momentum(epoch) for epoch in (0, 4, 5, 11)] == [0.5, 0.5, 0.9, 0.9]
    assert [Schedule(epochs=3).momentum(epoch) for epoch in range(3)] == [0.5, 0.5, 0.9]
    assert Schedule(epochs=12, persistent=True).momentum(11) == 0.5


def test_equal_generators_give_equal_bits_and_torchs_own_is_left_alone():
    rows = bars_and_stripes()
    state = torch.get_rng_state()
    machines = [machine(rows, 6) for _ in range(2)]
    for mine in machines:
        train_rbm(mine, rows, Schedule(epochs=3, k=2), generator(5))
    assert torch.equal(state, torch.get_rng_state())
    assert torch.equal(machines[0].weight, machines[1].weight)


def test_numbers_that_make_no_sense_are_said():
    with pytest.raises(UsageError, match="epochs must be at least 1; got 0"):
        Schedule(epochs=0)
    with pytest.raises(UsageError, match="held_out is a share"):
        Schedule(held_out=1.0)
    with pytest.raises(UsageError, match=r"rows must be of shape \(N, 9\); got \(2, 8\)"):
        train_rbm(RBM(9, 2), torch.zeros(2, 8), Schedule(), generator())
