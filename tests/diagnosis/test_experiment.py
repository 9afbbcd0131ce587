"""The stated cause for every perceptron and recurrence of the spike; the innocent not blamed; nothing touched."""

import math
import warnings

import numpy as np
import pytest
import torch
import torch.utils.checkpoint
from nets import HE, XAVIER, Fused, HandLstm, Loop, Residual, classes_loss, examples, mlp, sequences
from torch import nn
from torch.nn import functional as F

from isograd.diagnosis.experiment import explain
from isograd.errors import ObservationError

TINY, NORMAL = (lambda n: 1e-4), (lambda n: 1.0)


def unit_biases(bias):
    nn.init.normal_(bias)


def minus_one(bias):
    nn.init.constant_(bias, -1.0)


SICK = {
    "sigmoid torch": ((nn.Sigmoid,), {}, {"weight-scale", "activation"}, ["saturating-activation", "init-too-small"]),
    "sigmoid Xavier": ((nn.Sigmoid, XAVIER), {}, {"activation"}, ["saturating-activation"]),
    "sigmoid std .01": ((nn.Sigmoid, TINY), {}, {"weight-scale", "activation"},
                        ["init-too-small", "saturating-activation"]),
    "tanh torch": ((nn.Tanh,), {}, {"weight-scale"}, ["init-too-small"]),
    "tanh N(0,1)": ((nn.Tanh, NORMAL), {"bias": unit_biases}, {"weight-scale", "bias"}, ["init-too-large"]),
    "ReLU torch": ((nn.ReLU,), {}, {"weight-scale"}, ["init-too-small"]),
    "ReLU std .01": ((nn.ReLU, TINY), {}, {"weight-scale"}, ["init-too-small"]),
    "ReLU N(0,1)": ((nn.ReLU, NORMAL), {"bias": unit_biases}, {"weight-scale", "bias"}, ["init-too-large"]),
    "GELU torch": ((nn.GELU,), {}, {"weight-scale"}, ["init-too-small"]),
    "ReLU He bias -1": ((nn.ReLU, HE), {"bias": minus_one}, {"bias"}, ["negative-bias"]),
}  # fmt: skip
HEALTHY = {"tanh Xavier": (nn.Tanh, XAVIER), "ReLU He": (nn.ReLU, HE), "GELU He": (nn.GELU, HE),
           "SELU LeCun": (nn.SELU, XAVIER), "sigmoid N(0,1)": (nn.Sigmoid, NORMAL)}  # fmt: skip


def explained(model, batch, loss=None):
    """The explanation, after a look that nothing of the model or the random state has changed by a bit."""
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    places = {name: p.data_ptr() for name, p in model.named_parameters()}
    state, modes = torch.get_rng_state(), [module.training for module in model.modules()]
    found = explain({"model": model}, loss or classes_loss(model), batch)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert places == {name: p.data_ptr() for name, p in model.named_parameters()}
    assert all(p.grad is None for p in model.parameters())
    assert torch.equal(torch.get_rng_state(), state)
    assert modes == [module.training for module in model.modules()]
    return found


def names(found):
    return [cause.cause for cause in found.causes]


@pytest.mark.parametrize("case", SICK)
def test_each_sick_perceptron_has_the_stated_verdict(case):
    arguments, options, wanted, causes = SICK[case]
    found = explained(mlp(*arguments, **options), examples())
    assert [set(names) for names in found.table.sufficient] == [wanted]
    assert names(found) == causes
    assert sum(cause.share for cause in found.causes) == pytest.approx(1.0)
    assert {cause.how for cause in found.causes} == {"intervention"}


def test_relu_with_xavier_weights_is_a_mismatch_and_the_weights_are_named_first():
    found = explained(mlp(nn.ReLU, XAVIER), examples())
    assert found.table.sufficient == (("weight-scale",), ("activation",))
    assert names(found) == ["init-too-small", "saturating-activation"]


@pytest.mark.parametrize("case", HEALTHY)
def test_a_healthy_perceptron_is_left_in_peace(case):
    found = explained(mlp(*HEALTHY[case], width=128), examples(128))
    assert abs(found.gauge.gain) < 1.3
    assert found.table is None
    assert found.causes == ()


def test_gains_are_those_of_the_spike_for_a_sigmoid_network():
    found = explained(mlp(nn.Sigmoid, width=128), examples(128))
    gains = {row.names: row.gain for row in found.table.rows}
    assert found.gauge.gain == pytest.approx(-16.15, abs=0.6)
    assert gains[("activation",)] == pytest.approx(-4.67, abs=0.5)
    assert gains[("weight-scale",)] == pytest.approx(-7.71, abs=0.5)
    assert gains[("weight-scale", "activation")] == pytest.approx(0.69, abs=0.5)


RECURRENT = {
    "contracts": (Loop, {"radius": 0.5}, ["recurrence-contracts"]),
    "expands twice": (Loop, {"radius": 2.0}, ["recurrence-expands"]),
    "expands four times": (Loop, {"radius": 4.0}, ["recurrence-expands"]),
    "rectified, contracts": (Loop, {"radius": 0.7, "activation": torch.relu}, ["recurrence-contracts"]),
    "rectified, expands": (Loop, {"radius": 3.0, "activation": torch.relu}, ["recurrence-expands"]),
    "sigmoid": (Loop, {"radius": 1.0, "activation": torch.sigmoid}, ["saturating-activation"]),
    "driven too hard": (Loop, {"radius": 0.95, "drive": 5.0}, ["input-scale"]),
    "contracts and driven": (Loop, {"radius": 0.5, "drive": 1.0}, ["recurrence-contracts", "input-scale"]),
}


@pytest.mark.parametrize("case", RECURRENT)
def test_each_recurrence_has_the_stated_verdict(case):
    build, options, causes = RECURRENT[case]
    torch.manual_seed(0)
    found = explained(build(**options).double(), sequences())
    assert found.gauge.site == "recurrent"
    assert names(found) == causes


def test_the_default_recurrent_layer_of_torch_contracts():
    torch.manual_seed(0)
    found = explained(Fused(nn.RNN, hidden=64).double(), sequences())
    assert found.gauge.gain < -8
    assert names(found)[0] == "recurrence-contracts"
    assert found.causes[0].share > 0.6


def test_a_recurrence_at_the_edge_is_healthy():
    torch.manual_seed(0)
    assert explained(Loop(1.2).double(), sequences()).causes == ()


@pytest.mark.parametrize("build", [HandLstm, lambda: Fused(nn.LSTM), lambda: Fused(nn.GRU)])
def test_gates_are_not_blamed_for_being_sigmoids(build):
    torch.manual_seed(0)
    found = explained(build().double(), sequences())
    assert found.gauge.gated
    assert not {"saturating-activation", "negative-bias", "init-too-large"} & set(names(found))
    if found.table:
        assert not any("activation" in row.names for row in found.table.rows)


def test_an_lstm_that_forgets_is_cured_by_its_forget_gate():
    torch.manual_seed(0)
    layer = Fused(nn.LSTM)
    with torch.no_grad():
        layer.rnn.bias_ih_l0[32:64] -= 3
    assert names(explained(layer.double(), sequences())) == ["forget-gate"]


def test_a_sigmoid_output_with_cross_entropy_is_not_exchanged():
    torch.manual_seed(0)
    model = nn.Sequential(mlp(nn.ReLU, depth=16, width=64), nn.Linear(10, 1).double(), nn.Sigmoid())
    data, target = torch.randn(64, 64).double(), (torch.rand(64) > 0.5).double()
    found = explained(model, (data, target), lambda b: F.binary_cross_entropy(model(b[0])[:, 0], b[1]))
    assert found.table.labels["activation"].values == {"names": "relu"}
    assert names(found) == ["init-too-small"]


IN_ITS_WAYS = {
    "module": nn.Sigmoid(), "function": torch.sigmoid, "functional": F.sigmoid, "special": torch.special.expit,
    "method": lambda z: z.sigmoid(), "in place": lambda z: z.sigmoid_(), "hard": F.hardsigmoid,
}  # fmt: skip


class Written(nn.Module):
    def __init__(self, activation):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(48, 48) for _ in range(14))
        self.activation = activation
        for layer in self.layers:
            nn.init.xavier_normal_(layer.weight)

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = self.activation(layer(x))
        return self.layers[-1](x)


@pytest.mark.parametrize("way", IN_ITS_WAYS)
def test_a_sigmoid_is_found_however_it_is_called(way):
    torch.manual_seed(0)
    found = explained(Written(IN_ITS_WAYS[way]).double(), examples(48))
    assert names(found) == ["saturating-activation"]


@pytest.mark.parametrize("activation", [lambda z: z * torch.sigmoid(z), lambda z: z.tanh() * torch.sigmoid(z)])
def test_a_sigmoid_that_multiplies_is_a_gate(activation):
    torch.manual_seed(0)
    found = explained(Written(activation).double(), examples(48))
    assert "saturating-activation" not in names(found)


def test_inputs_out_of_scale():
    model = mlp(nn.Tanh, XAVIER, depth=12, width=64)
    data, target = examples(64)
    assert names(explained(model, (data * 1000, target))) == ["input-scale"]


def test_residual_branches_that_are_too_large_come_before_their_weights():
    assert names(explained(Residual(scale=2.0).double(), examples(64)))[0] == "residual-scale"


def test_residual_branches_that_begin_at_zero_are_healthy():
    assert explained(Residual(alpha=True).double(), examples(64)).table is None


def stacked(norm, depth, width=64, seed=0):
    torch.manual_seed(seed)
    layers = []
    for _ in range(depth):
        layer = nn.Linear(width, width)
        nn.init.kaiming_normal_(layer.weight)
        layers += [layer, norm(width), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(width, 10)).double()


def test_batch_normalisation_explodes_by_itself_in_a_deep_network():
    assert names(explained(stacked(nn.BatchNorm1d, 40), examples(64)))[0] == "normalisation-depth"


@pytest.mark.parametrize(("norm", "depth"), [(nn.BatchNorm1d, 10), (nn.LayerNorm, 24)])
def test_normalised_networks_are_healthy(norm, depth):
    assert explained(stacked(norm, depth), examples(64)).causes == ()


def test_depth_is_named_where_each_layer_is_healthy():
    found = explained(mlp(nn.ReLU, lambda n: 1.7 / n, depth=72), examples())
    assert abs(found.gauge.rate) < 0.05
    assert names(found)[0] == "depth"


def test_a_frozen_trunk_is_no_vanishing():
    model = mlp(nn.ReLU, HE, depth=10, width=64)
    for parameter in model[:12].parameters():
        parameter.requires_grad_(False)
    assert explained(model, examples(64)).causes == ()


def test_zero_weights_are_named_and_the_dead_layer_told():
    model = mlp(nn.ReLU, HE, depth=6, width=64)
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    found = explained(model, examples(64))
    assert found.gauge.gain == -math.inf
    assert names(found) == ["zero-init"]
    assert found.table.dead_site == "0"
    assert found.culprits == {"zero-init": ("0", "2", "4", "6", "8", "10")}


@pytest.mark.parametrize(("factor", "lost"), [(1e-5, True), (1.0, False)])
def test_a_model_in_half_precision_that_loses_gradient_to_rounding(factor, lost):
    model, (data, target) = mlp(nn.ReLU, HE, depth=6, width=64).half(), examples(64)
    loss = lambda batch: F.cross_entropy(model(batch[0]).float(), batch[1]) * factor  # noqa: E731
    found = explained(model, (data.half(), target), loss)
    assert abs(found.gauge.gain) < 1.5
    assert names(found) == (["number-format"] if lost else [])


def test_under_autocast_a_loss_scaler_may_still_come():
    model, (data, target) = mlp(nn.ReLU, HE, depth=6, width=64).float(), examples(64)

    def loss(batch):
        with torch.autocast("cpu", dtype=torch.float16):
            return F.cross_entropy(model(batch[0]), batch[1]) * 1e-5

    assert names(explained(model, (data.float(), target), loss)) == []


def test_the_layer_that_silenced_those_behind_it_is_the_dead_one():
    model = mlp(nn.ReLU, HE, depth=8, width=64)
    nn.init.constant_(model[4].bias, -50.0)
    found = explained(model, examples(64))
    assert names(found) == ["negative-bias"]
    assert found.table.dead_site == "4"
    assert found.culprits == {"negative-bias": ("4",)}


def test_the_one_layer_that_is_off_is_named_and_not_those_that_the_gradient_misses():
    model = mlp(nn.Tanh, XAVIER, depth=6, width=64)
    with torch.no_grad():
        model[6].weight *= 1e-4
    found = explained(model, examples(64))
    assert found.culprits == {"init-too-small": ("6",)}


def test_dead_units_are_told_with_their_share():
    found = explained(mlp(nn.ReLU, HE, bias=lambda b: nn.init.constant_(b, -4.0)), examples())
    assert names(found) == ["negative-bias"]
    assert found.table.dead_share == pytest.approx(1.0)


def test_a_gradient_too_small_for_its_format():
    model = mlp(nn.ReLU, HE, depth=6, width=64).half()
    data, target = examples(64)
    loss = lambda batch: F.cross_entropy(model(batch[0]).float(), batch[1]) * 1e-6  # noqa: E731
    assert names(explained(model, (data.half(), target), loss)) == ["number-format"]


def test_what_float32_lost_is_explained_in_float64():
    model = mlp(nn.Sigmoid, depth=20, width=64).half()
    data, target = examples(64)
    found = explained(model, (data.half(), target))
    assert found.gauge.gain == -math.inf
    assert set(names(found)) == {"saturating-activation", "init-too-small"}


def test_targets_that_overflow():
    model = mlp(nn.ReLU, HE, depth=6, width=64).float()
    data, target = examples(64)
    batch = (data.float(), target.float() * 1e20)
    found = explained(model, batch, lambda b: F.mse_loss(model(b[0])[:, 0], b[1]))
    assert names(found)[0] == "target-scale"


def test_scores_of_attention_that_are_too_large():
    torch.manual_seed(0)

    class Attention(nn.Module):
        def __init__(self, width=48, layers=8):
            super().__init__()
            self.qkv = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(layers))
            self.out = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
            self.head = nn.Linear(width, 10)
            for layer in (*self.qkv, *self.out):
                nn.init.normal_(layer.weight, 0, width**-0.5)

        def forward(self, x):
            for qkv, out in zip(self.qkv, self.out, strict=True):
                q, k, v = qkv(x).chunk(3, -1)
                x = x + out(torch.softmax(q @ k.transpose(-2, -1), -1) @ v)
            return self.head(x.mean(1))

    model = Attention().double()
    batch = (torch.randn(16, 16, 48).double(), torch.randint(0, 10, (16,)))
    assert names(explained(model, batch)) == ["attention-scale"]


def test_scores_that_were_divided_already_are_too_large_by_their_weights():
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(32, 4, 64, 0.0, batch_first=True, norm_first=True)
    body = nn.TransformerEncoder(layer, 6, enable_nested_tensor=False)
    with torch.no_grad():
        for one in body.layers:
            one.self_attn.in_proj_weight *= 60
    model = nn.Sequential(body, nn.Flatten(), nn.Linear(12 * 32, 10)).double()
    model = nn.Sequential(nn.Linear(32, 32), model).double()
    found = explained(model, (torch.randn(16, 12, 32).double(), torch.randint(0, 10, (16,))))
    assert names(found) == ["init-too-large"]
    assert all(name.endswith("in_proj") for name in found.culprits["init-too-large"])


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpointing_hides_no_cause(reentrant):
    model, batch = mlp(nn.Sigmoid, depth=12, width=48), examples(48)

    def loss(batch):
        data = batch[0].clone().requires_grad_()
        out = torch.utils.checkpoint.checkpoint_sequential(model, 3, data, use_reentrant=reentrant)
        return F.cross_entropy(out, batch[1])

    found, plain = explained(model, batch, loss), explained(model, batch)
    assert found.hindrance == ""
    assert found.table.before == pytest.approx(plain.table.before)
    assert found.causes == plain.causes
    out = torch.utils.checkpoint.checkpoint(model, batch[0].clone().requires_grad_(), use_reentrant=reentrant)
    assert ("CheckpointFunction" in out.grad_fn.name()) is reentrant  # put back


def test_a_checkpoint_that_cuts_the_gradient_still_does():
    model, (data, target) = mlp(nn.ReLU, HE, depth=6, width=48), examples(48)

    def loss(batch):
        kept = torch.utils.checkpoint.checkpoint(model[:6], batch, use_reentrant=True)  # no input requires a gradient
        return F.cross_entropy(model[6:](kept), target)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = explained(model, data, loss)
    assert set(found.base.unreached) == {f"{index}.{kind}" for index in (0, 2, 4) for kind in ("weight", "bias")}


def test_without_room_for_activations_checkpointing_stays_and_it_is_said(monkeypatch):
    model, batch = mlp(nn.Sigmoid, depth=12, width=48), examples(48)
    calls = []

    def loss(batch):
        calls.append(1)
        if len(calls) == 1:
            raise torch.OutOfMemoryError("no room")
        return F.cross_entropy(torch.utils.checkpoint.checkpoint(model, batch[0], use_reentrant=False), batch[1])

    found = explained(model, batch, loss)
    assert found.table is None
    assert "recomputed" in found.hindrance


def test_offloaded_activations_are_experimented_with():
    model, batch = mlp(nn.Sigmoid, depth=12, width=48), examples(48)

    def loss(batch):
        with torch.autograd.graph.save_on_cpu():
            return F.cross_entropy(model(batch[0]), batch[1])

    assert explained(model, batch, loss).causes == explained(model, batch).causes


class Euler(nn.Module):
    """x + step * f(x), the same f at every step, as in a neural differential equation."""

    def __init__(self, step):
        super().__init__()
        self.entry, self.first, self.second, self.head = (
            nn.Linear(8, 32), nn.Linear(32, 64), nn.Linear(64, 32), nn.Linear(32, 10)
        )  # fmt: skip
        self.step = step

    def forward(self, x):
        x = self.entry(x)
        for _ in range(30):
            x = x + self.step * self.second(torch.relu(self.first(x)))
        return self.head(x)


def test_steps_that_are_too_long_of_a_loop_that_adds_to_its_state():
    torch.manual_seed(0)
    found = explained(Euler(4.0).double(), examples(8))
    assert names(found) == ["residual-scale"]
    assert [site.name for site in found.base.sites][3:6] == ["second+", "second+2", "second+3"]
    assert names(explained(Euler(0.03).double(), examples(8))) == []


def test_a_deep_residual_network_is_not_called_depth_limited():
    torch.manual_seed(0)
    found = explained(Residual(48, 60, 0.6).double(), examples(48))
    assert "depth" not in names(found)


def test_dropout_draws_the_same_numbers_in_every_experiment():
    torch.manual_seed(3)
    model = nn.Sequential(*(m for _ in range(14) for m in (nn.Linear(48, 48), nn.Dropout(), nn.ReLU()))).double()
    first, second = (explained(model, examples(48)) for _ in range(2))
    assert [row.gain for row in first.table.rows] == [row.gain for row in second.table.rows]


def test_running_statistics_and_gradients_stay():
    model = stacked(nn.BatchNorm1d, 40)
    data, target = examples(64)
    F.cross_entropy(model(data), target).backward()
    kept = [p.grad.clone() for p in model.parameters()]
    objects = [p.grad for p in model.parameters()]
    before = {name: buffer.clone() for name, buffer in model.named_buffers()}
    explain({"model": model}, classes_loss(model), (data, target))
    assert all(a is p.grad for a, p in zip(objects, model.parameters(), strict=True))
    assert all(torch.equal(a, p.grad) for a, p in zip(kept, model.parameters(), strict=True))
    assert all(torch.equal(buffer, before[name]) for name, buffer in model.named_buffers())


def test_a_change_that_the_model_cannot_run_with_is_not_tried():
    model = mlp(nn.ReLU, depth=12, width=48)

    def loss(batch):
        if not bool((model[0].bias * 1).any()):
            raise RuntimeError("this model wants biases")
        return F.cross_entropy(model(batch[0]), batch[1])

    found = explained(model, examples(48), loss)
    assert names(found) == ["init-too-small"]
    assert math.isnan(next(row.gain for row in found.table.rows if row.names == ("bias",)))


def test_torch_is_left_as_it_was():
    kept = (torch.nn.functional.has_torch_function, torch.autograd.graph.saved_tensors_hooks.__enter__)
    default = torch.get_default_dtype()
    explain({"m": (model := mlp(nn.Sigmoid, depth=8, width=32).half())}, lambda b: model(b).float().sum() * 1e-9,
            torch.randn(8, 32).half())  # fmt: skip
    assert kept == (torch.nn.functional.has_torch_function, torch.autograd.graph.saved_tensors_hooks.__enter__)
    assert torch.get_default_dtype() == default


def test_a_loss_that_the_model_does_not_reach_is_refused():
    model = mlp(nn.ReLU, depth=3, width=16)
    with pytest.raises(ObservationError, match="does not depend on any parameter"):
        explain({"m": model}, lambda batch: model(batch).detach().sum().requires_grad_(), torch.zeros(2, 16).double())


def test_gains_of_the_rows_are_finite_or_said():
    found = explained(mlp(nn.ReLU, HE, bias=minus_one), examples())
    assert all(np.isfinite(row.gain) or row.gain == -math.inf for row in found.table.rows)
