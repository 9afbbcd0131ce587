"""`isograd.check`: verdicts before the first step, and clear sentences for what cannot be checked."""

import math
from dataclasses import dataclass

import pytest
import torch
from nets import HE, XAVIER, Fused, Residual, classes_loss, mlp
from torch import nn
from torch.nn import functional as F

import isograd
from isograd.errors import ObservationError, UsageError
from isograd.facts import Task
from isograd.report.language import faults, render


def task(build, shape=(64, 48), loss=None, optimizer=None, **changes):
    def batches(seed):
        generator = torch.Generator().manual_seed(seed)
        while True:
            yield (
                torch.randn(shape, generator=generator, dtype=torch.float64),
                torch.randint(0, 10, shape[:1], generator=generator),
            )

    fields = {
        "build": build,
        "loss": loss or (lambda model, batch: classes_loss(model)(batch)),
        "batches": batches,
        "optimizer": optimizer or (lambda parameters: torch.optim.SGD(parameters, lr=0.1)),
    }
    return Task(**fields | changes)


def test_a_sick_task_gets_finding_cause_table_forecast_and_advice():
    found = isograd.check(task(lambda seed: mlp(nn.Sigmoid, depth=16, width=48, seed=seed)))
    (finding,) = found.diagnosis.findings
    assert (found.diagnosis.health, finding.rule, finding.severity) == ("failing", "IG101", "error")
    assert {cause.cause for cause in finding.causes} == {"saturating-activation", "init-too-small"}
    assert found.interventions[0].sufficient == (("weight-scale", "activation"),)
    assert found.forecast.low < found.record.observed[0].steps.gain[0] < found.forecast.high
    assert "torch.nn.ReLU" in found.advice.en
    assert found.record.observed[0].network.optimizer == "SGD"
    for text in (found.advice, finding.summary):
        assert faults(text) == ()


def test_a_healthy_task_needs_no_change():
    found = isograd.check(task(lambda seed: mlp(nn.ReLU, HE, depth=10, width=48, seed=seed)))
    assert (found.diagnosis.health, found.diagnosis.findings, found.interventions) == ("healthy", (), ())
    assert faults(found.advice) == ()


def test_a_mapping_is_a_task_too():
    fields = vars(task(lambda seed: mlp(nn.Tanh, XAVIER, depth=6, width=48)))
    assert isograd.check(fields).diagnosis.health == "healthy"


def test_adam_makes_up_for_mere_scale():
    build = lambda seed: mlp(nn.ReLU, lambda n: 0.7 / n, depth=12, width=48, seed=seed)  # noqa: E731
    adam = isograd.check(task(build, optimizer=lambda parameters: torch.optim.Adam(parameters, lr=1e-3)))
    sgd = isograd.check(task(build))
    severities = [found.diagnosis.findings[0].severity for found in (adam, sgd)]
    assert severities == ["warning", "error"]
    assert adam.diagnosis.findings[0].causes == sgd.diagnosis.findings[0].causes


def test_a_shallow_sigmoid_network_under_adam_is_at_most_worth_a_note():
    def build(seed):
        return mlp(nn.Sigmoid, depth=3, width=48, seed=seed)

    found = isograd.check(task(build, optimizer=lambda parameters: torch.optim.Adam(parameters, lr=1e-3)))
    assert found.diagnosis.health == "healthy"
    assert all(finding.severity == "note" for finding in found.diagnosis.findings)


def test_a_single_layer_has_no_gain_and_no_trouble():
    found = isograd.check(task(lambda seed: nn.Linear(48, 10).double()))
    assert (found.diagnosis.health, found.diagnosis.findings) == ("healthy", ())


def test_a_gated_cell_is_a_risk_and_no_verdict():
    found = isograd.check(task(lambda seed: Fused(nn.LSTM).double(), shape=(8, 40, 8)))
    (finding,) = found.diagnosis.findings
    assert (found.diagnosis.health, finding.rule, finding.severity) == ("healthy", "IG102", "note")
    assert faults(finding.summary) == ()


def test_a_recurrence_that_forgets_is_an_error():
    found = isograd.check(task(lambda seed: Fused(nn.RNN, hidden=48).double(), shape=(8, 50, 8)))
    assert found.diagnosis.findings[0].rule == "IG102"
    assert found.diagnosis.findings[0].severity == "error"
    assert found.diagnosis.findings[0].sites == (found.interventions[0].site,)


def test_a_head_that_starts_at_zero_opens_with_the_first_step():
    def build(seed):
        model = mlp(nn.ReLU, HE, depth=6, width=48)
        nn.init.zeros_(model[-1].weight)
        return model

    found = isograd.check(task(build))
    assert found.record.observed[0].steps.gain[0] == -math.inf
    assert (found.diagnosis.health, found.diagnosis.findings) == ("healthy", ())


def test_a_network_of_zeros_does_not_open():
    def build(seed):
        model = mlp(nn.ReLU, HE, depth=6, width=48)
        for parameter in model.parameters():
            nn.init.zeros_(parameter)
        return model

    (finding,) = isograd.check(task(build)).diagnosis.findings
    assert finding.severity == "error"
    assert [cause.cause for cause in finding.causes] == ["zero-init"]


def test_dead_units_are_called_by_their_name():
    def dead(bias):
        nn.init.constant_(bias, -5.0)

    (finding,) = isograd.check(task(lambda seed: mlp(nn.ReLU, HE, depth=8, width=48, bias=dead))).diagnosis.findings
    assert (finding.rule, finding.problem) == ("IG301", "dead-units")
    assert finding.causes[0].cause in ("negative-bias", "init-too-small")


def test_a_loss_that_is_no_number():
    loss = lambda model, batch: F.mse_loss(model(batch[0])[:, 0], batch[1] * math.nan)  # noqa: E731
    (finding,) = isograd.check(task(lambda seed: mlp(nn.ReLU, HE, depth=4, width=48), loss=loss)).diagnosis.findings
    assert (finding.rule, finding.problem) == ("IG501", "non-finite")
    assert faults(finding.summary) == ()


def test_a_satisfied_loss_is_left_in_peace():
    loss = lambda model, batch: F.relu(model(batch[0]) - 1e6).mean()  # noqa: E731
    found = isograd.check(task(lambda seed: mlp(nn.ReLU, HE, depth=4, width=48), loss=loss))
    assert (found.diagnosis.health, found.diagnosis.findings) == ("unknown", ())


def test_random_state_is_left_as_it_was():
    state = torch.get_rng_state()
    isograd.check(task(lambda seed: mlp(nn.Sigmoid, depth=8, width=48)))
    assert torch.equal(torch.get_rng_state(), state)


def good(seed):
    return mlp(nn.ReLU, HE, depth=3, width=48)


BAD = {
    "the task's build\\(seed\\) must return a torch.nn.Module; got int": {"build": lambda seed: 3},
    "the task's build\\(seed\\) raised ZeroDivisionError: division by zero": {"build": lambda seed: 1 / 0},
    "the task's batches\\(seed\\) gave no batch": {"batches": lambda seed: []},
    "the task's first batch holds no example: its tensors have the shapes \\(0, 48\\), \\(0,\\)": {
        "batches": lambda seed: [(torch.randn(0, 48), torch.zeros(0, dtype=torch.long))]
    },
    "the task's optimizer\\(parameters\\) must return a torch.optim.Optimizer; got int": {"optimizer": lambda p: 3},
    "the task's loss\\(model, batch\\) raised KeyError": {"loss": lambda model, batch: {}["loss"]},
    "the batch is on meta and the model on cpu; move one of them": {
        "batches": lambda seed: [(torch.randn(4, 48, device="meta"), torch.zeros(4, dtype=torch.long, device="meta"))]
    },
    "the task's loss must be a function; got int": {"loss": 3},
}


@pytest.mark.parametrize("sentence", BAD)
def test_what_is_wrong_with_a_task_is_said_in_one_sentence(sentence):
    with pytest.raises(UsageError, match=sentence) as raised:
        isograd.check(task(**{"build": good} | BAD[sentence]))
    assert "\n" not in str(raised.value)


def test_a_loss_that_is_no_scalar():
    loss = lambda model, batch: F.cross_entropy(model(batch[0]), batch[1], reduction="none")  # noqa: E731
    with pytest.raises(ObservationError, match="must be a scalar tensor; got one of shape \\(64,\\)"):
        isograd.check(task(good, loss=loss))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (3, "got int"),
        ({"build": good}, "lacks batches, loss, optimizer"),
        ({**vars(task(good)), "lossy": 1}, "unknown lossy"),
    ],
)
def test_what_is_no_task(given, sentence):
    with pytest.raises(UsageError, match=sentence):
        isograd.check(given)


@dataclass
class Output:
    """What libraries give back: loss and outputs by name."""

    loss: torch.Tensor
    logits: torch.Tensor


@pytest.mark.parametrize("kind", [Output, dict])
def test_models_called_by_name_that_give_a_mapping_or_a_dataclass_are_forecast(kind):
    class Named(nn.Module):
        def __init__(self):
            super().__init__()
            self.table, self.body = nn.Embedding(20, 32), mlp(nn.Tanh, XAVIER, depth=8, width=32)

        def forward(self, input_ids, labels=None):
            logits = self.body(self.table(input_ids).mean(1).double())
            return kind(loss=F.cross_entropy(logits, labels), logits=logits)

    def batches(seed):
        torch.manual_seed(seed)
        yield {"input_ids": torch.randint(0, 20, (16, 6)), "labels": torch.randint(0, 10, (16,))}

    def loss(model, batch):
        out = model(batch["input_ids"], labels=batch["labels"])
        return out["loss"] if kind is dict else out.loss

    found = isograd.check(task(lambda seed: Named(), batches=batches, loss=loss))
    assert found.forecast is not None
    assert found.forecast.low < found.record.observed[0].steps.gain[0] < found.forecast.high


def test_a_gradient_that_is_rounded_away_is_told_although_the_rest_keeps_its_size():
    def batches(seed):
        yield torch.randn(64, 48).half(), torch.randint(0, 10, (64,))

    found = isograd.check(task(
        lambda seed: mlp(nn.ReLU, HE, depth=8, width=48, seed=seed).half(), batches=batches,
        loss=lambda model, batch: F.cross_entropy(model(batch[0]).float(), batch[1]) * 1e-5,
    ))  # fmt: skip
    (finding,) = found.diagnosis.findings
    assert (finding.rule, finding.severity, finding.causes[0].cause) == ("IG601", "warning", "number-format")
    assert "rounded to zero" in render(finding.summary, "en")
    assert render(found.advice, "en")


def test_an_operation_in_place_that_spoils_the_backward_pass_is_said_so():
    def loss(model, batch):
        hidden = torch.sigmoid(model(batch[0]))
        hidden *= 2
        return hidden.sum()

    with pytest.raises(ObservationError, match=r"inplace operation.*write that operation out of place"):
        isograd.check(task(good, loss=loss))


def test_a_scripted_model_is_checked_too():
    found = isograd.check(task(lambda seed: torch.jit.script(mlp(nn.Sigmoid, depth=16, width=48, seed=seed))))
    assert found.diagnosis.findings[0].rule == "IG101"


class Guarded(nn.Module):
    """A layer, an operation that is undefined at some of what it gives, and a head."""

    def __init__(self, operation):
        super().__init__()
        self.body, self.head, self.operation = nn.Linear(48, 48), nn.Linear(48, 10), operation

    def forward(self, x):
        return self.head(self.operation(self.body(x)))


def masked_after(h):
    return torch.where(h > 0, torch.relu(h).sqrt(), torch.zeros_like(h))


def empty_row(h):
    scores = h @ h.T
    scores = scores.masked_fill(torch.arange(len(h))[:, None] == 0, -math.inf)
    return scores.softmax(-1) @ h


@pytest.mark.parametrize(
    ("operation", "name", "finite"),
    [
        (masked_after, "Sqrt", True),
        (lambda h: torch.relu(h).log(), "Log", False),
        (empty_row, "Softmax", False),
    ],
)
def test_what_is_no_finite_number_is_told_with_its_place(operation, name, finite):
    found = isograd.check(task(lambda seed: Guarded(operation).double()))
    (finding,) = found.diagnosis.findings
    assert (found.diagnosis.health, finding.rule, finding.sites) == ("failing", "IG501", ("body",))
    assert [cause.cause for cause in finding.causes] == ["undefined-operation"]
    summary = render(finding.summary, "en")
    assert f"(out of {name}, near body)" in summary
    assert ("gradient is not" in summary) is finite
    assert faults(finding.summary) == ()
    (event,) = found.record.observed[0].events
    assert (event.kind, event.operation, event.site) == ("non-finite", name, "body")


def test_data_and_weights_that_are_not_finite_are_told_apart():
    def holed(seed):
        x = torch.randn(64, 48, dtype=torch.float64)
        x[3, 5] = math.nan
        yield x, torch.randint(0, 10, (64,))

    def spoilt(seed):
        model = mlp(nn.ReLU, HE, depth=4, width=48)
        with torch.no_grad():
            model[2].weight[0, 0] = math.nan
        return model

    data = isograd.check(task(lambda seed: mlp(nn.ReLU, HE, depth=4, width=48), batches=holed)).diagnosis.findings[0]
    weight = isograd.check(task(spoilt)).diagnosis.findings[0]
    assert ([cause.cause for cause in data.causes], data.sites) == (["data"], ("0",))
    assert "goes into 0" in render(data.summary, "en")
    assert (weight.causes, weight.sites) == ((), ("2",))
    assert "parameters of 2" in render(weight.summary, "en")


def regression(scale, inputs=1.0, **changes):
    def batches(seed):
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(64, 16, generator=generator)
        yield inputs * x, scale * x[:, :1]

    def build(seed):
        torch.manual_seed(seed)
        return nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))

    fields = {"loss": lambda model, batch: F.mse_loss(model(batch[0]), batch[1]), "batches": batches}
    return task(build, **fields | changes)


@pytest.mark.parametrize(
    ("scale", "inputs", "rate", "cause", "how"),
    [
        (1e6, 1.0, 0.01, "target-scale", "intervention"),
        (1.0, 1e4, 0.01, "input-scale", "intervention"),
        (1.0, 1.0, 1e4, "learning-rate-too-high", "rule"),
    ],
)
def test_a_first_step_that_throws_the_weights_away(scale, inputs, rate, cause, how):
    optimizer = lambda parameters: torch.optim.SGD(parameters, lr=rate)  # noqa: E731
    found = isograd.check(regression(scale, inputs, optimizer=optimizer))
    (finding,) = found.diagnosis.findings
    assert (finding.rule, finding.problem, finding.severity) == ("IG701", "instability", "warning")
    assert [(one.cause, one.how) for one in finding.causes] == [(cause, how)]
    assert faults(finding.summary) == ()
    assert render(found.advice, "en")


@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_an_ordinary_first_step_is_not_blamed(scale):
    assert isograd.check(regression(scale)).diagnosis.findings == ()
    adam = lambda parameters: torch.optim.Adam(parameters, lr=1e-3)  # noqa: E731
    assert isograd.check(regression(1e6, optimizer=adam)).diagnosis.findings == ()


def deep(activation, scale, **changes):
    return task(lambda seed: mlp(activation, lambda n: scale / n, depth=16, width=48, seed=seed), **changes)


def test_the_sentence_holds_all_that_it_takes():
    loud = lambda seed: [  # noqa: E731
        (1e6 * torch.randn(64, 48, dtype=torch.float64), torch.randint(0, 10, (64,)))
    ]
    found = isograd.check(deep(nn.Tanh, 0.4, batches=loud))
    assert {cause.cause for cause in found.diagnosis.findings[0].causes} == {"init-too-small", "input-scale"}
    said = render(found.advice, "en")
    assert [one.remedy for one in found.diagnosis.findings[0].remedies[:2]] in (
        ["init:xavier", "scale:input"], ["scale:input", "init:xavier"],
    )  # fmt: skip
    assert said.startswith("It takes two changes together.")
    assert "xavier_uniform_" in said
    assert "Standardise what goes into layer 0:" in said
    assert render(found.advice, "ko").startswith("두 가지를 함께 바꾸어야 합니다.")


def test_the_advice_names_the_one_layer_that_is_off():
    def build(seed):
        model = mlp(nn.Tanh, lambda n: 1 / n, depth=6, width=48, seed=seed)
        with torch.no_grad():
            model[6].weight *= 1e-4
        return model

    found = isograd.check(task(build))
    assert "layer 6 " in render(found.diagnosis.findings[0].remedies[0].change, "en")


def test_where_a_sigmoid_is_part_of_the_cause_it_is_replaced_before_weights_are_drawn_anew():
    found = isograd.check(deep(nn.Sigmoid, 0.2))
    causes = [cause.cause for cause in found.diagnosis.findings[0].causes]
    assert set(causes) == {"init-too-small", "saturating-activation"}
    assert found.diagnosis.findings[0].remedies[0].remedy == "activation:relu"
    assert render(found.advice, "en").startswith("Replace the activation")


@pytest.mark.parametrize(("activation", "name"), [(nn.ReLU, "kaiming_normal_"), (nn.Tanh, "xavier_uniform_")])
def test_the_initialisation_that_is_advised_suits_the_activation(activation, name):
    found = isograd.check(deep(activation, 0.1))
    assert name in render(found.advice, "en")


def test_the_layers_of_a_residual_network_are_its_sums():
    torch.manual_seed(0)
    found = isograd.check(task(lambda seed: Residual(48, 12, 4.0).double()))
    summary = render(found.diagnosis.findings[0].summary, "en")
    assert "past 12 residual sums" in summary
    assert faults(found.diagnosis.findings[0].summary) == ()


def test_what_could_not_be_tried_is_not_said_to_have_failed():
    def checkpointed(model, batch):
        def unpack(kept):
            return kept()

        with torch.autograd.graph.saved_tensors_hooks(lambda tensor: lambda: tensor, unpack):
            return F.cross_entropy(model(batch[0]), batch[1])

    found = isograd.check(deep(nn.Sigmoid, 0.2, loss=checkpointed))
    assert found.interventions == ()
    assert "could not be tried" in render(found.advice, "en")
    assert "recomputed" in found.record.run.notes[0]
