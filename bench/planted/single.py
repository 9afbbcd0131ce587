"""Networks with one thing wrong."""

import math
from collections.abc import Iterator

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from planted.parts import (
    GAINS,
    Attention,
    Planted,
    Recurrence,
    Residual,
    convolutions,
    fused_rnn,
    lstm,
    perceptron,
    planted,
)

BATCH = 64


def single(draw: int = 0) -> Iterator[Planted]:
    """All of them, each recipe from a seed of its own; another `draw` gives other weights and batches."""
    for seed, make in enumerate(_RECIPES):
        torch.manual_seed(10_000 * draw + 1000 + seed)
        yield from make()


def _saturating() -> Iterator[Planted]:
    for depth, width in ((10, 64), (14, 48), (18, 128), (26, 80)):
        net = perceptron("sigmoid", depth, width, 1.0)
        yield planted(f"sigmoid MLP {depth}x{width}", "saturating-activation", net, (BATCH, width))
    for depth, width in ((12, 64), (20, 96)):
        net = perceptron("hardsigmoid", depth, width, 1.0)
        yield planted(f"hard sigmoid MLP {depth}x{width}", "saturating-activation", net, (BATCH, width))
    net = convolutions("sigmoid", 10, 16, 1.0)
    yield planted("sigmoid CNN 10x16", "saturating-activation", net, (16, 3, 10, 10))
    net = Recurrence(48, 1.0, 0.1, torch.sigmoid)
    yield planted("sigmoid recurrence", "saturating-activation", net, (16, 30, 6))


def _too_small() -> Iterator[Planted]:
    for activation, depth, factor in (("relu", 16, 0.6), ("leaky", 22, 0.7), ("elu", 14, 0.5), ("tanh", 18, 0.6),
                                      ("gelu", 12, 0.5), ("selu", 24, 0.7), ("relu", 8, 0.3)):  # fmt: skip
        net = perceptron(activation, depth, 72, factor * GAINS[activation])
        yield planted(f"{activation} MLP {depth}, weights x{factor}", "init-too-small", net, (BATCH, 72))
    for depth, factor in ((12, 0.6), (8, 0.35)):
        net = convolutions("relu", depth, 16, factor * GAINS["relu"])
        yield planted(f"relu CNN {depth}, weights x{factor}", "init-too-small", net, (16, 3, 10, 10))


def _too_large() -> Iterator[Planted]:
    for activation, depth, factor in (("relu", 16, 1.6), ("leaky", 22, 1.4), ("elu", 14, 2.0), ("gelu", 12, 2.0),
                                      ("tanh", 20, 3.0), ("selu", 24, 1.6), ("relu", 8, 3.0)):  # fmt: skip
        net = perceptron(activation, depth, 72, factor * GAINS[activation])
        yield planted(f"{activation} MLP {depth}, weights x{factor}", "init-too-large", net, (BATCH, 72))
    for depth, factor in ((12, 1.7), (8, 3.0)):
        net = convolutions("relu", depth, 16, factor * GAINS["relu"])
        yield planted(f"relu CNN {depth}, weights x{factor}", "init-too-large", net, (16, 3, 10, 10))


def _negative() -> Iterator[Planted]:
    for activation, depth, bias in (("relu", 12, -1.0), ("relu", 20, -2.0), ("gelu", 16, -2.0), ("relu", 8, -3.0),
                                    ("elu", 24, -2.0)):  # fmt: skip
        net = perceptron(activation, depth, 80, GAINS[activation], bias)
        yield planted(f"{activation} MLP {depth}, biases {bias}", "negative-bias", net, (BATCH, 80))


def _inputs() -> Iterator[Planted]:
    for drive in (3.0, 6.0, 12.0):
        yield planted(
            f"recurrence driven x{drive}", "input-scale", Recurrence(48, 0.98, drive, torch.tanh), (16, 30, 6)
        )
    yield planted("nn.RNN driven x5", "input-scale", fused_rnn(40, 0.98, 5.0), (16, 40, 6))
    for scale in (1e4, 1e6):
        net = perceptron("tanh", 10, 64, 1.0)
        yield planted(f"tanh MLP, inputs x{scale:g}", "input-scale", net, (BATCH, 64), scale)


def _recurrences() -> Iterator[Planted]:
    for radius in (0.3, 0.6, 0.8):
        net = Recurrence(56, radius, 0.1, torch.tanh)
        yield planted(f"recurrence of radius {radius}", "recurrence-contracts", net, (16, 40, 6))
    for radius in (0.5, 0.75):
        yield planted(f"nn.RNN of radius {radius}", "recurrence-contracts", fused_rnn(40, radius, 0.1), (16, 50, 6))
    for radius in (2.0, 3.0):
        net = Recurrence(56, radius, 0.1, torch.tanh)
        yield planted(f"recurrence of radius {radius}", "recurrence-expands", net, (16, 40, 6))
    yield planted(
        "relu recurrence of radius 1.5", "recurrence-expands", Recurrence(56, 1.5, 0.1, torch.relu), (16, 40, 6)
    )
    yield planted("nn.RNN of radius 3", "recurrence-expands", fused_rnn(40, 3.0, 0.1), (16, 50, 6))


def _gates() -> Iterator[Planted]:
    for forget, length in ((-2.0, 30), (-4.0, 20), (-1.0, 60)):
        yield planted(f"LSTM, forget bias {forget}", "forget-gate", lstm(24, forget), (16, length, 6))


def _blocks() -> Iterator[Planted]:
    for blocks, scale in ((12, 2.0), (16, 1.5), (10, 3.0), (20, 2.0)):
        net = Residual(64, blocks, scale)
        yield planted(f"residual {blocks} blocks x{scale}", "residual-scale", net, (BATCH, 64))
    for scale in (1.0, 4.0):
        net = Attention(48, 8, scale)
        yield planted(f"attention, scores x{scale * math.sqrt(48):.0f}", "attention-scale", net, (16, 16, 48))


def _normalised() -> Iterator[Planted]:
    yield planted(
        "batch-normalised CNN 36", "normalisation-depth", convolutions("relu", 36, 12, 1.4, True), (8, 3, 6, 6)
    )
    layers = [m for _ in range(44) for m in (nn.Linear(56, 56, bias=False), nn.BatchNorm1d(56), nn.ReLU())]
    yield planted("batch-normalised MLP 44", "normalisation-depth", nn.Sequential(*layers, nn.Linear(56, 10)), (48, 56))


def _zeros() -> Iterator[Planted]:
    net = perceptron("tanh", 6, 48, 1.0)
    for parameter in net.parameters():
        nn.init.zeros_(parameter)
    yield planted("tanh MLP of zeros", "zero-init", net, (BATCH, 48))
    net = perceptron("relu", 8, 48, 1.4)
    for layer in (net[4], net[8]):
        nn.init.zeros_(layer.weight)
    yield planted("relu MLP, two layers of zeros", "zero-init", net, (BATCH, 48))


def _further() -> Iterator[Planted]:
    yield planted("tanh CNN 14, weights x0.5", "init-too-small", convolutions("tanh", 14, 16, 0.5), (16, 3, 10, 10))
    yield planted("leaky CNN 10, weights x2.2", "init-too-large", convolutions("leaky", 10, 16, 3.1), (16, 3, 10, 10))
    yield planted("elu CNN 12, weights x0.4", "init-too-small", convolutions("elu", 12, 16, 0.5), (16, 3, 10, 10))
    for radius, cause in ((0.5, "recurrence-contracts"), (2.5, "recurrence-expands")):
        net = Recurrence(48, radius, 0.1, torch.relu)
        yield planted(f"relu recurrence of radius {radius}", cause, net, (16, 40, 6))
    net = perceptron("relu", 12, 64, 1.4)
    nn.init.zeros_(net[10].weight)
    nn.init.zeros_(net[12].weight)
    yield planted("relu MLP, two neighbours of zeros", "zero-init", net, (BATCH, 64))
    for activation, depth in (("relu", 6), ("tanh", 8)):
        yield _in_half(activation, depth)


def _in_half(activation: str, depth: int) -> Planted:
    """A loss so small that its gradient is zero in float16."""
    net = perceptron(activation, depth, 64, GAINS[activation]).half()
    batch = (torch.randn(BATCH, 64).half(), torch.randint(0, 10, (BATCH,)))
    name, causes = f"{activation} MLP {depth} in float16, loss x1e-6", frozenset(("number-format",))
    return Planted(name, causes, net, lambda b: 1e-6 * cross_entropy(net(b[0]).float(), b[1]), batch)


_RECIPES = (
    _saturating,
    _too_small,
    _too_large,
    _negative,
    _inputs,
    _recurrences,
    _gates,
    _blocks,
    _normalised,
    _zeros,
    _further,
)
