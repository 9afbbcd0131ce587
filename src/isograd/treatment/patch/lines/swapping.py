"""A swap of the facts as a change of a call."""

import builtins
import importlib
import inspect
from collections.abc import Mapping
from functools import reduce
from typing import Any

import libcst as cst
import torch

from isograd.facts.treatment import CLIPPING, OPTIMIZER, Swap
from isograd.treatment.patch.lines.fitting import Fitting
from isograd.treatment.patch.lines.in_place import write_in_place
from isograd.treatment.patch.lines.sites import clipping_calls, constructor, root_of
from isograd.treatment.patch.source.call_edits import argument, is_atom
from isograd.treatment.patch.source.draft import Draft
from isograd.treatment.patch.source.imports import meaning_of
from isograd.treatment.patch.unplaced import Unplaced
from isograd.treatment.patch.workspace import Workspace


def place_swap(space: Workspace, fitting: Fitting, swap: Swap) -> None:
    """Makes a call another.

    Raises:
        Unplaced: There is no such call, or the change cannot be written there.
    """
    if swap.position == CLIPPING:
        calls = clipping_calls(space)
    elif swap.position == OPTIMIZER:
        calls = [constructor(space)]
    else:
        draft = space.open(swap.position.file)
        calls = [(draft, draft.tree.call_at(swap.position))]
    for draft, call in calls:
        _Swapping(space, fitting, draft, call).make(swap)


class _Swapping:
    """One call that is to become another."""

    def __init__(self, space: Workspace, fitting: Fitting, draft: Draft, call: cst.Call) -> None:
        self._space = space
        self._fitting = fitting
        self._draft = draft
        self._call = call
        self._edit = draft.call(call)
        self._meaning = meaning_of(draft.tree, call.func)

    def make(self, swap: Swap) -> None:
        """Makes all of it."""
        if swap.function:
            self._exchange(swap)
        for name, template in swap.keywords.items():
            self._set(name, template)
        if swap.before:
            self._put_before(swap.before)

    def _exchange(self, swap: Swap) -> None:
        meaning = self._fitting.meaning(swap.function)
        target = _found(meaning)
        edit, call = self._edit, self._call
        makes_module = isinstance(target, type) or (target is None and swap.function.rpartition(".")[2][:1].isupper())
        if not self._fitting.knows(swap.function):
            spelling = self._bound(swap.function)
        elif self._fitting.defines(swap.function):
            spelling = self._fitting.fit(self._draft, call, swap.function)
        else:
            spelling = self._fitting.spell(self._draft, call, meaning, self._preferred(swap.function, meaning))
        self._check_kind(makes_module)
        in_place = self._works_in_place()
        edit.function = spelling
        edit.takes_receiver = not makes_module and self._is_method()
        edit.positions = _positions(target)
        edit.templates = {}
        if swap.drop_arguments:
            edit.keeps = 0 if makes_module or edit.takes_receiver else 1
            if not makes_module and not edit.takes_receiver and (not call.args or call.args[0].star):
                raise Unplaced("the call has no first argument to keep")
        elif target is not None:
            self._check_arguments(target)
        if not in_place:
            return
        if makes_module:
            if "inplace" in edit.positions:
                edit.templates["inplace"] = "True"
            return
        write_in_place(self._draft, call, edit, spelling, target)

    def _bound(self, function: str) -> str:
        """A function that the program itself has a name for where the call is, e.g. `self.prelu`."""
        if not self._draft.tree.binding(root_of(function), self._call):
            raise Unplaced(f"`{root_of(function)}` is not known where the call is")
        return function

    def _preferred(self, function: str, meaning: str) -> str:
        """The new function's bare name where the old one has its own, imported from the same module."""
        package, _, name = meaning.rpartition(".")
        bare = isinstance(self._call.func, cst.Name) and self._meaning.rpartition(".")[0] == package
        return name if bare else function

    def _works_in_place(self) -> bool:
        function = self._call.func
        last = function.attr if isinstance(function, cst.Attribute) else function
        flag = argument(self._call, "inplace", _positions(_found(self._meaning)))
        flagged = flag is not None and self._draft.tree.text(flag.value) == "True"
        return flagged or (isinstance(last, cst.Name) and last.value.endswith("_") and not last.value.startswith("_"))

    def _is_method(self) -> bool:
        """Whether the call is of a tensor's method; `self.act(x)` and `nn.functional.relu(x)` are not."""
        function = self._call.func
        return isinstance(function, cst.Attribute) and not self._meaning and hasattr(torch.Tensor, function.attr.value)

    def _check_kind(self, makes_module: bool) -> None:
        """Refuses to put a module in the place of a value, or a value in the place of a module."""
        old = _found(self._meaning)
        if old is not None and makes_module != (isinstance(old, type) and issubclass(old, torch.nn.Module)):
            raise Unplaced(f"{self._meaning} is called there")

    def _check_arguments(self, target: Any) -> None:
        """Refuses arguments that the new function would not take."""
        given = [one.keyword.value for one in self._call.args if one.keyword is not None]
        known = _signature(target)
        if known is None and given:
            raise Unplaced(f"arguments of the call do not fit {target.__name__}")
        if known is not None and not set(given) <= set(known):
            raise Unplaced(f"`{min(set(given) - set(known))}` is no argument of {target.__name__}")

    def _set(self, name: str, template: str) -> None:
        edit, places = self._edit, self._space.places
        is_optimizer = self._makes_optimizer()
        old = {one: number for number, one in enumerate(places.order)} if is_optimizer else {}
        old = old or _positions(_found(self._meaning))
        edit.positions = edit.positions or old
        template = self._fitting.fit_template(self._draft, self._call, template)
        if is_optimizer:
            self._set_in_groups(name, template)
        there, earlier = argument(self._call, name, old), edit.templates.get(name)
        if earlier is not None:
            template = template.replace("{}", earlier if template == "{}" else f"({earlier})")
        elif there is None:
            template = template.replace("{}", self._default(name, template))
        elif edit.keeps is not None:
            template = template.replace("{}", f"({self._draft.tree.text(there.value)})")
        edit.templates[name] = template

    def _makes_optimizer(self) -> bool:
        try:
            return constructor(self._space)[1] is self._call
        except Unplaced:
            return False

    def _default(self, name: str, template: str) -> str:
        if "{}" not in template:
            return ""
        if self._makes_optimizer() and name in self._space.places.defaults:
            return self._space.places.defaults[name]
        known: Mapping[str, Any] = _signature(_found(self._meaning)) or {}
        if name not in known or known[name].default is inspect.Parameter.empty:
            raise Unplaced(f"`{name}` is not given, and its default is not known")
        return repr(known[name].default)

    def _set_in_groups(self, name: str, template: str) -> None:
        """Groups of parameters that bring a setting with them get the change, too."""
        found = [
            element.value
            for argument in self._call.args[:1]
            for one in self._draft.tree.inside(argument)
            if isinstance(one, cst.Dict)
            for element in one.elements
            if isinstance(element, cst.DictElement) and self._draft.tree.text(element.key).strip("\"'") == name
        ]
        if not found and name in self._space.places.grouped:
            raise Unplaced(f"groups of parameters have a `{name}` of their own, which is set elsewhere")
        for value in found:
            there = self._draft.values.get(value, "{}")
            bare = there == "{}" and is_atom(value)
            self._draft.values[value] = template.replace("{}", there if bare else f"({there})", 1)

    def _put_before(self, source: str) -> None:
        """Another element before this one."""
        tree, call = self._draft.tree, self._call
        text = self._fitting.fit(self._draft, call, source)
        element = tree.parent(call)
        holder = tree.parent(element)
        in_list = isinstance(element, cst.Element) and isinstance(holder, cst.List | cst.Tuple)
        in_sequential = isinstance(element, cst.Arg) and self._is_sequential(holder) and element.keyword is None
        if in_list or in_sequential:
            assert isinstance(element, cst.Element | cst.Arg)
            self._edit.before.append((element, text))
        elif self._is_append(holder):
            statement = tree.parent(holder)
            assert isinstance(holder, cst.Call)
            assert isinstance(statement, cst.Expr)
            self._draft.at(statement).before.append(f"{tree.text(holder.func)}({text})")
        else:
            raise Unplaced("nothing can be put before the call where it stands")

    def _is_sequential(self, holder: cst.CSTNode) -> bool:
        return isinstance(holder, cst.Call) and meaning_of(self._draft.tree, holder.func) in (
            "torch.nn.Sequential",
            "torch.nn.modules.container.Sequential",
        )

    def _is_append(self, holder: cst.CSTNode) -> bool:
        return (
            isinstance(holder, cst.Call)
            and isinstance(holder.func, cst.Attribute)
            and holder.func.attr.value == "append"
            and len(holder.args) == 1
            and isinstance(self._draft.tree.parent(holder), cst.Expr)
        )


def _found(meaning: str) -> Any:
    """What a full name of torch or of Python's library stands for; None if it is not known."""
    package, *rest = meaning.split(".")
    if package not in ("torch", "math"):
        return getattr(builtins, meaning, None) if meaning else None
    try:
        return reduce(getattr, rest, importlib.import_module(package))
    except AttributeError:
        return None


def _signature(target: Any) -> Mapping[str, inspect.Parameter] | None:
    try:
        return inspect.signature(target).parameters if target is not None else None
    except (TypeError, ValueError):
        return None


def _positions(target: Any) -> dict[str, int]:
    return {name: number for number, name in enumerate(_signature(target) or ())}
