"""Imports and definitions at the top of a module."""

import itertools
from dataclasses import dataclass, field

import libcst as cst

from isograd.treatment.patch.lines.snippet import indented
from isograd.treatment.patch.source.text_edits import Splice
from isograd.treatment.patch.source.tree import Span, Tree


@dataclass
class Wrapper:
    """A function that lines were put into because what they follow is made within an expression."""

    name: str
    """Its name."""
    parameter: str
    """What it is given and gives back."""
    lines: list[str] = field(default_factory=list)
    """What it does with it."""

    @property
    def source(self) -> str:
        """Its definition."""
        body = "".join(indented(one, "    ", "    ", "\n") for one in [*self.lines, f"return {self.parameter}"])
        return f"def {self.name}({self.parameter}):\n{body}".rstrip("\n")


@dataclass
class Header:
    """What is to be added at the top of a file."""

    imports: list[str] = field(default_factory=list)
    """Import statements."""
    definitions: list[str] = field(default_factory=list)
    """Functions and classes."""
    imported: list[tuple[str, str]] = field(default_factory=list)
    """Names that the imports bind, with their full names."""
    defined: dict[str, str] = field(default_factory=dict)
    """The remedies' definitions, with the names that they got."""

    wrappers: dict[Span, Wrapper] = field(default_factory=dict)
    """By the place of the expression whose value goes through it."""

    @property
    def names(self) -> set[str]:
        """All names that are added."""
        return (
            {name for name, _ in self.imported}
            | set(self.defined.values())
            | {one.name for one in self.wrappers.values()}
        )

    def add_import(self, statement: str, name: str, meaning: str) -> None:
        """Adds an import statement that binds a name."""
        self.imports.append(statement)
        self.imported.append((name, meaning))


def header_splices(tree: Tree, header: Header, limit: int) -> list[Splice]:
    """The top of a file as a change of its text.

    Args:
        tree: The file.
        header: What is to be added.
        limit: Offset of the first other change: what is added must be known there.
    """
    functions = [*header.definitions, *(one.source for one in header.wrappers.values())]
    if not header.imports and not functions:
        return []
    newline, unit = tree.module.default_newline, tree.module.default_indent
    imports = "".join(indented(one, "", unit, newline) for one in header.imports)
    definitions = _apart([indented(one, "", unit, newline) for one in functions], newline)
    offset, behind_imports = top(tree, limit)
    source = tree.source.text
    lead = "" if not offset or source[offset - 1] in "\r\n" else newline
    if definitions:
        gap = "" if not imports and not behind_imports else 2 * newline
        blank = len(source[offset:]) - len(source[offset:].lstrip("\r\n"))
        tail = "" if offset == len(source) else max(0, 2 - blank // len(newline)) * newline
        return [Splice(offset, offset, lead + imports + gap + definitions + tail)]
    tail = "" if behind_imports or source[offset:].startswith(("\n", "\r")) else newline
    return [Splice(offset, offset, lead + imports + tail)]


def _apart(definitions: list[str], newline: str) -> str:
    """Definitions with two empty lines around functions and classes."""
    if not definitions:
        return ""
    parts = [definitions[0]]
    for before, after in itertools.pairwise(definitions):
        large = any(one.startswith(("def ", "class ", "@", "async ")) or newline in one[:-1] for one in (before, after))
        parts += [2 * newline if large else "", after]
    return "".join(parts)


def top(tree: Tree, limit: int) -> tuple[int, bool]:
    """Where additions go, and whether an import stands before them.

    They go behind the last import that comes before the first function, class, loop or other change; without imports,
    behind the docstring; else before the first statement.
    """
    after: cst.CSTNode | None = None
    behind_imports = False
    for number, statement in enumerate(tree.module.body):
        start, end = tree.span(statement)
        if _imports(statement) and start < limit:
            after, behind_imports = statement, True
        elif number == 0 and _is_docstring(statement):
            after = statement
        elif end > limit or not isinstance(statement, cst.SimpleStatementLine):
            break
    if after is not None:
        end, ending = tree.source.line_end(tree.span(after)[1])
        return end + len(ending), behind_imports
    return _first_line(tree), False


def _imports(statement: cst.CSTNode) -> bool:
    """True for imports, also those that `try` or `if` surrounds."""
    if isinstance(statement, cst.SimpleStatementLine):
        return all(isinstance(one, cst.Import | cst.ImportFrom) for one in statement.body)
    if not isinstance(statement, cst.Try | cst.If):
        return False
    lines = statement.body.body
    return bool(lines) and all(isinstance(line, cst.SimpleStatementLine) and _imports(line) for line in lines)


def _is_docstring(statement: cst.CSTNode) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    first = statement.body[0]
    return isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString | cst.ConcatenatedString)


def _first_line(tree: Tree) -> int:
    """Where the line of the first statement begins, above the comments that belong to it."""
    if not tree.module.body:
        return len(tree.source.text)
    statement = tree.module.body[0]
    offset = tree.span(statement)[0]
    for empty in reversed(getattr(statement, "leading_lines", ())):
        if empty.comment is None:
            break
        offset = tree.span(empty.comment)[0]
    return tree.source.line_at(offset)
