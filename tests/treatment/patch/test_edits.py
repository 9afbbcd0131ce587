"""Properties of edits on real programs: every call is found, and lines go between statements without touching any."""

import ast
import random
from pathlib import Path

import libcst as cst
import pytest

from isograd.facts.treatment import Position
from isograd.treatment.patch.source.draft import opened
from isograd.treatment.patch.source.file import Source, read
from isograd.treatment.patch.source.text_edits import Splice, spliced
from isograd.treatment.patch.unplaced import Unplaced

_ROOT = Path(__file__).parents[3]
_FILES = sorted(
    [*(_ROOT / "examples").glob("*.py"), *(_ROOT / "bench").glob("*.py"), *Path(__file__).parent.glob("*.py")]
)


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_every_call_is_found_by_its_position(path: Path) -> None:
    draft = opened(read(str(path)))
    for node in ast.walk(ast.parse(draft.source.content)):
        if isinstance(node, ast.Call):
            assert node.end_lineno is not None
            assert node.end_col_offset is not None
            position = Position(str(path), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
            found = draft.tree.call_at(position)
            assert ast.unparse(ast.parse(draft.tree.text(found), mode="eval")) == ast.unparse(node)


def _takes_company(draft_statement: cst.CSTNode, parent: cst.CSTNode) -> bool:
    """False for an elif, a `__future__` import and a docstring, which lines cannot be put before."""
    if isinstance(draft_statement, cst.If) and isinstance(parent, cst.If):
        return False
    if isinstance(draft_statement, cst.Expr) and isinstance(draft_statement.value, cst.SimpleString):
        return False
    return not isinstance(draft_statement, cst.ImportFrom)


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_lines_around_any_statements(path: Path) -> None:
    draft = opened(read(str(path)))
    tree = draft.tree
    statements = [
        node
        for node in tree.inside(tree.module)
        if isinstance(node, cst.BaseSmallStatement | cst.BaseCompoundStatement)
        and _takes_company(node, tree.parent(node))
    ]
    for statement in random.Random(0).sample(statements, min(40, len(statements))):
        edit = draft.at(statement)
        edit.before.append("if before:\n    mark()")
        if not isinstance(statement, cst.Return | cst.Raise | cst.Break | cst.Continue):
            edit.after.append("mark()")
    new = iter(draft.text().split("\n"))  # it compiles, or this raises
    assert all(any(line == old for line in new) for old in draft.source.text.split("\n"))


def test_branches_do_not_share_edits() -> None:
    source = Source("x.py", b"a = f(1)\nb = 2\n", "utf-8")
    draft = opened(source)
    statement = next(node for node in draft.tree.inside(draft.tree.module) if isinstance(node, cst.Assign))
    draft.at(statement).before.append("first()")
    branch = draft.branch()
    branch.at(statement).before.append("second()")
    assert draft.text() == "first()\na = f(1)\nb = 2\n"
    assert branch.text() == "first()\nsecond()\na = f(1)\nb = 2\n"


def test_overlapping_changes_are_refused() -> None:
    with pytest.raises(Unplaced):
        spliced("abcdef", [Splice(0, 3, "x"), Splice(2, 5, "y")])


def test_what_moves_takes_its_changes_along() -> None:
    inner = Splice(2, 3, "C")
    assert spliced("abcdef", [inner], 1, 4) == "bCd"
    assert spliced("abcdef", [inner, Splice(1, 4, "name", whole=True)]) == "anameef"
