"""A function that works in place becomes another that does, else one whose result takes the old value's name."""

from typing import Any

import libcst as cst
from torch.nn import functional

from isograd.treatment.patch.source.call_edits import CallEdit
from isograd.treatment.patch.source.draft import Draft
from isograd.treatment.patch.source.tree import Tree
from isograd.treatment.patch.unplaced import Unplaced

_BY_NAME = ("relu", "leaky_relu", "elu", "selu", "celu", "hardtanh", "rrelu", "threshold", "tanh", "sigmoid")
"""Functions that exist with `_` behind their name, too, in `torch` or in `torch.nn.functional`."""


def write_in_place(draft: Draft, call: cst.Call, edit: CallEdit, spelling: str, target: Any) -> None:
    """Completes the change of a call that works in place.

    Args:
        draft: The file.
        call: The call.
        edit: Its change so far.
        spelling: What the new function is called in the file.
        target: The new function; None if it is not known.

    Raises:
        Unplaced: The value that is written over is no variable.
    """
    names = getattr(target, "__name__", "")
    twin = f"{names}_"
    module = functional if getattr(target, "__module__", "") == functional.__name__ else __import__("torch")
    if names in _BY_NAME and hasattr(module, twin) and spelling.rpartition(".")[2] == names:
        edit.function = spelling + "_"
    elif "inplace" in edit.positions:
        edit.templates["inplace"] = "True"
    else:
        _under_its_name(draft.tree, call, edit)


def _under_its_name(tree: Tree, call: cst.Call, edit: CallEdit) -> None:
    value = call.func.value if edit.takes_receiver and isinstance(call.func, cst.Attribute) else call.args[0].value
    if isinstance(value, cst.Call):
        return  # nobody else holds it
    parent = tree.parent(call)
    if isinstance(parent, cst.Return) or _gives_to(tree, parent, value):
        return
    if any(isinstance(one, cst.Call) for one in tree.inside(value)):
        raise Unplaced("a value is written in place that has no name")
    if isinstance(parent, cst.Expr):
        edit.around = (f"{tree.text(value)} = ", "")
    elif isinstance(value, cst.Name):
        edit.around = (f"({value.value} := ", ")")
    else:
        raise Unplaced("a value is written in place that is no variable")


def _gives_to(tree: Tree, parent: cst.CSTNode, value: cst.BaseExpression) -> bool:
    """True for `x = x.sigmoid_()`."""
    return isinstance(parent, cst.Assign) and any(tree.text(one.target) == tree.text(value) for one in parent.targets)
