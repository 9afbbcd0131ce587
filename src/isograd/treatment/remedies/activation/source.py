"""How a user would exchange activations: other calls where they stand, lines where the constructor is not known."""

import os
import sysconfig
from collections.abc import Sequence

from torch import nn

from isograd.facts.treatment import Code, Position, Settings, Swap
from isograd.model.surgery import holder
from isograd.treatment.activation_uses import Use
from isograd.treatment.patch.seen.births import swappable
from isograd.treatment.patient import Patient
from isograd.treatment.remedies.activation import initial
from isograd.treatment.remedies.activation.exchange import fast_path_flag, free_names, where
from isograd.treatment.remedies.activation.kind import Kind

_LIBRARIES = tuple({sysconfig.get_path(name) + os.sep for name in ("purelib", "platlib", "stdlib")})


def code(patient: Patient, chosen: Sequence[Use], feeders: Sequence[str], kind: Kind, settings: Settings) -> Code:
    """Swaps at constructors and calls, lines for the rest and for initial values."""
    model = patient.model
    modules = [use for use in chosen if use.kind == "module"]
    calls = [use for use in chosen if use.kind == "call"]
    if foreign := [use for use in calls if use.position is not None and use.position.file.startswith(_LIBRARIES)]:
        return Code(advice=_advice(foreign, kind))
    positions = swappable(patient.births, [model.get_submodule(use.paths[0]) for use in modules])
    by_path = [line for use in modules for line in _set_module(model, use, kind)]
    held = [line for use in chosen if use.kind == "attribute" for line in _set_held(model, use, kind)]
    names = {} if kind.function else free_names(model, calls)
    slopes = [line for use, name in names.items() for line in _add_slopes(model, use, name, kind)]
    drawn = initial.lines(feeders, kind, settings)
    swaps = [_swap_call(use, kind, names.get(use, "")) for use in calls]
    swaps += [_swap_module(position, modules, kind) for position in positions or ()]
    beside = [*([] if positions else by_path), *held, *slopes, *drawn]
    instead = [] if calls else [*by_path, *held, *drawn]
    return Code(
        swaps=tuple(swaps),
        imports=_imports([*beside, *instead, *(swap.function for swap in swaps)]),
        beside_swaps=_block(beside) if swaps else "",
        before_optimizer=_block(instead),
        advice="" if not calls else _advice(calls, kind),
    )


def _swap_module(position: Position, modules: Sequence[Use], kind: Kind) -> Swap:
    overwrite = kind.may_overwrite and all(use.in_place for use in modules)
    return Swap(position, kind.module, {"inplace": "True"} if overwrite else {}, drop_arguments=True)


def _swap_call(use: Use, kind: Kind, name: str) -> Swap:
    """A call of another function, in place where it was and can be: who writes the swap sees to that.

    One with a parameter is given that of a module which lines set on the instance.
    """
    assert use.position is not None, "a call has a position"
    function = (kind.function or "torch.nn.functional.prelu").replace("torch.nn.functional.", "F.")
    keywords = {} if kind.function else {"weight": f"{use.instance}.{name}.weight"}
    return Swap(use.position, function, keywords, drop_arguments=True)


def _constructor(model: nn.Module, kind: Kind, in_place: bool) -> str:
    arguments = ["inplace=True"] if in_place and kind.may_overwrite else []
    arguments += [f'{name}="{v}"' if name == "device" else f"{name}={v}" for name, v in where(model, kind).items()]
    return f"{kind.module}({', '.join(arguments)})"


def _set_module(model: nn.Module, use: Use, kind: Kind) -> list[str]:
    """One line for the first path, others for further paths of a shared module."""
    first, *others = use.paths
    lines = [f"{reached(model, first)} = {_constructor(model, kind, use.in_place)}"]
    lines += [f"{reached(model, path)} = {reached(model, first)}" for path in others]
    for path in use.paths:
        owner, _ = holder(model, path)
        if isinstance(owner, nn.TransformerEncoderLayer):
            lines.append(_flag(model, path.rpartition(".")[0], kind))
    return lines


def _set_held(model: nn.Module, use: Use, kind: Kind) -> list[str]:
    owner = reached(model, use.paths[0])
    lines = [f"{owner}.{use.attribute} = {kind.function or _constructor(model, kind, False)}"]
    if isinstance(model.get_submodule(use.paths[0]), nn.TransformerEncoderLayer):
        lines.append(_flag(model, use.paths[0], kind))
    return lines


def _flag(model: nn.Module, path: str, kind: Kind) -> str:
    return f"{reached(model, path)}.activation_relu_or_gelu = {fast_path_flag(kind)}  # its fused form in evaluation"


def _add_slopes(model: nn.Module, use: Use, name: str, kind: Kind) -> list[str]:
    return [f"{reached(model, path)}.{name} = {_constructor(model, kind, False)}" for path in use.paths]


def reached(model: nn.Module, path: str) -> str:
    """An expression for a module, e.g. `{model}.layers[0].act`."""
    said, here = "{model}", model
    for name in path.split(".") if path else ():
        if name.isidentifier():
            said += f".{name}"
        elif isinstance(here, nn.Sequential | nn.ModuleList):
            said += f"[{name}]"
        elif isinstance(here, nn.ModuleDict):
            said += f'["{name}"]'
        else:
            said += f'._modules["{name}"]'
        here = here.get_submodule(name)
    return said


def _imports(written_lines: Sequence[str]) -> tuple[str, ...]:
    text = "\n".join(written_lines)
    bare = text.replace("torch.nn.", "")
    needed = {"import torch": "torch." in text, "from torch import nn": "nn." in bare}
    needed["from torch.nn import functional as F"] = any(line.startswith("F.") for line in written_lines)
    return tuple(line for line, is_needed in needed.items() if is_needed)


def _block(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _advice(uses: Sequence[Use], kind: Kind) -> str:
    function = kind.function or "an nn.PReLU() that __init__ makes"
    return _block([f"# {use.site}: call {function} instead of {use.function}" for use in uses])
