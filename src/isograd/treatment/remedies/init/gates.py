"""Biases of the gate that keeps the state: the forget gate of an LSTM, the update gate of a GRU.

Legend: torch stacks gates as (i, f, g, o) in an LSTM and (r, z, n) in a GRU, where h_t = (1 - z) n + z h_{t-1}.
Each gate has two biases, b_ih and b_hh, that are added; what is meant for their sum is written into the first, and the
second is zero there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from isograd.treatment.remedies.init.blocks import gates_of
from isograd.treatment.remedies.init.law import ZERO, Named
from isograd.treatment.remedies.init.statement import Draw, Statement, Verse

KEEPS = 1
"""Block of the gate that keeps the state: f of (i, f, g, o), z of (r, z, n)."""
_TAKES_IN = 0
"""Block of the input gate of an LSTM; in a GRU the gate that keeps takes in as well."""


@dataclass(frozen=True)
class Chrono:
    """b_f = log u, u uniform in (1, T - 1); in an LSTM b_i = -b_f.

    >>> Chrono("bias_ih_l0", "bias_hh_l0", 3, 20.0).lines("layer")[0]
    'nn.init.uniform_(layer.bias_ih_l0.data.chunk(3)[1], 1.0, 19.0).log_()'
    """

    into: str
    """Name of the bias that they are written into."""
    other: str
    """Name of the bias that is added to it."""
    gates: int
    """4 for an LSTM, 3 for a GRU."""
    num_steps: float
    """T."""

    def apply(self, layer: nn.Module) -> None:
        """Draws them."""
        into, other = (getattr(layer, name).data.chunk(self.gates) for name in (self.into, self.other))
        nn.init.uniform_(into[KEEPS], 1.0, self.num_steps - 1.0).log_()
        other[KEEPS].zero_()
        if self.gates == 4:
            into[_TAKES_IN].copy_(-into[KEEPS])
            other[_TAKES_IN].zero_()

    def lines(self, layer: str) -> tuple[str, ...]:
        """The same as source."""
        into, other = (f"{layer}.{name}.data.chunk({self.gates})" for name in (self.into, self.other))
        lines = (
            f"nn.init.uniform_({into}[{KEEPS}], 1.0, {self.num_steps - 1.0!r}).log_()",
            f"nn.init.zeros_({other}[{KEEPS}])",
        )
        if self.gates == 3:
            return lines
        return (
            *lines,
            f"{into}[{_TAKES_IN}].copy_(-{into}[{KEEPS}])",
            f"nn.init.zeros_({other}[{_TAKES_IN}])",
        )


def gated(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """LSTM and GRU layers and cells whose biases can be set, with their paths, each once."""
    for path, module in model.named_modules():
        if gates_of(module) > 1 and bias_pairs(module):
            yield path, module


def bias_pairs(module: nn.Module) -> tuple[tuple[str, str], ...]:
    """Names of the biases that are added, (b_ih, b_hh), for each layer and direction; without frozen ones.

    >>> bias_pairs(nn.LSTM(2, 3, bidirectional=True))
    (('bias_ih_l0', 'bias_hh_l0'), ('bias_ih_l0_reverse', 'bias_hh_l0_reverse'))
    """
    names = [name for name in module._parameters if name.startswith("bias_ih")]
    pairs = [(name, name.replace("_ih", "_hh")) for name in names]
    return tuple(pair for pair in pairs if all(_is_free(module, name) for name in pair))


def constant(module: nn.Module, bias: float) -> tuple[Statement, ...]:
    """b_f = bias in every layer and direction."""
    gates = gates_of(module)
    set_to = Named("constant_", (("val", bias),))
    return tuple(
        Draw(name, law, parts=gates, only=KEEPS)
        for pair in bias_pairs(module)
        for name, law in zip(pair, (set_to, ZERO), strict=True)
    )


def chrono(module: nn.Module, num_steps: float) -> tuple[Statement, ...]:
    """Chrono initialisation in every layer and direction."""
    return tuple(Chrono(*pair, gates_of(module), num_steps) for pair in bias_pairs(module))


def verses(modules: Sequence[tuple[str, tuple[Statement, ...]]]) -> tuple[Verse, ...]:
    """What is done to each module, by its path."""
    return tuple(Verse(path, statements) for path, statements in modules if statements)


def _is_free(module: nn.Module, name: str) -> bool:
    bias = module._parameters.get(name)
    free = isinstance(bias, torch.Tensor) and not isinstance(bias, nn.UninitializedParameter)
    return free and bias is not None and bias.requires_grad and bias.numel() > 0
