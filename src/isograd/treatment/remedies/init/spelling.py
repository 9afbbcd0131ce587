"""Writes a program of initialisation as plain torch: loops over kinds of layers where it can, else over names."""

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from torch import nn

from isograd.treatment.remedies.init.statement import Draw, Program, Statement

MODEL = "{model}"
"""Stands for the model in the written lines."""
_FEW = 3
_WIDTH = 100


def spell(model: nn.Module, program: Program) -> str:
    """Lines that do what `perform` does, and draw the same random numbers in the same order.

    Args:
        model: The model, as it is when the lines are run.
        program: What to do; equal verses stand together.

    >>> from isograd.treatment.remedies.init.law import Named
    >>> from isograd.treatment.remedies.init.statement import Draw, Verse
    >>> model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
    >>> print(spell(model, tuple(Verse(path, (Draw("weight", Named("orthogonal_")),)) for path in ("0", "2"))))
    for layer in {model}.modules():
        if isinstance(layer, nn.Linear):
            nn.init.orthogonal_(layer.weight)
    """
    lines: list[str] = []
    for statements, verses in groupby(program, lambda verse: verse.statements):
        lines += _group(model, [verse.path for verse in verses], statements)
    return "\n".join(lines)


def expression(model: nn.Module, path: str) -> str:
    """How a module of the model is written.

    >>> expression(nn.Sequential(nn.Sequential(nn.Linear(1, 1))), "0.0")
    '{model}[0][0]'
    """
    written, module = MODEL, model
    for name in path.split(".") if path else ():
        if name.isdigit() and isinstance(module, nn.Sequential | nn.ModuleList):
            written += f"[{name}]"
        elif isinstance(module, nn.ModuleDict):
            written += f"[{name!r}]"
        else:
            written += f".{name}" if name.isidentifier() else f".get_submodule({name!r})"
        module = module.get_submodule(name)
    return written


def _group(model: nn.Module, paths: Sequence[str], statements: Sequence[Statement]) -> list[str]:
    kind = _kind(model, paths)
    if kind is not None and (len(paths) > 1 or not paths[0]):
        others = _others(model, kind, paths)
        if len(others) <= _FEW and len(others) < len(paths):
            condition = f"isinstance(layer, nn.{kind.__name__})"
            if others:
                condition += f" and layer not in ({''.join(expression(model, path) + ', ' for path in others).strip()})"
            return [f"for layer in {MODEL}.modules():", f"    if {condition}:", *_body(statements, "layer", 2)]
    if len(paths) == 1:
        if len(statements) == 1:
            return _body(statements, expression(model, paths[0]), 0)
        return [f"layer = {expression(model, paths[0])}", *_body(statements, "layer", 0)]
    if len(paths) <= _FEW:
        return [f"for layer in ({', '.join(expression(model, p) for p in paths)}):", *_body(statements, "layer", 1)]
    return [
        *_loop("name", paths),
        f"    layer = {MODEL}.get_submodule(name)",
        *_body(statements, "layer", 1),
    ]


def _loop(variable: str, names: Sequence[str]) -> list[str]:
    """The head of a loop over names, broken where it is long."""
    listed = ", ".join(map(repr, names))
    if len(listed) < _WIDTH - 20:
        return [f"for {variable} in ({listed}):"]
    return [f"for {variable} in (", *(f"    {line}" for line in textwrap.wrap(listed, _WIDTH - 4)), "):"]


def _body(statements: Sequence[Statement], layer: str, depth: int) -> list[str]:
    lines: list[str] = []
    for _, run in groupby(statements, _but_for_the_name):
        alike = list(run)
        if len(alike) > 2 and isinstance(alike[0], Draw):
            names = [one.attribute for one in alike if isinstance(one, Draw)]
            lines += [*_loop("key", names), f"    tensor = getattr({layer}, key)"]
            lines += [f"    {line}" for line in alike[0].lines_for("tensor")]
        else:
            lines += [line for statement in alike for line in statement.lines(layer)]
    return ["    " * depth + line for line in lines]


def _but_for_the_name(statement: Statement) -> Statement:
    plain = isinstance(statement, Draw) and not statement.where_there and not statement.computed
    return replace(statement, attribute="") if isinstance(statement, Draw) and plain else statement


def _kind(model: nn.Module, paths: Sequence[str]) -> type[nn.Module] | None:
    """The class of torch.nn that all these layers are of; None if they are of several, or of one of the user's own."""
    kinds = {_torch_class(model.get_submodule(path)) for path in paths}
    kind = kinds.pop()
    return None if kinds else kind


def _torch_class(module: nn.Module) -> type[nn.Module] | None:
    known = (kind for kind in type(module).__mro__ if getattr(nn, kind.__name__, None) is kind)
    return next((kind for kind in known if kind is not nn.Module), None)


def _others(model: nn.Module, kind: type[nn.Module], paths: Sequence[str]) -> list[str]:
    """Layers of that class that are not meant; their paths."""
    return [path for path, module in model.named_modules() if isinstance(module, kind) and path not in set(paths)]
