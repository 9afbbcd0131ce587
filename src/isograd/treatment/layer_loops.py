"""A loop over some layers of a model, as a user would write it: short where they are all of a type but the last."""

import textwrap
from collections.abc import Iterable, Sequence

from torch import nn

_WIDTH = 100


def loop_over(model: nn.Module, paths: Sequence[str], body: Sequence[str]) -> str:
    """Lines that do something with each of these modules.

    Args:
        model: The model, `{model}` in the lines.
        paths: Where the modules stand in it, at least one.
        body: Lines about one of them, by the name `layer`.

    >>> net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    >>> print(loop_over(net, ["0", "2"], ["print(layer)"]))
    for layer in [m for m in {model}.modules() if isinstance(m, nn.Linear)][:-1]:
        print(layer)
    >>> print(loop_over(net, ["0"], ["print(layer)"]))
    for name in ["0"]:
        layer = {model}.get_submodule(name)
        print(layer)
    """
    inner = [f"    {line}" for line in body]
    found = _all_but_the_last(model, paths)
    if found:
        return "\n".join([f"for layer in {found}:", *inner])
    return "\n".join([*listing("for name in [", (f'"{path}"' for path in paths), "]:"),
                      "    layer = {model}.get_submodule(name)", *inner])  # fmt: skip


def listing(head: str, items: Iterable[str], tail: str) -> list[str]:
    """A list in one line, or wrapped where it is long."""
    text = ", ".join(items)
    if len(head + text + tail) <= _WIDTH:
        return [head + text + tail]
    return [head, *textwrap.wrap(text + ",", _WIDTH - 4, initial_indent="    ", subsequent_indent="    "), tail]


def _all_but_the_last(model: nn.Module, paths: Sequence[str]) -> str:
    """A comprehension that gives just these modules, in any order; empty if there is none so simple."""
    wanted = {id(model.get_submodule(path)) for path in paths}
    kind = type(model.get_submodule(paths[0]))
    if kind.__module__.partition(".")[0] != "torch" or getattr(nn, kind.__name__, None) is not kind:
        return ""
    same = [module for module in model.modules() if isinstance(module, kind)]
    listed = f"[m for m in {{model}}.modules() if isinstance(m, nn.{kind.__name__})]"
    if {id(module) for module in same} == wanted:
        return listed if len(same) > 1 else ""
    return listed + "[:-1]" if {id(module) for module in same[:-1]} == wanted else ""
