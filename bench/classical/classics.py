"""The six classic results, each as one or two claims."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from classical.classic import Classic, Way
from classical.data import Batch, accuracy_on_test, digit_batches, recall_batches
from isograd.facts import Task


def perceptron(depth: int, width: int, activation: Callable[[], nn.Module], std: float | None = None) -> nn.Sequential:
    """A perceptron for 64 pixels and 10 classes; PyTorch's own initial values unless given."""
    sizes = [64] + [width] * depth + [10]
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layer = nn.Linear(inputs, outputs)
        if std is not None:
            nn.init.normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)
        layers += [layer, activation()]
    return nn.Sequential(*layers[:-1])


class LastState(nn.Module):
    """A recurrent layer and a read-out of its last state."""

    def __init__(self, recurrent: nn.Module, hidden: int, classes: int) -> None:
        super().__init__()
        self.rnn = recurrent
        self.readout = nn.Linear(hidden, classes)

    def forward(self, sequence: Tensor) -> Tensor:
        """Logits of shape (batch, classes)."""
        states, _ = self.rnn(sequence)
        return self.readout(states[:, -1])


def cross_entropy(model: nn.Module, batch: Batch) -> Tensor:
    """Of the model's logits."""
    return functional.cross_entropy(model(batch[0]), batch[1])


def seeded(make: Callable[[], nn.Module]) -> Callable[[int], nn.Module]:
    """A model that depends on the seed alone."""

    def build(seed: int) -> nn.Module:
        torch.manual_seed(seed)
        return make()

    return build


def digits_task(make: Callable[[], nn.Module], steps: int, rate: float, standardised: bool = False) -> Task:
    """Digits by gradient descent with momentum."""
    return Task(
        build=seeded(make),
        loss=cross_entropy,
        batches=digit_batches(100, standardised),
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=rate, momentum=0.9),
        evaluate=accuracy_on_test(standardised),
        steps=steps,
    )


def sigmoid_net(depth: int, steps: int = 300) -> Task:
    """Deep sigmoid net on digits in 0..1, as the literature has it: Bengio 2007, Erhan 2010."""
    return digits_task(partial(perceptron, depth, 100, nn.Sigmoid), steps, 0.1)


def relu_net(depth: int) -> Task:
    """Deep ReLU net on standardised digits, initial values of PyTorch."""
    return digits_task(partial(perceptron, depth, 64, nn.ReLU), 150, 0.01, standardised=True)


def recall(length: int = 30, steps: int = 400) -> Task:
    """The first symbol of a sequence is to be told at its end."""
    symbols, held_out = 4, list(zip(range(4), recall_batches(length, 4, 100)(999_983), strict=False))

    @torch.no_grad()
    def evaluate(model: nn.Module) -> float:
        right = [(model(x).argmax(dim=1) == y).float().mean() for _, (x, y) in held_out]
        return float(torch.stack(right).mean())

    return Task(
        build=seeded(lambda: LastState(nn.RNN(symbols, 32, batch_first=True), 32, symbols)),
        loss=cross_entropy,
        batches=recall_batches(length, symbols, 50),
        optimizer=lambda parameters: torch.optim.Adam(parameters, lr=3e-3),
        evaluate=evaluate,
        steps=steps,
    )


def exploding_rnn(steps: int = 200) -> Task:
    """Digits read row by row by a ReLU recurrence whose weights are too large: its gradient explodes through time."""

    def make() -> nn.Module:
        model = LastState(nn.RNN(8, 64, nonlinearity="relu", batch_first=True), 64, 10)
        nn.init.normal_(model.rnn.weight_hh_l0, std=0.35)
        return nn.Sequential(nn.Unflatten(1, (8, 8)), model)

    return digits_task(make, steps, 0.05)


def tanh_net(depth: int) -> Task:
    """Deep tanh net on standardised digits."""
    return digits_task(partial(perceptron, depth, 64, nn.Tanh), 150, 0.01, standardised=True)


NOTHING = Way("none")
CLASSICS: tuple[Classic, ...] = (
    *(
        Classic(
            f"dbn-{depth}",
            f"{depth} sigmoid layers: pre-training as a deep belief network, then fine-tuning, beats fine-tuning alone "
            "(Bengio et al. 2007; Erhan et al. 2010)",
            partial(sigmoid_net, depth),
            Way("dbn", {"pretrain:dbn": {}}),
            NOTHING,
        )
        for depth in (4, 5, 6)
    ),
    Classic(
        "he-30",
        "30 ReLU layers: He's initial values learn where Xavier's stall (He et al. 2015)",
        partial(relu_net, 30),
        Way("He", {"init:he": {}}),
        Way("Xavier", {"init:xavier": {}}),
    ),
    Classic(
        "lstm-recall",
        "Recall over 30 steps: an LSTM with forget bias learns what a tanh RNN does not (Hochreiter and Schmidhuber "
        "1997; Gers et al. 2000)",
        recall,
        Way("LSTM", {"recurrent:lstm": {}}),
        Way("tanh RNN"),
    ),
    Classic(
        "clip-rnn",
        "An exploding recurrence learns if its gradient is clipped (Pascanu et al. 2013)",
        exploding_rnn,
        Way("clipped", {"clip:norm": {"max_norm": 1.0}}),
        NOTHING,
    ),
    Classic(
        "batch-norm-sigmoid",
        "10 sigmoid layers: batch normalisation cures them (Ioffe and Szegedy 2015)",
        partial(sigmoid_net, 10),
        Way("batch norm", {"norm:batch": {}}),
        NOTHING,
        least=0.3,
    ),
    Classic(
        "layer-norm-sigmoid",
        "16 sigmoid layers: layer normalisation does not cure them, batch normalisation does",
        partial(sigmoid_net, 16),
        Way("batch norm", {"norm:batch": {}}),
        Way("layer norm", {"norm:layer": {}}),
        least=0.3,
    ),
    *(
        Classic(
            f"orthogonal-{depth}",
            f"{depth} tanh layers: orthogonal initial values beat Gaussian ones of the same size (Saxe et al. 2014)",
            partial(tanh_net, depth),
            Way("orthogonal", {"init:orthogonal": {}}),
            Way("Gaussian", {"init:lecun": {}}),
        )
        for depth in (20, 60)
    ),
)
"""Every claim."""
