"""Twenty networks with two things wrong."""

from collections.abc import Iterator

import torch

from planted.parts import GAINS, Planted, Recurrence, Residual, convolutions, fused_rnn, perceptron, planted

BATCH = 64


def double(draw: int = 0) -> Iterator[Planted]:
    """All of them, each recipe from a seed of its own; another `draw` gives other weights and batches."""
    for seed, make in enumerate((_sigmoid_and_small, _driven_and_contracting, _sigmoid_recurrence, _others)):
        torch.manual_seed(10_000 * draw + 2000 + seed)
        yield from make()


def _sigmoid_and_small() -> Iterator[Planted]:
    both = "saturating-activation init-too-small"
    for activation, depth, sigma in (("sigmoid", 12, 0.5), ("sigmoid", 20, 0.4), ("sigmoid", 26, 0.3),
                                     ("hardsigmoid", 16, 0.4), ("hardsigmoid", 22, 0.5)):  # fmt: skip
        net = perceptron(activation, depth, 72, sigma)
        yield planted(f"{activation} MLP {depth}, weights x{sigma}", both, net, (BATCH, 72))
    yield planted("sigmoid CNN 12, weights x.4", both, convolutions("sigmoid", 12, 16, 0.4), (16, 3, 10, 10))


def _driven_and_contracting() -> Iterator[Planted]:
    both = "recurrence-contracts input-scale"
    for radius, drive in ((0.5, 2.0), (0.6, 1.0), (0.4, 1.5)):
        net = Recurrence(48, radius, drive, torch.tanh)
        yield planted(f"recurrence of radius {radius}, driven x{drive}", both, net, (16, 40, 6))
    for radius, drive in ((0.6, 1.0), (0.5, 1.5)):
        net = fused_rnn(40, radius, drive)
        yield planted(f"nn.RNN of radius {radius}, driven x{drive}", both, net, (16, 40, 6))


def _sigmoid_recurrence() -> Iterator[Planted]:
    for radius in (0.3, 0.5, 0.7):
        net = Recurrence(48, radius, 0.1, torch.sigmoid)
        name = f"sigmoid recurrence of radius {radius}"
        yield planted(name, "saturating-activation recurrence-contracts", net, (16, 30, 6))


def _others() -> Iterator[Planted]:
    for depth, factor, bias in ((16, 0.5, -1.0), (12, 0.6, -0.5)):
        net = perceptron("gelu", depth, 72, factor * GAINS["gelu"], bias)
        name = f"gelu MLP {depth}, weights x{factor}, biases {bias}"
        yield planted(name, "init-too-small negative-bias", net, (BATCH, 72))
    for depth, factor in ((12, 0.6), (16, 0.5)):
        net = perceptron("tanh", depth, 64, factor)
        name = f"tanh MLP {depth}, weights x{factor}, inputs x1e6"
        yield planted(name, "init-too-small input-scale", net, (BATCH, 64), 1e6)
    for blocks, scale in ((12, 2.0), (16, 1.5)):
        net = Residual(64, blocks, scale)
        for block in net.blocks:
            with torch.no_grad():
                block[0].weight *= 3
        name = f"residual {blocks} blocks x{scale}, weights x3"
        yield planted(name, "residual-scale init-too-large", net, (BATCH, 64))
