"""A remedy's lines under the names of the file that they go into."""

import ast
import builtins
import sys
from collections.abc import Iterable, Mapping

import libcst as cst

from isograd.facts.treatment import Code
from isograd.treatment.patch.lines.sites import root_of
from isograd.treatment.patch.lines.snippet import names_of, unused
from isograd.treatment.patch.source.draft import Draft
from isograd.treatment.patch.source.imports import USUAL, spelled
from isograd.treatment.patch.source.renaming import renamed

_THERE = "what_is_there_"


class Fitting:
    """The names that one `Code` gets, in all places it is written at."""

    def __init__(self, code: Code) -> None:
        self._meanings = {**USUAL, **_meanings(code.imports)}
        self._definitions = _definitions(code.definitions)
        self._variables: dict[tuple[cst.CSTNode, str], str] = {}
        self._carried: dict[str, str] = {}

    def carry(self, names: Mapping[str, str]) -> None:
        """Lets variables live in another place from now on, e.g. `scheduler` in `self.scheduler`."""
        self._carried = dict(names)

    def fit(self, draft: Draft, node: cst.CSTNode, lines: str, model: str = "", optimizer: str = "") -> str:
        """Lines as they are written at a node; what they need is added to the top of the file.

        Args:
            draft: The file.
            node: Where they go.
            lines: Their source, with placeholders.
            model: What the model is called there.
            optimizer: What the optimizer is called there.
        """
        own = {root_of(model), root_of(optimizer)}
        if "(" in model and "{model}" in lines:  # several modules put together: once, under a name
            lines, model = f"model = {model}\n" + lines.strip("\n"), "model"
        lines = lines.strip("\n").replace("{model}", model).replace("{optimizer}", optimizer)
        names = names_of(lines)
        new = {name: self.variable(draft, node, name) for name in names.bound - own if name not in self._carried}
        new |= {name: self._known(draft, node, name) for name in self._in_order(names.free - own)}
        return renamed(lines, {old: name for old, name in {**new, **self._carried}.items() if old != name})

    def fit_template(self, draft: Draft, node: cst.CSTNode, template: str) -> str:
        """An expression as it is written at a node; its `{}` stays."""
        return self.fit(draft, node, template.replace("{}", _THERE)).replace(_THERE, "{}")

    def _in_order(self, names: Iterable[str]) -> list[str]:
        """Names in the order in which they come to the top of the file: definitions as the remedy has them."""
        order = {name: number for number, name in enumerate(self._definitions)}
        return sorted(names, key=lambda name: (order.get(name, -1), name))

    def knows(self, function: str) -> bool:
        """True for a function whose name begins with something that the remedy imports or defines."""
        return root_of(function) in self._definitions or root_of(function) in self._meanings

    def variable(self, draft: Draft, node: cst.CSTNode, name: str) -> str:
        """A variable of the lines at a node: under another name where one of that name is used around it."""
        scope = draft.tree.function_of(node)
        if (scope, name) not in self._variables:
            used = draft.tree.names_in(scope) | set(self._variables.values()) | draft.added | set(dir(builtins))
            self._variables[scope, name] = unused(name, used.__contains__)
            draft.variables.add(self._variables[scope, name])
        return self._variables[scope, name]

    def _known(self, draft: Draft, node: cst.CSTNode, name: str) -> str:
        """A name that lines take from around them: a variable of other lines, a definition, an import, or as it is."""
        for scope in (draft.tree.function_of(node), *draft.tree.ancestors(node)):
            if (scope, name) in self._variables:
                return self._variables[scope, name]
        if name in self._definitions:
            return self._define(draft, name)
        if name in self._meanings:
            return self.spell(draft, node, self._meanings[name], name)
        return name

    def spell(self, draft: Draft, node: cst.CSTNode, meaning: str, preferred: str) -> str:
        """What a thing is called at a node; imported if it is not yet.

        Args:
            draft: The file.
            node: Where it is used.
            meaning: Its full name, e.g. `torch.nn.ReLU`.
            preferred: How it is spelled if the file leaves a choice, e.g. `nn.ReLU`.
        """
        there = spelled(draft.tree, node, meaning, preferred)
        if there is not None:
            return there
        for name, meant in draft.header.imported:
            if meaning == meant or meaning.startswith(meant + "."):
                return name + meaning[len(meant) :]
        wanted, dot, rest = preferred.partition(".")
        thing = meaning.removesuffix(dot + rest)
        name = unused(wanted, lambda one: one in draft.tree.names or one in draft.added)
        draft.header.add_import(_import_of(thing, name), name, thing)
        return name + dot + rest

    def meaning(self, function: str) -> str:
        """The full name of a function that a remedy names, e.g. `torch.nn.ReLU` for `nn.ReLU`."""
        root, dot, rest = function.partition(".")
        return function if root in self._definitions else self._meanings.get(root, root) + dot + rest

    def defines(self, function: str) -> bool:
        """True for what the remedy's own definitions hold."""
        return root_of(function) in self._definitions

    def _define(self, draft: Draft, name: str) -> str:
        """The name of a definition in a file, where it is put with what it needs."""
        source = self._definitions[name]
        known = draft.header.defined.get(source)
        if known is not None:
            return known
        new = unused(name, lambda one: one in draft.tree.names or one in draft.added)
        draft.header.defined[source] = new
        free = self._in_order(names_of(source).free - {name})
        needs = {other: self._known(draft, draft.tree.module, other) for other in free}
        needs[name] = new
        fitted = renamed(source, {old: found for old, found in needs.items() if old != found})
        draft.header.definitions.append(fitted)
        return new


def _import_of(thing: str, name: str) -> str:
    """The statement that binds a name to a module or to something in one.

    >>> _import_of("torch.nn", "nn"), _import_of("torch.nn.functional", "F"), _import_of("math", "math")
    ('from torch import nn', 'import torch.nn.functional as F', 'import math')
    """
    package, _, last = thing.rpartition(".")
    if name != last and thing in sys.modules:
        return f"import {thing} as {name}"
    alias = "" if name == last else f" as {name}"
    return f"from {package} import {last}{alias}" if package else f"import {last}{alias}"


def _meanings(imports: Iterable[str]) -> dict[str, str]:
    """What the names of a remedy's imports stand for."""
    found: dict[str, str] = {}
    for node in ast.parse("\n".join(imports)).body:
        if isinstance(node, ast.Import):
            found |= {
                a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names
            }
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _definitions(source: str) -> dict[str, str]:
    """The remedy's functions, classes and constants by name, each with the comments and decorators before it."""
    lines = source.strip("\n").split("\n")
    found: dict[str, str] = {}
    done = 0
    for node in ast.parse(source.strip("\n")).body:
        text = "\n".join(lines[done : node.end_lineno]).strip("\n")
        done = node.end_lineno or done
        found |= dict.fromkeys(sorted(names_of(ast.unparse(node)).bound), text)
    return found
