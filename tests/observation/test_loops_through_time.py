"""Gradient by lag of recurrences that a script writes itself: each state's own `.grad` is the twin."""

import math

import numpy as np
import pytest
import torch
from sinks import watched
from torch import nn
from torch.utils.checkpoint import checkpoint

from isograd.observation.probe import measure

LENGTH, BATCH, INPUTS, UNITS = 7, 3, 3, 4


class Loop(nn.Module):
    """A recurrence called once a time step; notes its states, a list a quantity for each sequence that it runs."""

    def __init__(self):
        super().__init__()
        self.states = {}
        self.head = nn.Linear(UNITS, 2)

    def note(self, **states):
        for quantity, state in states.items():
            state.retain_grad()
            self.states.setdefault(quantity, [[]])[-1].append(state)

    def forward(self, data):
        self.states = {}
        return self.head(self.walk(data)).sin().sum()


class TanhCell(Loop):
    cell_type = nn.RNNCell

    def __init__(self, **options):
        super().__init__()
        self.cell = self.cell_type(INPUTS, UNITS, **options)

    def walk(self, data):
        hidden = None
        for entry in data:
            hidden = self.cell(entry, hidden)
            self.note(hidden=hidden)
        return hidden


class GruCell(TanhCell):
    cell_type = nn.GRUCell


class LstmCell(TanhCell):
    cell_type = nn.LSTMCell

    def walk(self, data):
        state, given = None, []
        for entry in data:
            state = self.cell(entry, state)
            self.note(hidden=state[0], cell=state[1])
            given.append(state[0])
        return torch.stack(given)


class StackedCells(Loop):
    """Two cells in one loop; the states noted are those of the first, which the second is fed."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.GRUCell(INPUTS, UNITS), nn.LSTMCell(UNITS, UNITS)

    def walk(self, data):
        below, above = torch.ones(BATCH, UNITS), None
        for entry in data:
            below = self.first(entry, below)
            above = self.second(below, above)
            self.note(hidden=below)
        return above[0]


class Textbook(Loop):
    """One layer for the state and the input side by side."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(INPUTS + UNITS, UNITS)

    def walk(self, data):
        hidden = torch.zeros(BATCH, UNITS)
        for entry in data:
            hidden = torch.tanh(self.layer(torch.cat((entry, hidden), 1)))
            self.note(hidden=hidden)
        return hidden


class ByMatrix(Loop):
    """A bare matrix, ReLU and a state with a mean taken off."""

    def __init__(self):
        super().__init__()
        self.matrix = nn.Parameter(torch.eye(UNITS) + 0.1)
        self.entry = nn.Linear(INPUTS, UNITS)

    def walk(self, data):
        hidden = torch.ones(BATCH, UNITS)
        for entry in self.entry(data):
            hidden = torch.relu(hidden @ self.matrix + entry)
            self.note(hidden=hidden)
        return hidden


class HandLstm(Loop):
    """Four layers a step, all fed the same state."""

    def __init__(self):
        super().__init__()
        self.gates = nn.ModuleList(nn.Linear(INPUTS + UNITS, UNITS) for _ in range(4))

    def walk(self, data):
        hidden = cell = torch.zeros(BATCH, UNITS)
        for entry in data:
            enter, forget, new, out = (gate(torch.cat((hidden, entry), 1)) for gate in self.gates)
            cell = torch.sigmoid(forget) * cell + torch.sigmoid(enter) * torch.tanh(new)
            hidden = torch.tanh(cell) * torch.sigmoid(out)
            self.note(hidden=hidden, cell=cell)
        return hidden


class HandGru(Loop):
    """Three layers a step, one of them fed a gated copy of the state."""

    def __init__(self):
        super().__init__()
        self.update, self.reset, self.new = (nn.Linear(INPUTS + UNITS, UNITS) for _ in range(3))

    def walk(self, data):
        hidden = torch.zeros(BATCH, UNITS)
        for entry in data:
            both = torch.cat((entry, hidden), 1)
            update, reset = torch.sigmoid(self.update(both)), torch.sigmoid(self.reset(both))
            new = torch.tanh(self.new(torch.cat((entry, reset * hidden), 1)))
            hidden = (1 - update) * hidden + update * new
            self.note(hidden=hidden)
        return hidden


class TwoSequences(TanhCell):
    """One cell that reads two sequences, one after the other and of unlike length, into one result."""

    def walk(self, data):
        ends = []
        for sequence in (data, data[2:].flip(0)):
            for states in self.states.values():
                states.append([])
            ends.append(super().walk(sequence))
        return ends[0] * ends[1]


LOOPS = {
    "RNNCell": TanhCell,
    "RNNCell relu, no bias": lambda: TanhCell(nonlinearity="relu", bias=False),
    "GRUCell": GruCell,
    "GRUCell, no bias": lambda: GruCell(bias=False),
    "LSTMCell": LstmCell,
    "LSTMCell, no bias": lambda: LstmCell(bias=False),
    "stacked cells": StackedCells,
    "textbook": Textbook,
    "matrix": ByMatrix,
    "LSTM by hand": HandLstm,
    "GRU by hand": HandGru,
    "two sequences": TwoSequences,
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_loop_equals_its_own_states(name):
    torch.manual_seed(2)
    model, data = LOOPS[name]().double(), torch.randn(LENGTH, BATCH, INPUTS).double()
    torch.set_default_dtype(torch.float64)
    try:
        found = measure({"m": model}, lambda: model(data))
        model(data).backward()
    finally:
        torch.set_default_dtype(torch.float32)
    sites = {profile.site for profile in found.profiles}
    assert len(sites) == (2 if name == "stacked cells" else 1)
    for quantity, sequences in model.states.items():
        profile = next(p for p in found.profiles if p.quantity == quantity)
        squares = [0.0] * LENGTH
        for states in sequences:
            for lag, state in enumerate(reversed(states)):
                squares[lag] += float(state.grad.square().sum())
        np.testing.assert_allclose(10**profile.gradient_log10, np.sqrt(squares), rtol=1e-9)
    assert {p.quantity for p in found.profiles if name != "stacked cells"} <= set(model.states)


def test_a_fused_lstm_called_piece_by_piece_is_one_sequence():
    """As in a decoder, or in truncated training: the state goes from call to call."""
    torch.manual_seed(0)
    layer, data = nn.LSTM(INPUTS, UNITS), torch.randn(12, BATCH, INPUTS)

    def in_pieces():
        state = None
        for piece in data.split(3):
            outputs, state = layer(piece, state)
        return outputs[-1].square().sum() + state[1].sum()

    def at_once():
        outputs, state = layer(data)
        return outputs[-1].square().sum() + state[1].sum()

    pieces, whole = (measure({"m": layer}, loss).profiles for loss in (in_pieces, at_once))
    assert [(p.site, p.quantity, p.length) for p in pieces] == [("l0", "cell", 12), ("l0", "hidden", 12)]
    for one, other in zip(pieces, whole, strict=True):
        np.testing.assert_allclose(one.gradient_log10, other.gradient_log10, atol=1e-5)


class OnlyCell(LstmCell):
    """The loss heeds the cell state alone: the last hidden state is nowhere in the graph."""

    def walk(self, data):
        state = None
        for entry in data:
            state = self.cell(entry, state)
            self.note(cell=state[1])
        return state[1]


class HalvedStates(Loop):
    """A state in one tensor, handed on in two halves: no operation gives it whole."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2 * UNITS, 2 * UNITS)

    def walk(self, data):
        state = torch.ones(BATCH, 2 * UNITS)
        for _ in data:
            left, right = torch.tanh(self.layer(state)).chunk(2, 1)
            state = torch.cat((right * 2, left), 1)
        return left


def test_a_cell_state_is_read_where_the_last_hidden_state_is_unused():
    torch.manual_seed(0)
    model, data = OnlyCell(), torch.randn(LENGTH, BATCH, INPUTS)
    (profile,) = measure({"m": model}, lambda: model(data)).profiles
    model(data).backward()
    expected = [float(state.grad.norm()) for state in reversed(model.states["cell"][0])]
    assert profile.quantity == "cell"
    np.testing.assert_allclose(10**profile.gradient_log10, expected, rtol=1e-5)


def test_a_state_that_cannot_be_told_is_replaced_by_what_the_layer_gave():
    torch.manual_seed(0)
    model = HalvedStates()
    (profile,) = measure({"m": model}, lambda: model(torch.randn(LENGTH, BATCH, INPUTS))).profiles
    assert profile.quantity == "pre-activation"
    assert profile.length == LENGTH
    assert np.isfinite(profile.gradient_log10).all()


def test_gradients_far_below_float32_squares_are_seen_by_row():
    """Packed rows are measured one by one, and their squares leave float32's range long before they do."""
    layer = nn.RNN(2, 2, bias=False)
    with torch.no_grad():
        layer.weight_hh_l0.copy_(1e-4 * torch.eye(2))
        layer.weight_ih_l0.zero_()
    packed = nn.utils.rnn.pack_sequence([torch.ones(9, 2), torch.ones(7, 2)])
    (profile,) = measure({"m": layer}, lambda: layer(packed)[1].sum()).profiles
    expected = [-4 * lag + 0.5 * math.log10(4 if lag < 7 else 2) for lag in range(9)]
    np.testing.assert_allclose(profile.gradient_log10, expected, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_watched_run_sees_what_the_probe_sees(dtype):
    torch.manual_seed(0)
    layer, data = nn.LSTM(INPUTS, UNITS, 2, dtype=dtype), torch.randn(LENGTH, BATCH, INPUTS, dtype=dtype)
    probed = measure({"m": layer}, lambda: layer(data)[0].square().mean()).profiles

    def train():
        optimizer = torch.optim.SGD(layer.parameters(), 0.1)
        layer(data)[0].square().mean().backward()
        optimizer.step()

    seen = [profile for _, profile in watched(train).profiles]
    assert [(p.site, p.quantity) for p in seen] == [(p.site, p.quantity) for p in probed]
    assert {p.quantity for p in seen} == {"hidden", "cell"}
    for one, other in zip(seen, probed, strict=True):
        np.testing.assert_array_equal(one.gradient_log10, other.gradient_log10)


def test_what_a_checkpoint_hides_is_not_worked_out_again():
    """Reading what was saved would run the forward pass once more than training does."""
    torch.manual_seed(0)
    layer, calls = nn.LSTM(INPUTS, UNITS), []
    head = nn.Linear(INPUTS, INPUTS)

    def forward(data):
        calls.append(1)
        return layer(data)[0]

    def train():
        optimizer = torch.optim.SGD([*layer.parameters(), *head.parameters()], 0.1)
        data = head(torch.randn(LENGTH, BATCH, INPUTS))
        checkpoint(forward, data, use_reentrant=False).square().mean().backward()
        optimizer.step()

    assert watched(train).profiles == []
    assert len(calls) == 2
