"""A loop over some layers of a model, as a user would write it: short where they are all of a type but the last."""

from collections.abc import Iterable, Sequence

from torch import nn

_WIDTH = 100


def loop_over(model: nn.Module, paths: Sequence[str], body: Sequence[str], name: str = "layer") -> str:
    """Lines that do something with each of these modules.

    Args:
        model: The model, `{model}` in the lines.
        paths: Where the modules stand in it, at least one.
        body: Lines about one of them.
        name: What it is called in them.

    >>> net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    >>> print(loop_over(net, ["0", "2"], ["print(layer)"]))
    for layer in [m for m in {model}.modules() if isinstance(m, nn.Linear)][:-1]:
        print(layer)
    >>> print(loop_over(net, ["0"], ["print(layer)"]))
    for path in ["0"]:
        layer = {model}.get_submodule(path)
        print(layer)
    """
    inner = [f"    {line}" for line in body]
    found = _all_but_the_last(model, paths)
    if found:
        return "\n".join([f"for {name} in {found}:", *inner])
    numbered = _numbered(paths)
    if numbered:
        return "\n".join([numbered[0], f"    {name} = {{model}}.get_submodule({numbered[1]})", *inner])
    head = listing("for path in [", (f'"{path}"' for path in paths), "]:")
    return "\n".join([*head, f"    {name} = {{model}}.get_submodule(path)", *inner])


def listing(head: str, items: Iterable[str], tail: str) -> list[str]:
    """A list in one line, or wrapped where it is long."""
    listed = list(items)
    if len(head) + len(tail) + sum(map(len, listed)) + 2 * len(listed) <= _WIDTH:
        return [head + ", ".join(listed) + tail]
    lines = ["   "]
    for item in listed:
        if len(lines[-1]) + len(item) + 2 > _WIDTH:
            lines.append("   ")
        lines[-1] += f" {item},"
    return [head, *lines, tail]


def one_type(model: nn.Module, example: nn.Module) -> tuple[list[nn.Module], str]:
    """All modules of the type of one, and a comprehension that lists them.

    Empty for containers, which stand in many places, and for types that are not torch's.
    """
    kind = type(example)
    if getattr(nn, kind.__name__, None) is not kind or isinstance(example, nn.Sequential | nn.ModuleList):
        return [], ""
    same = [module for module in model.modules() if isinstance(module, kind)]
    return same, f"[m for m in {{model}}.modules() if isinstance(m, nn.{kind.__name__})]"


def _all_but_the_last(model: nn.Module, paths: Sequence[str]) -> str:
    """A comprehension that gives just these modules, in any order; empty if there is none so simple."""
    wanted = {id(model.get_submodule(path)) for path in paths}
    same, listed = one_type(model, model.get_submodule(paths[0]))
    if len(same) > 1 and {id(module) for module in same} == wanted:
        return listed
    return f"{listed}[:-1]" if same and {id(module) for module in same[:-1]} == wanted else ""


def _numbered(paths: Sequence[str]) -> tuple[str, str] | None:
    """The head of a loop over numbers, and the path by the number, e.g. of `blocks.0.mlp`, `blocks.1.mlp` ..."""
    parts = [path.split(".") for path in paths]
    if len(paths) < 3 or len({len(part) for part in parts}) > 1:
        return None
    places = [at for at, names in enumerate(zip(*parts, strict=True)) if len(set(names)) > 1]
    numbers = [part[places[0]] for part in parts] if len(places) == 1 else []
    if not numbers or not all(number.isdecimal() for number in numbers):
        return None
    first = int(numbers[0])
    if numbers != [str(number) for number in range(first, first + len(numbers))]:
        return None
    prefix, suffix = ".".join([*parts[0][: places[0]], ""]), ".".join(["", *parts[0][places[0] + 1 :]])
    ends = str(len(numbers)) if first == 0 else f"{first}, {first + len(numbers)}"
    return f"for number in range({ends}):", f'f"{prefix}{{number}}{suffix}"'
