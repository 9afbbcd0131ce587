"""Steps on which nothing is due: taken a short way, and told like all others."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from sinks import ListSink, watched
from torch import nn

from isograd.observation.cadence import Cadence
from isograd.observation.guard import Guard
from isograd.observation.quiet import QuietPath, QuietSteps
from isograd.observation.session import Session

NO_BUDGET = 1e-9
STEPS = 200


@pytest.fixture
def quiet_steps(monkeypatch):
    """The networks, once for each of their steps that passed quietly."""
    passed = []
    original = QuietSteps.lets_wait

    def lets_wait(steps, *args):
        result = original(steps, *args)
        if result:
            passed.append(id(steps))
        return result

    monkeypatch.setattr(QuietSteps, "lets_wait", lets_wait)
    return passed


@pytest.fixture(autouse=True)
def held():
    """Models and optimizers outlive the training, as the variables of a script do."""
    yield
    HELD.clear()


HELD = []


def small(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 2))


def train(loss_of, steps=STEPS, before_step=lambda model: None, rate=0.01):
    def run():
        model = small()
        optimizer = torch.optim.SGD(model.parameters(), rate)
        HELD.append((model, optimizer))
        for index in range(steps):
            optimizer.zero_grad()
            loss_of(model, index).backward()
            before_step(model)
            optimizer.step()

    return run


def plain(model, index):
    return model(torch.randn(5, 6)).square().mean()


def nonfinite_events(sink):
    return [event for _, event in sink.events if event.kind == "non-finite"]


def test_every_quiet_step_has_its_row(quiet_steps):
    losses, rates = [], []

    def run():
        model = small()
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.99)
        for index in range(STEPS):
            optimizer.zero_grad()
            loss = plain(model, index)
            loss.backward()
            losses.append(loss.item())
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()

    sink = watched(run, NO_BUDGET)
    assert len(quiet_steps) > STEPS / 2
    rows = [row for _, row in sink.steps]
    assert [row.step for row in rows] == list(range(STEPS))
    assert [row.loss for row in rows] == losses
    assert [row.learning_rate for row in rows] == rates
    assert all(row.nonfinite == 0 for row in rows)


def test_their_durations_leave_out_what_isograd_took():
    sink = ListSink()
    session = Session(sink, NO_BUDGET, "test")
    session.start()
    train(plain)()
    training, spent = session._training_seconds(), session._guard.spent_seconds
    session.stop("finished")
    seconds = [row.seconds for _, row in sink.steps]
    assert math.isnan(seconds[0])
    assert min(seconds[1:]) > 0
    assert sum(seconds[1:]) == pytest.approx(training, abs=0.3 * spent + 0.1 * training)


def root_at_zero(model, bad):
    out = model(torch.randn(5, 6))
    return (out - out.detach() * bad).sum(dim=1).square().sqrt().mean()


@pytest.mark.parametrize("bad_step", range(130, 148))
def test_a_gradient_that_is_not_finite_is_told_at_its_step(bad_step, quiet_steps):
    sink = watched(train(lambda model, index: root_at_zero(model, index == bad_step)), NO_BUDGET)
    assert quiet_steps
    (event,) = nonfinite_events(sink)
    assert (event.step, event.direction, event.site) == (bad_step, "backward", "2")
    flags = [row.nonfinite for _, row in sink.steps]
    assert not any(flags[:bad_step])
    assert all(flags[bad_step:])


@pytest.mark.parametrize("last", [131, 132, 140])
def test_a_gradient_that_is_not_finite_at_the_last_step_is_told_when_the_run_ends(last):
    sink = watched(train(lambda model, index: root_at_zero(model, index == last), last + 1), NO_BUDGET)
    (event,) = nonfinite_events(sink)
    assert (event.step, event.direction) == (last, "backward")
    assert sink.steps[-1][1].nonfinite


def test_a_parameter_that_is_infinite_on_purpose_is_no_finding_when_the_run_ends(quiet_steps):
    def run():
        model, mask = small(), nn.Parameter(torch.tensor([0.0, -math.inf]))
        optimizer = torch.optim.SGD([*model.parameters(), mask], 0.01)
        HELD.append((model, mask, optimizer))
        for _ in range(140):
            optimizer.zero_grad()
            torch.softmax(model(torch.randn(5, 6)) + mask, dim=1)[:, 0].square().mean().backward()
            optimizer.step()

    assert not nonfinite_events(watched(run, NO_BUDGET))
    assert quiet_steps


@pytest.mark.parametrize("bad_step", [135, 139])
def test_the_operation_that_spoils_a_loss_is_found(bad_step):
    def loss(model, index):
        return torch.log(model(torch.randn(5, 6)).square() * (index != bad_step)).mean()

    sink = watched(train(loss, bad_step + 2), NO_BUDGET)
    event = nonfinite_events(sink)[0]
    assert (event.step, event.direction, event.operation) == (bad_step, "forward", "Log")


@pytest.mark.parametrize("jump", range(150, 154))
def test_a_loss_that_jumps_raises_the_alarm_at_once(jump, monkeypatch):
    def loss(model, index):
        now.append(index)
        return plain(model, index) * (1.0 if index < jump else 1e4)

    now, raised = [], []
    monkeypatch.setattr(Cadence, "raise_alarm", lambda cadence: raised.append(now[-1]))
    watched(train(loss, rate=0.0), NO_BUDGET)
    assert raised[0] == jump


def test_two_networks_by_turns_and_one_that_comes_late(quiet_steps):
    counts = {}

    def run():
        models = [small(seed) for seed in range(3)]
        optimizers = [torch.optim.SGD(model.parameters(), 0.01) for model in models]
        for index in range(STEPS):
            for number, (model, optimizer) in enumerate(zip(models, optimizers, strict=True)):
                if number == 2 and index < 101:
                    continue
                optimizer.zero_grad()
                plain(model, index).backward()
                optimizer.step()
                counts[number] = counts.get(number, 0) + 1

    sink = watched(run, NO_BUDGET)
    assert len(set(quiet_steps)) >= 2
    for number, count in counts.items():
        assert [row.step for network, row in sink.steps if network == number] == list(range(count))


def test_an_optimizer_that_nobody_asked_for_is_left_alone(quiet_steps):
    asked, other = small(0), small(1)
    optimizer = torch.optim.SGD(asked.parameters(), 0.01)

    def run():
        unasked = torch.optim.SGD(other.parameters(), 0.01)
        for index in range(STEPS):
            for model, its in ((asked, optimizer), (other, unasked)):
                its.zero_grad()
                plain(model, index).backward()
                its.step()

    sink = watched(run, NO_BUDGET, optimizers=[optimizer])
    assert len(set(quiet_steps)) == 1
    assert [row.step for _, row in sink.steps] == list(range(STEPS))


def test_a_scale_that_falls_in_between_is_taken_out_at_once():
    losses = []

    def run():
        model = small()
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
        for index in range(STEPS):
            optimizer.zero_grad()
            loss = plain(model, index)
            losses.append(loss.item())
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update(512.0 if index == 133 else None)

    sink = watched(run, NO_BUDGET)
    assert [row.loss for _, row in sink.steps] == pytest.approx(losses, rel=1e-6)
    assert [event.step for _, event in sink.events if event.kind == "scaler-skip"] == [134]


def test_accumulated_passes_are_one_quiet_step(quiet_steps):
    def run():
        model = small()
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        for index in range(STEPS):
            optimizer.zero_grad()
            for _ in range(3):
                (plain(model, index) / 3).backward()
            optimizer.step()

    sink = watched(run, NO_BUDGET)
    assert quiet_steps
    assert len(sink.steps) == STEPS


def test_optimizers_that_never_step_are_not_waited_for_one_after_the_other(quiet_steps):
    idle = [torch.optim.SGD(small(seed).parameters(), 0.01) for seed in range(4)]
    assert len(watched(train(plain), NO_BUDGET).steps) == STEPS
    assert len(idle) == 4
    assert len(quiet_steps) > 50


def test_a_closure_is_never_quiet(quiet_steps):
    def run():
        model = small()
        optimizer = torch.optim.LBFGS(model.parameters(), max_iter=2)
        data = torch.randn(5, 6)

        def closure():
            optimizer.zero_grad()
            loss = model(data).square().mean() + 0.1
            loss.backward()
            return loss

        for _ in range(40):
            optimizer.step(closure)

    assert len(watched(run, NO_BUDGET).steps) == 40
    assert not quiet_steps


def test_the_last_of_those_expected_does_not_wait():
    steps = QuietSteps()
    steps.expect(3, loudest=10.0)
    for loss in (-9.0, 10.0):
        assert not steps.lets_wait(-11.0, 0.1, 0.0)
        assert not steps.lets_wait(None, 0.1, 0.0)
        assert steps.lets_wait(loss, 0.1, 0.25)
    assert not steps.lets_wait(1.0, 0.1, 0.0)
    assert steps.expected
    assert [step[:2] + step[3:] for step in steps.take()] == [(-9.0, 0.1, 0.25), (10.0, 0.1, 0.25)]
    assert not steps


def test_a_pass_within_a_pass_is_no_loss_of_its_own(quiet_steps):
    losses = []

    def pass_within(gradient):
        with torch.enable_grad():
            (torch.ones(1, requires_grad=True) * 1e6).sum().backward()

    def run():
        model = small()
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        for _ in range(STEPS):
            optimizer.zero_grad()
            out = model(torch.randn(5, 6))
            out.register_hook(pass_within)
            loss = out.square().mean()
            losses.append(loss.item())
            loss.backward()
            optimizer.step()

    rows = [row for _, row in watched(run, NO_BUDGET).steps]
    assert quiet_steps
    assert [row.loss for row in rows] == losses


@pytest.mark.parametrize("roots", ["several", "not a single number", "an edge"])
def test_what_is_no_single_number_is_looked_at_the_long_way(roots, quiet_steps):
    def run():
        model = small()
        optimizer = torch.optim.SGD(model.parameters(), 0.01)
        for _ in range(STEPS):
            optimizer.zero_grad()
            out = model(torch.randn(5, 6))
            if roots == "several":
                torch.autograd.backward([out[0].sum(), out[1].sum()])
            elif roots == "an edge":
                torch.autograd.backward([torch.autograd.graph.get_gradient_edge(out.sum())])
            else:
                out.backward(torch.ones_like(out))
            optimizer.step()

    sink = watched(run, NO_BUDGET)
    assert not quiet_steps
    assert [row.step for _, row in sink.steps] == list(range(STEPS))
    assert all(math.isnan(row.loss) and not row.nonfinite for _, row in sink.steps)


def test_the_short_way_is_shut_to_other_threads():
    guard = Guard()
    path = QuietPath(guard)
    path.open = True
    with ThreadPoolExecutor(1) as pool:
        assert not pool.submit(path.passes, torch.tensor(1.0)).result()
    assert path.loss is None
    assert path.passes(torch.tensor(2.0))
    assert path.loss == 2.0
    for roots in (torch.tensor(math.nan), torch.tensor(1j), torch.ones(2), [torch.tensor(1.0)]):
        assert not path.passes(roots)
    assert path.loss == 2.0
    assert guard.spent_seconds > 0


def test_wrapped_optimizers_take_one_step(quiet_steps):
    class Wrapper(torch.optim.Optimizer):
        def __init__(self, inner):
            self.inner = inner
            super().__init__(inner.param_groups, inner.defaults)
            self.param_groups = inner.param_groups

        def step(self, closure=None):
            self.inner.step(closure)

    def run():
        model = small()
        optimizer = Wrapper(torch.optim.SGD(model.parameters(), 0.01))
        for index in range(STEPS):
            optimizer.zero_grad()
            plain(model, index).backward()
            optimizer.step()

    sink = watched(run, NO_BUDGET)
    assert quiet_steps
    assert [row.step for _, row in sink.steps] == list(range(STEPS))
