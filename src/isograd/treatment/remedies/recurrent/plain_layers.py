"""The plain recurrent layers and cells of a model that another can take the place of."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import nn

from isograd.model.surgery import paths_of

Arguments = tuple[tuple[str, int | float | bool], ...]


@dataclass(frozen=True)
class Plain:
    """One of them."""

    module: nn.RNN | nn.RNNCell
    """The module."""
    paths: tuple[str, ...]
    """Where it stands; several where it is shared."""

    @property
    def is_cell(self) -> bool:
        """True for a cell, which is called once a time step."""
        return isinstance(self.module, nn.RNNCell)

    @property
    def weight(self) -> torch.Tensor:
        """One of its weights, for format and device."""
        return next(self.module.parameters())

    @property
    def arguments(self) -> Arguments:
        """What its constructor, and that of a gated one, is to be called with where that is not the default.

        >>> Plain(nn.RNN(2, 3, batch_first=True, nonlinearity="relu"), ("rnn",)).arguments
        (('', 2), ('', 3), ('batch_first', True))
        """
        sizes = (("", self.module.input_size), ("", self.module.hidden_size))
        if isinstance(self.module, nn.RNNCell):
            return (*sizes, *(() if self.module.bias else (("bias", False),)))
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        options = {name: getattr(self.module, name) for name in usual}
        return (*sizes, *((name, value) for name, value in options.items() if value != usual[name]))


def plain_layers(model: nn.Module) -> Iterator[Plain]:
    """Those below the model, in its order: `nn.RNN` and `nn.RNNCell` themselves, no classes derived from them.

    Left alone: the model itself, frozen ones, those with parametrised or tied weights, and those with hooks.
    """
    holders: dict[int, set[int]] = {}
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            holders.setdefault(id(parameter), set()).add(id(module))
    for path, module in model.named_modules():
        if path and type(module) in (nn.RNN, nn.RNNCell) and isinstance(module, nn.RNN | nn.RNNCell):
            parameters = dict(module.named_parameters())
            whole = all("parametrizations" not in name and p.requires_grad for name, p in parameters.items())
            tied = any(len(holders[id(p)]) > 1 for p in module.parameters(recurse=False))
            hooks = module._forward_hooks or module._forward_pre_hooks
            if "weight_hh" in "".join(module._parameters) and whole and not tied and not hooks:
                yield Plain(module, tuple(paths_of(model, module)))
