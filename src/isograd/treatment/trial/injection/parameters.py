"""What an optimizer was given, and the same after its network was changed.

New parameters join the group of the module that they belong to; those that are gone leave. An optimizer of all
parameters gets `list(model.parameters())`, which is what the user's own line would give it after the change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn


@dataclass
class Given:
    """The first argument of an optimizer, taken apart."""

    groups: list[dict[str, Any]]
    """One without settings where no groups were given; `params` of each is a list."""
    grouped: bool
    """Whether groups were given."""
    named: bool
    """Whether parameters came as pairs with their names."""

    @classmethod
    def of(cls, params: Any) -> "Given | None":
        """Takes it apart, which uses up a generator; None where it is nothing that an optimizer takes.

        >>> given = Given.of(nn.Linear(2, 1).parameters())
        >>> len(given.tensors()), given.grouped
        (2, False)
        """
        if isinstance(params, torch.Tensor) or not isinstance(params, Iterable):
            return None
        items = list(params)
        grouped = bool(items) and all(isinstance(item, Mapping) for item in items)
        groups = [dict(item) for item in items] if grouped else [{"params": items}]
        for group in groups:
            held = group.get("params", ())
            group["params"] = [held] if isinstance(held, torch.Tensor) else list(held)
        flat = [item for group in groups for item in group["params"]]
        named = bool(flat) and all(isinstance(item, tuple) for item in flat)
        if not all(isinstance(_tensor(item), torch.Tensor) for item in flat):
            return None
        return cls(groups, grouped, named)

    def tensors(self) -> list[torch.Tensor]:
        """All tensors, in order."""
        return [_tensor(item) for group in self.groups for item in group["params"]]

    def argument(self) -> Any:
        """What to give to the optimizer."""
        return self.groups if self.grouped else self.groups[0]["params"]


def _tensor(item: Any) -> Any:
    return item[1] if isinstance(item, tuple) and len(item) == 2 else item


class Homes:
    """Which group each place of a network belongs to, remembered before the network is changed."""

    def __init__(self, given: Given, root: nn.Module) -> None:
        self._given = given
        group_of = {id(_tensor(item)): n for n, group in enumerate(given.groups) for item in group["params"]}
        named = list(root.named_parameters(remove_duplicate=False))
        self._before = {id(p) for _, p in named}
        self._whole = all(id(p) in group_of for p in root.parameters())
        self._group_of = group_of
        self._by_path = {path: group_of[id(p)] for path, p in named if id(p) in group_of}
        self._dims = {path: p.ndim for path, p in named if id(p) in group_of}

    def refreshed(self, root: nn.Module) -> Given:
        """What the optimizer is to be given for the network as it is now."""
        groups: list[dict[str, Any]] = [{**group, "params": []} for group in self._given.groups]
        now = {id(p): (path, p) for path, p in reversed(list(root.named_parameters()))}
        for path, parameter in root.named_parameters():
            place = self._group_of.get(id(parameter))
            if place is None and id(parameter) not in self._before and (self._whole or parameter.requires_grad):
                place = self._nearest(path, parameter.ndim)
            if place is not None:
                groups[place]["params"].append((path, parameter) if self._given.named else parameter)
        for old, new in zip(self._given.groups, groups, strict=True):
            foreign = [i for i in old["params"] if id(_tensor(i)) not in self._before and id(_tensor(i)) not in now]
            new["params"].extend(foreign)
        kept = [group for old, group in zip(self._given.groups, groups, strict=True) if group["params"] or old is None]
        return Given(kept or groups, self._given.grouped, self._given.named)

    def _nearest(self, path: str, ndim: int) -> int:
        """The group of the closest relative: the same place, then the same module, then ever further out."""
        if path in self._by_path:
            return self._by_path[path]
        parent = path.rpartition(".")[0]
        while True:
            kin = [other for other in self._by_path if not parent or other.startswith(f"{parent}.")]
            like = [other for other in kin if self._dims[other] == ndim] or kin
            if like:
                return _most_frequent([self._by_path[other] for other in like])
            if not parent:
                return 0
            parent = parent.rpartition(".")[0]


def _most_frequent(groups: Sequence[int]) -> int:
    return max(dict.fromkeys(groups), key=groups.count)
