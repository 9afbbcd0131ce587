"""The cases of all remedies, gathered from their families' files."""

from importlib import import_module
from pathlib import Path

from cases.case import Case

CASES: tuple[Case, ...] = tuple(
    case
    for file in sorted(Path(__file__).parent.glob("*.py"))
    if file.stem not in ("__init__", "case")
    for case in import_module(f"cases.{file.stem}").CASES
)
