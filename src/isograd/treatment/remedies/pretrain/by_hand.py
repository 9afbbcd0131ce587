"""Pre-training in one call, before the optimizer is made."""

from collections.abc import Iterable
from typing import Any, Literal

from torch import Tensor, nn

from isograd.errors import UsageError
from isograd.treatment.remedies.pretrain.autoencoder_stack import AutoencoderStack
from isograd.treatment.remedies.pretrain.belief_network import DeepBeliefNetwork


def pretrain_dbn(
    model: nn.Module,
    inputs: Tensor | Iterable[Any],
    *,
    epochs: int = 10,
    batch_size: int = 20,
    learning_rate: float = 0.1,
    k: int = 1,
    persistent: bool = False,
    weight_decay: float = 2e-4,
    visible: Literal["auto", "binary", "gaussian"] = "auto",
    seed: int | None = None,
) -> DeepBeliefNetwork:
    """Trains a model's hidden sigmoid layers as a deep belief network and writes what they learned into them.

    Args:
        model: With two or more linear layers one after the other from the data on, each with sigmoid or tanh.
        inputs: One batch, or several, as the model takes them: a tensor, a tuple of arguments or a mapping of them.
        epochs: Passes through the inputs for each layer.
        batch_size: Rows of one update.
        learning_rate: Of binary visible units; Gaussian ones take a tenth of it. In PCD it falls to 0.
        k: Steps of Gibbs sampling.
        persistent: True for PCD in place of CD; it wants more epochs.
        weight_decay: L2 cost of the weights.
        visible: Units of the lowest machine; `auto` goes by the data's range.
        seed: Of the random numbers; None to follow the seed that torch was given. Torch's own are left alone.

    Returns:
        The network, for its `history`; the model is written.

    Raises:
        UsageError: If there are no such layers, or the inputs are empty or not finite.

    >>> model = nn.Sequential(nn.Linear(6, 4), nn.Sigmoid(), nn.Linear(4, 4), nn.Sigmoid(), nn.Linear(4, 2))
    >>> import torch
    >>> network = pretrain_dbn(model, torch.rand(40, 6), epochs=3)
    >>> [len(looks) for looks in network.history]
    [4, 4]

    Source: Hinton, Osindero and Teh, A fast learning algorithm for deep belief nets, 2006.
    """
    batches = _batches(inputs)
    network = DeepBeliefNetwork.of(model, batches[0]).fit(
        batches,
        visible=visible,
        seed=seed,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        k=k,
        persistent=persistent,
        weight_decay=weight_decay,
    )
    network.unroll()
    return network


def pretrain_autoencoder(
    model: nn.Module,
    inputs: Tensor | Iterable[Any],
    *,
    epochs: int = 10,
    batch_size: int = 20,
    learning_rate: float = 0.01,
    noise: float = 0.3,
    tied: bool = True,
    seed: int | None = None,
) -> AutoencoderStack:
    """Trains a model's hidden layers one after the other as denoising autoencoders and writes what they learned.

    Args:
        model: With two or more layers, linear or convolutions, one after the other from the data on, each with an
            activation right behind it.
        inputs: One batch, or several, as the model takes them: a tensor, a tuple of arguments or a mapping of them.
        epochs: Passes through the inputs for each layer.
        batch_size: Inputs of one update.
        learning_rate: Of Adam.
        noise: Share of entries that are set to 0; .1 to .5 is usual.
        tied: True if the decoder's weight is the encoder's.
        seed: Of the random numbers; None to follow the seed that torch was given. Torch's own are left alone.

    Returns:
        The stack, for its `history`; the model is written.

    Raises:
        UsageError: If there are no such layers, or the inputs are empty or not finite.

    >>> model = nn.Sequential(nn.Linear(6, 4), nn.Tanh(), nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))
    >>> import torch
    >>> stack = pretrain_autoencoder(model, torch.rand(40, 6), epochs=3)
    >>> [looks[-1].reconstruction < looks[0].reconstruction for looks in stack.history]
    [True, True]

    Source: Vincent and others, Stacked denoising autoencoders, 2010.
    """
    batches = _batches(inputs)
    stack = AutoencoderStack.of(model, batches[0]).fit(
        batches,
        seed=seed,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        noise=noise,
        tied=tied,
    )
    stack.unroll()
    return stack


def _batches(inputs: Tensor | Iterable[Any]) -> list[Any]:
    batches = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    if not batches:
        raise UsageError("pre-training needs inputs; got no batch")
    return batches
