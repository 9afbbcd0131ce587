"""Does what a program of initialisation says, as an edit."""

from collections.abc import Iterator

import torch
from torch import nn

from isograd.model.surgery import Edit
from isograd.treatment.remedies.init.statement import Program


def perform(model: nn.Module, program: Program, edit: Edit | None = None) -> Edit:
    """Draws new values in place; every parameter stays the same object, and its old bits come back on undo.

    Args:
        model: The model.
        program: What to do, layer by layer.
        edit: To add to; a new one otherwise.

    Returns:
        The edit, with a change for each parameter whose values are others now.

    >>> from isograd.treatment.remedies.init.law import ZERO
    >>> from isograd.treatment.remedies.init.statement import Draw, Verse
    >>> layer = nn.Linear(2, 1)
    >>> with torch.no_grad(): _ = layer.bias.fill_(3.0)
    >>> perform(layer, (Verse("", (Draw("bias", ZERO),)),)).changes
    (Change(site='bias', before='all 3', after='all 0'),)
    """
    edit = Edit() if edit is None else edit
    for verse in program:
        layer = model.get_submodule(verse.path)
        kept = {name: (p, p.detach().clone()) for name, p in _own(layer)}
        for statement in verse.statements:
            statement.apply(layer)
        for name, (parameter, values) in kept.items():
            if not torch.equal(parameter, values):
                site = ".".join(filter(None, (verse.path, name)))
                edit.note(site, describe(values), describe(parameter), _Back(parameter, values))
    return edit


def _own(layer: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """The parameters of a layer itself, and those that its own are computed from; not those of layers within it."""
    for name, parameter in layer.named_parameters():
        if "." not in name or name.startswith("parametrizations."):
            yield name, parameter


class _Back:
    """Puts values back into a parameter."""

    def __init__(self, parameter: torch.Tensor, values: torch.Tensor) -> None:
        self._parameter, self._values = parameter, values

    @torch.no_grad()
    def __call__(self) -> None:
        self._parameter.copy_(self._values)


def describe(tensor: torch.Tensor) -> str:
    """A tensor in a few words.

    >>> describe(torch.eye(3)), describe(torch.zeros(2)), describe(torch.tensor([[1.0, -1.0]]))
    ('identity', 'all 0', 'std 1')
    """
    values = tensor.detach().double()
    if values.numel() == 0:
        return "empty"
    if bool((values == values.flatten()[0]).all()):
        return f"all {float(values.flatten()[0]):.3g}"
    if values.ndim == 2 and torch.equal(values, torch.eye(*values.shape, dtype=values.dtype, device=values.device)):
        return "identity"
    deviation, mean = float(values.std(unbiased=False)), float(values.mean())
    return f"std {deviation:.3g}" if values.ndim > 1 else f"mean {mean:.3g}, std {deviation:.3g}"
