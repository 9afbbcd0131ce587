"""Gates that remember and recurrences that begin as the identity."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from isograd.errors import UsageError
from isograd.facts import TimeProfile
from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.init import chrono_, forget_bias_, identity_recurrent_
from isograd.treatment.remedies.init.chrono import CHRONO
from isograd.treatment.remedies.init.forget_bias import FORGET_BIAS
from isograd.treatment.remedies.init.identity_recurrent import IDENTITY_RECURRENT
from isograd.treatment.remedies.init.sequence_length import longest, sequence_lengths

GATED = [nn.LSTM(3, 400, 2, bidirectional=True), nn.GRU(3, 400), nn.LSTMCell(3, 400), nn.GRUCell(3, 400)]


def sums(layer):
    """The sums of both biases, gate by gate, of every layer and direction."""
    parameters = dict(layer.named_parameters())
    pairs = [(p, parameters[name.replace("_ih", "_hh")]) for name, p in parameters.items() if "bias_ih" in name]
    return [(a + b).detach().view(-1, layer.hidden_size) for a, b in pairs]


@pytest.mark.parametrize("layer", GATED, ids=str)
def test_the_sum_of_both_biases_is_what_was_asked_for(layer):
    before = [p.clone() for p in sums(layer)]
    edit = forget_bias_(layer, 2.5)
    assert all(torch.equal(gates[1], torch.full((400,), 2.5)) for gates in sums(layer))
    for now, then in zip(sums(layer), before, strict=True):
        others = [k for k in range(len(now)) if k != 1]
        assert torch.equal(now[others], then[others])
    edit.undo()
    assert all(torch.equal(a, b) for a, b in zip(sums(layer), before, strict=True))


@pytest.mark.parametrize("layer", GATED, ids=str)
def test_chrono_quantiles_are_those_of_log_uniform(layer):
    torch.manual_seed(0)
    chrono_(layer, 101)
    for gates in sums(layer):
        quantiles = torch.quantile(gates[1].double().exp(), torch.tensor([0.1, 0.5, 0.9]).double())
        assert quantiles.tolist() == pytest.approx([10.9, 50.5, 90.1], abs=9.0)
        assert gates[1].min() >= 0.0
        assert gates[1].max() <= math.log(100)
        if len(gates) == 4:
            assert torch.equal(gates[0], -gates[1])


def test_the_gate_that_is_set_is_the_one_that_keeps():
    """With that gate open and everything else shut, the state stays."""
    for kind in (nn.LSTM, nn.GRU):
        layer = kind(1, 4)
        for parameter in layer.parameters():
            nn.init.zeros_(parameter)
        forget_bias_(layer, 50.0)
        state = torch.randn(1, 2, 4)
        given = (state, state) if kind is nn.LSTM else state
        _, after = layer(torch.zeros(9, 2, 1), given)
        kept = after[1] if kind is nn.LSTM else after
        assert torch.allclose(kept, state, atol=1e-6)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_without_free_biases_it_does_not_suit(kind):
    for layer in (kind(2, 3, bias=False), kind(2, 3).requires_grad_(False), nn.Linear(2, 2)):
        patient = Patient(layer, calls=(Call((torch.ones(5, 1, 2),), {}),))
        assert not FORGET_BIAS.suits(patient)
        assert not CHRONO.suits(patient)


class Loop(nn.Module):
    def __init__(self, make=nn.LSTMCell):
        super().__init__()
        self.cell = make(2, 5)
        self.layer = nn.GRU(5, 3)

    def forward(self, inputs):
        state, outputs = None, []
        for step in inputs:
            state = self.cell(step, state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        packed = nn.utils.rnn.pack_padded_sequence(torch.stack(outputs), torch.tensor([3, 6]), enforce_sorted=False)
        return self.layer(packed)[0].data


def test_lengths_are_seen_in_loops_packed_and_batch_first():
    loop = Patient(Loop(), calls=(Call((torch.ones(9, 2, 2),), {}),))
    assert sequence_lengths(loop) == {"cell": 9, "layer": 6}
    assert CHRONO.choose(loop) == {"num_steps": 9.0}
    first = Patient(nn.LSTM(2, 3, batch_first=True), calls=(Call((torch.ones(4, 11, 2),), {}),))
    assert longest(first) == 11
    assert longest(Patient(nn.LSTM(2, 3))) == 0.0
    assert not CHRONO.suits(Patient(nn.LSTM(2, 3)))
    with pytest.raises(UsageError, match="num_steps must be more than 2"):
        chrono_(nn.LSTM(2, 3), 2)


def test_the_length_that_training_showed_is_taken_where_there_is_no_batch():
    times = (TimeProfile("rnn", 0, 64, np.arange(3), np.zeros(3), "LSTM", True),)
    assert longest(Patient(nn.LSTM(2, 3), observed=SimpleNamespace(times=times))) == 64.0


def test_the_forget_bias_follows_the_length():
    def chosen(length):
        patient = Patient(nn.LSTM(2, 3), calls=(Call((torch.ones(length, 1, 2),), {}),))
        return FORGET_BIAS.choose(patient)["bias"]

    assert [chosen(4), chosen(25), chosen(100), chosen(2000)] == [1.0, 2.5, 3.9, 5.0]
    assert FORGET_BIAS.choose(Patient(nn.LSTM(2, 3))) == {"bias": 1.0}


@pytest.mark.parametrize("nonlinearity", ["relu", "tanh"])
def test_a_plain_layer_begins_as_the_identity(nonlinearity):
    layer = nn.RNN(3, 4, 2, nonlinearity=nonlinearity, bidirectional=True)
    below = layer.weight_ih_l1.clone()
    identity_recurrent_(layer, input_std=0.001)
    for name, parameter in layer.named_parameters():
        if "weight_hh" in name:
            assert torch.equal(parameter, torch.eye(4))
        if "bias" in name:
            assert not parameter.any()
    assert layer.weight_ih_l0_reverse.std().item() < 0.003
    assert torch.equal(below, layer.weight_ih_l1)
    cell = nn.RNNCell(3, 4)
    identity_recurrent_(cell)
    assert torch.equal(cell.weight_hh, torch.eye(4))


class ByHand(nn.Module):
    def __init__(self):
        super().__init__()
        self.inward, self.onward, self.head = nn.Linear(2, 6), nn.Linear(6, 6), nn.Linear(6, 6)

    def forward(self, inputs):
        hidden = torch.zeros(inputs.shape[1], 6)
        for step in inputs:
            hidden = torch.tanh(self.inward(step) + self.onward(hidden))
        return self.head(hidden)


class GatedByHand(ByHand):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(6, 6)

    def forward(self, inputs):
        hidden = torch.zeros(inputs.shape[1], 6)
        for step in inputs:
            gate = torch.sigmoid(self.gate(hidden))
            hidden = gate * hidden + (1 - gate) * torch.tanh(self.inward(step) + self.onward(hidden))
        return self.head(hidden)


def test_a_recurrence_written_by_hand_is_found_on_a_batch():
    model, inputs = ByHand(), torch.randn(8, 3, 2)
    head, inward = model.head.weight.clone(), model.inward.weight.clone()
    assert not IDENTITY_RECURRENT.suits(Patient(model))
    identity_recurrent_(model, inputs)
    assert torch.equal(model.onward.weight, torch.eye(6))
    assert not model.onward.bias.any()
    assert torch.equal(head, model.head.weight)
    assert torch.equal(inward, model.inward.weight)
    assert not IDENTITY_RECURRENT.suits(Patient(GatedByHand(), calls=(Call((inputs,), {}),)))
    assert not IDENTITY_RECURRENT.suits(Patient(nn.LSTM(2, 3)))
