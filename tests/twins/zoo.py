"""Small networks of many architectures, for tests that must hold on all of them."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

FEATURES, CLASSES, BATCH = 6, 4, 5


def images() -> Tensor:
    return torch.randn(BATCH, 3, 8, 8, dtype=torch.float64)


def rows() -> Tensor:
    return torch.randn(BATCH, FEATURES, dtype=torch.float64)


def sequences() -> Tensor:
    return torch.randn(BATCH, 7, FEATURES, dtype=torch.float64)


def tokens() -> Tensor:
    return torch.randint(0, 11, (BATCH, 7))


def plain(activation: type[nn.Module], depth: int = 5) -> nn.Module:
    layers = [layer for _ in range(depth) for layer in (nn.Linear(FEATURES, FEATURES), activation())]
    return nn.Sequential(*layers, nn.Linear(FEATURES, CLASSES))


def normalised(norm: Callable[[], nn.Module]) -> nn.Module:
    layers = [layer for _ in range(4) for layer in (nn.Linear(FEATURES, FEATURES), norm(), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(FEATURES, CLASSES))


class ResidualBlock(nn.Module):
    def __init__(self, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(width, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.norm2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width)
        self.short = nn.Conv2d(width, width, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        branch = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)), inplace=True)))
        return F.relu(branch + self.short(x), inplace=True)


def resnet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1), ResidualBlock(6), ResidualBlock(6, 2), ResidualBlock(6),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, CLASSES),
    )  # fmt: skip


class ReZero(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(FEATURES, FEATURES) for _ in range(4))
        self.alpha = nn.Parameter(torch.full((4,), 0.1))
        self.head = nn.Linear(FEATURES, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        for alpha, layer in zip(self.alpha, self.layers, strict=True):
            x = x + alpha * torch.tanh(layer(x))
        return self.head(x)


class DenseNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(3 + 4 * index, 4, 3, padding=1) for index in range(4))
        self.head = nn.Linear(19, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        for conv in self.convs:
            x = torch.cat([x, F.relu(conv(x))], dim=1)
        return self.head(x.mean(dim=(2, 3)))


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enter, self.down = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 8, 3, stride=2, padding=1)
        self.bottom, self.up = nn.Conv2d(8, 8, 3, padding=1), nn.ConvTranspose2d(8, 4, 2, stride=2)
        self.leave, self.head = nn.Conv2d(8, 4, 3, padding=1), nn.Linear(4, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        shallow = F.relu(self.enter(x))
        deep = F.relu(self.bottom(F.relu(self.down(shallow))))
        joined = F.relu(self.leave(torch.cat([shallow, self.up(deep)], dim=1)))
        return self.head(joined.amax(dim=(2, 3)))


class Gpt(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.place = nn.Embedding(11, 8), nn.Parameter(torch.randn(7, 8) * 0.1)
        layer = nn.TransformerEncoderLayer(8, 2, 16, 0.1, "gelu", batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(layer, 2, nn.LayerNorm(8), enable_nested_tensor=False)
        self.head = nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        mask = nn.Transformer.generate_square_subsequent_mask(7, dtype=torch.float64)
        return self.head(self.blocks(self.embed(x) + self.place, mask)[:, -1])


def post_norm() -> nn.Module:
    layer = nn.TransformerEncoderLayer(FEATURES, 2, 12, 0.0, batch_first=True)
    encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    return nn.Sequential(nn.Linear(FEATURES, FEATURES), encoder, nn.Flatten(), nn.Linear(42, CLASSES))


class Recurrent(nn.Module):
    def __init__(self, kind: type[nn.RNNBase], **options: object) -> None:
        super().__init__()
        self.rnn = kind(FEATURES, 5, batch_first=True, **options)
        self.head = nn.LazyLinear(CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.rnn(x)[0][:, -1])


class HandWrittenLstm(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gates, self.head = nn.Linear(FEATURES + 5, 20), nn.Linear(5, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        h, c = x.new_zeros(len(x), 5), x.new_zeros(len(x), 5)
        for step in x.unbind(1):
            i, f, g, o = self.gates(torch.cat([step, h], dim=1)).chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        return self.head(h)


class MixtureOfExperts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(FEATURES, FEATURES)
        self.route = nn.Linear(FEATURES, 3)
        self.experts = nn.ModuleList(nn.Linear(FEATURES, FEATURES) for _ in range(3))
        self.head = nn.Linear(FEATURES, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.enter(x))
        weights = F.softmax(self.route(x), dim=1)
        mixed = sum(weights[:, k : k + 1] * F.gelu(expert(x)) for k, expert in enumerate(self.experts))
        return self.head(mixed)


class Checkpointed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(FEATURES, FEATURES), nn.Tanh()) for _ in range(3))
        self.head = nn.Linear(FEATURES, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=False)
        return self.head(x)


class Shared(nn.Module):
    """One layer applied four times over, as in ALBERT."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.head = nn.Linear(FEATURES, FEATURES), nn.Linear(FEATURES, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(4):
            x = x + torch.tanh(self.layer(x))
        return self.head(x)


class Gated(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(nn.Linear(FEATURES, 2 * FEATURES) for _ in range(3))
        self.head = nn.Linear(FEATURES, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.blocks:
            x = F.glu(block(x), dim=1)
        return self.head(x)


class Variational(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enter, self.mean, self.spread = nn.Linear(FEATURES, 8), nn.Linear(8, 3), nn.Linear(8, 3)
        self.back, self.leave = nn.Linear(3, 8), nn.Linear(8, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.tanh(self.enter(x))
        z = self.mean(h) + torch.exp(0.5 * self.spread(h)) * torch.randn(len(x), 3, dtype=x.dtype)
        return self.leave(F.silu(self.back(z)))


def weight_normed() -> nn.Module:
    parametrise = nn.utils.parametrizations.weight_norm
    layers = [layer for _ in range(3) for layer in (parametrise(nn.Linear(FEATURES, FEATURES)), nn.ELU())]
    return nn.Sequential(*layers, nn.Linear(FEATURES, CLASSES))


def cnn_in_place() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Conv2d(6, 6, 2),
        nn.LeakyReLU(0.1, inplace=True), nn.Dropout2d(0.2), nn.Flatten(), nn.LazyLinear(CLASSES),
    )  # fmt: skip


ZOO: dict[str, tuple[Callable[[], nn.Module], Callable[[], Tensor]]] = {
    "sigmoid": (lambda: plain(nn.Sigmoid), rows),
    "tanh": (lambda: plain(nn.Tanh), rows),
    "relu": (lambda: plain(nn.ReLU), rows),
    "mish": (lambda: plain(nn.Mish), rows),
    "softsign": (lambda: plain(nn.Softsign), rows),
    "batch-norm": (lambda: normalised(lambda: nn.BatchNorm1d(FEATURES)), rows),
    "layer-norm": (lambda: normalised(lambda: nn.LayerNorm(FEATURES)), rows),
    "rms-norm": (lambda: normalised(lambda: nn.RMSNorm(FEATURES)), rows),
    "cnn": (cnn_in_place, images),
    "resnet": (resnet, images),
    "rezero": (ReZero, rows),
    "densenet": (DenseNet, images),
    "unet": (UNet, images),
    "gpt": (Gpt, tokens),
    "post-norm": (post_norm, sequences),
    "rnn": (lambda: Recurrent(nn.RNN), sequences),
    "gru": (lambda: Recurrent(nn.GRU, num_layers=2), sequences),
    "lstm": (lambda: Recurrent(nn.LSTM, bidirectional=True), sequences),
    "hand-written-lstm": (HandWrittenLstm, sequences),
    "experts": (MixtureOfExperts, rows),
    "checkpointed": (Checkpointed, rows),
    "shared": (Shared, rows),
    "gated": (Gated, rows),
    "variational": (Variational, rows),
    "weight-norm": (weight_normed, rows),
}
"""Architecture -> how to build it, and an input for it; all in float64 after `.double()`."""


def build(name: str, seed: int = 0) -> tuple[nn.Module, Tensor, Tensor]:
    """A network of the zoo in training mode, an input and labels for it."""
    torch.manual_seed(seed)
    make, draw = ZOO[name]
    model, data = make().double(), draw()
    model(data)
    return model, data, torch.randint(0, CLASSES, (BATCH,))
