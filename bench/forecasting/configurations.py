"""Random configurations by seed: architecture, depth, width, activation, initialiser and normalisation."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU, "silu": nn.SiLU, "selu": nn.SELU,
    "elu": nn.ELU, "leaky_relu": nn.LeakyReLU, "softplus": nn.Softplus, "mish": nn.Mish, "hardtanh": nn.Hardtanh,
    "softsign": nn.Softsign,
}  # fmt: skip
INITIALISERS = ("default", "xavier", "he", "orthogonal", "gaussian")
ARCHITECTURES = ("mlp", "conv", "residual", "transformer", "recurrent")


@dataclass(frozen=True)
class Configuration:
    """One network to forecast."""

    seed: int
    architecture: str
    depth: int
    width: int
    activation: str
    initialiser: str
    sigma_w2: float
    normalisation: str
    batch: int
    extra: str


def draw(architecture: str, seed: int) -> Configuration:
    """The configuration of that number."""
    rng = random.Random(f"{architecture}-{seed}")
    most = {"mlp": 24, "conv": 10, "residual": 10, "transformer": 4, "recurrent": 3}[architecture]
    norms = {
        "mlp": ("none", "none", "batch", "layer", "rms"), "conv": ("none", "none", "batch", "group"),
        "residual": ("none", "batch", "layer"), "transformer": ("pre", "post"),
        "recurrent": ("none",),
    }[architecture]  # fmt: skip
    extras = {
        "mlp": ("",), "conv": ("average", "largest", "stride"), "residual": ("dense", "conv"),
        "transformer": ("causal", "full"),
        "recurrent": ("rnn", "lstm", "gru"),
    }[architecture]  # fmt: skip
    return Configuration(
        seed=seed,
        architecture=architecture,
        depth=rng.randint(2 if architecture in ("mlp", "conv") else 1, most),
        width=rng.choice({"mlp": (16, 32, 64, 128, 256), "conv": (8, 16, 32, 64)}.get(architecture, (16, 32, 64, 128))),
        activation=rng.choice(tuple(ACTIVATIONS)),
        initialiser=rng.choice(INITIALISERS),
        sigma_w2=math.exp(rng.uniform(math.log(0.5), math.log(3.0))),
        normalisation=rng.choice(norms),
        batch=rng.choice((16, 32)),
        extra=rng.choice(extras),
    )


def build(configuration: Configuration) -> tuple[nn.Module, Tensor]:
    """The network in float64 and a batch of standard normal input, both from the seed."""
    with torch.random.fork_rng():
        torch.manual_seed(configuration.seed)
        model, shape = _MAKERS[configuration.architecture](configuration)
        model = model.double()
        _initialise(model, configuration)
        return model, torch.randn(shape, dtype=torch.float64)


def _initialise(model: nn.Module, c: Configuration) -> None:
    for module in model.modules():
        if not isinstance(module, nn.Linear | nn.Conv2d) or c.initialiser == "default":
            continue
        if c.initialiser == "xavier":
            nn.init.xavier_uniform_(module.weight)
        elif c.initialiser == "he":
            nn.init.kaiming_normal_(module.weight)
        elif c.initialiser == "orthogonal":
            nn.init.orthogonal_(module.weight, gain=math.sqrt(c.sigma_w2))
        else:
            fan_in = module.weight[0].numel()
            nn.init.normal_(module.weight, std=math.sqrt(c.sigma_w2 / fan_in))
            if module.bias is not None:
                nn.init.normal_(module.bias, std=0.1)


def _norm(c: Configuration, width: int, dense: bool = True) -> list[nn.Module]:
    if c.normalisation == "batch":
        return [nn.BatchNorm1d(width) if dense else nn.BatchNorm2d(width)]
    if c.normalisation == "layer":
        return [nn.LayerNorm(width) if dense else nn.GroupNorm(1, width)]
    if c.normalisation == "rms":
        return [nn.RMSNorm(width)]
    return [nn.GroupNorm(4, width)] if c.normalisation == "group" else []


def _mlp(c: Configuration) -> tuple[nn.Module, tuple[int, ...]]:
    layers: list[nn.Module] = []
    for _ in range(c.depth - 1):
        layers += [nn.Linear(c.width, c.width), *_norm(c, c.width), ACTIVATIONS[c.activation]()]
    return nn.Sequential(*layers, nn.Linear(c.width, 10)), (c.batch, c.width)


def _conv(c: Configuration) -> tuple[nn.Module, tuple[int, ...]]:
    layers: list[nn.Module] = []
    channels = 3
    for index in range(c.depth - 1):
        middle = index == c.depth // 2
        stride = 2 if middle and c.extra == "stride" else 1
        layers.append(nn.Conv2d(channels, c.width, 3, stride, padding=1))
        layers += [*_norm(c, c.width, dense=False), ACTIVATIONS[c.activation]()]
        if middle and c.extra == "largest":
            layers.append(nn.MaxPool2d(2))
        if middle and c.extra == "average":
            layers.append(nn.AvgPool2d(2))
        channels = c.width
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)]
    return nn.Sequential(*layers), (c.batch, 3, 10, 10)


class Block(nn.Module):
    """x + f(x), f of two layers with the activation before each, normalised first if at all."""

    def __init__(self, c: Configuration) -> None:
        super().__init__()
        dense, parts = c.extra == "dense", []
        for _ in range(2):
            layer = nn.Linear(c.width, c.width) if dense else nn.Conv2d(c.width, c.width, 3, padding=1)
            parts += [*_norm(c, c.width, dense), ACTIVATIONS[c.activation](), layer]
        self.branch = nn.Sequential(*parts)

    def forward(self, x: Tensor) -> Tensor:
        """The stream after the block."""
        return x + self.branch(x)


def _residual(c: Configuration) -> tuple[nn.Module, tuple[int, ...]]:
    blocks = [Block(c) for _ in range(c.depth)]
    if c.extra == "dense":
        return nn.Sequential(nn.Linear(c.width, c.width), *blocks, nn.Linear(c.width, 10)), (c.batch, c.width)
    head = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(c.width, 10))
    return nn.Sequential(nn.Conv2d(3, c.width, 3, padding=1), *blocks, *head), (c.batch, 3, 8, 8)


class Attention(nn.Module):
    """A block of a Transformer, causal or not, normalised before or after."""

    def __init__(self, c: Configuration) -> None:
        super().__init__()
        self.causal, self.pre = c.extra == "causal", c.normalisation == "pre"
        self.norm1, self.norm2 = nn.LayerNorm(c.width), nn.LayerNorm(c.width)
        self.qkv, self.out = nn.Linear(c.width, 3 * c.width), nn.Linear(c.width, c.width)
        wide = 4 * c.width
        self.mlp = nn.Sequential(nn.Linear(c.width, wide), ACTIVATIONS[c.activation](), nn.Linear(wide, c.width))

    def attend(self, x: Tensor) -> Tensor:
        """What attention adds to the stream."""
        batch, tokens, width = x.shape
        parts = (y.view(batch, tokens, 4, -1).transpose(1, 2) for y in self.qkv(x).chunk(3, -1))
        mixed = functional.scaled_dot_product_attention(*parts, is_causal=self.causal)
        return self.out(mixed.transpose(1, 2).reshape(batch, tokens, width))

    def forward(self, x: Tensor) -> Tensor:
        """The stream after the block."""
        if self.pre:
            x = x + self.attend(self.norm1(x))
            return x + self.mlp(self.norm2(x))
        x = self.norm1(x + self.attend(x))
        return self.norm2(x + self.mlp(x))


def _transformer(c: Configuration) -> tuple[nn.Module, tuple[int, ...]]:
    blocks = [Attention(c) for _ in range(c.depth)]
    return nn.Sequential(nn.Linear(c.width, c.width), *blocks, nn.Linear(c.width, 10)), (c.batch, 12, c.width)


class Recurrent(nn.Module):
    """Recurrent layers of PyTorch over 16 steps, read out at the last one."""

    def __init__(self, c: Configuration) -> None:
        super().__init__()
        kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[c.extra]
        self.layers = kind(c.width, c.width, c.depth, batch_first=True)
        self.out = nn.Linear(c.width, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the classes."""
        return self.out(self.layers(x)[0][:, -1])


def _recurrent(c: Configuration) -> tuple[nn.Module, tuple[int, ...]]:
    return Recurrent(c), (c.batch, 16, c.width)


_MAKERS = {"mlp": _mlp, "conv": _conv, "residual": _residual, "transformer": _transformer, "recurrent": _recurrent}
