"""Models of many kinds for the tests of initialisation, each with a batch."""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn.utils import parametrizations


class Convolutions(nn.Module):
    """Groups, transposition, strides, some biases and some not, functional activations."""

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 8, 3, groups=2, padding=1, stride=2)
        self.up = nn.ConvTranspose2d(8, 4, 4, stride=2)
        self.head = nn.Linear(4, 2)

    def forward(self, inputs):
        hidden = nn.functional.leaky_relu(self.norm(self.first(inputs)), 0.2)
        hidden = nn.functional.gelu(self.second(hidden))
        return self.head(self.up(hidden).relu().mean((2, 3)))


class Recurrences(nn.Module):
    """Layers with all options and cells in a loop."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 4)
        self.lstm = nn.LSTM(4, 6, 2, proj_size=3, bidirectional=True)
        self.gru = nn.GRU(6, 5, bias=False)
        self.rnn = nn.RNN(5, 5, nonlinearity="relu", bidirectional=True)
        self.cell = nn.LSTMCell(10, 6)
        self.head = nn.Linear(6, 2)

    def forward(self, tokens):
        hidden = self.rnn(self.gru(self.lstm(self.embedding(tokens))[0])[0])[0]
        state = None
        for step in hidden:
            state = self.cell(step, state)
        return self.head(state[0])


class Attention(nn.Module):
    """A transformer layer, attention of several widths, a list of layers with one shared activation."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.TransformerEncoderLayer(6, 2, 12, batch_first=True)
        self.across = nn.MultiheadAttention(6, 2, kdim=4, vdim=5, batch_first=True)
        self.act = nn.SiLU()
        self.layers = nn.ModuleList(nn.Linear(6, 6) for _ in range(6))
        self.heads = nn.ModuleDict({"a-b": nn.Linear(6, 2), "other": nn.Linear(6, 3, bias=False)})

    def forward(self, inputs):
        hidden = self.encoder(inputs)
        hidden = hidden + self.across(hidden, inputs[..., :4], inputs[..., :5])[0]
        for layer in self.layers:
            hidden = hidden + self.act(layer(hidden))
        return self.heads["a-b"](hidden), self.heads["other"](hidden)


def computed():
    return nn.Sequential(
        parametrizations.weight_norm(nn.Linear(4, 6)),
        nn.PReLU(init=0.3),
        parametrizations.orthogonal(nn.Linear(6, 6)),
        nn.Sigmoid(),
        nn.Linear(6, 6).requires_grad_(False),
        nn.ELU(),
        nn.Linear(6, 6),
        nn.SELU(),
        nn.Linear(6, 1),
    )


def narrow():
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 1)).bfloat16()


def tiny_output():
    model = nn.Sequential(nn.Bilinear(4, 4, 6), nn.Mish(), nn.Linear(6, 2, dtype=torch.float64))
    model[0].double()
    model[2].weight.data.mul_(1e-3)
    return Twice(model)


class Twice(nn.Module):
    """Feeds its input in twice."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, inputs):
        return self.model[2](self.model[1](self.model[0](inputs, inputs)))


ZOO: dict[str, tuple[Callable[[], nn.Module], Callable[[], torch.Tensor]]] = {
    "convolutions": (Convolutions, lambda: torch.randn(2, 3, 8, 8)),
    "recurrences": (Recurrences, lambda: torch.randint(0, 10, (7, 3))),
    "attention": (Attention, lambda: torch.randn(2, 5, 6)),
    "computed": (computed, lambda: torch.randn(8, 4)),
    "narrow": (narrow, lambda: torch.randn(8, 4).bfloat16()),
    "tiny output": (tiny_output, lambda: torch.randn(8, 4, dtype=torch.float64)),
}
