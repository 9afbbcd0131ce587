"""Lines before and after a statement, in the indentation and with the line ends that are there."""

import re
from dataclasses import dataclass, field
from functools import cached_property

import libcst as cst

from isograd.treatment.patch.lines.snippet import VERBATIM, indented
from isograd.treatment.patch.source.text_edits import Splice, spliced
from isograd.treatment.patch.source.tree import Span, Statement, Tree
from isograd.treatment.patch.unplaced import Unplaced

Line = cst.SimpleStatementLine | cst.SimpleStatementSuite


@dataclass(frozen=True)
class Hoist:
    """A part of a statement that becomes a statement of its own before it."""

    part: Span
    """The expression that is named."""
    place: Span
    """What the name takes the place of: the expression, or the whole of `(name := expression)`."""
    name: str
    """Its name from then on."""
    lines: list[str] = field(default_factory=list)
    """Further statements behind it."""


@dataclass
class StatementEdit:
    """What is to stand around one statement."""

    first: list[Hoist] = field(default_factory=list)
    """Parts that the lines before need."""
    before: list[str] = field(default_factory=list)
    """Statements before it."""
    repeated: list[str] = field(default_factory=list)
    """Statements of the user's that must be made once more after these."""
    hoists: list[Hoist] = field(default_factory=list)
    """Parts that come after these."""
    after: list[str] = field(default_factory=list)
    """Statements after it."""


def splices_of(tree: Tree, edits: dict[Statement, StatementEdit], inner: list[Splice]) -> list[Splice]:
    """All changes of lines as changes of the text.

    Args:
        tree: The file.
        edits: By statement.
        inner: Changes within expressions, which hoisted parts carry with them.
    """
    made: list[Splice] = []
    lines: dict[Line, dict[int, StatementEdit]] = {}
    for statement, edit in edits.items():
        hoists = [*edit.first, *edit.hoists]
        made += [Splice(*hoist.place, hoist.name, whole=True) for hoist in hoists]
        above = tree.parent(statement)
        if isinstance(above, cst.SimpleStatementLine | cst.SimpleStatementSuite):
            lines.setdefault(above, {})[list(above.body).index(statement)] = edit  # type: ignore[arg-type]  # a small one
        else:
            made += _Place(tree, statement, inner).around(edit)
    for line, by_number in lines.items():
        made += _in_line(tree, line, by_number, inner)
    return made


def _in_line(tree: Tree, line: Line, edits: dict[int, StatementEdit], inner: list[Splice]) -> list[Splice]:
    """Changes of one line of statements; the line is broken where something must come between them."""
    place = _Place(tree, line, inner)
    made = []
    count = len(line.body)
    for gap in range(count + 1):
        text = place.block([*place.after(edits.get(gap - 1)), *place.before(edits.get(gap))])
        if gap == 0 and isinstance(line, cst.SimpleStatementSuite):
            start, end = _colon_end(tree, line), tree.span(line.body[0])[0]
            made.append(Splice(start, end, place.newline + text + place.indent))
        elif not text:
            continue
        elif gap == 0:
            made.append(Splice(place.above, place.above, text))
        elif gap < count:
            start, end = tree.span(line.body[gap - 1])[1], tree.span(line.body[gap])[0]
            made.append(Splice(start, end, place.newline + text + place.indent))
        else:
            made.append(place.below(text))
    return made


def _colon_end(tree: Tree, suite: cst.SimpleStatementSuite) -> int:
    start = tree.span(suite.body[0])[0]
    return len(tree.source.text[:start].rstrip(" \t\f\\\r\n"))


class _Place:
    """Indentation, line ends and offsets around a statement."""

    def __init__(
        self, tree: Tree, statement: Line | cst.BaseCompoundStatement | Statement, inner: list[Splice]
    ) -> None:
        self._tree = tree
        self._statement = statement
        self._inner = inner
        self._start = _start(tree, statement)
        self._end = tree.span(statement)[1]
        end_of_line, ending = tree.source.line_end(self._end)
        self._next_line = end_of_line + len(ending)
        self.newline = ending or tree.module.default_newline

    @cached_property
    def indent(self) -> str:
        """White space before the statement; of a suite behind a colon, what it will have on a line of its own."""
        source = self._tree.source
        if isinstance(self._statement, cst.SimpleStatementSuite):
            head = self._tree.span(self._tree.parent(self._statement))[0]
            line = source.text[source.line_at(head) :]
            return (re.match(r"[ \t\f]*", line) or [""])[0] + self._tree.module.default_indent
        line = source.text[source.line_at(self._start) : self._start]
        if line.strip():
            raise Unplaced("the statement does not begin its line")
        return line.rpartition("\f")[2]

    @property
    def above(self) -> int:
        """Where lines before the statement go: above the comments that belong to it."""
        offset = self._start
        for empty in reversed(getattr(self._statement, "leading_lines", ())):
            if empty.comment is None:
                break
            offset = self._tree.span(empty.comment)[0]
        return self._tree.source.line_at(offset)

    def below(self, text: str) -> Splice:
        """Lines after the statement's last."""
        if self._next_line == len(self._tree.source.text) and not self._tree.source.text.endswith(("\n", "\r")):
            text = self.newline + text.removesuffix(self.newline)
        # At the end of several blocks the innermost comes first, and all before what precedes the next statement.
        return Splice(self._next_line, self._next_line, text, order=-1 - len(self.indent))

    def before(self, edit: StatementEdit | None) -> list[str]:
        """Statements before it, hoisted ones among them."""
        if edit is None:
            return []
        first = [line for hoist in edit.first for line in (self._moved(hoist), *hoist.lines)]
        last = [line for hoist in edit.hoists for line in (self._moved(hoist), *hoist.lines)]
        return [*first, *edit.before, *edit.repeated, *last]

    def after(self, edit: StatementEdit | None) -> list[str]:
        """Statements after it."""
        return [] if edit is None else edit.after

    def block(self, statements: list[str]) -> str:
        """Statements as lines of the file."""
        unit = self._tree.module.default_indent
        return "".join(indented(one, self.indent, unit, self.newline) for one in statements)

    def around(self, edit: StatementEdit) -> list[Splice]:
        """Changes around a compound statement."""
        before, after = self.block(self.before(edit)), self.block(self.after(edit))
        made = [Splice(self.above, self.above, before)] if before else []
        return [*made, self.below(after)] if after else made

    def _moved(self, hoist: Hoist) -> str:
        """The statement that a hoisted part becomes; its further lines keep their indentation."""
        return f"{VERBATIM}{hoist.name} = {spliced(self._tree.source.text, self._inner, *hoist.part)}"


def _start(tree: Tree, statement: cst.CSTNode) -> int:
    """Where a statement begins, its decorators included."""
    decorators = getattr(statement, "decorators", ())
    return min(tree.span(one)[0] for one in (statement, *decorators))
