"""Gated layers in the place of plain ones: options, places, shared layers, what is written, what is left alone."""

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations

from isograd.observation.replay import Call
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.recurrent import LSTMBehindRNN, gru_for_rnn, lstm_for_rnn
from isograd.treatment.remedies.recurrent.gru import GRU
from isograd.treatment.remedies.recurrent.lstm import LSTM

BOTH = pytest.mark.parametrize("remedy", [LSTM, GRU], ids=lambda remedy: remedy.name)


class Tagger(nn.Module):
    """Two plain layers, one of them shared, and a head; each sequence begins anew."""

    def __init__(self, **options):
        super().__init__()
        self.embedding = nn.Embedding(7, 4)
        self.encoder = nn.Sequential(nn.Dropout(0.1), nn.Identity())
        self.rnn = nn.RNN(4, 6, batch_first=True, bidirectional=True, nonlinearity="relu", **options)
        self.decoder = nn.ModuleDict({"top": nn.RNN(12, 5, 2, dropout=0.2, batch_first=True, bias=False, **options)})
        self.again = self.decoder["top"]
        self.head = nn.Linear(5, 2, **options)

    def forward(self, tokens):
        hidden, state = self.rnn(
            self.embedding(tokens).to(self.head.weight.dtype), torch.zeros(2, len(tokens), 6).to(self.head.weight)
        )
        return self.head(self.again(hidden)[0]), state.detach()


class Loop(nn.Module):
    """A cell in a loop, with dropout on its state or without."""

    def __init__(self, dropout=0.0):
        super().__init__()
        self.cell, self.head, self.dropout = nn.RNNCell(2, 5), nn.Linear(5, 1), dropout

    def forward(self, inputs):
        state = torch.zeros(inputs.shape[1], 5)
        for step in inputs:
            state = self.cell(step, state)
            if self.dropout:
                state = nn.functional.dropout(state, self.dropout)
        return self.head(state)


class Stateful(nn.Module):
    """Carries its state from one batch to the next."""

    def __init__(self):
        super().__init__()
        self.rnn, self.head, self.state = nn.RNN(2, 5), nn.Linear(5, 1), None

    def forward(self, inputs):
        outputs, state = self.rnn(inputs, self.state)
        self.state = state.detach()
        return self.head(outputs)


def patient_of(make, *batch):
    torch.manual_seed(0)
    return Patient(make(), calls=(Call(batch, {}), Call(batch, {})) if batch else ())


TOKENS = torch.randint(0, 7, (3, 9))
STEPS = torch.randn(30, 3, 2)
CASES = [
    pytest.param(Tagger, TOKENS, id="tagger"),
    pytest.param(lambda: Tagger(dtype=torch.float64), TOKENS, id="float64"),
    pytest.param(lambda: Tagger().eval(), TOKENS, id="evaluating"),
    pytest.param(Loop, STEPS, id="loop"),
    pytest.param(Stateful, STEPS, id="stateful"),
]


def bits(model):
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


@BOTH
@pytest.mark.parametrize("seen", [True, False], ids=["seen", "unseen"])
@pytest.mark.parametrize(("make", "batch"), CASES)
def test_lines_and_edit_are_one(remedy, make, batch, seen, monkeypatch):
    patient, twin = patient_of(make, *[batch] * seen), patient_of(make)
    before, names, state = bits(patient.model), list(dict(patient.model.named_parameters())), torch.get_rng_state()
    assert remedy.suits(patient)
    settings = remedy.choose(patient)
    code = remedy.code(patient, settings)
    assert torch.equal(state, torch.get_rng_state())
    assert list(bits(patient.model)) == list(before)
    assert getattr(patient.model, "state", None) is None, "asking leaves no carried state"
    torch.manual_seed(1)
    edit = remedy.make(patient, settings)
    after = torch.get_rng_state()
    torch.manual_seed(1)
    lines = "\n".join((*code.imports, code.definitions, code.before_optimizer.replace("{model}", "model")))
    exec(lines, {"model": twin.model})
    assert torch.equal(after, torch.get_rng_state())
    assert all(torch.equal(a, b) for a, b in zip(bits(patient.model).values(), bits(twin.model).values(), strict=True))
    assert list(dict(patient.model.named_parameters())) == list(dict(twin.model.named_parameters())) == names
    torch.manual_seed(2)
    found = [patient.model(batch) for _ in range(2)]
    torch.manual_seed(2)
    expected = [twin.model(batch) for _ in range(2)]
    for one, other in zip(found, expected, strict=True):
        one, other = (item if isinstance(item, tuple) else (item,) for item in (one, other))
        assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    edit.undo()
    assert all(torch.equal(value, before[name]) for name, value in bits(patient.model).items())


def test_all_options_and_all_places_are_kept():
    model = Tagger()
    edit = gru_for_rnn(model, TOKENS)
    assert str(model.rnn) == "GRU(4, 6, batch_first=True, bidirectional=True)"
    assert str(model.again) == "GRU(12, 5, num_layers=2, bias=False, batch_first=True, dropout=0.2)"
    assert model.again is model.decoder["top"]
    assert [name for name, _ in model.named_children()] == ["embedding", "encoder", "rnn", "decoder", "again", "head"]
    sites = [change.site for change in edit.changes if "RNN" in change.before]
    assert sites == ["rnn", "decoder.top", "again"]


def test_the_memory_is_measured_before_and_after():
    torch.manual_seed(0)
    model = nn.Sequential(nn.RNN(2, 16))
    edit = lstm_for_rnn(Sequence(model), torch.randn(60, 4, 2))
    figures = edit.figures()
    assert figures["recurrent:lstm memory_before_steps"] < 4
    assert figures["recurrent:lstm memory_after_steps"] > 20
    words = [change for change in edit.changes if change.before.startswith("memory")]
    assert words[0].site == "model.0"
    assert words[0].after.startswith("memory ")


class Sequence(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, inputs):
        return self.model(inputs)[0][-1]


def test_gates_remember_as_long_as_the_sequence():
    model = nn.Sequential(nn.RNN(2, 64))
    lstm_for_rnn(model, forget_bias=2.0)
    gates = (model[0].bias_ih_l0 + model[0].bias_hh_l0).chunk(4)
    assert torch.equal(gates[1], torch.full((64,), 2.0))
    model = Sequence(nn.Sequential(nn.RNN(2, 64)))
    edit = gru_for_rnn(model, torch.randn(50, 2, 2))
    gates = (model.model[0].bias_ih_l0 + model.model[0].bias_hh_l0).chunk(3)
    assert gates[1].min() >= 0
    assert 20 < gates[1].exp().max() < 49
    assert "log U(1, 49)" in "".join(change.after for change in edit.changes)


def test_written_in_full_where_no_state_is_handed_back():
    tagger = patient_of(Tagger, TOKENS)
    code = LSTM.code(tagger, LSTM.choose(tagger))
    assert code.definitions.startswith("class LSTMBehindRNN(nn.LSTM):")
    assert code.imports == ("from torch import nn",)
    for patient in (patient_of(Stateful, STEPS), patient_of(Tagger)):
        code = LSTM.code(patient, LSTM.choose(patient))
        assert code.definitions == ""
        assert "from isograd.remedies import LSTMBehindRNN" in code.imports


def test_a_loop_that_changes_the_state_gets_no_lstm():
    assert LSTM.suits(patient_of(Loop, STEPS))
    assert not LSTM.suits(patient_of(lambda: Loop(0.5), STEPS))
    assert GRU.suits(patient_of(lambda: Loop(0.5), STEPS))


def test_a_stateful_program_goes_on_with_its_cell_state():
    model = Stateful()
    lstm_for_rnn(model, STEPS)
    assert isinstance(model.rnn, LSTMBehindRNN)
    whole = nn.LSTM.forward(model.rnn, torch.cat([STEPS, STEPS]))[0]
    model(STEPS)
    assert torch.allclose(model(STEPS), model.head(whole[30:]), atol=1e-6)
    assert model.rnn.carried.num_lost == 0


@BOTH
def test_what_cannot_be_exchanged_is_left_alone(remedy):
    class Own(nn.RNN):
        """A class of the user's, which may do more."""

    tied = nn.ModuleList([nn.RNN(3, 3), nn.RNN(3, 3)])
    tied[1].weight_hh_l0 = tied[0].weight_hh_l0
    heard = nn.Sequential(nn.RNN(2, 3))
    heard[0].register_forward_hook(lambda *args: None)
    alone = [
        nn.RNN(2, 3),  # the model itself
        nn.Sequential(Own(2, 3)),
        nn.Sequential(nn.RNN(2, 3).requires_grad_(False)),
        nn.Sequential(parametrizations.weight_norm(nn.RNN(2, 3), "weight_hh_l0")),
        nn.Sequential(nn.LSTM(2, 3), nn.Linear(2, 2)),
        heard,
        tied,
    ]
    assert not any(remedy.suits(Patient(model)) for model in alone)
