"""The written lines draw what the edit draws, for every kind of model; and the edit is undone to the bit."""

import pytest
import torch
from init_zoo import ZOO
from torch import nn

from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init import REMEDIES

DIRECT = [remedy for remedy in REMEDIES if remedy.name != "init:lsuv"]


def patient_of(name, seen):
    torch.manual_seed(0)
    make, batch = ZOO[name]
    model = make()
    return Patient(model, calls=(Call((batch(),), {}),) if seen else ())


def bits(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("seen", [True, False], ids=["seen", "unseen"])
@pytest.mark.parametrize("name", ZOO)
@pytest.mark.parametrize("remedy", DIRECT, ids=lambda remedy: remedy.name)
def test_lines_and_edit_are_one(remedy, name, seen):
    patient, twin = patient_of(name, seen), patient_of(name, seen)
    before, state = bits(patient.model), torch.get_rng_state()
    suits, settings = remedy.suits(patient), remedy.choose(patient)
    code = remedy.code(patient, settings)
    assert same(before, bits(patient.model))
    assert torch.equal(state, torch.get_rng_state()), "asking draws random numbers"
    assert bool(code.before_optimizer) == suits
    torch.manual_seed(1)
    parameters = dict(patient.model.named_parameters())
    edit = remedy.make(patient, settings)
    after = torch.get_rng_state()
    torch.manual_seed(1)
    exec("\n".join((*code.imports, code.before_optimizer.replace("{model}", "model"))), {"model": twin.model})
    assert torch.equal(after, torch.get_rng_state())
    assert same(bits(patient.model), bits(twin.model))
    assert suits == (not same(before, bits(patient.model)))
    assert all(dict(patient.model.named_parameters())[key] is value for key, value in parameters.items())
    edit.undo()
    assert same(before, bits(patient.model))


def test_frozen_parameters_embeddings_and_normalisations_keep_their_bits():
    for remedy in DIRECT:
        for name in ("computed", "convolutions", "recurrences"):
            patient = patient_of(name, seen=True)
            kept = {
                f"{path}.{key}": tensor.clone()
                for path, module in patient.model.named_modules()
                for key, tensor in module.named_parameters(recurse=False)
                if isinstance(module, nn.Embedding | nn.BatchNorm2d) or not tensor.requires_grad
            }
            remedy.make(patient, remedy.choose(patient))
            found = dict(patient.model.named_parameters())
            assert kept
            assert all(torch.equal(found[key], tensor) for key, tensor in kept.items())


def test_many_layers_of_one_kind_are_a_loop():
    model = nn.Sequential(*(part for _ in range(30) for part in (nn.Linear(4, 4), nn.ReLU())), nn.Linear(4, 2))
    code = next(remedy for remedy in DIRECT if remedy.name == "init:he").code(Patient(model), {})
    assert code.before_optimizer.splitlines() == [
        "for layer in {model}.modules():",
        "    if isinstance(layer, nn.Linear) and layer not in ({model}[60],):",
        "        nn.init.kaiming_normal_(layer.weight, nonlinearity='relu')",
        "        nn.init.zeros_(layer.bias)",
    ]
    assert code.imports == ("from torch import nn",)
