"""What must be written by hand, as lines."""

from isograd.facts.treatment import CLIPPING, OPTIMIZER, Code, Swap
from isograd.treatment.patch.unplaced import Unplaced, told


def left_over(code: Code, reason: Unplaced) -> tuple[str, ...]:
    """A remedy's code for the user to place.

    Args:
        code: What could not be placed.
        reason: Why.

    >>> left_over(Code(before_step="clip({model}.parameters())"), Unplaced("no step was seen"))
    ('# not placed: no step was seen', '# before optimizer.step():', 'clip(model.parameters())')
    """
    lines = [f"# not placed: {reason}"]
    if code.advice:
        return (*lines, *_filled(code.advice))
    parts = (
        ("", "\n".join(code.imports)),
        ("at the top of the module", code.definitions),
        ("before the optimizer is made", code.before_optimizer or code.beside_swaps),
        ("after the optimizer is made", code.after_optimizer),
        ("before optimizer.step()", code.before_step),
        ("after optimizer.step()", code.after_step),
    )
    swaps = [] if code.before_optimizer else [_told(swap) for swap in code.swaps]
    for where, text in parts:
        if text.strip():
            lines += [f"# {where}:"] if where else []
            lines += _filled(text)
    return (*lines, *dict.fromkeys(swaps))


def _filled(text: str) -> list[str]:
    return text.replace("{model}", "model").replace("{optimizer}", "optimizer").strip("\n").split("\n")


def _told(swap: Swap) -> str:
    known = {OPTIMIZER: "where the optimizer is made", CLIPPING: "where gradients are clipped"}
    where = known.get(swap.position) or told(swap.position)
    changes = [f"call {swap.function}"] if swap.function else []
    changes += [f"set {name}={value.replace('{}', '(what is there)')}" for name, value in swap.keywords.items()]
    changes += [f"put {swap.before} before it"] if swap.before else []
    return f"# {where}: {', '.join(changes)}"
