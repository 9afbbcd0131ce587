"""Normalisations put in: twins written by hand, to the bit; what they leave as it was; where they do not go."""

import copy
import io

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from isograd.errors import UsageError
from isograd.observation.probe import measure
from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.norm import (
    REMEDIES,
    batch_normalise,
    group_normalise,
    layer_normalise,
    rms_normalise,
    weight_normalise,
)
from isograd.treatment.remedies.norm.insertion import layers_of

BY_NAME = {remedy.name: remedy for remedy in REMEDIES}
VERBS = (batch_normalise, layer_normalise, rms_normalise, group_normalise)


class Rows(nn.Module):
    def __init__(self, width=16, depth=3, activation=torch.sigmoid):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.head = nn.Linear(width, 4)
        self.activation = activation

    def forward(self, x):
        for layer in self.layers:
            x = self.activation(layer(x))
        return self.head(x)


class Images(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 8, 3), nn.ConvTranspose2d(8, 8, 3)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        return self.head(F.gelu(self.conv2(x)).mean((2, 3)))


def seeded(build):
    torch.manual_seed(0)
    return build()


def patient(model, *args):
    return Patient(model, calls=(Call(args, {}),))


def train(model, x, y, steps=4):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
    return list(model.parameters())


def same(one, other):
    return len(one) == len(other) and all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


BY_HAND = {
    batch_normalise: lambda: nn.BatchNorm1d(16),
    layer_normalise: lambda: nn.LayerNorm(16),
    rms_normalise: lambda: nn.RMSNorm(16, eps=1e-6),
    group_normalise: lambda: nn.GroupNorm(2, 16),
}


@pytest.mark.parametrize("verb", VERBS)
def test_it_trains_to_the_bits_of_the_net_that_is_written_so(verb):
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Linear(16, 16), nn.Sigmoid(), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 4))
    other = copy.deepcopy(plain)
    written = nn.Sequential(other[0], BY_HAND[verb](), other[1], other[2], BY_HAND[verb](), other[3], other[4])
    x, y = torch.randn(32, 16), torch.randint(4, (32,))
    random = torch.get_rng_state()
    verb(plain, x)
    assert torch.equal(random, torch.get_rng_state())
    assert same(train(plain, x, y), train(written, x, y))
    assert same(list(plain.buffers()), list(written.buffers()))
    assert torch.equal(plain.eval()(x), written.eval()(x))
    assert not torch.equal(plain.train()(x), plain.eval()(x)) or verb is not batch_normalise


def test_sequences_are_normalised_over_all_their_steps():
    model, x = seeded(Rows), torch.randn(6, 5, 16)
    other = copy.deepcopy(model)
    batch_normalise(model, x)
    norms = [nn.BatchNorm1d(16) for _ in other.layers]
    h = x
    for layer, norm in zip(other.layers, norms, strict=True):
        h = torch.sigmoid(norm(layer(h).transpose(1, 2)).transpose(1, 2))
    torch.testing.assert_close(model(x), other.head(h))
    torch.testing.assert_close(model.layers[2].norm.running_var, norms[2].running_var)
    assert model(torch.randn(4, 16)).shape == (4, 4)  # without steps as well


@pytest.mark.parametrize(
    ("verb", "kinds"),
    [
        (batch_normalise, (nn.BatchNorm2d, nn.BatchNorm2d)),
        (layer_normalise, (nn.GroupNorm, nn.GroupNorm)),
        (group_normalise, (nn.GroupNorm, nn.GroupNorm)),
        (rms_normalise, (nn.RMSNorm, nn.RMSNorm)),
    ],
)
def test_channels_of_images_are_normalised(verb, kinds):
    model, x = seeded(Images), torch.randn(4, 1, 10, 10)
    other = copy.deepcopy(model)
    verb(model, x)
    assert (type(model.conv1.norm), type(model.conv2.norm)) == kinds
    given = other.conv1(x)
    expected = {
        batch_normalise: lambda: F.batch_norm(given, None, None, training=True),
        layer_normalise: lambda: F.layer_norm(given, given.shape[1:]),
        group_normalise: lambda: F.group_norm(given, 1),
        rms_normalise: lambda: given / (given.square().mean(1, keepdim=True) + 1e-6).sqrt(),
    }[verb]()
    torch.testing.assert_close(model.conv1(x), expected)


@pytest.mark.parametrize("verb", [*VERBS, weight_normalise])
def test_the_model_stays_what_it_was_to_those_who_know_it(verb):
    model, x = seeded(lambda: Rows(activation=torch.relu)), torch.randn(8, 16)
    optimizer = torch.optim.Adam(model.parameters())
    model.layers[1].weight = model.layers[0].weight  # tied
    checkpoint, layer, weight = copy.deepcopy(model.state_dict()), model.layers[0], model.layers[0].weight
    keys = list(checkpoint)
    edit = verb(model, x)
    assert type(layer) is nn.Linear
    assert model.layers[0] is layer
    assert layer.weight is weight
    assert model.layers[1].weight is weight
    assert layer.out_features == 16
    assert [key for key in model.state_dict() if key in checkpoint] == keys
    missing = model.load_state_dict(checkpoint, strict=False)
    assert not missing.unexpected_keys
    assert all(".norm." in key or ".gain" in key for key in missing.missing_keys)
    optimizer.add_param_group({"params": [p for n, p in model.named_parameters() if n not in checkpoint]})
    model(x).sum().backward()
    optimizer.step()
    file = io.BytesIO()
    torch.save(model.eval(), file)
    file.seek(0)
    assert torch.equal(torch.load(file, weights_only=False)(x), model(x))
    copied = copy.deepcopy(model)
    assert copied.layers[1].weight is copied.layers[0].weight
    assert torch.equal(copied(x), model(x))
    edit.undo()
    assert list(model.state_dict()) == keys
    assert layer.weight is weight
    assert not hasattr(layer, "norm")
    assert not layer._forward_hooks
    assert not layer._forward_pre_hooks


@pytest.mark.parametrize("verb", [*VERBS, weight_normalise])
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_formats_are_the_layers_own(verb, dtype):
    model, x = seeded(lambda: Rows(activation=torch.relu)).to(dtype), torch.randn(8, 16, dtype=dtype)
    verb(model, x)
    assert {parameter.dtype for parameter in model.parameters()} == {dtype}
    model(x).sum().backward()


@pytest.mark.parametrize("verb", [*VERBS, weight_normalise])
def test_compiled_in_one_graph_it_gives_the_same(verb):
    model, x = seeded(lambda: Rows(activation=torch.relu)), torch.randn(8, 16)
    verb(model, x)
    torch._dynamo.reset()
    compiled = torch.compile(model.eval(), backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), model(x))


@pytest.mark.parametrize("build", [Rows, lambda: Rows(activation=torch.relu), Images])
@pytest.mark.parametrize("name", list(BY_NAME))
def test_the_written_lines_train_to_the_same_bits(name, build):
    model = seeded(build)
    x = torch.randn(8, 1, 10, 10) if isinstance(model, Images) else torch.randn(8, 3, 16).mean(1)
    by_hand, y, remedy = copy.deepcopy(model), torch.randint(3, (8,)), BY_NAME[name]
    settings = remedy.choose(patient(model, x))
    code = remedy.code(patient(model, x), settings)
    remedy.make(patient(model, x), settings)
    lines = "\n".join((*code.imports, code.definitions, code.before_optimizer.replace("{model}", "model")))
    exec(lines, {"model": by_hand})
    assert [n for n, _ in model.named_parameters()] == [n for n, _ in by_hand.named_parameters()]
    assert same(train(model, x, y), train(by_hand, x, y))


def gain(model, x):
    y = torch.randint(4, (len(x),), generator=torch.Generator().manual_seed(0))
    return measure({"model": model}, lambda: F.cross_entropy(model(x), y)).gain


def test_batch_normalisation_holds_a_deep_sigmoid_net_and_layer_normalisation_does_not():
    model, x = seeded(lambda: Rows(128, 19)), torch.randn(128, 128)
    gains = {}
    for verb in (batch_normalise, layer_normalise, rms_normalise):
        edit = verb(model, x)
        gains[verb] = gain(model, x)
        edit.undo()
    assert gain(model, x) < -14
    assert abs(gains[batch_normalise]) < 1.0  # 19 layers of +0.007, and the first's own slope
    assert gains[layer_normalise] == pytest.approx(-0.408 * 19 - 0.6, abs=1.0)
    assert gains[rms_normalise] == pytest.approx(gains[layer_normalise], abs=0.5)


def test_batch_normalisation_of_relus_lets_the_gradient_grow_as_theory_says():
    model, x = seeded(lambda: Rows(128, 19, torch.relu)), torch.randn(256, 128)
    batch_normalise(model, x)
    assert gain(model, x) == pytest.approx(0.083 * 19, abs=0.5)


def paths(model, *args):
    return [layer.path for layer in layers_of(patient(model, *args))]


def test_outputs_gates_and_what_is_normalised_already_are_left_alone():
    encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=True)
    assert paths(encoder, torch.randn(2, 3, 8)) == []
    output = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 4), nn.Sigmoid())
    assert paths(output, torch.randn(2, 4)) == ["0"]
    around = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(),
                           nn.BatchNorm1d(8), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(),
                           nn.Linear(8, 2))  # fmt: skip
    assert paths(around, torch.randn(3, 4)) == ["8"]
    twice = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    layer_normalise(twice, torch.randn(3, 4))
    assert paths(twice, torch.randn(3, 4)) == []

    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.gate, self.value, self.head = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 2)

        def forward(self, x):
            return self.head(torch.sigmoid(self.gate(x)) * torch.tanh(self.value(x)))

    assert "gate" not in paths(Gated(), torch.randn(2, 4))


def test_frozen_layers_keep_what_they_learnt_and_a_sum_that_is_residual_is_passed():
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
    model[0].requires_grad_(False)
    assert paths(model, torch.randn(2, 4)) == ["2"]

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(8, 8), nn.Linear(8, 8)

        def forward(self, x):
            return torch.relu(x + self.second(torch.relu(self.first(x))))

    residual = nn.Sequential(nn.Linear(4, 8), Block(), Block(), nn.Linear(8, 2))
    assert paths(residual, torch.randn(2, 4)) == ["1.first", "1.second", "2.first", "2.second"]


def test_a_layer_that_is_called_again_shares_what_is_learnt_but_no_running_averages():
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer, self.head = nn.Linear(8, 8), nn.Linear(8, 2)

        def forward(self, x):
            for _ in range(3):
                x = torch.tanh(self.layer(x))
            return self.head(x)

    x = torch.randn(4, 8)
    assert not BY_NAME["norm:batch"].suits(patient(Shared(), x))
    assert BY_NAME["norm:layer"].suits(patient(Shared(), x))


def test_batches_of_one_are_refused_and_said():
    model = seeded(Rows)
    assert not BY_NAME["norm:batch"].suits(patient(model, torch.randn(1, 16)))
    assert BY_NAME["norm:layer"].suits(patient(model, torch.randn(1, 16)))
    with pytest.raises(UsageError, match="at least 2 examples"):
        batch_normalise(model, torch.randn(1, 16))


def test_without_an_example_only_what_the_module_tree_shows_is_touched():
    with pytest.raises(UsageError, match="give an example"):
        layer_normalise(seeded(Rows))
    images = nn.Sequential(nn.Conv1d(1, 4, 3), nn.ReLU(), nn.Conv1d(4, 4, 3), nn.BatchNorm1d(4), nn.ReLU())
    rows = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.Linear(8, 8), nn.Sigmoid())
    tree = nn.Sequential(images, nn.Flatten(), rows)
    assert [change.site for change in batch_normalise(tree).changes] == ["0.0"]
    assert isinstance(tree[0][0].norm, nn.BatchNorm1d)


def test_groups_divide_the_channels_and_are_not_too_small():
    for width, groups in ((256, 32), (64, 8), (24, 2), (20, 2), (10, 1)):
        model = nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 2))
        group_normalise(model)
        assert model[0].norm.num_groups == groups
    model = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 2))
    group_normalise(model, groups=16)
    assert model[0].norm.num_groups == 8


def test_single_examples_without_a_batch_get_only_what_looks_at_no_other():
    model = seeded(lambda: Rows(activation=torch.relu))
    one = patient(model, torch.randn(16))
    assert [name for name in BY_NAME if BY_NAME[name].suits(one)] == ["norm:layer", "norm:rms", "norm:weight"]
    layer_normalise(model, torch.randn(16))
    assert model(torch.randn(16)).shape == (4,)
