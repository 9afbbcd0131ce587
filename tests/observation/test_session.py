"""What a session sees of scripts of many kinds."""

import math
import threading

import numpy as np
import pytest
import torch
from sinks import watched
from torch import nn
from torch.nn import functional as F

STEPS = 4


def step(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def test_finds_model_optimizer_and_loss_by_the_names_of_the_script():
    def train():
        classifier = nn.Sequential(nn.Linear(4, 8), nn.Sigmoid(), nn.Linear(8, 3))
        optimizer = torch.optim.SGD(classifier.parameters(), 0.1, momentum=0.9)
        for _ in range(STEPS):
            step(optimizer, F.cross_entropy(classifier(torch.randn(6, 4)), torch.zeros(6).long()))

    sink = watched(train)
    network = sink.networks[0]
    assert (network.name, network.type, network.optimizer) == ("classifier", "Sequential", "SGD")
    assert network.loss == "NllLoss < LogSoftmax"
    assert network.settings["momentum"] == 0.9
    assert [(site.name, site.activation, site.fan_in, site.units) for site in network.sites] == [
        ("0", "sigmoid", 4, 8), ("2", "", 8, 3),
    ]  # fmt: skip
    assert [row.step for _, row in sink.steps] == list(range(STEPS))
    assert all(math.isfinite(row.loss) and math.isfinite(row.gain) for _, row in sink.steps)


def test_two_optimizers_are_two_networks():
    def train():
        generator, critic = nn.Linear(2, 3), nn.Sequential(nn.Linear(3, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1))
        opt_g = torch.optim.Adam(generator.parameters())
        opt_c = torch.optim.Adam(critic.parameters())
        ones, zeros = torch.ones(5, 1), torch.zeros(5, 1)
        for _ in range(STEPS):
            fake = generator(torch.randn(5, 2))
            opt_c.zero_grad()
            F.binary_cross_entropy_with_logits(critic(torch.randn(5, 3)), ones).backward()
            F.binary_cross_entropy_with_logits(critic(fake.detach()), zeros).backward()
            opt_c.step()
            step(opt_g, F.binary_cross_entropy_with_logits(critic(fake), ones))

    sink = watched(train)
    assert {network.name for network in sink.networks.values()} == {"generator", "critic"}
    by_name = {network.name: index for index, network in sink.networks.items()}
    assert sink.names(by_name["critic"]) == ["0", "2"]
    assert len(sink.names(by_name["generator"])) == 1
    assert sum(index == by_name["critic"] for index, _ in sink.steps) == STEPS


def test_clipping_shows_in_the_applied_size_alone():
    def train():
        model = nn.Linear(4, 3)
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        for _ in range(STEPS):
            optimizer.zero_grad()
            (100 * model(torch.randn(6, 4)).square().sum()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()

    for _, row in watched(train).steps:
        assert row.raw_log10 > 1
        assert row.applied_log10 == pytest.approx(0.0, abs=1e-4)


def test_accumulation_counts_one_step_and_reads_the_summed_gradient():
    sizes = []

    def train():
        model = nn.Linear(4, 1)
        optimizer = torch.optim.SGD(model.parameters(), 0.0)
        for _ in range(STEPS):
            optimizer.zero_grad()
            for _ in range(3):
                (model(torch.ones(2, 4)).sum() / 3).backward()
            sizes.append(math.log10(math.sqrt(sum(float(p.grad.square().sum()) for p in model.parameters()))))
            optimizer.step()

    sink = watched(train)
    assert [row.raw_log10 for _, row in sink.steps] == pytest.approx(sizes, abs=1e-5)


def test_lbfgs_steps_are_counted_once_and_read_inside_the_closure():
    def train():
        model = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 1))
        optimizer = torch.optim.LBFGS(model.parameters(), max_iter=3)
        data = torch.randn(9, 4)

        def closure():
            optimizer.zero_grad()
            loss = F.mse_loss(model(data), data.sum(1, keepdim=True))
            loss.backward()
            return loss

        for _ in range(STEPS):
            optimizer.step(closure)

    sink = watched(train)
    assert len(sink.steps) == STEPS
    assert len(sink.readings) == STEPS
    assert all(math.isfinite(row.loss) and math.isfinite(row.applied_log10) for _, row in sink.steps)


def test_raw_tensors_without_a_module():
    def train():
        w1 = torch.randn(4, 8).mul_(0.1).requires_grad_()
        b1 = torch.zeros(8, requires_grad=True)
        w2 = torch.randn(8, 3).mul_(0.1).requires_grad_()
        optimizer = torch.optim.SGD([w1, b1, w2], lr=0.1)
        for _ in range(STEPS):
            hidden = torch.sigmoid(torch.randn(6, 4) @ w1 + b1)
            step(optimizer, F.cross_entropy(hidden @ w2, torch.zeros(6).long()))

    sink = watched(train)
    assert sink.names() == ["w1", "w2"]
    assert [(site.activation, site.fan_in) for site in sink.networks[0].sites] == [("sigmoid", 4), ("", 8)]
    assert math.isfinite(sink.steps[0][1].gain)


def test_layers_in_a_plain_list_are_one_network():
    def train():
        layers = [nn.Linear(6, 6) for _ in range(5)]
        optimizer = torch.optim.SGD([p for layer in layers for p in layer.parameters()], lr=0.1)
        for _ in range(STEPS):
            x = torch.randn(7, 6)
            for layer in layers:
                x = torch.tanh(layer(x))
            step(optimizer, x.square().mean())

    sink = watched(train)
    assert sink.names() == [f"layers[{index}]" for index in range(5)]
    assert math.isfinite(sink.steps[0][1].gain)


def test_frozen_unused_tied_and_sparse_parameters():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = nn.Embedding(11, 6, sparse=True)
            self.trunk, self.unused, self.head = nn.Linear(6, 6), nn.Linear(6, 2), nn.Linear(6, 11)
            self.trunk.requires_grad_(False)

        def forward(self, tokens):
            return self.head(torch.relu(self.trunk(self.embed(tokens))))

    def train():
        model = Model()
        optimizer = torch.optim.SGD((p for p in model.parameters() if p.requires_grad), lr=0.1)
        for _ in range(STEPS):
            step(optimizer, F.cross_entropy(model(torch.randint(0, 11, (5,))), torch.zeros(5).long()))

    sink = watched(train)
    network = sink.networks[0]
    assert sink.names() == ["embed", "head"]
    assert network.num_frozen == 42
    assert set(network.unreached) == {"unused.weight", "unused.bias"}
    assert math.isfinite(sink.value("weight_gradient_log10", "embed"))


def test_models_rebuilt_in_a_loop_are_networks_of_their_own():
    def train():
        for _ in range(3):
            model = nn.Linear(3, 1)
            optimizer = torch.optim.Adam(model.parameters())
            for _ in range(STEPS):
                step(optimizer, model(torch.randn(4, 3)).square().mean())

    sink = watched(train)
    assert len(sink.networks) == 3
    assert all(sum(i == index for i, _ in sink.steps) == STEPS for index in range(3))


def test_evaluation_under_no_grad_is_not_counted():
    def train():
        model = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        for _ in range(STEPS):
            step(optimizer, model(torch.randn(4, 3)).square().mean())
            with torch.no_grad():
                model.eval()(torch.randn(4, 3))
            model.train()

    assert len(watched(train).readings) == STEPS


def test_other_threads_are_left_alone():
    def train():
        model = nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        step(optimizer, model(torch.randn(4, 3)).square().mean())
        other = nn.Linear(3, 1)
        work = threading.Thread(
            target=lambda: step(torch.optim.SGD(other.parameters(), 0.1), other(torch.randn(4, 3)).square().mean())
        )
        work.start()
        work.join()

    assert len(watched(train).steps) == 1


def test_only_the_optimizers_asked_for():
    wanted, other = nn.Linear(3, 1), nn.Linear(3, 1)
    opt_wanted, opt_other = (torch.optim.SGD(m.parameters(), 0.1) for m in (wanted, other))

    def train():
        for model, optimizer in ((wanted, opt_wanted), (other, opt_other)):
            step(optimizer, model(torch.randn(4, 3)).square().mean())

    sink = watched(train, modules=[wanted], optimizers=[opt_wanted])
    assert len(sink.steps) == 1


def test_dead_units_are_counted_by_unit():
    def train():
        model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
        with torch.no_grad():
            model[0].bias[:6] = -100.0
        optimizer = torch.optim.SGD(model.parameters(), 0.0)
        for _ in range(5):
            step(optimizer, model(data).sum())

    data = torch.rand(16, 4) + 1
    sink = watched(train)
    assert sink.value("dead_share", "0", reading=4) >= 0.75
    assert sink.value("dead_lasting_share", "0", reading=4) == pytest.approx(sink.value("dead_share", "0", reading=4))
    assert np.isnan(sink.value("dead_lasting_share", "0", reading=0))


def test_update_ratio_is_that_of_the_step_taken():
    ratios = []

    def train():
        model = nn.Linear(20, 30)
        optimizer = torch.optim.Adam(model.parameters(), 0.01)
        for _ in range(STEPS):
            before = model.weight.detach().clone()
            step(optimizer, model(torch.randn(8, 20)).square().mean())
            ratios.append(float((model.weight.detach() - before).norm() / before.norm()))

    sink = watched(train)
    found = [sink.value("update_ratio", sink.names()[0], reading=reading) for reading in range(STEPS)]
    assert found == pytest.approx(ratios, rel=1e-4)


def test_the_gain_is_sampled_between_readings():
    def train():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(32, 32), nn.Sigmoid(), nn.Linear(32, 32), nn.Sigmoid(), nn.Linear(32, 3))
        optimizer = torch.optim.SGD(model.parameters(), 0.0)
        data = torch.randn(16, 32)
        for _ in range(40):
            step(optimizer, F.cross_entropy(model(data), torch.zeros(16).long()))

    sink = watched(train, budget=1e-9)
    read = {taken for _, taken, _ in sink.readings}
    gains = {row.step: row.gain for _, row in sink.steps if math.isfinite(row.gain)}
    assert set(gains) - read, "no gain was sampled between readings"
    assert list(gains.values()) == pytest.approx([gains[0]] * len(gains), abs=1e-5)


def test_a_gradient_that_a_closure_computes_shows_what_the_step_did():
    def train():
        model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(STEPS):
            inputs = torch.randn(6, 4)

            def closure(inputs=inputs):
                optimizer.zero_grad()
                loss = model(inputs).square().mean()
                loss.backward()
                return loss

            optimizer.step(closure)

    sink = watched(train)
    assert len(sink.steps) == STEPS
    assert all(sink.value("update_ratio", "0", reading=place) > 0 for place in range(len(sink.readings)))


def test_a_step_of_many_evaluations_shows_what_one_of_them_moved():
    class Repeated(torch.optim.Optimizer):
        def step(self, closure):
            for _ in range(self.defaults["times"]):
                loss = closure()
                for parameter in self.param_groups[0]["params"]:
                    parameter.data.sub_(1e-3 * parameter.grad)
            return loss

    def train(inner):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
        optimizer = Repeated(model.parameters(), {"times": inner})
        inputs = torch.randn(6, 4)

        def closure():
            optimizer.zero_grad()
            loss = (model(inputs) - 3.0).square().mean()
            loss.backward()
            return loss

        optimizer.step(closure)

    one, ten = (watched(lambda inner=inner: train(inner)).value("update_ratio", "0") for inner in (1, 10))
    assert one > 0
    assert 0.7 < ten / one < 1.4


def test_updates_by_hand_are_steps():
    def train():
        model = nn.Sequential(nn.Linear(4, 8), nn.Sigmoid(), nn.Linear(8, 3))
        for index in range(STEPS * 2):
            F.cross_entropy(model(torch.randn(6, 4)), torch.zeros(6).long()).backward()
            if index % 2:
                for parameter in model.parameters():
                    parameter.data.add_(parameter.grad, alpha=-0.1)
                model.zero_grad()

    sink = watched(train)
    assert sink.networks[0].optimizer == "HandWritten"
    assert sink.names() == ["0", "2"]
    assert len(sink.steps) == STEPS
    assert all(math.isfinite(row.raw_log10) and math.isnan(row.applied_log10) for _, row in sink.steps)
    assert sink.value("update_ratio", "0") > 0


def test_raw_tensors_updated_by_hand():
    def train():
        w1, w2 = torch.randn(4, 8, requires_grad=True), torch.randn(8, 1, requires_grad=True)
        for _ in range(STEPS):
            torch.tanh(torch.randn(6, 4) @ w1).mm(w2).square().mean().backward()
            with torch.no_grad():
                for w in (w1, w2):
                    w -= 0.01 * w.grad
                    w.grad = None

    sink = watched(train)
    assert sink.names() == ["w1", "w2"]
    assert len(sink.steps) == STEPS


def test_rows_that_are_looked_up_in_a_bare_tensor_are_an_embedding():
    def train():
        table, w1, w2 = (torch.randn(*size, requires_grad=True) for size in ((9, 4), (8, 6), (6, 3)))
        for _ in range(STEPS):
            logits = torch.tanh(table[torch.randint(9, (5, 2))].view(-1, 8) @ w1) @ w2
            F.cross_entropy(logits, torch.zeros(5).long()).backward()
            with torch.no_grad():
                for w in (table, w1, w2):
                    w -= 0.01 * w.grad
                    w.grad = None

    sink = watched(train)
    assert sink.names() == ["table", "w1", "w2"]
    assert [site.kind for site in sink.networks[0].sites] == ["embedding", "weight", "weight"]
    assert math.isfinite(sink.steps[0][1].gain)


def test_an_optimizer_that_shows_at_its_first_step_is_no_hand_written_one():
    class Hidden:
        __slots__ = ("optimizer",)

    def train():
        hidden = Hidden()
        model = nn.Linear(3, 1)
        hidden.optimizer = torch.optim.SGD(model.parameters(), 0.1)
        for _ in range(STEPS):
            step(hidden.optimizer, model(torch.randn(4, 3)).square().mean())

    sink = watched(train)
    assert [network.optimizer for network in sink.networks.values()] == ["SGD"]
    assert len(sink.steps) == STEPS


@pytest.mark.parametrize("each", [1, 3])
def test_an_optimizer_made_anew_over_the_same_parameters_goes_on(each):
    def train():
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        for index in range(STEPS):
            if index % each == 0:
                optimizer = torch.optim.SGD(model.parameters(), 0.1)
            step(optimizer, model(torch.randn(4, 3)).square().mean())

    sink = watched(train)
    assert [network.name for network in sink.networks.values()] == ["model"]
    assert [row.step for _, row in sink.steps] == list(range(STEPS))
    assert all(math.isfinite(row.raw_log10) for _, row in sink.steps)


def test_an_optimizer_of_another_kind_or_of_other_parameters_is_another_training():
    def train():
        model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
        for make in (
            lambda: torch.optim.SGD(model[2].parameters(), 0.1),
            lambda: torch.optim.SGD(model.parameters(), 0.1),
            lambda: torch.optim.Adam(model.parameters()),
        ):
            optimizer = make()
            for _ in range(STEPS):
                step(optimizer, model(torch.randn(4, 3)).square().mean())

    assert len(watched(train).networks) == 3


def test_networks_of_one_name_are_told_apart():
    def train():
        for _ in range(2):
            model = nn.Linear(3, 1)
            optimizer = torch.optim.Adam(model.parameters())
            step(optimizer, model(torch.randn(4, 3)).square().mean())

    assert [network.name for network in watched(train).networks.values()] == ["model", "model#2"]


def test_a_loss_scaler_is_taken_out_of_loss_and_gradient():
    sizes, losses = [], []

    def train():
        model = nn.Linear(4, 1)
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = model(torch.randn(8, 4)).square().mean()
            losses.append(float(loss.detach()))
            scaler.scale(loss).backward()
            scaler.unscale_(optimizer)
            sizes.append(math.log10(math.sqrt(sum(float(p.grad.square().sum()) for p in model.parameters()))))
            scaler.step(optimizer)
            scaler.update()

    sink = watched(train)
    assert [row.loss for _, row in sink.steps] == pytest.approx(losses, rel=1e-5)
    assert [row.raw_log10 for _, row in sink.steps] == pytest.approx(sizes, abs=1e-4)
    assert [row.applied_log10 for _, row in sink.steps] == pytest.approx(sizes, abs=1e-4)


def test_a_compiled_model_is_watched_by_its_parameters_and_says_so():
    def train():
        model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
        compiled = torch.compile(model, backend="aot_eager")
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        for _ in range(STEPS):
            step(optimizer, compiled(torch.randn(8, 4)).square().mean())

    sink = watched(train)
    assert sink.names() == ["0", "2"]
    assert math.isfinite(sink.value("weight_gradient_log10", "0"))
    assert any("compiled" in note for note in sink.runs[-1].notes)
