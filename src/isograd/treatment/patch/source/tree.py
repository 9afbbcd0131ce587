"""A source file as a syntax tree, with the way from positions to nodes and from nodes to offsets in the text."""

from collections.abc import Iterator
from functools import cached_property
from typing import cast

import libcst as cst
from libcst.metadata import (
    Assignment,
    BaseAssignment,
    CodeRange,
    ImportAssignment,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    Scope,
    ScopeProvider,
)

from isograd.facts.treatment import Position
from isograd.treatment.patch.source.file import Source
from isograd.treatment.patch.unplaced import Unplaced, told

Statement = cst.BaseSmallStatement | cst.BaseCompoundStatement
Function = cst.FunctionDef | cst.Lambda
Span = tuple[int, int]
"""First offset in the text, and the one behind the last."""

_DELAYED = (cst.Lambda, cst.Decorator, cst.Param, cst.Annotation)
_REPEATED = (cst.GeneratorExp, cst.ListComp, cst.SetComp, cst.DictComp)


class Tree:
    """The tree of one file; it is never changed.

    Raises:
        Unplaced: The file cannot be parsed.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        try:
            self._wrapper = MetadataWrapper(cst.parse_module(source.text))
        except (cst.ParserSyntaxError, cst.CSTValidationError, RecursionError) as error:
            raise Unplaced(f"{source.path} cannot be parsed") from error
        self.module = self._wrapper.module
        if self.module.code != source.text:
            raise Unplaced(f"{source.path} cannot be parsed without loss")
        # Unchecked casts: libcst's mappings hold these types for these providers.
        self._ranges = cast(dict[cst.CSTNode, CodeRange], self._wrapper.resolve(PositionProvider))
        self._parents = cast(dict[cst.CSTNode, cst.CSTNode], self._wrapper.resolve(ParentNodeProvider))

    @cached_property
    def _scopes(self) -> dict[cst.CSTNode, Scope | None]:
        return cast(dict[cst.CSTNode, Scope | None], self._wrapper.resolve(ScopeProvider))

    @cached_property
    def _calls(self) -> dict[int, cst.Call]:
        """By the offset behind the closing bracket, which no two calls share."""
        return {self.span(node)[1]: node for node in self._ranges if isinstance(node, cst.Call)}

    @cached_property
    def names(self) -> frozenset[str]:
        """All variables of the file, whatever they stand for."""
        return self.names_in(self.module)

    def names_in(self, node: cst.CSTNode) -> frozenset[str]:
        """All variables in a part of the file; attributes, keywords and the paths of imports are none."""
        found = (one for one in self.inside(node) if isinstance(one, cst.Name))
        return frozenset(one.value for one in found if not self._is_attribute(one))

    def _is_attribute(self, name: cst.Name) -> bool:
        above = self.parent(name)
        if isinstance(above, cst.Attribute):
            return above.attr is name or isinstance(self.parent(above), cst.ImportAlias | cst.ImportFrom)
        if isinstance(above, cst.ImportFrom) or (isinstance(above, cst.ImportAlias) and above.asname is not None):
            return True
        return isinstance(above, cst.Arg) and above.keyword is name

    def span(self, node: cst.CSTNode) -> Span:
        """Where a node stands, without brackets around it."""
        where, starts = self._ranges[node], self.source.line_starts
        return starts[where.start.line - 1] + where.start.column, starts[where.end.line - 1] + where.end.column

    def outer(self, node: cst.BaseExpression) -> Span:
        """Where an expression stands, with brackets around it."""
        start, end = self.span(node)
        if node.lpar:
            start, end = self.span(node.lpar[0])[0], self.span(node.rpar[-1])[1]
        return start, end

    def text(self, node: cst.BaseExpression) -> str:
        """An expression's source, with brackets around it."""
        start, end = self.outer(node)
        return self.source.text[start:end]

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Parents from the nearest to the module."""
        while not isinstance(node, cst.Module):
            node = self._parents[node]
            yield node

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        """The nearest ancestor."""
        return self._parents[node]

    def call_at(self, position: Position) -> cst.Call:
        """The call at a position.

        Raises:
            Unplaced: There is none.
        """
        start, end = self._offsets(position)
        call = self._calls.get(end)
        if call is None or start not in self._possible_starts(call):
            raise Unplaced(f"{told(position)} holds no such call")
        return call

    def _possible_starts(self, call: cst.Call) -> set[int]:
        """Python moves the start of a method call to the method's name if they stand on different lines."""
        starts = {self.outer(call)[0], self.span(call)[0]}
        return starts | {self.span(call.func.attr)[0]} if isinstance(call.func, cst.Attribute) else starts

    def expression_at(self, position: Position) -> cst.BaseExpression:
        """The smallest expression that covers a position.

        Raises:
            Unplaced: There is none.
        """
        start, end = self._offsets(position)
        covering = [
            node
            for node in self._ranges
            if isinstance(node, cst.BaseExpression) and self.span(node)[0] <= start and end <= self.span(node)[1]
        ]
        if not covering:
            raise Unplaced(f"{told(position)} holds no such expression")
        return min(covering, key=lambda node: self.span(node)[1] - self.span(node)[0])

    def function_around(self, position: Position) -> Function:
        """The innermost function that covers a position.

        Raises:
            Unplaced: There is none.
        """
        start, end = self._offsets(position)
        covering = [
            node
            for node in self._ranges
            if isinstance(node, cst.FunctionDef | cst.Lambda)
            and self.span(node.body)[0] <= end
            and self.span(node)[0] <= start
            and end <= self.span(node)[1]
        ]
        if not covering:
            raise Unplaced(f"{told(position)} is in no function")
        return max(covering, key=lambda node: self.span(node)[0])

    def statement_of(self, node: cst.CSTNode) -> Statement:
        """The statement that runs when an expression is evaluated.

        Raises:
            Unplaced: The expression is in a lambda, a comprehension, a default or a decorator, or is evaluated again
                and again by the head of a loop.
        """
        below = node
        for above in self.ancestors(node):
            if isinstance(above, _DELAYED):
                raise Unplaced("the call is in a lambda, a default or a decorator")
            if isinstance(above, cst.While) and below is above.test:
                raise Unplaced("the call is in the head of a loop")
            if isinstance(above, cst.If) and isinstance(self.parent(above), cst.If):
                below = above
                continue  # an elif: its test runs when the whole statement does
            if isinstance(above, cst.BaseSmallStatement | cst.BaseCompoundStatement):
                return above
            below = above
        raise Unplaced("the call is in no statement")

    def between(self, node: cst.CSTNode, statement: Statement) -> Iterator[cst.CSTNode]:
        """Ancestors of an expression below its statement."""
        for above in self.ancestors(node):
            if above is statement:
                return
            yield above

    def is_repeated(self, node: cst.CSTNode, statement: Statement) -> bool:
        """True if a comprehension evaluates the expression."""
        return any(isinstance(above, _REPEATED) for above in self.between(node, statement))

    def function_of(self, node: cst.CSTNode) -> cst.CSTNode:
        """The function, class or module whose variables a statement uses."""
        kinds = (cst.FunctionDef, cst.Lambda, cst.ClassDef, cst.Module)
        return next((above for above in self.ancestors(node) if isinstance(above, kinds)), self.module)

    def scope(self, node: cst.CSTNode) -> Scope:
        """The scope that an expression is evaluated in."""
        for one in (node, *self.ancestors(node)):
            scope = self._scopes.get(one)
            if scope is not None:
                return scope
        return cast(Scope, self._scopes[self.module])

    def inside(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """All nodes below a node, itself first."""
        waiting = [node]
        while waiting:
            one = waiting.pop()
            yield one
            waiting += reversed(one.children)

    def binding(self, name: str, node: cst.CSTNode) -> tuple[BaseAssignment, ...]:
        """What binds a name that is used at a node."""
        return tuple(self.scope(node)[name])

    def is_import(self, binding: BaseAssignment) -> bool:
        """True for an import, and for what an `except` puts in the place of one that failed."""
        if isinstance(binding, ImportAssignment):
            return True
        return isinstance(binding, Assignment) and any(
            isinstance(above, cst.ExceptHandler) for above in self.ancestors(binding.node)
        )

    def _offsets(self, position: Position) -> Span:
        if not 1 <= position.line <= position.end_line <= len(self.source.line_starts):
            raise Unplaced(f"{told(position)} is not there, or Python kept no columns")
        return (
            self.source.offset(position.line, position.column),
            self.source.offset(position.end_line, position.end_column),
        )
