"""Both remedies as `cure` uses them: what they choose, and that the written lines do to the bit what was tried."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, TensorDataset

from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.pretrain import REMEDIES

BOTH = pytest.mark.parametrize("remedy", REMEDIES, ids=lambda remedy: remedy.name)


def net():
    return nn.Sequential(nn.Linear(6, 5), nn.Sigmoid(), nn.Linear(5, 4), nn.Sigmoid(), nn.Linear(4, 2))


def patient(model=None, num_calls=4, rows=10, **known):
    torch.manual_seed(0)
    model = net() if model is None else model
    return Patient(model, calls=tuple(Call((torch.rand(rows, 6),), {}) for _ in range(num_calls)), **known)


@BOTH
def test_the_written_lines_train_to_the_same_bits_as_the_injected_run(remedy):
    data = TensorDataset(torch.rand(80, 6, generator=torch.Generator().manual_seed(9)), torch.arange(80) % 2)

    def train(pretrain):
        torch.manual_seed(1)
        model = net()
        loader = DataLoader(data, batch_size=8, shuffle=True)
        pretrain(model, loader)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        seen = []
        for _ in range(2):
            for x, y in loader:
                seen.append(x)
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(x), y).backward()
                optimizer.step()
        return model, seen

    _, seen = train(lambda model, loader: None)
    recorded = tuple(Call((x,), {}) for x in seen[:6])
    written = []

    def inject(model, loader):
        subject = Patient(model, calls=recorded)
        settings = remedy.choose(subject)
        written.append(remedy.code(subject, settings).advice)
        remedy.make(subject, settings)

    def run_the_lines(model, loader):
        text = written[0].replace("{model}", "net").replace("isograd.remedies", "isograd.treatment.remedies.pretrain")
        exec(text, {"net": model, "train_loader": loader})

    injected, order = train(inject)
    patched, order_of_patched = train(run_the_lines)
    assert all(torch.equal(a, b) for a, b in zip(seen, order, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(seen, order_of_patched, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(injected.parameters(), patched.parameters(), strict=True))


@BOTH
def test_the_lines_tell_how_the_model_is_called(remedy):
    subject = patient()
    assert "first_batches(train_loader, 4)" in remedy.code(subject, {}).advice
    assert "mostly the first part of a batch" in remedy.code(subject, {}).advice
    x = torch.rand(10, 6)
    for call, said in (
        (Call((x, 1), {}), "a tuple of its 2 arguments"),
        (Call((), {"x": x}), "a dictionary of x"),
        (Call((x,), {"mask": None}), "`Call(args, kwargs)`"),
    ):
        assert said in remedy.code(Patient(net(), calls=(call,)), {}).advice


@BOTH
def test_it_does_not_suit_what_it_has_no_data_or_no_layers_for(remedy):
    assert remedy.suits(patient())
    assert not remedy.suits(Patient(net()))
    assert not remedy.suits(patient(nn.Sequential(nn.Linear(6, 5), nn.Sigmoid(), nn.Linear(5, 2))))
    assert not remedy.suits(patient(nn.Sequential(nn.LazyLinear(5), nn.Sigmoid(), nn.LazyLinear(2))))


@BOTH
@pytest.mark.parametrize(
    ("steps", "num_calls", "rows", "epochs", "batch_size"),
    [
        (None, 4, 10, 10, 10),  # nothing is known of the training
        (400, 40, 50, 10, 20),  # as many rows as the training sees
        (40, 40, 50, 5, 20),
        (100_000, 40, 50, 30, 20),
        (400, 40, 1000, 10, 100),
    ],
)
def test_its_cost_is_about_that_of_the_training(remedy, steps, num_calls, rows, epochs, batch_size):
    observed = None if steps is None else SimpleNamespace(steps=SimpleNamespace(step=np.arange(steps)))
    chosen = remedy.choose(patient(num_calls=num_calls, rows=rows, observed=observed))
    assert (chosen["epochs"], chosen["batch_size"]) == (epochs, batch_size)


@BOTH
def test_settings_are_numbers_that_json_can_carry_and_make_takes_them_all(remedy):
    import json

    subject = patient()
    settings = json.loads(json.dumps(dict(remedy.choose(subject))))
    edit = remedy.make(subject, {**settings, "epochs": 2})
    assert all("2 epochs" in change.after for change in edit.changes)
    assert [change.site for change in edit.changes] == ["0", "2"]


@pytest.fixture(scope="module")
def group(tmp_path_factory):
    """A process group of one, which outlives the wrappers: torch can hang where one goes after its group."""
    file = tmp_path_factory.mktemp("gloo") / "store"
    distributed.init_process_group("gloo", init_method=f"file://{file}", rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


@BOTH
def test_it_works_below_data_parallel_wrappers(remedy, group):
    subject = patient()
    wrapped = Patient(DistributedDataParallel(patient().model), calls=subject.calls)
    for one in (subject, wrapped):
        remedy.make(one, {**remedy.choose(one), "seed": 0})
    pairs = zip(subject.model.parameters(), wrapped.model.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in itertools.islice(pairs, 4))
