"""The networks of a running program, in the order in which it makes their optimizers.

A network keeps its key whatever is done to it: the key counts the distinct places and shapes of networks in the order
in which they first appear, so that it is the same in the untreated, the treated and the patched program, and a network
that is built again and again (one a fold, say) is one network.
"""

import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from isograd.observation.naming import Found, look_around
from isograd.observation.networks import Naming, name_network, parameters_of
from isograd.observation.wrapping import one_network
from isograd.treatment.patch.seen.positions import position_of, user_frames
from isograd.treatment.trial.injection.parts import Parts

_Shapes = tuple[tuple[int, ...], ...]


@dataclass
class Network:
    """All that one optimizer trains; of one that is built again, its latest form."""

    key: str
    """Its number among the networks, as text."""
    name: str
    """The variable that holds the model, else its class."""
    type: str
    """Class of the root module."""
    root: "weakref.ref[nn.Module] | None"
    """The root module without wrappers; what holds the parts where no module alone owns the parameters."""
    wrappers: tuple["weakref.ref[nn.Module]", ...] = ()
    """Modules around the root, such as DistributedDataParallel and compiled modules."""
    groups: list[dict[str, Any]] = field(default_factory=list)
    """The optimizer's groups: they keep the parameters alive until the end, when their bits are asked for."""
    optimizers: "weakref.WeakSet[torch.optim.Optimizer]" = field(default_factory=weakref.WeakSet)
    """Optimizers that trained it."""
    steps: int = 0
    """Optimizer steps taken."""

    def model(self) -> nn.Module | None:
        """The root module, if it still exists."""
        return self.root() if self.root is not None else None


class Roll:
    """Knows every network by its key.

    Args:
        modules: Models that are in no variable of the program, by name.
    """

    def __init__(self, modules: Mapping[str, nn.Module] | None = None) -> None:
        self.networks: dict[str, Network] = {}
        """By key, in the order in which they were made."""
        self._modules = dict(modules or {})
        self._keys: dict[tuple[object, _Shapes], str] = {}
        self._parts: dict[tuple[int, ...], Parts] = {}
        self._shapes: weakref.WeakKeyDictionary[nn.Module, _Shapes] = weakref.WeakKeyDictionary()

    def enter(self, parameters: Sequence[torch.Tensor]) -> Network:
        """The network whose optimizer is about to be made."""
        found = look_around()
        found = Found({**self._modules, **found.modules}, found.optimizers, found.tensors)
        naming = name_network(parameters, found)
        outer = naming.root() if naming.root is not None else None
        root = unwrapped(outer) if outer is not None else None
        key = self._key(parameters, root)
        kind = type(root).__name__ if root is not None else naming.type
        root = root if root is not None else self._held(naming)
        network = self.networks.setdefault(key, Network(key, naming.name, kind, None))
        network.root = weakref.ref(root)
        around = [m for m in found.modules.values() if m is not root and unwrapped(m) is root]
        network.wrappers = tuple(map(weakref.ref, {id(m): m for m in around}.values()))
        return network

    def of(self, optimizer: torch.optim.Optimizer) -> Network | None:
        """The network that an optimizer trains; None for one that was made before anybody looked."""
        for network in self.networks.values():
            if optimizer in network.optimizers:
                return network
        for network in self.networks.values():
            if any(one_network(known, optimizer) for known in network.optimizers):
                network.optimizers.add(optimizer)
                return network
        return None

    def wraps_known(self, parameters: Sequence[torch.Tensor]) -> Network | None:
        """The network whose optimizer's groups hold the very same tensors, in the same number and order."""
        wanted = list(map(id, parameters))
        for network in self.networks.values():
            for optimizer in network.optimizers:
                if list(map(id, parameters_of(optimizer))) == wanted:
                    return network
        return None

    def _held(self, naming: Naming) -> Parts:
        """What holds several modules, or none; the same for the same modules, which it keeps alive."""
        parts = {name: unwrapped(part) for name, reference in naming.parts if (part := reference()) is not None}
        return self._parts.setdefault(tuple(map(id, parts.values())), Parts(parts))

    def _key(self, parameters: Sequence[torch.Tensor], root: nn.Module | None) -> str:
        shapes = tuple(() if is_lazy(p) else tuple(p.shape) for p in parameters)
        if root is not None:  # of a model that was treated since, what it was before
            shapes = self._shapes.setdefault(root, shapes)
        place = tuple(position_of(frame) for frame in user_frames())
        return self._keys.setdefault((place, shapes), str(len(self._keys)))


def unwrapped(module: nn.Module) -> nn.Module:
    """The user's own module inside of DataParallel, DistributedDataParallel and compiled modules.

    >>> inner = nn.Linear(1, 1)
    >>> unwrapped(nn.DataParallel(inner)) is inner, unwrapped(inner) is inner
    (True, True)
    """
    while (inner := _inner(module)) is not None:
        module = inner
    return module


def _inner(module: nn.Module) -> nn.Module | None:
    if isinstance(module, nn.DataParallel | nn.parallel.DistributedDataParallel):
        held = module.module
        return held if isinstance(held, nn.Module) else None
    return module._modules.get("_orig_mod")


def alive(references: Sequence["weakref.ref[nn.Module]"]) -> Iterator[nn.Module]:
    """Those that still exist."""
    yield from (module for reference in references if (module := reference()) is not None)
