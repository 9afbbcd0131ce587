"""A file with the changes that were decided so far."""

import copy
from dataclasses import dataclass, field

import libcst as cst

from isograd.treatment.patch.source import call_edits, statement_edits
from isograd.treatment.patch.source.call_edits import CallEdit
from isograd.treatment.patch.source.file import Source
from isograd.treatment.patch.source.header import Header, header_splices
from isograd.treatment.patch.source.statement_edits import StatementEdit
from isograd.treatment.patch.source.text_edits import Splice, spliced
from isograd.treatment.patch.source.tree import Statement, Tree
from isograd.treatment.patch.unplaced import Unplaced


@dataclass
class Draft:
    """One file, and what is to be changed in it."""

    source: Source
    """As it is."""
    tree: Tree
    """As it is, parsed."""
    calls: dict[cst.Call, CallEdit] = field(default_factory=dict)
    """Calls that become others."""
    values: dict[cst.BaseExpression, str] = field(default_factory=dict)
    """Expressions that become others; `{}` stands for what is there."""
    statements: dict[Statement, StatementEdit] = field(default_factory=dict)
    """Statements that get company."""
    header: Header = field(default_factory=Header)
    """What goes to the top."""
    variables: set[str] = field(default_factory=set)
    """Names that added lines bind."""

    @property
    def added(self) -> set[str]:
        """All names that are added to the file."""
        return self.variables | self.header.names

    @property
    def changed(self) -> bool:
        """True if anything is to be changed."""
        return bool(self.calls or self.values or self.statements)

    def at(self, statement: Statement) -> StatementEdit:
        """What is to stand around a statement, to be added to."""
        return self.statements.setdefault(statement, StatementEdit())

    def call(self, call: cst.Call) -> CallEdit:
        """What becomes of a call, to be added to."""
        return self.calls.setdefault(call, CallEdit())

    def branch(self) -> "Draft":
        """A copy that can be given up; nodes of the tree are the same objects."""
        elements = [element for edit in self.calls.values() for element, _ in edit.before]
        kept = [self.tree, self.source, *self.calls, *self.values, *self.statements, *elements]
        return copy.deepcopy(self, {id(one): one for one in kept})

    def text(self) -> str:
        """The file as it is to become.

        Raises:
            Unplaced: The changes do not fit together, or the result would be no Python.
        """
        inner = [one for call, edit in self.calls.items() for one in call_edits.splices_of(self.tree, call, edit)]
        for value, template in self.values.items():
            start, end = self.tree.outer(value)
            head, _, tail = template.partition("{}")
            inner += [Splice(start, start, head), Splice(end, end, tail)]
        lines = statement_edits.splices_of(self.tree, self.statements, inner)
        edited = [self.tree.span(node)[0] for node in (*self.calls, *self.values, *self.statements)]
        top = header_splices(self.tree, self.header, min(edited, default=len(self.source.text)))
        text = spliced(self.source.text, [*top, *lines, *inner])
        try:
            compile(self.source.encode(text), self.source.path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as error:  # ValueError: a character that the file's encoding lacks
            raise Unplaced(f"the changed {self.source.path} would not compile: {error}") from error
        return text


def opened(source: Source) -> Draft:
    """A file before any change."""
    return Draft(source, Tree(source))
