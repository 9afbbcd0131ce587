"""Skips around plain blocks, put in, taken out, and written in the user's source."""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from isograd.errors import UsageError
from isograd.model.surgery import Edit
from isograd.treatment.layer_loops import listing, one_type
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.residual.hooks import SKIP, Skip
from isograd.treatment.remedies.residual.shortcuts import Shortcut, shortcuts
from isograd.treatment.wiring import wire


def found_shortcuts(patient: Patient) -> tuple[Shortcut, ...]:
    """The blocks that one call shows; empty without a call."""
    wiring = wire(patient)
    return () if wiring is None else shortcuts(wiring)


def refuse_without(found: tuple[Shortcut, ...], patient: Patient) -> tuple[Shortcut, ...]:
    """The blocks.

    Raises:
        UsageError: If there are none.
    """
    if found:
        return found
    raise UsageError(
        "no layer and activation of equal input and output shape was found outside of residual connections"
        + ("" if patient.calls else "; give an example of the model's input, so that shapes can be seen")
    )


def put_skips(found: Sequence[Shortcut], scale: float, total: float) -> Edit:
    """Puts a skip around each block: total * (x + scale * f(x))."""
    edit = Edit()
    for shortcut in found:
        skip = Skip(scale, total)
        _hook(edit, shortcut, skip)
        edit.note(shortcut.start.path, "f(x)", _formula(scale, total))
    return edit


def put_learnt_skips(found: Sequence[Shortcut]) -> Edit:
    """Puts a skip around each block: x + alpha * f(x), alpha a new parameter that starts at 0."""
    edit = Edit()
    for shortcut in found:
        put_alpha(edit, shortcut.end.module)
        _hook(edit, shortcut, Skip(), learnt=True)
        edit.note(shortcut.start.path, "f(x)", "x + alpha f(x), alpha = 0")
    return edit


def put_alpha(edit: Edit, module: nn.Module) -> None:
    """Gives a module the parameter `alpha`, a single zero."""
    module.alpha = nn.Parameter(next(module.parameters()).new_zeros(()))
    edit.on_undo(lambda: delattr(module, "alpha"))


def skip_source(total: str) -> str:
    """The class in the user's source, which gives this sum of `x` and `args[0]`."""
    return SKIP.replace("{sum}", total)


def skip_lines(model: nn.Module, found: Sequence[Shortcut], body: Sequence[str]) -> str:
    """A loop over pairs of layers that puts the skips in."""
    inner = [*body, "skip = Skip()", "start.register_forward_pre_hook(skip.remember)",
             "end.register_forward_pre_hook(skip.add)"]  # fmt: skip
    pairs = _in_a_row(model, found)
    if pairs:
        return "\n".join([*pairs, *(f"    {line}" for line in inner)])
    names = (f'("{one.start.path}", "{one.end.path}")' for one in found)
    return "\n".join([*listing("for names in [", names, "]:"),
                      "    start, end = map({model}.get_submodule, names)",
                      *(f"    {line}" for line in inner)])  # fmt: skip


def _hook(edit: Edit, shortcut: Shortcut, skip: Skip, learnt: bool = False) -> None:
    begins = shortcut.start.module.register_forward_pre_hook(skip.remember)
    ends = shortcut.end.module.register_forward_pre_hook(skip.add_learnt if learnt else skip.add)
    edit.on_undo(begins.remove)
    edit.on_undo(ends.remove)


def _formula(scale: float, total: float) -> str:
    branch = "f(x)" if scale == 1.0 else f"{scale:g} f(x)"
    return f"x + {branch}" if total == 1.0 else f"{total:g} (x + {branch})"


def _in_a_row(model: nn.Module, found: Sequence[Shortcut]) -> list[str]:
    """The head of a loop where the blocks follow each other among all layers of one type."""
    modules, listed = one_type(model, found[0].start.module)
    pairs = [(one.start.module, one.end.module) for one in found]
    first = next((at for at, module in enumerate(modules) if module is pairs[0][0]), 0)
    row = modules[first : first + len(pairs) + 1]
    if len(pairs) < 2 or list(pairwise(row)) != pairs:
        return []
    end = "" if first + len(pairs) + 1 == len(modules) else str(first + len(pairs) + 1)
    cut = f"[{first or ''}:{end}]" if first or end else ""
    return [f"layers = {listed}{cut}", "for start, end in zip(layers[:-1], layers[1:]):"]
