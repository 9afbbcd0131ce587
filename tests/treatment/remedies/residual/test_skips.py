"""Skips around plain blocks against nets written so; where they go; what is left behind when a pass fails."""

import copy
import io
import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from isograd.errors import UsageError
from isograd.observation.probe import measure
from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.norm import batch_normalise, rms_normalise
from isograd.treatment.remedies.residual import REMEDIES, add_skips, rezero

BY_NAME = {remedy.name: remedy for remedy in REMEDIES}


class Rows(nn.Module):
    """A perceptron; `regions` says how its hidden layers are checkpointed."""

    def __init__(self, depth=6, width=8, activation=torch.tanh, regions=()):
        super().__init__()
        self.first, self.head = nn.Linear(5, width), nn.Linear(width, 3)
        self.layers = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.activation, self.regions = activation, regions

    def part(self, x, start, end):
        for layer in self.layers[start:end]:
            x = self.activation(layer(x))
        return x

    def forward(self, x):
        x = self.activation(self.first(x))
        for start, end in self.regions:
            x = checkpoint(self.part, x, start, end, use_reentrant=False)
        return self.head(x if self.regions else self.part(x, 0, None))

    def written(self, x, join):
        """The same with skips."""
        x = self.activation(self.first(x))
        for number, layer in enumerate(self.layers):
            x = join(x, self.activation(layer(x)), number)
        return self.head(x)


def seeded(build, *args, **options):
    torch.manual_seed(0)
    return build(*args, **options)


def patient(model, *args):
    return Patient(model, calls=(Call(args, {}),))


def gradients(model):
    return [None if p.grad is None else p.grad.clone() for p in model.parameters()]


def same(one, other):
    return all((a is None and b is None) or torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(("scale", "total"), [(1.0, 1.0), (0.25, 1.0), (1.0, 0.7071)])
def test_outputs_and_gradients_are_those_of_the_net_written_so(scale, total):
    model, x = seeded(Rows), torch.randn(7, 5)
    edit = add_skips(model, x, scale=scale, total=total)
    assert [change.site for change in edit.changes] == [f"layers.{n}" for n in range(6)]
    twin = copy.deepcopy(model)
    model(x).square().sum().backward()
    edit.undo()

    class Written(Rows):
        def forward(self, x):
            return self.written(x, lambda x, f, number: total * (x + scale * f))

    plain = seeded(Written)
    out = plain(x)
    assert torch.equal(twin(x), out)
    out.square().sum().backward()
    assert same(gradients(model), gradients(plain))
    assert torch.equal(model(x), seeded(Rows)(x))


def test_rezero_is_the_identity_at_first_and_its_gain_is_that_of_the_ends():
    model, x = seeded(Rows, depth=30, width=32, activation=torch.sigmoid), torch.randn(16, 5)
    plain = copy.deepcopy(model)
    rezero(model, x)
    assert torch.equal(model(x), plain.head(torch.sigmoid(plain.first(x))))
    gain = measure({"model": model}, lambda: model(x).square().mean()).gain
    alone = nn.Sequential(plain.first, nn.Sigmoid(), plain.head)
    assert gain == pytest.approx(measure({"model": alone}, lambda: alone(x).square().mean()).gain, abs=1e-4)
    model(x).sum().backward()
    assert all(layer.alpha.grad is not None for layer in (*model.layers[1:], model.head))
    assert not model.layers[3].weight.grad.any()  # only the alphas learn at the first step


def test_in_training_alpha_does_what_the_paper_says():
    model, x = seeded(Rows), torch.randn(7, 5)
    rezero(model, x)
    ends = [*model.layers[1:], model.head]
    with torch.no_grad():
        for number, end in enumerate(ends):
            end.alpha.fill_(0.1 * (number + 1))
    alphas = [end.alpha for end in ends]

    class Written(Rows):
        def forward(self, x):
            return self.written(x, lambda x, f, number: x + alphas[number] * f)

    assert torch.equal(model(x), seeded(Written)(x))


def test_the_gain_of_a_deep_sigmoid_net_is_restored():
    model, x = seeded(Rows, depth=18, width=96, activation=torch.sigmoid), torch.randn(64, 5)
    loss = lambda: F.cross_entropy(model(x), torch.zeros(64, dtype=torch.long))  # noqa: E731
    before = measure({"model": model}, loss).gain
    edit = add_skips(model, x)
    after = measure({"model": model}, loss).gain
    edit.undo()
    assert before < -12
    assert -1.5 < after < 0
    assert measure({"model": model}, loss).gain == before


def test_the_scale_is_chosen_by_the_gain_on_one_batch():
    model, x = seeded(Rows, depth=24, width=64, activation=torch.relu), torch.randn(64, 5)
    for layer in model.layers:
        nn.init.kaiming_normal_(layer.weight)
    settings = BY_NAME["residual:skip"].choose(patient(model, x))
    assert settings != {"scale": 1.0, "total": 1.0}  # branches of unit gain add 0.15 decades each
    with torch.no_grad():
        sizes = {}
        for scale in (1.0, 1 / math.sqrt(24)):
            edit = add_skips(model, x, scale=scale)
            sizes[scale] = float(model(x).std())
            edit.undo()
    assert sizes[1.0] > 100 * sizes[1 / math.sqrt(24)]


def test_blocks_are_found_with_modules_normalisations_and_dropout_between():
    layers = [part for _ in range(3) for part in (nn.Conv1d(4, 4, 3, padding=1), nn.BatchNorm1d(4), nn.GELU(),
                                                   nn.Dropout(0.5))]  # fmt: skip
    model, x = (
        nn.Sequential(nn.Conv1d(1, 4, 1), nn.ReLU(), *layers, nn.Flatten(), nn.Linear(24, 2)),
        torch.randn(5, 1, 6),
    )
    assert [change.site for change in add_skips(model, x).changes] == ["2", "6"]
    for verb in (batch_normalise, rms_normalise):
        rows, x = seeded(Rows), torch.randn(7, 5)
        verb(rows, x)
        assert len(add_skips(rows, x).changes) == 6


def test_no_skip_where_another_way_leads_in_or_out_or_there_is_one_already():
    class Dense(Rows):
        def forward(self, x):
            a = torch.tanh(self.layers[0](torch.tanh(self.first(x))))
            b = torch.tanh(self.layers[1](a))
            c = torch.tanh(self.layers[2](b))
            return self.head(c + a)

    with pytest.raises(UsageError, match="no layer and activation"):
        add_skips(seeded(Dense), torch.randn(7, 5))
    model, x = seeded(Rows), torch.randn(7, 5)
    add_skips(model, x)
    assert not BY_NAME["residual:skip"].suits(patient(model, x))
    with pytest.raises(UsageError):
        add_skips(model, x)
    with pytest.raises(UsageError, match="give an example"):
        BY_NAME["residual:skip"].make(Patient(model), {})


@pytest.mark.parametrize("verb", [add_skips, rezero])
@pytest.mark.parametrize("regions", [((0, 6),), ((0, 3), (3, 6)), ((0, 1), (1, 4), (4, 6))])
def test_recomputed_blocks_give_the_same_gradients_and_none_crosses_a_border(verb, regions):
    model, x = seeded(Rows, regions=regions), torch.randn(7, 5)
    sites = [change.site for change in verb(model, x).changes]
    assert sites == [f"layers.{n}" for start, end in regions for n in range(start, end - 1)]
    plain = copy.deepcopy(model)
    plain.regions = ()
    with torch.no_grad():
        for one in (model, plain):
            for name, parameter in one.named_parameters():
                if name.endswith("alpha"):
                    parameter.fill_(0.5)
    for one in (model, plain):
        one(x).square().sum().backward()
    assert same(gradients(model), gradients(plain))
    assert kept(model) == set()


def kept(model):
    """What skips still hold."""
    hooks = [hook for module in model.modules() for hook in module._forward_pre_hooks.values()]
    return {hook.__self__.kept for hook in hooks} - {None}


def test_a_pass_that_fails_spoils_neither_the_next_nor_copies_and_files():
    model, x = seeded(Rows), torch.randn(7, 5)
    add_skips(model, x)
    expected = model(x)
    model.activation = fails_at_the_third()
    with pytest.raises(ZeroDivisionError):
        model(x)
    assert kept(model)
    model.activation = torch.tanh
    file = io.BytesIO()
    torch.save(model, file)
    file.seek(0)
    for other in (copy.deepcopy(model), torch.load(file, weights_only=False), model):
        assert torch.equal(other(x), expected)
        assert kept(other) == set()
    with torch.no_grad():
        assert torch.equal(model(x), expected)
        assert torch.equal(model(x), expected)


def fails_at_the_third():
    calls = iter(range(100))

    def activation(z):
        return torch.tanh(z) if next(calls) < 3 else 1 / 0

    return activation


def test_a_layer_called_out_of_turn_is_said():
    model = seeded(Rows)
    add_skips(model, torch.randn(7, 5))
    with pytest.raises(RuntimeError, match="call the model as a whole"):
        model.head(torch.randn(7, 8))


@pytest.mark.parametrize("verb", [add_skips, rezero])
def test_compiled_in_one_graph_it_gives_the_same(verb):
    model, x = seeded(Rows), torch.randn(7, 5)
    verb(model, x)
    torch._dynamo.reset()
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
    torch.testing.assert_close(compiled(x), model(x))
    assert kept(model) == set()


@pytest.mark.parametrize("name", ["residual:skip", "residual:rezero"])
def test_the_written_lines_train_to_the_same_bits(name):
    for build in (Rows, lambda: nn.Sequential(nn.Conv1d(1, 4, 1), nn.ReLU(),
                                              *(p for _ in range(4) for p in (nn.Conv1d(4, 4, 1), nn.ReLU())),
                                              nn.Flatten(), nn.Linear(20, 3))):  # fmt: skip
        model = seeded(build)
        x = torch.randn(7, 5) if isinstance(model, Rows) else torch.randn(7, 1, 5)
        by_hand, remedy, one = copy.deepcopy(model), BY_NAME[name], patient(model, x)
        settings = {**remedy.choose(one), **({"scale": 0.3} if name == "residual:skip" else {})}
        code = remedy.code(one, settings)
        remedy.make(one, settings)
        exec("\n".join((*code.imports, code.definitions, code.before_optimizer.replace("{model}", "model"))),
             {"model": by_hand})  # fmt: skip
        assert [n for n, _ in model.named_parameters()] == [n for n, _ in by_hand.named_parameters()]
        for net in (model, by_hand):
            optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
            for _ in range(4):
                optimizer.zero_grad()
                net(x).square().sum().backward()
                optimizer.step()
        assert same(list(model.parameters()), list(by_hand.parameters()))
