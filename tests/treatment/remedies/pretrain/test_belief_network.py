"""The stack: unrolled it is the user's network to the last bit that matters, and each layer adds to what it models."""

import copy
import io
import itertools
import math

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn

from isograd.errors import UsageError
from isograd.treatment.remedies.pretrain import (
    RBM,
    DeepBeliefNetwork,
    Schedule,
    first_batches,
    log_likelihood,
    pretrain_dbn,
    train_rbm,
)


def digits(rows=600):
    return torch.from_numpy(load_digits(return_X_y=True)[0][:rows])  # 0 to 16, double


def sigmoid_net(activation=nn.Sigmoid, sizes=(64, 32, 24, 16), dropout=0.0, dtype=torch.double):
    torch.manual_seed(0)
    layers = []
    for inside, outside in itertools.pairwise(sizes):
        layers += [nn.Linear(inside, outside), activation(), nn.Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], 10)).to(dtype)


def before_the_last(model, rows):
    with torch.no_grad():
        return model.eval()[:-1](rows)


@pytest.mark.parametrize("scale", ["0 to 1", "0 to 16", "standardised"])
@pytest.mark.parametrize("visible", ["auto", "binary", "gaussian"])
def test_the_users_layers_become_the_network_whatever_the_scale_of_the_data(scale, visible):
    rows = digits()
    rows = {"0 to 1": rows / 16, "0 to 16": rows, "standardised": (rows - rows.mean(0)) / (rows.std(0) + 0.1)}[scale]
    model = sigmoid_net()
    last = copy.deepcopy(model[-1].state_dict())
    network = DeepBeliefNetwork.of(model, rows[:2]).fit(rows.split(50), visible=visible, epochs=2)
    network.unroll()
    expected = network(rows).detach()
    assert torch.allclose(before_the_last(model, rows), expected, atol=1e-6)
    assert torch.allclose(before_the_last(model, rows), expected, atol=1e-12)  # in double precision far nearer
    assert all(torch.equal(last[name], tensor) for name, tensor in model[-1].state_dict().items())
    outside = visible == "gaussian" or (visible == "auto" and scale != "0 to 1")
    assert network.machines[0].visible == ("gaussian" if outside else "binary")


def test_tanh_is_two_sigmoids_less_one():
    rows = digits()
    for data in (rows / 16, rows):
        model = sigmoid_net(nn.Tanh)
        network = DeepBeliefNetwork.of(model, data[:2]).fit(data, epochs=2)
        network.unroll()
        assert torch.allclose(before_the_last(model, data), 2 * network(data).detach() - 1, atol=1e-12)


def test_single_precision_and_half_formats_are_written_in_their_own():
    rows = (digits() / 16).float()
    for dtype in (torch.float32, torch.bfloat16):
        model = sigmoid_net(dtype=dtype)
        parameters = list(model.parameters())
        network = DeepBeliefNetwork.of(model, rows[:2].to(dtype)).fit([rows.to(dtype)], epochs=1)
        network.unroll()
        assert network.machines[0].weight.dtype == torch.float32
        assert all(a is b for a, b in zip(parameters, model.parameters(), strict=True))
        assert model[0].weight.dtype == dtype
        assert torch.equal(model[0].weight, network.machines[0].weight.to(dtype))


def test_reconstruction_improves_at_every_layer():
    model = sigmoid_net()
    network = DeepBeliefNetwork.of(model, digits(2)).fit(digits() / 16, epochs=8)
    for looks in network.history:
        assert looks[-1].reconstruction < 0.5 * looks[0].reconstruction
        assert math.isfinite(looks[-1].free_energy_gap)


def log_conditional(machine, v, h):
    """log p(v|h) for all pairs of rows, shape (rows of v, rows of h)."""
    p = machine.visible_means(h)
    return v @ p.log().T + (1 - v) @ (1 - p).log().T


def bound(lower, upper, v):
    """The variational bound on log p(v) of two machines: E_Q[log p(v|h) + log p(h)] + H(Q), Q(h|v) the lower's own."""
    states = torch.tensor(list(itertools.product((0.0, 1.0), repeat=lower.weight.shape[0])), dtype=v.dtype)
    q = lower(v)
    log_q = states @ q.log().T + (1 - states) @ (1 - q).log().T  # (states, rows)
    value = log_conditional(lower, v, states).T + log_likelihood(upper, states)[:, None] - log_q
    return (log_q.exp() * value).sum(dim=0)


def test_a_second_machine_raises_the_bound_on_the_likelihood_of_the_first():
    lines = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 3)
    rows = torch.cat([lines.repeat_interleave(3, dim=1), lines.repeat(1, 3)]).unique(dim=0).double()
    generator = torch.Generator().manual_seed(0)
    lower = RBM(9, 6, std=0.1, generator=generator, dtype=torch.double)
    train_rbm(lower, rows.repeat(5, 1), Schedule(epochs=40, held_out=0.0), generator)
    upper = RBM(6, 9, dtype=torch.double)
    with torch.no_grad():  # turned upside down it is the same prior of h: the bound is the likelihood itself
        upper.weight.copy_(lower.weight.T)
        upper.visible_bias.copy_(lower.hidden_bias)
        upper.hidden_bias.copy_(lower.visible_bias)
        assert torch.allclose(bound(lower, upper, rows), log_likelihood(lower, rows), atol=1e-9)
        before = float(bound(lower, upper, rows).mean())
        hidden = torch.cat([lower.sample_hidden(rows, generator) for _ in range(40)])
        schedule = Schedule(epochs=20, k=10, learning_rate=0.02, batch_size=40, held_out=0.0, weight_decay=0.0)
        train_rbm(upper, hidden, schedule, generator)
        assert float(bound(lower, upper, rows).mean()) > before + 0.05


def test_samples_look_like_the_data():
    rows = (digits(1000) / 16).float()
    network = DeepBeliefNetwork((64, 48, 48)).fit(rows, epochs=20, seed=0)
    drawn = network.sample(300, steps=200, seed=0)
    assert drawn.shape == (300, 64)
    assert bool(((drawn >= 0) & (drawn <= 1)).all())
    likeness = torch.corrcoef(torch.stack([drawn.mean(dim=0), rows.mean(dim=0)]))[0, 1]
    assert likeness > 0.8
    scaled = DeepBeliefNetwork((64, 20)).fit(16 * rows, epochs=5, seed=0).sample(50, seed=0)
    assert float((scaled.mean(dim=0) - 16 * rows.mean(dim=0)).abs().mean()) < 2.5  # in the data's own units


def test_undo_brings_bits_and_identity_back():
    model = sigmoid_net()
    parameters, before = list(model.parameters()), copy.deepcopy(model.state_dict())
    edit = DeepBeliefNetwork.of(model, digits(2)).fit(digits() / 16, epochs=1).unroll()
    assert not torch.equal(model[0].weight, before["0.weight"])
    assert not torch.equal(model[0].bias, before["0.bias"])
    edit.undo()
    edit.undo()
    assert all(a is b for a, b in zip(parameters, model.parameters(), strict=True))
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


def test_the_edit_says_what_each_layer_was_trained_as():
    model = sigmoid_net(sizes=(64, 32, 24))
    changes = DeepBeliefNetwork.of(model, digits(2)).fit(digits(), epochs=3).unroll().changes
    assert [change.site for change in changes] == ["0", "3"]
    assert changes[0].after.startswith("pretrained as Gaussian RBM 64x32, 3 epochs, reconstruction 0.8")
    assert changes[1].after.startswith("pretrained as binary RBM 32x24, 3 epochs, reconstruction ")
    assert changes[0].before.startswith("std 0.07")


def test_numbers_follow_torchs_seed_or_ones_own_and_nothing_of_torchs_is_drawn():
    rows = digits() / 16

    def weights(torch_seed, seed):
        torch.manual_seed(torch_seed)
        network = DeepBeliefNetwork((64, 8)).fit(rows, epochs=1, seed=seed)
        assert torch.equal(torch.get_rng_state(), torch.manual_seed(torch_seed).get_state())
        return network.machines[0].weight

    assert torch.equal(weights(1, None), weights(1, None))
    assert not torch.equal(weights(1, None), weights(2, None))
    assert torch.equal(weights(1, 7), weights(2, 7))


def test_outliers_do_not_make_it_diverge():
    rows = digits().clone()
    rows[::50] *= 300
    network = DeepBeliefNetwork((64, 32, 16)).fit(rows, epochs=3)
    assert all(bool(p.isfinite().all()) for p in network.parameters())


def test_constant_and_nearly_constant_features_stay_quiet():
    rows = torch.rand(200, 6, dtype=torch.double) * 4 - 2
    rows[:, 0] = 5.0
    rows[:, 1] = 1e-7 * rows[:, 1]
    model = sigmoid_net(sizes=(6, 5, 5))
    DeepBeliefNetwork.of(model, rows[:2]).fit(rows, epochs=3).unroll()
    assert float(model[0].weight.detach().abs().max()) < 10
    constant = DeepBeliefNetwork((3, 2)).fit(torch.full((20, 3), 7.0), epochs=1)
    assert bool(constant(torch.full((1, 3), 7.0)).isfinite().all())


def test_sequences_are_rows_too_and_batches_are_what_the_model_is_called_with():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = sigmoid_net(sizes=(64, 8, 8))

        def forward(self, x, scale=1.0, *, shift=0.0):
            return self.net(x * scale + shift)

    from isograd.treatment.remedies.pretrain import Call

    rows, model = digits(60) / 16, Two()
    fitted = [
        DeepBeliefNetwork.of(model, batches[0]).fit(batches, epochs=1, seed=0).machines[0].weight
        for batches in (
            [rows[:40], rows[40:]],
            [rows.reshape(3, 20, 64)],
            [(2 * rows, 0.5)],
            [{"x": rows - 1, "shift": 1.0}],
            [Call((2 * rows,), {"scale": 0.5})],
        )
    ]
    assert all(torch.allclose(fitted[0], other) for other in fitted[1:])


def test_it_can_stand_alone_and_be_unrolled_into_any_layers():
    rows = (digits() / 16).float()
    network = DeepBeliefNetwork((64, 16, 8)).fit(rows, epochs=1)
    layers = [nn.Linear(64, 16), nn.Linear(16, 8), nn.Linear(8, 2)]
    network.unroll_into(layers)
    hidden = torch.sigmoid(layers[1](torch.sigmoid(layers[0](rows))))
    assert torch.allclose(hidden, network(rows), atol=1e-6)
    network.unroll_into(layers, activation="tanh")
    assert torch.allclose(torch.tanh(layers[1](torch.tanh(layers[0](rows)))), 2 * network(rows) - 1, atol=1e-5)
    file = io.BytesIO()
    torch.save(network, file)
    file.seek(0)
    assert torch.equal(torch.load(file, weights_only=False)(rows), network(rows))


def test_the_plain_function_is_the_same_thing():
    rows, one, other = digits() / 16, sigmoid_net(), sigmoid_net()
    network = pretrain_dbn(one, rows.split(100), epochs=2, batch_size=25, k=2, weight_decay=1e-3, seed=3)
    DeepBeliefNetwork.of(other, rows[:1]).fit(
        rows.split(100), epochs=2, batch_size=25, k=2, weight_decay=1e-3, seed=3
    ).unroll()
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert len(network.history) == 3


def test_the_model_is_left_as_it_was_but_for_its_weights():
    rows, model = digits() / 16, sigmoid_net(dropout=0.5)
    model.train()
    loss = model(rows).square().mean()
    loss.backward()
    kept = [p.grad.clone() for p in model.parameters()]
    state = torch.get_rng_state()
    pretrain_dbn(model, rows, epochs=1)
    assert torch.equal(state, torch.get_rng_state())
    assert all(module.training for module in model.modules())
    assert all(torch.equal(p.grad, grad) for p, grad in zip(model.parameters(), kept, strict=True))
    assert all(not module._forward_pre_hooks and not module._forward_hooks for module in model.modules())


def test_batches_can_be_taken_from_a_loader_ahead_of_the_training():
    from torch.utils.data import DataLoader, TensorDataset

    data = TensorDataset(torch.arange(40.0)[:, None])
    for generator in (None, torch.Generator().manual_seed(5)):
        loader = DataLoader(data, batch_size=10, shuffle=True, generator=generator)
        torch.manual_seed(3)
        early = first_batches(loader, 3)
        torch.rand(0)
        late = list(itertools.islice(loader, 3))
        assert all(torch.equal(a[0], b[0]) for a, b in zip(early, late, strict=True))
    with pytest.raises(UsageError, match="an iterator"):
        first_batches(iter(loader), 3)


@pytest.mark.parametrize(
    ("attempt", "said"),
    [
        (lambda: DeepBeliefNetwork((3,)), r"got sizes \(3,\)"),
        (lambda: DeepBeliefNetwork((3, 2))(torch.zeros(1, 3)), "call fit first"),
        (lambda: DeepBeliefNetwork((3, 2)).fit(torch.zeros(9, 4)), r"shape \(N, 3\); got \(9, 4\)"),
        (lambda: DeepBeliefNetwork((3, 2)).fit(torch.full((9, 3), math.nan)), "finite"),
        (lambda: DeepBeliefNetwork((3, 2)).fit([]), "got none"),
        (lambda: DeepBeliefNetwork((3, 2)).fit(torch.rand(9, 3)).unroll(), "not made of a model"),
        (lambda: DeepBeliefNetwork((3, 2)).fit(torch.rand(9, 3)).unroll_into([]), "1 layers are to be written; got 0"),
        (
            lambda: DeepBeliefNetwork((3, 2)).fit(torch.rand(9, 3)).unroll_into([nn.Linear(3, 2, bias=False)]),
            "without a bias",
        ),
        (lambda: DeepBeliefNetwork.of(nn.Linear(3, 2), torch.zeros(1, 3)), "no chain of two or more"),
        (lambda: pretrain_dbn(sigmoid_net(), []), "got no batch"),
    ],
)
def test_what_cannot_be_done_is_said(attempt, said):
    with pytest.raises(UsageError, match=said):
        attempt()
