"""Losses, parameters, buffers, optimizer state and random state are bit for bit those of the unwatched run."""

import copy
import io
import random

import numpy as np
import pytest
import torch
from sinks import ListSink, watched
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from isograd.observation.session import Session

STEPS = 6


def train_mlp():
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(inplace=True), nn.Dropout(0.3), nn.Linear(16, 3))
    return fit(model, torch.optim.Adam(model.parameters()), lambda: torch.randn(10, 8))


def train_cnn():
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3)
    )
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    return fit(model, optimizer, lambda: torch.randn(10, 1, 8, 8), clip=0.1)


def train_lstm():
    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(5, 7, num_layers=2, dropout=0.2, bidirectional=True, batch_first=True)
            self.head = nn.Linear(14, 3)

        def forward(self, x):
            return self.head(self.rnn(x)[0][:, -1])

    model = Tagger()
    return fit(model, torch.optim.RMSprop(model.parameters()), lambda: torch.randn(10, 9, 5), clip=1.0)


def train_packed_lstm():
    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.LSTM(5, 7, num_layers=2, dropout=0.2, bidirectional=True)
            self.head = nn.Linear(14, 3)

        def forward(self, x):
            lengths = [9, 3, 7, 1, 9, 4, 4, 2, 8, 5]
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            return self.head(nn.utils.rnn.pad_packed_sequence(self.rnn(packed)[0])[0].sum(0))

    model = Reader()
    return fit(model, torch.optim.Adam(model.parameters()), lambda: torch.randn(10, 9, 5), clip=1.0)


def train_projected_lstm():
    class Decoder(nn.Module):
        """Fed what it gave, one time step a call; its first layers by cells."""

        def __init__(self):
            super().__init__()
            self.cell, self.rnn = nn.GRUCell(5, 4), nn.LSTM(4, 7, num_layers=2, proj_size=4, bias=False, dropout=0.3)
            self.head = nn.Linear(4, 3)

        def forward(self, x):
            first = given = x.new_zeros(10, 4)
            state = None
            for entry in x.unbind(1):
                first = self.cell(entry, first)
                given, state = self.rnn((first + given)[None], state)
                given = given[0]
            return self.head(given)

    model = Decoder()
    return fit(model, torch.optim.SGD(model.parameters(), 0.3, momentum=0.9), lambda: torch.randn(10, 9, 5), clip=1.0)


def train_fused_lstm_in_a_checkpoint():
    class Recomputed(nn.Module):
        def __init__(self):
            super().__init__()
            self.entry, self.rnn, self.head = nn.Linear(5, 5), nn.LSTM(5, 7, bias=False), nn.Linear(7, 3)

        def forward(self, x):
            data = F.dropout(self.entry(x), 0.3)
            return self.head(checkpoint(lambda inputs: self.rnn(inputs)[0][-1], data, use_reentrant=False))

    model = Recomputed()
    return fit(model, torch.optim.Adam(model.parameters()), lambda: torch.randn(9, 10, 5))


def train_transformer():
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True, norm_first=True)
    model = nn.Sequential(nn.Linear(4, 8), nn.TransformerEncoder(layer, 2), nn.Flatten(), nn.Linear(40, 3))
    return fit(model, torch.optim.AdamW(model.parameters()), lambda: torch.randn(10, 5, 4))


def train_with_checkpointing():
    class Deep(nn.Module):
        def __init__(self):
            super().__init__()
            self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Dropout(0.2)) for _ in range(4))
            self.head = nn.Linear(8, 3)

        def forward(self, x):
            for index, block in enumerate(self.blocks):
                x = checkpoint(block, x, use_reentrant=index % 2 == 0 and x.requires_grad)
            return self.head(x)

    model = Deep()
    return fit(model, torch.optim.SGD(model.parameters(), 0.1), lambda: torch.randn(10, 8))


def train_lbfgs():
    model = nn.Sequential(nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 3))
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=4)
    data, target = torch.randn(10, 8), torch.randint(0, 3, (10,))
    losses = []

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(data), target)
        loss.backward()
        return loss

    for _ in range(STEPS):
        losses.append(float(optimizer.step(closure)))
    return model, optimizer, losses


def train_autocast():
    model = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 3))

    def forward(data):
        with torch.autocast("cpu", torch.bfloat16):
            return model(data)

    return fit(model, torch.optim.Adam(model.parameters()), lambda: torch.randn(10, 8), forward)


def fit(model, optimizer, draw, forward=None, clip=0.0):
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        target = torch.randint(0, 3, (10,))
        loss = F.cross_entropy((forward or model)(draw()).float(), target)
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        optimizer.step()
        losses.append(float(loss.detach()))
    return model, optimizer, losses


def fate(train):
    torch.manual_seed(11)
    random.seed(11)
    np.random.seed(11)  # the legacy state is what scripts use
    model, optimizer, losses = train()
    states = [p.detach().clone() for p in model.state_dict().values()]
    moments = [v for state in optimizer.state.values() for v in state.values() if isinstance(v, torch.Tensor)]
    draws = torch.rand(3), random.random(), np.random.rand()
    return states, moments, losses, draws


@pytest.mark.parametrize(
    "train",
    [
        train_mlp,
        train_cnn,
        train_lstm,
        train_packed_lstm,
        train_projected_lstm,
        train_fused_lstm_in_a_checkpoint,
        train_transformer,
        train_with_checkpointing,
        train_lbfgs,
        train_autocast,
    ],
)
def test_bit_for_bit(train):
    states, moments, losses, draws = fate(train)
    seen = []
    sink = watched(lambda: seen.append(fate(train)))
    other_states, other_moments, other_losses, other_draws = seen[0]
    assert len(sink.readings) == STEPS
    assert losses == other_losses
    assert all(torch.equal(a, b) for a, b in zip(states, other_states, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(moments, other_moments, strict=True))
    assert torch.equal(draws[0], other_draws[0])
    assert draws[1:] == other_draws[1:]


def test_nothing_is_attached_to_the_model():
    model = nn.Sequential(nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 2))
    keys = {name: set(vars(module)) for name, module in model.named_modules()}

    def train():
        fit(model, torch.optim.SGD(model.parameters(), 0.1), lambda: torch.randn(10, 4))
        assert {name: set(vars(module)) for name, module in model.named_modules()} == keys
        assert not any(module._forward_hooks or module._backward_hooks for module in model.modules())
        copy.deepcopy(model)
        buffer = io.BytesIO()
        torch.save(model, buffer)
        assert b"isograd" not in buffer.getvalue()

    model[2] = nn.Linear(4, 3)
    keys = {name: set(vars(module)) for name, module in model.named_modules()}
    watched(train)


def test_torch_is_as_before_after_stop():
    places = [
        (torch.autograd, "backward"),
        (torch.amp.GradScaler, "scale"),
        (torch.autograd.graph.saved_tensors_hooks, "__enter__"),
        (torch.autograd.graph.saved_tensors_hooks, "__exit__"),
    ]
    before = [getattr(owner, name) for owner, name in places]
    watched(train_mlp)
    assert [getattr(owner, name) for owner, name in places] == before


def test_a_fault_of_ours_ends_the_watching_and_not_the_training(capsys):
    class Broken(ListSink):
        def step(self, network, row):
            raise RuntimeError("the sink is broken")

    session = Session(Broken(), 1.0, "test")
    session.start()
    _, _, losses = train_mlp()
    session.stop("finished")
    assert len(losses) == STEPS
    assert "the sink is broken" in session.fault
    assert capsys.readouterr().err.count("watching ended early") == 1


def test_an_error_in_backward_reaches_the_user_and_watching_goes_on():
    def train():
        model = nn.Linear(4, 3)
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar"):
            model(torch.randn(2, 4)).backward()
        fit(model, optimizer, lambda: torch.randn(10, 4))

    assert len(watched(train).steps) == STEPS
