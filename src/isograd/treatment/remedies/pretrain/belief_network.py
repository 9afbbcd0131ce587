"""A deep belief network: restricted Boltzmann machines stacked, each trained on what the one below it gives.

Trained greedily from the data upwards, a stack is a generative model of its own (`sample`). Unrolled, it is a sigmoid
network whose every layer already tells inputs apart, from where the user's own training fine-tunes the whole.

Sources: Hinton, Osindero and Teh, A fast learning algorithm for deep belief nets, 2006; Bengio and others, Greedy
layer-wise training of deep networks, 2007.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import torch
from torch import Tensor, nn

from isograd.errors import UsageError
from isograd.model.surgery import Edit
from isograd.treatment.remedies.pretrain.batches import as_call, as_rows
from isograd.treatment.remedies.pretrain.chance import own_generator
from isograd.treatment.remedies.pretrain.contrastive_divergence import Schedule, train_rbm
from isograd.treatment.remedies.pretrain.hidden_chain import belief_chain
from isograd.treatment.remedies.pretrain.layers import HiddenLayer
from isograd.treatment.remedies.pretrain.monitoring import Epoch
from isograd.treatment.remedies.pretrain.rbm import RBM
from isograd.treatment.remedies.pretrain.standardisation import Standardisation, suited
from isograd.treatment.remedies.pretrain.tracing import gather_inputs
from isograd.treatment.remedies.pretrain.unrolling import unroll_into, write

_MOST_TRIALS = 5


@dataclass(frozen=True)
class _Place:
    """Where a network is unrolled to; no module, so that it is no part of the network."""

    model: nn.Module
    """The user's model."""
    layers: tuple[HiddenLayer, ...]
    """Its hidden layers, from the data upwards."""


class DeepBeliefNetwork(nn.Module):
    """A stack of machines; called on data it gives the top's hidden probabilities.

    Args:
        sizes: Units of the data and of each hidden layer, e.g. `(784, 500, 250)`.

    Raises:
        UsageError: If there is no hidden layer.

    >>> _ = torch.manual_seed(0)
    >>> network = DeepBeliefNetwork((6, 4, 3)).fit(torch.rand(40, 6).round(), epochs=2)
    >>> network(torch.zeros(5, 6)).shape, network.sample(2).shape
    (torch.Size([5, 3]), torch.Size([2, 6]))

    A network of the user's own, in its place:

    >>> model = nn.Sequential(nn.Linear(6, 4), nn.Sigmoid(), nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 2))
    >>> batches = [torch.rand(10, 6) for _ in range(4)]
    >>> edit = DeepBeliefNetwork.of(model, batches[0]).fit(batches).unroll()
    >>> [change.site for change in edit.changes]
    ['0', '2']
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        if len(sizes) < 2:
            raise UsageError(f"a deep belief network has data and at least one hidden layer; got sizes {tuple(sizes)}")
        self.sizes = tuple(sizes)
        self.machines = nn.ModuleList()
        self.history: tuple[tuple[Epoch, ...], ...] = ()
        """Of each machine, from the data upwards: what was seen before its training and after each epoch."""
        self.standardisation: Standardisation | None = None
        """What is done to the data first."""
        self._place: _Place | None = None

    @classmethod
    def of(cls, model: nn.Module, example: Any) -> Self:
        """The network that a model's hidden sigmoid layers make.

        Args:
            model: With two or more linear layers one after the other from the data on, each with sigmoid or tanh.
            example: One batch as the model takes it: a tensor, a tuple of arguments or a mapping of them by name.

        Raises:
            UsageError: If there are no such layers.
        """
        layers = belief_chain(model, as_call(example))
        if not layers:
            raise UsageError(
                "no chain of two or more linear layers with sigmoid (or tanh), from the data on, was found in "
                f"{type(model).__name__}; layers that are frozen, shared or without a bias are not taken"
            )
        network = cls((layers[0].weight.shape[1], *(layer.weight.shape[0] for layer in layers)))
        network._place = _Place(model, layers)
        return network

    def fit(
        self,
        data: Tensor | Iterable[Any],
        *,
        visible: Literal["auto", "binary", "gaussian"] = "auto",
        seed: int | None = None,
        **schedule: Any,
    ) -> Self:
        """Trains the machines one after the other, from new weights.

        Args:
            data: Rows, shape (N, D), or several such batches; for a network made by `of`, batches as the model takes
                them.
            visible: Units of the lowest machine: `auto` takes binary ones for data within [0, 1], else Gaussian ones
                for the standardised data; `binary` brings other data there.
            seed: Of the random numbers; None to follow the seed that torch was given. Torch's own are left alone.
            **schedule: Fields of `Schedule`: `epochs`, `batch_size`, `learning_rate`, `k`, `persistent` ...

        Raises:
            UsageError: If the data are empty, not finite, or of another width.
        """
        rows = self._rows(data)
        if rows.shape[1] != self.sizes[0]:
            raise UsageError(f"rows must be of shape (N, {self.sizes[0]}); got {tuple(rows.shape)}")
        generator, numbers = own_generator(seed, rows.device), Schedule(**schedule)
        kind, self.standardisation = suited(rows, visible)
        v = self.standardisation.apply(rows)
        self.machines, history = nn.ModuleList(), []
        for size in self.sizes[1:]:
            machine = RBM(v.shape[1], size, kind, generator=generator, dtype=v.dtype, device=v.device)
            history.append(_train(machine, v, numbers, generator))
            self.machines.append(machine)
            kind = "binary"
            with torch.no_grad():
                v = machine(v)
        self.history = tuple(history)
        return self

    def _rows(self, data: Tensor | Iterable[Any]) -> Tensor:
        batches = [data] if isinstance(data, Tensor) else list(data)
        if self._place is None:
            double = any(batch.dtype == torch.float64 for batch in batches)
            return as_rows(batches, torch.float64 if double else torch.float32)
        first = self._place.layers[0]
        return as_rows(gather_inputs(self._place.model, map(as_call, batches), first.weight), first.training_dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Hidden probabilities of the top machine, shape (N, H); `x` is data as `fit` took rows."""
        v = self._fitted().apply(x)
        for machine in self.machines:
            v = machine(v)
        return v

    @torch.no_grad()
    def sample(self, count: int, steps: int = 100, seed: int | None = None) -> Tensor:
        """Draws data from the model: Gibbs sampling in the top machine, then down through the others.

        Args:
            count: How many rows.
            steps: Of Gibbs sampling, from random hidden states.
            seed: Of the random numbers; None to follow the seed that torch was given.

        Returns:
            Means of the data given the layer above, shape (count, D), in the data's own units.
        """
        standardisation, top = self._fitted(), self._machine(-1)
        generator = own_generator(seed, top.weight.device)
        h = torch.bernoulli(top.weight.new_full((count, self.sizes[-1]), 0.5), generator=generator)
        for _ in range(steps):
            h = top.sample_hidden(top.sample_visible(h, generator), generator)
        for number in range(len(self.machines) - 1, 0, -1):
            h = self._machine(number).sample_visible(h, generator)
        return self._machine(0).visible_means(h) * standardisation.scale + standardisation.shift

    def unroll(self, edit: Edit | None = None) -> Edit:
        """Writes weights and hidden biases into the layers of the model that this was made of.

        Args:
            edit: Where changes are remembered; None for a new one. Its `undo` brings the old bits back.

        Raises:
            UsageError: If it was not made of a model, or not fitted.
        """
        if self._place is None:
            raise UsageError("this network was not made of a model; use DeepBeliefNetwork.of, or unroll_into(layers)")
        edit = edit or Edit()
        layers = self._place.layers
        written = self.unrolled([layer.activation for layer in layers])
        for layer, values, words in zip(layers, written, self._words(), strict=True):
            write(edit, self._place.model, layer, values, words)
        return edit

    def unroll_into(self, layers: Sequence[nn.Linear], activation: Literal["sigmoid", "tanh"] = "sigmoid") -> None:
        """Writes weights and hidden biases into linear layers, from the data upwards.

        Args:
            layers: As many as there are machines, or more: the output layer keeps its own.
            activation: What follows each of them.

        Raises:
            UsageError: If shapes differ, or a layer has no bias.
        """
        unroll_into(layers, self.unrolled([activation] * len(self.machines)))

    def unrolled(self, activations: Sequence[str]) -> list[tuple[Tensor, Tensor]]:
        """Weight and bias of each layer of the feed-forward network that this is.

        Args:
            activations: `sigmoid` or `tanh` of each layer.
        """
        below, layers = self._fitted(), []
        for number, activation in enumerate(activations):
            machine = self._machine(number)
            weight, bias = below.fold(machine.weight.detach(), machine.hidden_bias.detach())
            halves = activation == "tanh"  # tanh z = 2 sigmoid(2z) - 1: half the drive, and units from -1 to 1
            layers.append((weight / 2, bias / 2) if halves else (weight, bias))
            units = bias.new_ones(len(bias))
            below = Standardisation(-units, 2 * units) if halves else Standardisation.none(units)
        return layers

    def _words(self) -> list[tuple[str, Sequence[Epoch]]]:
        kinds = [self._machine(number).visible for number in range(len(self.machines))]
        return [
            (
                f"{'Gaussian' if kind == 'gaussian' else 'binary'} RBM {self.sizes[n]}x{self.sizes[n + 1]}",
                self.history[n],
            )
            for n, kind in enumerate(kinds)
        ]

    def _machine(self, number: int) -> RBM:
        machine = self.machines[number]
        assert isinstance(machine, RBM)
        return machine

    def _fitted(self) -> Standardisation:
        if self.standardisation is None:
            raise UsageError("this network was not trained; call fit first")
        return self.standardisation


def _train(machine: RBM, v: Tensor, schedule: Schedule, generator: torch.Generator) -> tuple[Epoch, ...]:
    """Trains a machine; where it diverges, which Gaussian units can, begins again at a quarter of the learning rate."""
    machine.start_visible_bias(v)
    start = {name: tensor.clone() for name, tensor in machine.state_dict().items()}
    for _ in range(_MOST_TRIALS):
        history = train_rbm(machine, v, schedule, generator)
        if history[-1].reconstruction <= 2 * history[0].reconstruction:  # false for nan, too
            return history
        machine.load_state_dict(start)
        schedule = replace(schedule, learning_rate=schedule.learning_rate / 4)
    raise UsageError(f"a machine diverged even at learning_rate {4 * schedule.learning_rate:g}; are there outliers?")
