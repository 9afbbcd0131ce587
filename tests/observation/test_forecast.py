import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

import isograd
from isograd.errors import ObservationError, UsageError
from isograd.observation.forecast import forecast
from isograd.observation.forecasting.attention import sharing
from isograd.theory import ACTIVATIONS, Layer, forecast_gain

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture(scope="module")
def bench():
    """The random configurations of `bench/forecast.py`, the same as it reports on."""
    sys.path.insert(0, str(BENCH))
    try:
        from forecasting import configurations, measuring
    finally:
        sys.path.remove(str(BENCH))
    return configurations, measuring


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def plain(depth=12, width=64, activation=nn.Tanh, norm=None, out=10):
    layers = []
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width), *([norm(width)] if norm else []), activation()]
    return nn.Sequential(*layers, nn.Linear(width, out))


def twin_gain(model, batch, seed):
    """G by autograd alone: dL/dz of every linear layer, in the order in which they ran, for a random projection."""
    outputs = []
    handles = [
        m.register_forward_hook(lambda m, a, out: outputs.append(out)) for m in model if isinstance(m, nn.Linear)
    ]
    result = model(batch)
    for handle in handles:
        handle.remove()
    direction = torch.randn(result.shape, dtype=result.dtype, generator=torch.Generator().manual_seed(seed))
    norms = [float(g.norm()) for g in torch.autograd.grad((result * direction).sum(), outputs)]
    return math.log10(norms[0] / norms[-1])


def test_at_least_95_percent_of_200_random_networks_lie_within_their_bars(bench):
    configurations, _ = bench
    covered, errors, bars = 0, [], []
    for seed in range(200):
        model, batch = configurations.build(configurations.draw("mlp", seed))
        expected = forecast(model, example=batch)
        measured = twin_gain(model, batch, seed)
        covered += expected.low <= measured <= expected.high
        errors.append(abs(measured - expected.gain))
        bars.append((expected.high - expected.low) / 2)
    assert covered >= 190
    # Bars that cover because they are wide would prove nothing.
    assert sorted(errors)[100] < 0.08
    assert sorted(bars)[100] < 0.7


@pytest.mark.parametrize("architecture", ["conv", "residual", "transformer", "recurrent"])
def test_other_architectures_lie_within_their_bars(bench, architecture):
    configurations, measuring = bench
    compared = [measuring.compare(configurations.draw(architecture, seed)) for seed in range(12)]
    assert sum(one.covered for one in compared) >= 11
    assert sorted(abs(one.error) for one in compared)[6] < 0.1


def test_names_and_gains_by_site_join_with_what_is_observed(bench):
    _, measuring = bench
    torch.manual_seed(0)
    model, batch = plain(activation=nn.ReLU).double(), torch.randn(64, 64, dtype=torch.float64)
    expected = {site.site.name: site for site in forecast(model, example=batch).sites}
    seen = measuring.measure_sites(model, batch)
    assert set(seen) < set(expected)
    for name, rho in seen.items():
        assert expected[name].rho == pytest.approx(rho, abs=0.12)
        assert sum(expected[name].columns.values()) == pytest.approx(expected[name].rho, abs=1e-9)
    assert expected["0"].site.activation == "relu"
    assert math.isnan(expected["0"].rho)
    assert expected["22"].gain == 0


def test_a_plain_chain_agrees_with_theory():
    torch.manual_seed(0)
    model = plain(depth=20, width=256, activation=nn.Sigmoid, out=256)
    got = forecast(model)
    layer = Layer(1 / 3, 256, ACTIVATIONS["sigmoid"], sigma_b2=1 / 3 / 256)
    wanted = forecast_gain([layer] * 20)
    assert got.gain == pytest.approx(wanted.gain, abs=0.05)
    assert got.high - got.gain == pytest.approx(wanted.high - wanted.gain, rel=0.1)
    assert got.gain - got.low == pytest.approx(wanted.gain - wanted.low, rel=0.1)
    assert got.decades_per_layer == pytest.approx(-0.849, abs=0.01)
    assert got.failing_depth == 4
    assert (got.critical.activation, round(got.critical.sigma_w**2, 2)) == ("sigmoid", 103.01)


def test_depth_beyond_the_network_is_extrapolated_and_a_critical_one_never_fails():
    torch.manual_seed(0)
    short = forecast(plain(depth=4, width=256, activation=nn.Sigmoid, out=256))
    deep = forecast(plain(depth=30, width=256, activation=nn.Tanh, out=256))
    shallow = forecast(plain(depth=3, width=256, activation=nn.Tanh, out=256))
    assert short.failing_depth == 4
    assert shallow.failing_depth == pytest.approx(deep.failing_depth, abs=2)
    model = plain(depth=8, width=64, activation=nn.ReLU, out=64)
    for module in model:
        if isinstance(module, nn.Linear):
            nn.init.orthogonal_(module.weight, math.sqrt(2))
            nn.init.zeros_(module.bias)
    assert forecast(model).failing_depth == math.inf


def test_the_critical_initialisation_holds_the_gradient():
    torch.manual_seed(0)
    model = plain(depth=16, width=128, activation=nn.GELU)
    critical = forecast(model).critical
    for module in model:
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=critical.sigma_w / math.sqrt(module.in_features))
            nn.init.normal_(module.bias, std=critical.sigma_b)
    held = forecast(model, input_rms=1.3)
    assert abs(held.gain) < 0.5 < 5 < abs(forecast(plain(depth=16, width=128, activation=nn.GELU)).gain)


def test_a_meta_model_is_forecast_by_its_default_initialiser():
    with torch.device("meta"):
        unborn = plain(depth=12, width=128, activation=nn.ReLU, norm=nn.LayerNorm)
    torch.manual_seed(0)
    born = plain(depth=12, width=128, activation=nn.ReLU, norm=nn.LayerNorm)
    assert forecast(unborn).gain == pytest.approx(forecast(born).gain, abs=0.05)
    assert any("meta device" in note.en for note in forecast(unborn).notes)
    assert not any("meta device" in note.en for note in forecast(born).notes)


@pytest.mark.parametrize("training", [True, False])
def test_nothing_of_the_model_or_of_randomness_is_touched(training):
    torch.manual_seed(3)
    model = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(8 * 36, 4)
    ).train(training)
    model[0].weight.grad = torch.ones_like(model[0].weight)
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    identities = [id(tensor) for tensor in (*model.parameters(), *model.buffers())]
    random_state = torch.get_rng_state()
    forecast(model, example=torch.empty(16, 3, 8, 8))
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(torch.equal(tensor, state[name]) for name, tensor in model.state_dict().items())
    assert [id(tensor) for tensor in (*model.parameters(), *model.buffers())] == identities
    assert all(module.training is training for module in model.modules())
    assert torch.equal(model[0].weight.grad, torch.ones_like(model[0].weight))
    assert all(p.grad is None for p in list(model.parameters())[1:])
    assert not any(module._forward_hooks or module._backward_hooks for module in model.modules())


def test_batch_size_counts_for_batch_normalisation_and_dropout_for_the_gradient():
    torch.manual_seed(0)
    model = plain(depth=12, width=64, activation=nn.ReLU, norm=nn.BatchNorm1d)
    assert forecast(model, example=torch.empty(8, 64)).gain > forecast(model, example=torch.empty(256, 64)).gain + 0.2
    dry = nn.Sequential(
        *(m for _ in range(8) for m in (nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.5))), nn.Linear(64, 4)
    )
    thinned = forecast(dry).gain
    assert thinned - forecast(dry.eval()).gain == pytest.approx(8 * 0.5 * math.log10(2), abs=0.03)


def test_functional_activations_and_control_flow_on_constants_are_read():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(64, 64) for _ in range(8))
            self.offset = torch.zeros(64)  # no buffer: a constant on the CPU

        def forward(self, x, scale):
            for layer in self.layers:
                x = torch.sigmoid(layer(x)) + self.offset
            return {"out": x * 2.0 * scale}

    torch.manual_seed(0)
    got = forecast(Net(), example={"x": torch.empty(4, 64), "scale": torch.empty(1)})
    assert got.gain == pytest.approx(-5.95, abs=0.1)
    assert [site.site.name for site in got.sites] == [f"layers.{index}" for index in range(8)]


def test_what_is_approximate_is_said(bench):
    configurations, _ = bench
    said = {
        name: " ".join(note.en for note in forecast(configurations.build(configurations.draw(name, 1))[0]).notes)
        for name in ("mlp", "conv", "residual", "transformer")
    }
    assert "padding" in said["conv"]
    assert "Residual" in said["residual"]
    assert "Attention" in said["transformer"]
    assert "No example" in said["mlp"]
    assert "Recurrence" in " ".join(note.en for note in forecast(nn.Sequential(nn.RNN(4, 8))).notes)


def test_a_dead_branch_gives_no_gradient_and_no_crash():
    model = plain(depth=4)
    nn.init.zeros_(model[2].weight)
    assert forecast(model).gain == -math.inf


def test_softmax_shares_between_uniform_and_one_hot():
    assert sharing(8, 50.0, causal=False)[0] > 0.9
    assert sharing(8, 50.0, causal=False)[1] < 0.02
    assert sharing(4, 0.0, causal=True)[0] == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)


@pytest.mark.parametrize(
    ("model", "settings", "error", "says"),
    [
        ("mlp", {}, UsageError, "got str"),
        (nn.Linear(3, 3), {"input_rms": 0.0}, UsageError, "got input_rms=0.0"),
        (nn.Linear(3, 3), {"input_correlation": 2.0}, UsageError, "input_correlation=2.0"),
        (nn.ReLU(), {}, ObservationError, "pass example="),
        (nn.Linear(3, 3), {"example": torch.empty(2, 5)}, ObservationError, "does not run on the example"),
        (nn.Linear(3, 3).requires_grad_(False), {"example": torch.empty(2, 3)}, ObservationError, "unfreeze"),
    ],
)
def test_bad_input_gets_one_clear_sentence(model, settings, error, says):
    with pytest.raises(error, match=says) as raised:
        forecast(model, **settings)
    assert "\n" not in str(raised.value)


@pytest.mark.slow
def test_the_bench_prints_json():
    command = [sys.executable, str(BENCH / "forecast.py"), "--count", "2", "--only", "mlp", "--json", "-"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert '"coverage"' in done.stdout
    assert "mlp" in done.stderr


def test_a_guess_that_does_not_fit_prints_nothing(capfd):
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(7, 3))
    with pytest.raises(ObservationError, match="pass example="):
        forecast(model)
    assert capfd.readouterr() == ("", "")


def test_a_question_to_a_tensor_is_answered_and_said():
    class Asks(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(16, 16), nn.Linear(16, 4)

        def forward(self, x):
            return self.last(torch.relu(self.first(x))) if (x == x).all() else x

    got = forecast(Asks())
    assert len(got.sites) == 2
    assert any("asks whether" in note.en for note in got.notes)


class Swap(torch.autograd.Function):
    """A sigmoid that the graph does not know."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(torch.sigmoid(x))
        return torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad):
        (y,) = ctx.saved_tensors
        return grad * y * (1 - y)


def test_an_operation_without_a_rule_leaves_the_forecast_without_a_bar():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(64, 64) for _ in range(6))

        def forward(self, x):
            for layer in self.layers[:-1]:
                x = Swap.apply(layer(x))
            return self.layers[-1](x)

    got = forecast(Net())
    assert (got.low, got.high) == (-math.inf, math.inf)
    assert math.isnan(got.failing_depth)
    assert got.critical is None
    assert any(note.values.get("operations") == "Swap" for note in got.notes)


def test_a_loss_without_a_rule_behind_the_last_layer_takes_no_bar_away():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = plain(depth=4)

        def forward(self, x, labels):
            return {"loss": nn.functional.cross_entropy(self.body(x), labels)}

    example = {"x": torch.empty(8, 64), "labels": torch.zeros(8, dtype=torch.long)}
    got = forecast(Net(), example=example)
    assert math.isfinite(got.high - got.low)


class Scan(nn.Module):
    """A selective scan: a diagonal recurrence whose decay is exp(-dt exp(-a))."""

    def __init__(self, a):
        super().__init__()
        self.entry, self.step, self.drive, self.head = (nn.Linear(32, 32) for _ in range(4))
        self.a = nn.Parameter(torch.full((32,), a))

    def forward(self, x):
        x = nn.functional.silu(self.entry(x))
        state = x.new_zeros(x.shape[0], 32)
        for time in range(x.shape[1]):
            step = nn.functional.softplus(self.step(x[:, time]))
            state = torch.exp(-step * torch.exp(-self.a)) * state + step * self.drive(x[:, time])
        return self.head(state)


@pytest.mark.parametrize("a", [3.0, 0.0, -2.0])
def test_decays_by_an_exponential_are_forecast(a):
    torch.manual_seed(0)
    model, batch = Scan(a).double(), torch.randn(64, 30, 32, dtype=torch.float64)
    got = forecast(model, example=batch)
    direction = torch.randn(64, 32, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    measured = isograd.probe(model, lambda: (model(batch) * direction).sum())
    assert got.gain == pytest.approx(float(measured.observed[0].steps.gain[0]), abs=0.25)


def test_one_time_step_cut_out_by_a_slice_is_as_one_selected():
    class Last(nn.Module):
        def __init__(self, by_slice):
            super().__init__()
            torch.manual_seed(0)
            self.rnn, self.second, self.head = (
                nn.RNN(8, 32, batch_first=True), nn.RNN(32, 32, batch_first=True), nn.Linear(32, 4)
            )  # fmt: skip
            self.by_slice = by_slice

        def forward(self, x):
            state = self.rnn(x)[1]
            out = self.second(torch.zeros(x.shape[0], x.shape[1], 32), state)[0]
            return self.head(out[:, -1:] if self.by_slice else out[:, -1])

    gains = [forecast(Last(by_slice), example=torch.empty(4, 20, 8)).gain for by_slice in (True, False)]
    assert gains[0] == pytest.approx(gains[1])
    assert gains[0] < -5


@pytest.mark.parametrize(
    ("write", "mean"), [(lambda x: x + 2.0, 2.0), (lambda x: 2.0 - x, 2.0), (lambda x: x - 2, -2.0)]
)
def test_the_number_of_a_sum_moves_the_mean(write, mean):
    class Shifted(nn.Module):
        def __init__(self, bias):
            super().__init__()
            self.first, self.second, self.bias = nn.Linear(64, 64), nn.Linear(64, 64), bias
            nn.init.constant_(self.first.bias, 0.0 if bias is None else bias)

        def forward(self, x):
            x = self.first(x)
            return self.second(torch.sigmoid(write(x) if self.bias is None else x))

    gains = []
    for bias in (None, mean):
        torch.manual_seed(0)
        gains.append(forecast(Shifted(bias)).gain)
    assert gains[0] == pytest.approx(gains[1], abs=0.01)


class Loop(nn.Module):
    """A cell called in Python, and a head on its last state."""

    def __init__(self, kind, hidden):
        super().__init__()
        self.cell, self.head = kind(8, hidden), nn.Linear(hidden, 10)

    def forward(self, x):
        state = cell = x.new_zeros(x.shape[0], self.cell.hidden_size)
        for time in range(x.shape[1]):
            if isinstance(self.cell, nn.LSTMCell):
                state, cell = self.cell(x[:, time], (state, cell))
            else:
                state = self.cell(x[:, time], state)
        return self.head(state)


@pytest.mark.parametrize("kind", [nn.RNNCell, nn.GRUCell, nn.LSTMCell])
def test_recurrences_lie_within_their_bars_however_far_they_shrink(kind):
    covered = 0
    for seed, (hidden, steps) in enumerate([(16, 8), (32, 16), (32, 32), (64, 16), (64, 32), (48, 60)]):
        torch.manual_seed(seed)
        model, batch = Loop(kind, hidden).double(), torch.randn(16, steps, 8, dtype=torch.float64)
        weights = torch.randn(16, 10, dtype=torch.float64)
        got = forecast(model, example=batch)
        seen = isograd.probe(model, lambda: (model(batch) * weights).sum())  # noqa: B023  called at once
        covered += got.low <= float(seen.observed[0].steps.gain[0]) <= got.high
        assert got.high - got.low < 1.5 + 0.75 * abs(got.gain), "a bar that holds everything says nothing"
    assert covered == 6
