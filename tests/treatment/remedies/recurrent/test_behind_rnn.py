"""The LSTM behind the interface of a plain layer is torch's LSTM with the cell state kept out of sight."""

import copy
import io

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from isograd.treatment.remedies.recurrent import LSTMBehindRNN, LSTMCellBehindRNNCell

OPTIONS = st.fixed_dictionaries(
    {
        "num_layers": st.integers(1, 3),
        "bias": st.booleans(),
        "batch_first": st.booleans(),
        "bidirectional": st.booleans(),
        "proj_size": st.sampled_from([0, 2]),
        "dropout": st.sampled_from([0.0, 0.4]),
    }
)
FORMS = st.sampled_from(["batch", "single", "packed", "packed unsorted"])


def sequence(form, batch_first):
    data = torch.randn(6, 3, 4)
    if form == "single":
        return data[:, 0]
    lengths = torch.tensor([6, 4, 1] if form == "packed" else [2, 6, 5])
    data = data.transpose(0, 1) if batch_first else data
    if form == "batch":
        return data
    return pack_padded_sequence(data, lengths, batch_first, enforce_sorted=form == "packed")


@pytest.mark.filterwarnings("ignore:.*dropout.*", "ignore:.*oneDNN.*")
@settings(max_examples=60, deadline=None)
@given(options=OPTIONS, form=FORMS, with_state=st.booleans(), seed=st.integers(0, 99))
def test_it_equals_torch_for_every_option(options, form, with_state, seed):
    torch.manual_seed(seed)
    ours, torchs = LSTMBehindRNN(4, 5, **options), nn.LSTM(4, 5, **options)
    torchs.load_state_dict(ours.state_dict())
    inputs = sequence(form, options["batch_first"])
    count = options["num_layers"] * (2 if options["bidirectional"] else 1)
    shape = (count, 5) if form == "single" else (count, 3, 5)
    hidden = torch.randn(*shape[:-1], options["proj_size"] or 5) if with_state else None
    torch.manual_seed(seed)
    output, last = ours(inputs, hidden)
    torch.manual_seed(seed)
    expected, (last_hidden, _) = torchs(inputs, None if hidden is None else (hidden, torch.zeros(shape)))
    if isinstance(expected, PackedSequence):
        assert torch.equal(output.batch_sizes, expected.batch_sizes)
        output, expected = output.data, expected.data
    assert torch.equal(output, expected)
    assert torch.equal(last, last_hidden)
    found = torch.autograd.grad(output.sum() + last.sum(), list(ours.parameters()))
    twin = torch.autograd.grad(expected.sum() + last_hidden.sum(), list(torchs.parameters()))
    assert all(torch.equal(a, b) for a, b in zip(found, twin, strict=True))


HANDED_BACK = {
    "itself": lambda h: h,
    "detached": lambda h: h.detach(),
    "data": lambda h: h.data,
    "a clone": lambda h: h.detach().clone(),
}


@pytest.mark.parametrize("way", HANDED_BACK)
def test_a_state_that_is_handed_back_goes_on(way):
    ours, torchs = LSTMBehindRNN(4, 5), nn.LSTM(4, 5)
    torchs.load_state_dict(ours.state_dict())
    pieces = [torch.randn(6, 3, 4) for _ in range(3)]
    hidden, state = torch.zeros(1, 3, 5), None
    for piece in pieces:
        output, hidden = ours(piece, HANDED_BACK[way](hidden))
        expected, state = torchs(piece, state)
        assert torch.equal(output, expected)
        if way != "itself":
            state = tuple(tensor.detach() for tensor in state)
    found = torch.autograd.grad(output.sum(), list(ours.parameters()))
    twin = torch.autograd.grad(expected.sum(), list(torchs.parameters()))
    assert all(torch.equal(a, b) for a, b in zip(found, twin, strict=True)), "the graph ends where the caller cut it"
    assert ours.carried.num_lost == 0


def test_another_state_begins_anew():
    layer, inputs = LSTMBehindRNN(4, 5), torch.randn(6, 3, 4)
    with torch.no_grad():
        _, hidden = layer(inputs)
        fresh = layer(inputs, hidden + 1.0)[0]
        assert layer.carried.num_lost == 1
        expected = nn.LSTM.forward(layer, inputs, (hidden + 1.0, torch.zeros(1, 3, 5)))[0]
        assert torch.equal(fresh, expected)
        _, hidden = layer(inputs)
        hidden[:, 1] = 0.0  # an episode of the batch has ended
        expected = nn.LSTM.forward(layer, inputs, (hidden, torch.zeros(1, 3, 5)))[0]
        assert torch.equal(layer(inputs, hidden)[0], expected)


def test_detached_in_place_the_graph_ends():
    layer, inputs = LSTMBehindRNN(4, 5), torch.randn(6, 3, 4, requires_grad=True)
    _, hidden = layer(inputs)
    hidden.detach_()
    output, _ = layer(torch.randn(6, 3, 4), hidden)
    assert torch.autograd.grad(output.sum(), inputs, allow_unused=True) == (None,)
    assert layer.carried.num_lost == 0


def test_it_keeps_no_graph_alive():
    import gc
    import weakref

    layer = LSTMBehindRNN(4, 5)
    inputs = torch.randn(6, 3, 4, requires_grad=True)
    alive = weakref.ref(inputs)
    output, hidden = layer(inputs)
    del inputs, output, hidden
    gc.collect()
    assert alive() is None


def test_in_inference_mode_it_runs_and_goes_on():
    layer, inputs = LSTMBehindRNN(4, 5), torch.randn(6, 3, 4)
    with torch.inference_mode():
        _, hidden = layer(inputs)
        layer(inputs, hidden)
    assert layer.carried.num_lost == 0


def test_copies_and_files_hold_the_weights_and_no_state():
    layer, inputs = LSTMBehindRNN(4, 5, nonlinearity="relu"), torch.randn(6, 3, 4)
    expected, _ = layer(inputs)
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    for other in (copy.deepcopy(layer), torch.load(file, weights_only=False)):
        assert torch.equal(other(inputs)[0], expected)
        assert other.nonlinearity == "relu"
        assert other.hidden_size == 5
        assert [weight.shape for weight in other._flat_weights] == [weight.shape for weight in layer._flat_weights]
        assert other._flat_weights[0] is other.weight_ih_l0


def test_a_cell_carries_its_state_along():
    ours, torchs = LSTMCellBehindRNNCell(4, 5), nn.LSTMCell(4, 5)
    torchs.load_state_dict(ours.state_dict())
    hidden, state = torch.zeros(3, 5), (torch.zeros(3, 5), torch.zeros(3, 5))
    for _ in range(6):
        step = torch.randn(3, 4)
        hidden, state = ours(step, hidden), torchs(step, state)
        assert torch.equal(hidden, state[0])
    found = torch.autograd.grad(hidden.sum(), list(ours.parameters()))
    twin = torch.autograd.grad(state[0].sum(), list(torchs.parameters()))
    assert all(torch.allclose(a, b) for a, b in zip(found, twin, strict=True))
    assert ours.carried.num_lost == 0
    dropped = nn.functional.dropout(hidden, 0.5)
    ours(step, dropped)
    assert ours.carried.num_lost == 1


def test_two_sequences_in_turn_keep_apart():
    ours, torchs = LSTMCellBehindRNNCell(2, 3), nn.LSTMCell(2, 3)
    torchs.load_state_dict(ours.state_dict())
    ours_states, torch_states = [None, None], [None, None]
    for _ in range(4):
        for k in range(2):
            step = torch.randn(1, 2)
            ours_states[k] = ours(step, ours_states[k])
            torch_states[k] = torchs(step, torch_states[k])
            assert torch.equal(ours_states[k], torch_states[k][0])
