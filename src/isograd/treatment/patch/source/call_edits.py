"""One call with another function, other arguments, or something before it."""

from dataclasses import dataclass, field

import libcst as cst

from isograd.treatment.patch.source.text_edits import Splice
from isograd.treatment.patch.source.tree import Tree
from isograd.treatment.patch.unplaced import Unplaced

_ATOMS = (
    cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.Integer, cst.Float, cst.SimpleString, cst.List, cst.Dict,
)  # fmt: skip


@dataclass
class CallEdit:
    """What becomes of one call."""

    function: str = ""
    """What is called instead; empty to keep the function."""
    takes_receiver: bool = False
    """True if the call was of a method, and what the method was called on becomes the first argument."""
    keeps: int | None = None
    """How many of the arguments that are there stay; None for all."""
    templates: dict[str, str] = field(default_factory=dict)
    """By name of an argument: what is set, `{}` for what is there."""
    positions: dict[str, int] = field(default_factory=dict)
    """By name of an argument: the number under which it may stand without its name."""
    before: list[tuple[cst.Arg | cst.BaseElement, str]] = field(default_factory=list)
    """Elements to put before the one that the call is."""
    around: tuple[str, str] = ("", "")
    """Text before and behind the call."""


def splices_of(tree: Tree, call: cst.Call, edit: CallEdit) -> list[Splice]:
    """The change of a call as changes of the text."""
    start, end = tree.span(call)
    opening = tree.span(call.whitespace_before_args)[0]
    made = [_before(tree, element, text) for element, text in edit.before]
    if edit.around != ("", ""):
        made += [Splice(start, start, edit.around[0]), Splice(end, end, edit.around[1])]
    kept = list(call.args) if edit.keeps is None else list(call.args[: edit.keeps])
    made += _function(tree, call, edit, bool(kept))
    added = []
    for name, template in edit.templates.items():
        there = argument(call, name, edit.positions)
        if there is not None and there in kept:
            made += _changed(tree, there, template)
        else:
            added.append(f"{name}={template}")
    if edit.keeps is not None and len(kept) < len(call.args):
        left_from = tree.span(kept[-1])[1] if kept else opening
        lead = ", " if added and (kept or edit.takes_receiver) else ""
        return [*made, Splice(left_from, end - 1, lead + ", ".join(added), whole=not kept)]
    return [*made, *_added(tree, call, added, edit.takes_receiver)]


def _function(tree: Tree, call: cst.Call, edit: CallEdit, with_more: bool) -> list[Splice]:
    if not edit.function:
        return []
    if not edit.takes_receiver:
        return [Splice(*tree.outer(call.func), edit.function)]
    assert isinstance(call.func, cst.Attribute)
    start, behind_value = tree.span(call)[0], tree.outer(call.func.value)[1]
    opening = tree.span(call.whitespace_before_args)[0]
    receiver = call.func.value
    head = Splice(start, start, f"{edit.function}(")
    if isinstance(receiver, cst.GeneratorExp):
        raise Unplaced("a method of a generator cannot be rewritten")
    return [head, Splice(behind_value, opening, ", " if with_more else "")]


def _before(tree: Tree, element: cst.Arg | cst.BaseElement, text: str) -> Splice:
    """A further element, on a line of its own if the element is."""
    start = tree.span(element)[0]
    source = tree.source
    line = source.line_at(start)
    indent = source.text[line:start]
    if indent.strip():
        return Splice(start, start, f"{text}, ")
    return Splice(start, start, f"{text},{source.line_end(start)[1] or tree.module.default_newline}{indent}")


def argument(call: cst.Call, name: str, positions: dict[str, int]) -> cst.Arg | None:
    """The argument of that name, given by keyword or by position; None if it is not there.

    Raises:
        Unplaced: It may hide in `*args` or `**kwargs`.
    """
    for number, one in enumerate(call.args):
        if one.keyword is not None and one.keyword.value == name:
            return one
        if not one.keyword and not one.star and positions.get(name) == number:
            return one
    if any(one.star for one in call.args):
        raise Unplaced(f"`{name}` may come from arguments that are given as one")
    return None


def is_atom(value: cst.BaseExpression) -> bool:
    """True for what needs no brackets beside an operator."""
    return isinstance(value, _ATOMS) or bool(value.lpar)


def _changed(tree: Tree, there: cst.Arg, template: str) -> list[Splice]:
    start, end = tree.outer(there.value)
    head, found, tail = template.partition("{}")
    if not found or "{}" in tail:
        return [Splice(start, end, template.replace("{}", f"({tree.text(there.value)})"), whole=True)]
    bare = is_atom(there.value) or not (head or tail)
    return [Splice(start, start, head + ("" if bare else "(")), Splice(end, end, ("" if bare else ")") + tail)]


def _added(tree: Tree, call: cst.Call, added: list[str], after_receiver: bool) -> list[Splice]:
    if not added:
        return []
    text = ", ".join(added)
    if not call.args:
        at = tree.span(call)[1] - 1
        return [Splice(at, at, f", {text}" if after_receiver else text)]
    last = call.args[-1]
    start, end = tree.span(last)
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        return [Splice(start, start, "("), Splice(end, end, f"), {text}")]
    return [Splice(end, end, f", {text}")]
