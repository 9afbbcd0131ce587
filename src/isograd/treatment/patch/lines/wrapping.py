"""Lines for what is made within an expression: its value goes through a function that holds them."""

import libcst as cst

from isograd.treatment.patch.lines.snippet import unused
from isograd.treatment.patch.source.draft import Draft
from isograd.treatment.patch.source.header import Wrapper


def wrapped(draft: Draft, value: cst.BaseExpression, name: str, parameter: str) -> Wrapper:
    """The function that a value goes through, made if there is none yet.

    Args:
        draft: The file.
        value: The expression.
        name: What the function is to be called.
        parameter: What it calls the value.
    """
    place = draft.tree.outer(value)
    if place not in draft.header.wrappers:
        new = unused(name, lambda one: one in draft.tree.names or one in draft.added)
        draft.header.wrappers[place] = Wrapper(new, parameter)
        draft.values[value] = new + "(" + draft.values.get(value, "{}") + ")"
    return draft.header.wrappers[place]
