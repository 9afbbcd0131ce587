"""Edits of a model that can be undone and say what they did.

An edit is a list of changes with, for each, the way back. Undoing goes through them from last to first and restores
identities and bits: the same module objects, the same parameter objects with the same values.
"""

from collections.abc import Callable, Iterator, Mapping

import torch
from torch import nn

from isograd.facts.treatment import Change


class Edit:
    """What was changed, and the way back.

    >>> model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid())
    >>> before = model[1]
    >>> edit = Edit()
    >>> edit.replace(model, "1", nn.ReLU())
    >>> edit.changes[0].before, edit.changes[0].after
    ('Sigmoid()', 'ReLU()')
    >>> edit.undo(); model[1] is before
    True
    """

    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._back: list[Callable[[], None]] = []
        self._told: list[Callable[[], Mapping[str, float]]] = []

    @property
    def changes(self) -> tuple[Change, ...]:
        """All that was done, in order."""
        return tuple(self._changes)

    def note(self, site: str, before: str, after: str, back: Callable[[], None] | None = None) -> None:
        """Remembers a change that the caller has just made, and how to take it back."""
        self._changes.append(Change(site, before, after))
        if back is not None:
            self._back.append(back)

    def on_undo(self, back: Callable[[], None]) -> None:
        """Remembers a way back for what is no change of its own, such as a hook."""
        self._back.append(back)

    def tells(self, figures: Callable[[], Mapping[str, float]]) -> None:
        """Remembers whom to ask what the edit did since, e.g. on how many steps a clipping bound."""
        self._told.append(figures)

    def figures(self) -> dict[str, float]:
        """What the edit did since it was made, by name, e.g. `{"clip:norm bound_share": 0.2}`."""
        return {name: value for ask in self._told for name, value in ask().items()}

    def undo(self) -> None:
        """Takes everything back, the last change first; a second call does nothing."""
        while self._back:
            self._back.pop()()

    def replace(self, root: nn.Module, path: str, new: nn.Module) -> None:
        """Puts a module in another's place; training mode follows, the old one comes back unchanged.

        Args:
            root: The model.
            path: Dotted path below it.
            new: What is to stand there.
        """
        parent, name = holder(root, path)
        old = parent._modules[name]
        assert old is not None, f"there is no module at {path}"
        new.train(old.training)
        parent._modules[name] = new  # not setattr: containers such as Sequential hold numbers as names
        self.note(path, _short(old), _short(new), lambda: parent._modules.__setitem__(name, old))

    @torch.no_grad()
    def assign(self, parameter: torch.Tensor, values: torch.Tensor, site: str, before: str, after: str) -> None:
        """Writes values into a parameter, which stays the same object; its old bits come back."""
        kept = parameter.detach().clone()
        parameter.copy_(values)

        def back() -> None:
            with torch.no_grad():
                parameter.copy_(kept)

        self.note(site, before, after, back)


def holder(root: nn.Module, path: str) -> tuple[nn.Module, str]:
    """The module that holds another, and the name that it has there."""
    parent, _, name = path.rpartition(".")
    return root.get_submodule(parent), name


def paths_of(root: nn.Module, module: nn.Module) -> Iterator[str]:
    """All paths at which a module stands below the root; several where it is shared."""
    for path, found in root.named_modules(remove_duplicate=False):
        if found is module:
            yield path


def _short(module: nn.Module) -> str:
    """A module in one line."""
    return " ".join(str(module).split())
