"""Modules that one optimizer trains and no single module holds, e.g. an encoder and a decoder in two variables.

Remedies are made on what holds them here. The program keeps its own variables: what is inside of a module can be
exchanged, the module itself cannot.
"""

from collections.abc import Mapping

from torch import nn


class Parts(nn.ModuleDict):
    """Holds the modules by the names that the program has for them.

    Args:
        parts: By name.

    >>> parts = Parts({"self.lstm": nn.LSTM(1, 2), "nets['out']": nn.Linear(2, 1), "keys": nn.Linear(1, 1)})
    >>> list(parts)
    ['lstm', 'part1', 'keys_']
    """

    def __init__(self, parts: Mapping[str, nn.Module]) -> None:
        super().__init__()
        for number, (name, part) in enumerate(parts.items()):
            self[self._key(name.rpartition(".")[2], number)] = part
        self._given = {name: id(part) for name, part in self.items()}

    def _key(self, name: str, number: int) -> str:
        known = name if name.isidentifier() else f"part{number}"
        while hasattr(self, known):
            known += "_"
        return known

    def exchanged(self) -> str:
        """The name of a part that another module has taken the place of; empty if none was."""
        return next((name for name, given in self._given.items() if id(self._modules.get(name)) != given), "")


def in_training(model: nn.Module) -> bool:
    """Whether a model is in training mode; of several parts, whether all are."""
    return all(part.training for part in model.children()) if isinstance(model, Parts) else model.training
