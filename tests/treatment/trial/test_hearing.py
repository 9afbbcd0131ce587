"""What is heard of a program: its output, its losses without gradients, its calls, its seeds."""

import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_sequence

from isograd.facts.treatment import Change, Code, Dose, Plan, Position, Swap
from isograd.facts.trial import Gains, LossCurve, Made, MetricPattern, Order, Outlook, Result
from isograd.observation.replay import Call
from isograd.treatment.trial import seeds
from isograd.treatment.trial.hearing import loss_functions
from isograd.treatment.trial.hearing.evaluations import Evaluations, mode_dependent
from isograd.treatment.trial.hearing.ledger import curve, digest
from isograd.treatment.trial.hearing.output import Search
from isograd.treatment.trial.hearing.samples import Samples
from isograd.treatment.trial.injection.sham import shuffle
from isograd.treatment.trial.injection.told import read_samples, write_samples
from isograd.treatment.trial.process import carrying
from isograd.treatment.trial.seeds import STRIDE, Seeds


def test_the_metric_is_found_in_lines_however_they_come():
    steps = iter(range(100))
    search = Search(MetricPattern(r"acc[a-z]*[ =:]+([-\d.,e%]+)"), lambda: next(steps))
    for text in ("accuracy 0.5\nacc", "=1,000.5\racc: 91%", "\nacc nothing\nacc ...\n", "accuracy 1e-3"):
        search.feed(text)
    search.finish()
    assert [(one.step, one.value) for one in search.matches] == [(0, 0.5), (1, 1000.5), (2, 91.0), (3, 0.001)]
    whole = Search(MetricPattern(r"\d+\.\d+"), lambda: 0)
    whole.feed("a 1.5 b 2.5\n")
    assert [one.value for one in whole.matches] == [1.5, 2.5]


def heard_by(evaluations, model, *passes):
    undo = loss_functions.listen(
        lambda name, result, args, kwargs: evaluations.heard(name, result, args[0], kwargs.get("reduction", "mean"))
    )
    try:
        for one in passes:
            one(model)
    finally:
        undo()


def test_an_evaluation_is_the_mean_over_examples_between_two_steps():
    step, model = [0], nn.Linear(1, 1)
    model.weight.data.zero_()
    model.bias.data.zero_()
    evaluations = Evaluations(lambda: step[0], lambda: not model.training)

    def evaluate(model):
        model.eval()
        with torch.no_grad():
            F.mse_loss(model(torch.ones(3, 1)), torch.full((3, 1), 2.0))  # 4 on three examples
            nn.MSELoss(reduction="sum")(model(torch.ones(1, 1)), torch.zeros(1, 1))  # 0 on one
        model.train()

    def train(model):
        F.mse_loss(model(torch.ones(2, 1)), torch.ones(2, 1))
        with torch.no_grad():
            F.mse_loss(model(torch.ones(2, 1)), torch.ones(2, 1))  # a look at the training loss
        step[0] += 1

    heard_by(evaluations, model, train, evaluate, train, evaluate)
    evaluations.close()
    assert [(one.step, one.loss, one.examples) for one in evaluations.passes] == [(1, 3.0, 4), (2, 3.0, 4)]


def test_losses_of_two_kinds_in_one_evaluation_are_added():
    evaluations = Evaluations(lambda: 0, lambda: True)

    def evaluate(model):
        with torch.no_grad():
            for _ in range(2):
                F.mse_loss(torch.ones(2), torch.zeros(2))
                F.l1_loss(torch.full((2,), 3.0), torch.zeros(2))

    heard_by(evaluations, None, evaluate)
    evaluations.close()
    assert evaluations.passes[0].loss == 4.0


@pytest.mark.parametrize(
    ("module", "depends"),
    [
        (nn.Linear(1, 1), False),
        (nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.1)), True),
        (nn.BatchNorm1d(1), True),
        (nn.LayerNorm(1), False),
        (nn.LSTM(1, 1, 2, dropout=0.5), True),
        (nn.LSTM(1, 1, 2), False),
    ],
)
def test_which_modules_know_a_mode(module, depends):
    assert mode_dependent(module) is depends


def test_samples_are_copies_and_come_back_without_running_code(tmp_path):
    packed = pack_sequence([torch.ones(3, 2), torch.ones(1, 2)])
    model, samples = nn.LSTM(2, 2), Samples(2)
    samples.start(lambda module: module is model)
    for _ in range(3):
        model(packed)
        model(packed)  # as a wrapper's hook hears of the same call
        packed.data.add_(0)
    samples.compared(torch.ones(2))
    packed.data.zero_()
    write_samples(samples.calls, samples.targets, tmp_path / "samples.pt")
    calls, targets = read_samples(tmp_path / "samples.pt")
    assert len(calls) == 2
    assert calls[0].args[0].data.sum() == 8
    assert targets[0].tolist() == [1, 1]
    assert read_samples(tmp_path / "none.pt") == ((), ())


def test_samples_stop_at_their_bound_and_at_what_cannot_be_kept():
    class Batch:
        pass

    class Net(nn.Module):
        def forward(self, batch):
            return None

    for argument, kept in ((Batch(), ""), (torch.empty(1).expand(20 << 20), None)):
        net, samples = Net(), Samples()
        samples.start(lambda module, net=net: module is net)
        net(argument)
        net(torch.ones(1))
        assert samples.calls == []
        assert samples.unkept == ("Batch" if kept == "" else "")


def test_a_seed_shifts_what_the_program_seeds_and_leaves_its_other_generators(monkeypatch):
    for module, name in ((random, "seed"), (np.random, "seed"), (torch, "manual_seed"), (torch.random, "manual_seed")):
        monkeypatch.setattr(module, name, getattr(module, name))
    for name in ("manual_seed", "manual_seed_all"):
        monkeypatch.setattr(torch.cuda, name, getattr(torch.cuda, name))
    for kind in (torch.utils.data.DataLoader, torch.utils.data.RandomSampler):
        monkeypatch.setattr(kind, "__init__", kind.__init__)
    monkeypatch.setattr(seeds, "_FROM_WITHIN", ("torch", "numpy"))
    ours = Seeds(2)
    ours.start()
    ours.after_torch()
    torch.manual_seed(7)
    assert torch.initial_seed() == 7 + 2 * STRIDE
    torch.manual_seed(seed=7)
    assert torch.initial_seed() == 7 + 2 * STRIDE
    random.seed(1)
    first = random.random()
    np.random.seed(1)
    drawn = np.random.rand()
    assert (first, drawn) != (random.Random(1).random(), np.random.RandomState(1).rand())
    assert first == random.Random(1 + 2 * STRIDE).random()
    assert np.random.default_rng(0).random() == np.random.Generator(np.random.PCG64(0)).random()
    assert torch.Generator().manual_seed(3).initial_seed() == 3
    generator = torch.Generator().manual_seed(3)
    torch.utils.data.DataLoader([1, 2], shuffle=True, generator=generator)
    assert generator.initial_seed() == 3 + 2 * STRIDE
    assert ours.called == {"torch.manual_seed", "random.seed", "numpy.random.seed"}


def test_the_sham_keeps_gates_apart_and_singular_values():
    model = nn.ModuleDict({"lstm": nn.LSTM(3, 8), "norm": nn.BatchNorm1d(4), "one": nn.Linear(3, 1)})
    nn.init.orthogonal_(model["lstm"].weight_hh_l0)
    model["lstm"].bias_ih_l0.data.zero_()
    model["lstm"].bias_ih_l0.data[8:16] = torch.arange(1.0, 9.0)
    values = torch.linalg.svdvals(model["lstm"].weight_hh_l0)
    state = torch.get_rng_state()
    edit = shuffle(model, 0)
    assert torch.equal(state, torch.get_rng_state())
    bias = model["lstm"].bias_ih_l0
    assert bias[8:16].sort().values.tolist() == list(range(1, 9))
    assert bias[:8].abs().sum() + bias[16:].abs().sum() == 0
    assert torch.allclose(torch.linalg.svdvals(model["lstm"].weight_hh_l0), values, atol=1e-5)
    assert not any(change.site.startswith("one.weight") for change in edit.changes)


def test_results_go_through_json_whole(tmp_path):
    swap = Swap(Position("a.py", 1, 2, 3, 4), "torch.relu", {"lr": "{} * 2"})
    dose = Dose("init:he", {"gain": 1.5, "name": "x", "flag": True, "none": None})
    made = Made(dose, (Change("a", "b", "c"),), Code((swap,), imports=("import torch",)), {"x": 0.5})
    result = Result(
        Order("treated", (dose,), 3, metric=MetricPattern("x", True), outlooks=(Plan((dose,), 1.0, -2.0),)),
        "finished",
        losses=LossCurve((0, 1), (1.0, float("inf"))),
        gains=Gains(1.0, 2.0, 3.0, 4.0),
        score=0.5,
        made=(made,),
        outlooks=(Outlook(Plan((dose,), 1.0, 2.0), True, 3.0),),
        findings={"findings": [{"rule": "IG101"}]},
    )
    carrying.write(result, tmp_path / "result.json")
    assert carrying.read(Result, tmp_path / "result.json") == result
    (tmp_path / "result.json").write_text('{"order": 1}')
    with pytest.raises(ValueError, match="holds no Result"):
        carrying.read(Result, tmp_path / "result.json")


def test_digests_tell_every_bit_and_no_order_of_parameters():
    weights = [torch.ones(2), torch.zeros(3), torch.ones(2, dtype=torch.bfloat16), torch.tensor(1.0)]
    assert digest([1.0, 2.0], weights) == digest([1.0, 2.0], weights[::-1])
    moved = [torch.ones(2), torch.tensor([0.0, -0.0, 0.0]), *weights[2:]]
    assert len({digest([1.0, 2.0], weights), digest([2.0, 1.0], weights), digest([1.0, 2.0], moved)}) == 3


def test_a_curve_keeps_the_first_and_the_last_and_at_most_two_thousand():
    long = curve([float(n) for n in range(5001)])
    assert (long.step[0], long.step[-1], len(long.step) <= 2000) == (0, 5000, True)
    assert curve([]) == LossCurve()


def test_calls_carry_arguments_by_name(tmp_path):
    write_samples([Call((torch.ones(1),), {"mask": None, "scale": 2.0})], [], tmp_path / "s.pt")
    (call,), _ = read_samples(tmp_path / "s.pt")
    assert call.kwargs == {"mask": None, "scale": 2.0}
