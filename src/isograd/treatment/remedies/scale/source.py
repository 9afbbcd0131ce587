"""Both hooks as a user would write them, in plain torch."""

from collections.abc import Sequence
from typing import Any

from isograd.facts.treatment import Code, Settings


def shown(numbers: float | Sequence[float]) -> str:
    """Numbers in short, e.g. `120.5` or `[1.2, 3.4, ... 30 in all]`."""
    if not isinstance(numbers, Sequence):
        return f"{numbers:.4g}"
    head = ", ".join(f"{value:.4g}" for value in numbers[:4])
    return f"[{head}]" if len(numbers) <= 4 else f"[{head}, ... {len(numbers)} in all]"


def input_code(settings: Settings, trailing: int) -> Code:
    """The hook before the model.

    Args:
        settings: Of `scale:input`.
        trailing: Dimensions behind the channels of images; 0 where features are last.
    """
    argument: Any = settings["argument"]
    constants, mean, std = _constants("INPUT", settings, f".view(-1{', 1' * trailing})" if trailing else "")
    x = f'kwargs["{argument}"]' if isinstance(argument, str) else f"args[{argument}]"
    given = f"({x} - {mean.format(x=x)}) / {std.format(x=x)}"
    if isinstance(argument, str):
        signature, result, flag = (
            "module, args, kwargs",
            f'args, {{**kwargs, "{argument}": {given}}}',
            ", with_kwargs=True",
        )
    else:
        before = f"*args[:{argument}], " if argument else ""
        signature, result, flag = "module, args", f"({before}{given}, *args[{argument + 1}:])", ""
    definition = (
        f"def standardise_inputs({signature}):\n"
        '    """Gives inputs mean 0 and standard deviation 1, by the statistics of the training data."""\n'
        f"    return {result}\n"
    )
    lines = f"{{model}}.register_forward_pre_hook(standardise_inputs{flag})\n"
    return Code(imports=_imports(constants), definitions=constants + definition, before_optimizer=lines)


def target_code(settings: Settings, in_tuple: bool) -> Code:
    """The hook behind the model."""
    constants, mean, std = _constants("TARGET", settings, "")
    mean, std = mean.format(x="output"), std.format(x="output")
    divided = f" / {std}" if settings["power"] == 2 else ""
    taken = "    output, *others = output\n" if in_tuple else ""
    result = f"scaled.detach() + (output - output.detach()){divided}"
    definition = (
        "def restore_targets(module, args, output):\n"
        '    """Gives predictions in the targets\' units, and the gradient of a loss on standardised targets."""\n'
        f"{taken}    scaled = output * {std} + {mean}\n"
        f"    return {f'({result}, *others)' if in_tuple else result}\n"
    )
    lines = "{model}.register_forward_hook(restore_targets)\n"
    return Code(imports=_imports(constants), definitions=constants + definition, before_optimizer=lines)


def _constants(name: str, settings: Settings, view: str) -> tuple[str, str, str]:
    """Lines for lists of numbers, and expressions for mean and deviation with `{x}` for the data."""
    mean, std = settings["mean"], settings["std"]
    if not isinstance(mean, Sequence):
        return "", _number(mean), _number(std)
    lines = f"{name}_MEAN = torch.tensor({_wrapped(mean)})\n{name}_STD = torch.tensor({_wrapped(std)})\n\n\n"
    return lines, f"{name}_MEAN.to({{x}}){view}", f"{name}_STD.to({{x}}){view}"


def _number(value: Any) -> str:
    return f"({value})" if value < 0 else str(value)


def _wrapped(numbers: Any) -> str:
    """A list, over several lines where it is long."""
    texts = [str(value) for value in numbers]
    if len(texts) <= 8:
        return f"[{', '.join(texts)}]"
    rows = [f"    {', '.join(texts[i : i + 8])},\n" for i in range(0, len(texts), 8)]
    return "[\n" + "".join(rows) + "]"


def _imports(constants: str) -> tuple[str, ...]:
    return ("import torch",) if constants else ()
