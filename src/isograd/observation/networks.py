"""Which networks a run trains: an optimizer, the modules that own its parameters, and what they are called."""

import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from isograd.observation.naming import Found
from isograd.observation.wrapping import one_network

_WRAPPERS = ("module.", "_orig_mod.", "_fsdp_wrapped_module.")


@dataclass(frozen=True)
class Owner:
    """To whom a parameter belongs."""

    name: str
    """Its full name in the network, e.g. `layers.3.weight`."""
    module: str
    """Class name of the module that holds it; empty for a tensor without module."""


@dataclass(frozen=True)
class Naming:
    """Names of one network and of its parameters."""

    name: str
    """The variable that holds the model, else its class."""
    type: str
    """Class names of the root modules, joined by `+`."""
    owners: dict[int, Owner]
    """By the identity of the parameter."""
    num_frozen: int
    """Numbers in those modules that require no gradient."""
    complete: bool
    """True if every parameter of the optimizer was found in a module or a variable."""
    root: "weakref.ref[nn.Module] | None" = None
    """The module, where one alone owns all parameters."""
    parts: "tuple[tuple[str, weakref.ref[nn.Module]], ...]" = ()
    """All root modules with the expressions that gave them, in the order of their parameters in the optimizer."""


def parameters_of(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    """All tensors that the optimizer updates, in its order."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


def name_network(parameters: Sequence[torch.Tensor], found: Found) -> Naming:
    """Finds the modules that own the parameters, largest share first, and names all by their path."""
    missing = {id(parameter) for parameter in parameters}
    roots: list[tuple[str, nn.Module]] = []
    owners: dict[int, Owner] = {}
    for name, module in _best_roots(found.modules, missing):
        held = {id(p) for p in module.parameters()}
        if held & missing:
            roots.append((name, module))
            missing -= held
    for name, module in roots:
        prefix = f"{name}." if len(roots) > 1 else ""
        owners.update(_owners(module, prefix))
    owners.update({id(t): Owner(name, "") for name, t in found.tensors.items() if id(t) in missing})
    complete = all(id(p) in owners for p in parameters)
    for index, parameter in enumerate(parameters):
        owners.setdefault(id(parameter), Owner(f"parameter[{index}]", ""))
    return Naming(
        name="+".join(_base(name) for name, _ in roots[:3]) or "parameters",
        type="+".join(dict.fromkeys(_type(module) for _, module in roots[:3])) or "Tensor",
        owners=owners,
        num_frozen=sum(p.numel() for _, m in roots for p in m.parameters() if not p.requires_grad),
        complete=complete,
        root=weakref.ref(roots[0][1]) if len(roots) == 1 else None,
        parts=tuple((name, weakref.ref(module)) for name, module in _in_order(roots, parameters)),
    )


def _in_order(roots: list[tuple[str, nn.Module]], parameters: Sequence[torch.Tensor]) -> list[tuple[str, nn.Module]]:
    place = {id(parameter): number for number, parameter in enumerate(parameters)}
    return sorted(roots, key=lambda root: min(place.get(id(p), len(place)) for p in root[1].parameters()))


def _best_roots(modules: dict[str, nn.Module], wanted: set[int]) -> Iterator[tuple[str, nn.Module]]:
    """Candidates, those that hold most of the parameters first; of equals the one with least besides, named first."""
    scored = []
    seen: set[int] = set()
    for order, (name, module) in enumerate(modules.items()):
        if id(module) in seen:
            continue
        seen.add(id(module))
        held = {id(p) for p in module.parameters()}
        if held & wanted:
            scored.append((-len(held & wanted), len(held - wanted), "." in name or "[" in name, order, name, module))
    yield from ((name, module) for *_, name, module in sorted(scored, key=lambda entry: entry[:4]))


def _owners(root: nn.Module, prefix: str) -> dict[int, Owner]:
    owners: dict[int, Owner] = {}
    for path, module in root.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            full = f"{path}.{name}" if path else name
            for wrapper in _WRAPPERS:
                full = full.replace(wrapper, "") if full.startswith(wrapper) else full
            owners.setdefault(id(parameter), Owner(prefix + _unparametrised(full), type(module).__name__))
    return owners


def _unparametrised(name: str) -> str:
    """`layer.parametrizations.weight.original0` is named `layer.weight`."""
    head, mark, tail = name.partition("parametrizations.")
    return head + tail.rsplit(".", 1)[0] if mark else name


def _base(name: str) -> str:
    return name.removeprefix("self.").rsplit(".", 1)[-1]


def _type(module: nn.Module) -> str:
    for wrapper in ("_orig_mod", "module"):
        inner = dict(module.named_children()).get(wrapper)  # a scripted module has no plain dictionary of them
        if inner is not None and len(module._modules) == 1:
            return type(inner).__name__
    return type(module).__name__


class Optimizers:
    """The optimizers seen so far, held weakly, each with a number."""

    def __init__(self) -> None:
        self._numbers: dict[int, tuple[weakref.ref[torch.optim.Optimizer], int]] = {}
        self._count = 0

    def known(self, optimizer: torch.optim.Optimizer) -> int | None:
        """The optimizer's number, if it was seen before."""
        known = self._numbers.get(id(optimizer))
        return known[1] if known is not None and known[0]() is optimizer else None

    def number(self, optimizer: torch.optim.Optimizer) -> tuple[int, bool]:
        """The optimizer's number, and whether it is new; one that wraps another shares its number."""
        if (known := self.known(optimizer)) is not None:
            return known, False
        wrapped = next((number for number, other in self.alive() if one_network(other, optimizer)), None)
        number = self._count if wrapped is None else wrapped
        self._count += wrapped is None
        self._numbers[id(optimizer)] = (weakref.ref(optimizer), number)
        return number, wrapped is None

    def alive(self) -> Iterable[tuple[int, torch.optim.Optimizer]]:
        """(number, optimizer) of those that still exist."""
        for reference, number in list(self._numbers.values()):
            optimizer = reference()
            if optimizer is not None:
                yield number, optimizer
