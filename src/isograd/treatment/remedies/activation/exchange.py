"""Hidden activations of a model exchanged for another: modules, functions that modules hold, calls in methods."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import nn

from isograd.model.rewriting import Exchange, rewrite
from isograd.model.surgery import Edit, holder
from isograd.treatment.activation_uses import Use
from isograd.treatment.remedies.activation.kind import Kind

_REASONS = {
    "mixed": "some of its calls are hidden units and some are not",
    "elsewhere": "the call stands outside of the methods of the model's modules",
}


def to_exchange(uses: Sequence[Use], kind: Kind) -> tuple[Use, ...]:
    """Hidden activations that are another function now and can be exchanged."""
    return tuple(use for use in uses if _is_other(use, kind) and use.role == "hidden" and not why_not(use, kind))


def _is_other(use: Use, kind: Kind) -> bool:
    return use.function != kind.plain


def why_not(use: Use, kind: Kind) -> str:
    """Why a hidden activation cannot be exchanged, in plain English; empty if it can."""
    if use.role == "mixed":
        return _REASONS["mixed"]
    if use.kind == "elsewhere":
        return _REASONS["elsewhere"]
    if use.kind == "call" and use.overwritten == "others" and kind.overwriting is None:
        return f"it overwrites a part of something else, which {kind.name} cannot"
    return ""


def exchange(edit: Edit, model: nn.Module, uses: Sequence[Use], kind: Kind) -> tuple[Use, ...]:
    """Exchanges what can be; names what stays although it is, or may be, a hidden activation.

    Returns:
        What was exchanged.
    """
    chosen = to_exchange(uses, kind)
    for use in chosen:
        _EXCHANGE[use.kind](edit, model, use, kind)
    for use in uses:
        if use not in chosen and use.role in ("hidden", "mixed") and _is_other(use, kind):
            edit.note(use.site, use.function, f"{use.function}, left as it is: {why_not(use, kind)}")
    return chosen


def _exchange_module(edit: Edit, model: nn.Module, use: Use, kind: Kind) -> None:
    new = kind.new(use.in_place, **where(model, kind))
    for path in use.paths:
        edit.replace(model, path, new)
        _tell_fast_path(edit, holder(model, path)[0], kind)


def _exchange_held(edit: Edit, model: nn.Module, use: Use, kind: Kind) -> None:
    owner = model.get_submodule(use.paths[0])
    old = vars(owner)[use.attribute]
    setattr(owner, use.attribute, resolved(kind.function) if kind.function else kind.new(False, **where(model, kind)))

    def back() -> None:
        delattr(owner, use.attribute)
        setattr(owner, use.attribute, old)

    edit.note(f"{use.paths[0]}.{use.attribute}".removeprefix("."), use.function, kind.plain, back)
    _tell_fast_path(edit, owner, kind)


def _exchange_call(edit: Edit, model: nn.Module, use: Use, kind: Kind) -> None:
    assert use.position is not None, "a call has a position"
    function, keywords = written(use, kind)
    if not function:
        name = free_names(model, (use,))[use]
        for path in use.paths:
            owner = model.get_submodule(path)
            setattr(owner, name, kind.new(False, **where(model, kind)))
            edit.on_undo(lambda owner=owner: delattr(owner, name))  # type: ignore[misc]  # bound now, not later
        function = f"self.{name}"
    position = use.position
    rebinds = use.overwritten == "variable" and kind.overwriting is None
    there = Exchange(use.method, (position.end_line, position.end_column), function, keywords, rebinds)
    for path in use.paths:
        edit.on_undo(rewrite(model.get_submodule(path), (there,)))
    edit.note(use.site, use.function, kind.plain)


_EXCHANGE = {"module": _exchange_module, "attribute": _exchange_held, "call": _exchange_call}


def written(use: Use, kind: Kind) -> tuple[str, tuple[tuple[str, bool], ...]]:
    """The function and keywords that stand for a call; an empty function if it must be a module of its own.

    Where the new function cannot overwrite its input, the variable that was overwritten is given the result.
    """
    if use.in_place and kind.overwriting is not None:
        return kind.overwriting
    return kind.function, ()


def free_names(model: nn.Module, uses: Sequence[Use]) -> dict[Use, str]:
    """For each call a name under which none of its modules holds anything yet, each name once."""
    names = _names()
    return {use: next(name for name in names if not _is_taken(model, use, name)) for use in uses if use.kind == "call"}


def _is_taken(model: nn.Module, use: Use, name: str) -> bool:
    return any(hasattr(model.get_submodule(path), name) for path in use.paths)


def _names() -> Iterator[str]:
    yield "prelu"
    yield from (f"prelu{number}" for number in range(2, 1 << 20))


def where(model: nn.Module, kind: Kind) -> dict[str, Any]:
    """Device and format for a new parameter: those of the model's first one, if they are not torch's defaults."""
    first = next(model.parameters(), None)
    if kind.function or first is None:
        return {}
    device = {"device": first.device} if first.device != torch.get_default_device() else {}
    return device | ({"dtype": first.dtype} if first.dtype != torch.get_default_dtype() else {})


def _tell_fast_path(edit: Edit, owner: nn.Module, kind: Kind) -> None:
    """In evaluation `nn.TransformerEncoderLayer` fuses ReLU or GELU by a flag and does not look at its activation."""
    if not isinstance(owner, nn.TransformerEncoderLayer):
        return
    old: Any = owner.activation_relu_or_gelu
    owner.activation_relu_or_gelu = fast_path_flag(kind)
    edit.on_undo(lambda: setattr(owner, "activation_relu_or_gelu", old))


def fast_path_flag(kind: Kind) -> int:
    """1 for ReLU, 2 for GELU, 0 for what is not fused."""
    return {"relu": 1, "gelu": 2}.get(kind.plain, 0)


def resolved(function: str) -> Any:
    """The function behind a dotted name that begins with `torch`."""
    found: Any = torch
    for name in function.split(".")[1:]:
        found = getattr(found, name)
    return found
