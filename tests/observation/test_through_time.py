"""Gradient by lag, of every option of torch's recurrent layers and of loops, equals that of an unrolled twin."""

from dataclasses import dataclass

import numpy as np
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.twins.recurrent import recurrent_twin
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from isograd.observation.probe import measure

INPUTS, UNITS = 3, 4


@dataclass(frozen=True)
class Case:
    kind: str
    nonlinearity: str
    num_layers: int
    bidirectional: bool
    bias: bool
    projection: int
    dropout: float
    shape: str  # unbatched, time-first, batch-first, sorted or unsorted (packed)
    lengths: tuple[int, ...]
    initial: bool
    loss: str  # on the last states, on all outputs, or on both
    dtype: torch.dtype
    seed: int

    def build(self):
        torch.manual_seed(self.seed)
        options = {"nonlinearity": self.nonlinearity} if self.kind == "RNN" else {}
        if self.kind == "LSTM":
            options["proj_size"] = self.projection
        dropout = self.dropout if self.num_layers > 1 else 0.0
        return getattr(nn, self.kind)(
            INPUTS, UNITS, self.num_layers, bias=self.bias, bidirectional=self.bidirectional, dropout=dropout,
            batch_first=self.shape == "batch-first", dtype=self.dtype, **options,
        )  # fmt: skip


@st.composite
def cases(draw):
    shape = draw(st.sampled_from(["unbatched", "time-first", "batch-first", "sorted", "unsorted"]))
    longest = draw(st.integers(4, 7))
    lengths = [longest] * (1 if shape == "unbatched" else 3)
    if shape in ("sorted", "unsorted"):
        lengths = [longest, *draw(st.lists(st.integers(1, longest), min_size=2, max_size=2))]
        lengths = sorted(lengths, reverse=True) if shape == "sorted" else draw(st.permutations(lengths))
    return Case(
        kind=draw(st.sampled_from(["RNN", "LSTM", "LSTM", "GRU"])),
        nonlinearity=draw(st.sampled_from(["tanh", "relu"])),
        num_layers=draw(st.integers(1, 3)),
        bidirectional=draw(st.booleans()),
        bias=draw(st.booleans()),
        projection=draw(st.sampled_from([0, 0, 2])),
        dropout=draw(st.sampled_from([0.0, 0.4])),
        shape=shape,
        lengths=tuple(lengths),
        initial=draw(st.booleans()),
        loss=draw(st.sampled_from(["last", "outputs", "both"])),
        dtype=draw(st.sampled_from([torch.float32, torch.float64])),
        seed=draw(st.integers(0, 1000)),
    )


@given(cases())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
def test_every_option_equals_the_unrolled_twin(case):
    layer = case.build()
    sequences = [torch.randn(length, INPUTS, dtype=case.dtype) for length in case.lengths]
    batch, directions = len(sequences), 1 + case.bidirectional
    width = getattr(layer, "proj_size", 0) or UNITS
    rows = case.num_layers * directions
    hidden = torch.randn(rows, batch, width, dtype=case.dtype) * case.initial
    cell = torch.randn(rows, batch, UNITS, dtype=case.dtype) * case.initial
    weights = torch.randn(max(case.lengths), batch, directions * width, dtype=case.dtype)

    def loss_of(outputs, last_hidden, last_cell):
        by_sequence = [(w[: len(o)] * o.sin()).sum() for w, o in zip(weights.unbind(1), outputs, strict=True)]
        on_outputs = sum(by_sequence) if case.loss != "last" else 0
        on_states = last_hidden.square().sum() + last_cell.cos().sum() * (case.kind == "LSTM")
        return on_outputs + (on_states if case.loss != "outputs" else 0)

    found = measure({"m": layer}, lambda: loss_of(*run(case, layer, sequences, hidden, cell)))
    masks = dropout_masks(case, layer, directions * width)
    twin = recurrent_twin(layer, sequences, hidden, cell, masks)
    weights = weights.double()
    loss_of(twin.outputs, twin.last_hidden, twin.last_cell).backward()
    profiles = {(profile.site, profile.quantity): profile for profile in found.profiles}
    names = suffixes(case)
    assert len(profiles) == len(found.profiles) == len(names) * (2 if case.kind == "LSTM" else 1)
    for suffix in names:
        for which, quantity in enumerate(("hidden", "cell")[: 2 if case.kind == "LSTM" else 1]):
            site = next(site for site, what in profiles if site.endswith(("hh_" + suffix, suffix)) and what == quantity
                        and site.endswith("_reverse") == suffix.endswith("_reverse"))  # fmt: skip
            profile = profiles[site, quantity]
            assert profile.length == max(case.lengths)
            assert profile.cell == case.kind
            assert profile.lag.tolist() == list(range(profile.length))
            expected = twin.by_lag(suffix, which)
            tolerance = 1e-9 if case.dtype == torch.float64 else 2e-5
            np.testing.assert_allclose(10**profile.gradient_log10, expected, rtol=tolerance, atol=tolerance * 1e-2)


def suffixes(case):
    ends = ["", "_reverse"] if case.bidirectional else [""]
    return [f"l{number}{end}" for number in range(case.num_layers) for end in ends]


def run(case, layer, sequences, hidden, cell):
    """The layer's outputs, one tensor a sequence, and its last states."""
    padded = nn.utils.rnn.pad_sequence(sequences)
    lengths = list(case.lengths)
    state = (hidden, cell) if case.kind == "LSTM" else hidden
    if case.shape == "unbatched":
        padded = padded[:, 0]
        state = (hidden[:, 0], cell[:, 0]) if case.kind == "LSTM" else hidden[:, 0]
    elif case.shape == "batch-first":
        padded = padded.transpose(0, 1)
    elif case.shape in ("sorted", "unsorted"):
        padded = pack_padded_sequence(padded, lengths, enforce_sorted=case.shape == "sorted")
    torch.manual_seed(case.seed)
    outputs, last = layer(padded, state) if case.initial else layer(padded)
    last_hidden, last_cell = last if case.kind == "LSTM" else (last, last)
    if isinstance(outputs, PackedSequence):
        outputs = pad_packed_sequence(outputs)[0]
    elif case.shape == "unbatched":
        outputs = outputs[:, None]
    elif case.shape == "batch-first":
        outputs = outputs.transpose(0, 1)
    return [outputs[:length, b] for b, length in enumerate(lengths)], last_hidden, last_cell


def dropout_masks(case, layer, width):
    """What dropout drew between the layers: for each layer but the last, a factor for each sequence's outputs."""
    torch.manual_seed(case.seed)
    order = sorted(range(len(case.lengths)), key=lambda b: -case.lengths[b])
    masks = []
    for _ in range(layer.num_layers - 1):
        if case.shape in ("sorted", "unsorted"):
            packed = pack_padded_sequence(
                torch.ones(max(case.lengths), len(order), width, dtype=case.dtype), [case.lengths[b] for b in order]
            )
            data = F.dropout(packed.data, layer.dropout) if layer.dropout else packed.data
            drawn = pad_packed_sequence(PackedSequence(data, packed.batch_sizes))[0]
        else:
            ones = torch.ones(max(case.lengths), len(order), width, dtype=case.dtype)
            drawn = F.dropout(ones, layer.dropout) if layer.dropout else ones
        place = {b: row for row, b in enumerate(order)}
        masks.append([drawn[:length, place[b]].double() for b, length in enumerate(case.lengths)])
    return masks
