"""bfloat16 for float16: autocast regions made before or after, models that are float16 as a whole, and the way back."""

import copy
import gc
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from isograd.treatment.patient import Patient
from isograd.treatment.remedies import precision
from isograd.treatment.remedies.precision import use_bfloat16

sys.path.insert(0, str(Path(__file__).parents[3] / "diagnosis"))
from builders import flat, observed

REMEDY = next(remedy for remedy in precision.REMEDIES if remedy.name == "precision:bf16")
ENTER = torch.autocast.__enter__


@pytest.fixture(autouse=True)
def _nothing_stays():
    yield
    gc.collect()
    assert torch.autocast.__enter__ is ENTER


def test_regions_made_before_and_after_and_used_as_decorators():
    model, before = nn.Linear(2, 2), torch.autocast("cpu", dtype=torch.float16)
    edit = use_bfloat16(model)
    x = torch.ones(1, 2)
    with before:
        assert model(x).dtype == torch.bfloat16
    assert before.fast_dtype == torch.float16, "the program's object is as it was"
    with torch.amp.autocast("cpu", dtype=torch.float16), torch.autocast("cpu", enabled=False):
        assert model(x).dtype == torch.float32
    with torch.autocast("cpu", dtype=torch.float16), torch.autocast("cpu", dtype=torch.bfloat16):
        assert model(x).dtype == torch.bfloat16

    @torch.autocast("cpu", dtype=torch.float16)
    def run():
        return model(x).dtype

    assert run() == torch.bfloat16
    edit.undo()
    assert run() == torch.float16
    with before:
        assert model(x).dtype == torch.float16
    assert torch.get_autocast_dtype("cpu") == torch.bfloat16, "torch's own default"


def test_it_ends_with_the_model():
    model = nn.Linear(2, 2)
    use_bfloat16(model)
    assert torch.autocast.__enter__ is not ENTER
    del model
    gc.collect()
    assert torch.autocast.__enter__ is ENTER


class Named(nn.Module):
    """Takes and gives structures."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3))
        self.seen = []

    def forward(self, pair, *, scale, count):
        self.seen.append((pair["x"].dtype, scale.dtype, count.dtype))
        return {"out": [self.inner(pair["x"]) * scale], "count": count}


def test_a_model_in_float16_takes_and_gives_float16():
    torch.manual_seed(0)
    model = Named().half()
    parameters, buffers = dict(model.named_parameters()), dict(model.named_buffers())
    values = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    edit = use_bfloat16(model)
    given = {"x": torch.randn(4, 3).half()}
    out = model(given, scale=torch.ones(1).half(), count=torch.ones(1, dtype=torch.long))
    assert model.seen == [(torch.bfloat16, torch.bfloat16, torch.long)]
    assert (out["out"][0].dtype, out["count"].dtype) == (torch.float16, torch.long)
    assert all(
        dict(model.named_parameters())[name] is p and p.dtype == torch.bfloat16 for name, p in parameters.items()
    )
    assert model.inner[1].num_batches_tracked.dtype == torch.long
    copied = copy.deepcopy(model)
    assert (
        copied(given, scale=torch.ones(1).half(), count=torch.ones(1, dtype=torch.long))["out"][0].dtype
        == torch.float16
    )
    edit.undo()
    assert dict(model.named_buffers()).keys() == buffers.keys()
    assert all(torch.equal(tensor, values[name]) for name, tensor in model.state_dict().items() if "num" not in name)
    assert not model._forward_pre_hooks
    assert not model._forward_hooks


def test_small_gradients_come_back_through_a_deep_float16_model():
    def first_gradient(treated):
        torch.manual_seed(0)
        layers = [layer for _ in range(6) for layer in (nn.Linear(8, 8), nn.Sigmoid())]
        model = nn.Sequential(*layers, nn.Linear(8, 1)).half()
        edit = use_bfloat16(model) if treated else None
        (model(torch.ones(4, 8).half()).float().sum() * 1e-4).backward()
        found = float(model[0].weight.grad.float().abs().max())
        if edit:
            edit.undo()
        return found

    assert first_gradient(treated=False) == 0.0
    assert first_gradient(treated=True) > 0.0


def test_optimizers_made_afterwards_train_it():
    torch.manual_seed(0)
    model = nn.Linear(3, 1).half()
    edit = use_bfloat16(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
    x = torch.randn(32, 3).half()
    losses = []
    for _ in range(40):
        optimizer.zero_grad()
        loss = (model(x) - x.sum(1, keepdim=True)).float().square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    edit.undo()


def test_whom_it_suits():
    plain = nn.Linear(2, 2)
    seen = observed(loss=flat(1.0, 20), number_format="float16")
    assert REMEDY.suits(Patient(plain, observed=seen))
    assert REMEDY.suits(Patient(plain)), "nobody knows what its loss does"
    assert not REMEDY.suits(Patient(plain, observed=observed(loss=flat(1.0, 20))))
    assert REMEDY.suits(Patient(nn.Linear(2, 2).half(), observed=observed(loss=flat(1.0, 20))))
