"""Denoising autoencoders: the decoder is the encoder's transpose, each layer learns, the model gets it."""

import copy
import itertools
import math

import pytest
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional

from isograd.errors import UsageError
from isograd.observation.replay import Call
from isograd.treatment.remedies.pretrain import AutoencoderStack, pretrain_autoencoder
from isograd.treatment.remedies.pretrain.autoencoder_stack import _train
from isograd.treatment.remedies.pretrain.denoising import Denoising, DenoisingAutoencoder, _Adam
from isograd.treatment.remedies.pretrain.hidden_chain import encoder_chain
from isograd.treatment.remedies.pretrain.tracing import gather_inputs


def digits(rows=400):
    return torch.from_numpy(load_digits(return_X_y=True)[0][:rows] / 16).float()


def net(activation, sizes=(64, 32, 24, 16)):
    torch.manual_seed(0)
    layers = []
    for inside, outside in itertools.pairwise(sizes):
        layers += [nn.Linear(inside, outside), activation()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], 10))


def conv_net(**first):
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 6, 3, **first), nn.ReLU(), nn.Conv2d(6, 6, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.LazyLinear(4)
    )


def first_layer(module, shape):
    model = nn.Sequential(module, nn.Tanh(), nn.Flatten(), nn.LazyLinear(3), nn.Tanh(), nn.Linear(3, 1))
    model(torch.zeros(shape))
    return encoder_chain(model, Call((torch.zeros(shape),), {}))[0]


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Linear(7, 5), (3, 7)),
        (nn.Conv1d(4, 6, 3, stride=2, padding=1), (3, 4, 10)),
        (nn.Conv1d(4, 6, 5, padding="same"), (3, 4, 10)),
        (nn.Conv2d(4, 6, 3, padding="valid"), (3, 4, 9, 8)),
        (nn.Conv2d(4, 6, (3, 2), stride=(2, 3), padding=(1, 0), dilation=(1, 2)), (3, 4, 9, 11)),
        (nn.Conv2d(4, 6, 3, stride=2, groups=2), (3, 4, 10, 9)),
        (nn.Conv2d(4, 6, 3, padding=1, padding_mode="circular"), (3, 4, 8, 8)),
        (nn.Conv3d(2, 3, 2, stride=2), (2, 2, 5, 4, 6)),
    ],
    ids=str,
)
def test_restoring_is_the_transposed_map(module, shape):
    layer = first_layer(module, shape)
    inputs = gather_inputs(module, [Call((torch.randn(shape),), {})], module.weight)[0]  # padded, where that is a step
    x = inputs.requires_grad_()
    z = layer.operation(x, module.weight, None, **layer.geometry)
    h = torch.randn_like(z)
    (expected,) = torch.autograd.grad(z, x, h)
    assert torch.allclose(layer.restore(h, module.weight, x.shape), expected, atol=1e-5)
    encoded = layer.encode(x, module.weight, module.bias)
    assert torch.allclose(encoded, torch.tanh(layer.operation(x, module.weight, module.bias, **layer.geometry)))


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("shift", [0.0, -0.5])
def test_the_loss_is_that_of_the_paper(tied, shift):
    x = digits(20) + shift
    layer = encoder_chain(net(nn.Sigmoid), Call((x,), {}))[0]
    made = DenoisingAutoencoder(layer, x, tied)
    masked = x * (torch.rand(x.shape, generator=torch.Generator().manual_seed(0)) > 0.3)
    h = torch.sigmoid(masked @ layer.weight.T + layer.bias)
    drive = h @ made.decoder_weight + made.decoder_bias
    p = torch.sigmoid(drive)
    if shift == 0.0:
        expected = -(x * p.log() + (1 - x) * (1 - p).log()).sum(dim=1).mean()
    else:
        expected = (drive - x).square().sum(dim=1).mean() / 2
    assert made.loss(x, masked).item() == pytest.approx(expected.item(), rel=1e-5)
    assert len(made.parameters) == (3 if tied else 4)
    assert torch.equal(made.decoder_weight, layer.weight)


def test_updates_are_adams():
    torch.manual_seed(0)
    mine, theirs = torch.randn(5, 3), torch.nn.Parameter(torch.empty(5, 3))
    theirs.data.copy_(mine)
    adam, peer = _Adam([mine], 0.01), torch.optim.Adam([theirs], lr=0.01)
    for _ in range(20):
        gradient = torch.randn(5, 3)
        adam.step([gradient])
        theirs.grad = gradient.clone()
        peer.step()
    assert torch.allclose(mine, theirs, atol=1e-6)


@pytest.mark.parametrize("activation", [nn.Sigmoid, nn.Tanh, nn.ReLU, nn.GELU])
@pytest.mark.parametrize("tied", [True, False])
def test_every_layer_learns_to_restore_its_input(activation, tied):
    model = net(activation)
    stack = pretrain_autoencoder(model, digits().split(100), epochs=6, tied=tied)
    for looks in stack.history:
        assert looks[-1].reconstruction < 0.6 * looks[0].reconstruction
        assert looks[-1].held_out_reconstruction < 0.8 * looks[0].held_out_reconstruction


def test_convolutions_learn_too():
    images = digits().reshape(-1, 1, 8, 8)
    model = conv_net(padding=1)
    model(images[:2])
    edit = AutoencoderStack.of(model, images[:2]).fit(images.split(100), epochs=3).unroll()
    assert [change.site for change in edit.changes] == ["0", "2"]
    assert edit.changes[0].after.startswith("pretrained as denoising autoencoder conv 1x6, 3x3, 3 epochs")
    for change in edit.changes:
        before, after = (
            float(part.strip()) for part in change.after.split("reconstruction ")[1].split(",")[0].split("->")
        )
        assert after < 0.6 * before


def test_each_layer_learns_from_what_the_model_gives_it_with_the_trained_ones_below():
    model, rows = net(nn.ReLU), digits()
    stack = AutoencoderStack.of(model, rows[:2]).fit(rows, epochs=2, seed=0)
    untouched = copy.deepcopy(model.state_dict())
    assert all(torch.equal(untouched[name], value) for name, value in model.state_dict().items())
    stack.unroll()
    below = functional.relu(functional.linear(rows, model[0].weight, model[0].bias)).detach()
    twin = copy.deepcopy(model)
    twin[2].load_state_dict({"weight": untouched["2.weight"], "bias": untouched["2.bias"]})
    first = stack.history[1][0].reconstruction
    layer = encoder_chain(twin, Call((rows,), {}))[1]
    _, looks = _train(layer, [below], Denoising(epochs=1, held_out=0.0), torch.Generator())
    assert looks[0].reconstruction == pytest.approx(first, rel=0.1)  # other rows of the same inputs


def test_standardised_inputs_are_folded_into_the_users_layer():
    rows = 40 * digits().double() - 10
    model = net(nn.Tanh).double()
    layer = encoder_chain(model, Call((rows,), {}))[0]
    numbers = Denoising(epochs=2, held_out=0.0, noise=0.0)
    (weight, bias), looks = _train(layer, [rows], numbers, torch.Generator().manual_seed(0))
    from isograd.treatment.remedies.pretrain.denoising import train_autoencoder
    from isograd.treatment.remedies.pretrain.standardisation import Standardisation

    scaling = Standardisation.of(rows)
    twin = DenoisingAutoencoder(layer, scaling.apply(rows), True)
    train_autoencoder(twin, scaling.apply(rows), numbers, torch.Generator().manual_seed(0))
    expected = torch.tanh(functional.linear(scaling.apply(rows), twin.weight, twin.bias))
    assert torch.allclose(torch.tanh(functional.linear(rows, weight, bias)), expected, atol=1e-10)
    assert looks[-1].reconstruction < looks[0].reconstruction


def test_noise_hides_as_many_entries_as_it_says():
    model, rows = net(nn.Sigmoid), torch.ones(400, 64)
    layer = encoder_chain(model, Call((rows,), {}))[0]
    shown = []

    class Watching(DenoisingAutoencoder):
        def loss(self, x, masked):
            shown.append(masked)
            return super().loss(x, masked)

    from isograd.treatment.remedies.pretrain.denoising import train_autoencoder

    train_autoencoder(Watching(layer, rows, True), rows, Denoising(epochs=1, noise=0.3), torch.Generator())
    assert float(torch.cat(shown).mean()) == pytest.approx(0.7, abs=0.01)


def test_undo_brings_bits_and_identity_back():
    model, rows = net(nn.ReLU), digits()
    parameters, before = list(model.parameters()), copy.deepcopy(model.state_dict())
    edit = AutoencoderStack.of(model, rows[:2]).fit(rows, epochs=1).unroll()
    assert not torch.equal(model[0].bias, before["0.bias"])
    edit.undo()
    assert all(a is b for a, b in zip(parameters, model.parameters(), strict=True))
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_nothing_of_torchs_random_numbers_is_drawn_and_no_gradient_or_hook_stays():
    model, rows = net(nn.ReLU), digits()
    states = []
    for _ in range(2):
        torch.manual_seed(4)
        twin = copy.deepcopy(model)
        state = torch.get_rng_state()
        pretrain_autoencoder(twin, rows, epochs=1)
        assert torch.equal(state, torch.get_rng_state())
        assert all(p.grad is None and p.requires_grad and p.is_leaf for p in twin.parameters())
        states.append(twin.state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_images_of_several_sizes_and_half_formats_are_taken():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1),
                          nn.Flatten(), nn.Linear(4, 2)).bfloat16()  # fmt: skip
    batches = [torch.rand(12, 1, 8, 8).bfloat16(), torch.rand(12, 1, 9, 9).bfloat16()]
    stack = pretrain_autoencoder(model, batches, epochs=1)
    assert all(math.isfinite(looks[-1].reconstruction) for looks in stack.history)
    assert model[0].weight.dtype == torch.bfloat16


def test_what_cannot_be_done_is_said():
    with pytest.raises(UsageError, match="no chain of two or more"):
        AutoencoderStack.of(nn.Linear(3, 2), torch.zeros(1, 3))
    with pytest.raises(UsageError, match="call fit first"):
        AutoencoderStack.of(net(nn.ReLU), digits(2)).unroll()
    with pytest.raises(UsageError, match=r"noise is a share .* got 1\.0"):
        Denoising(noise=1.0)
    with pytest.raises(UsageError, match="finite"):
        pretrain_autoencoder(net(nn.ReLU), torch.full((3, 64), math.inf))
