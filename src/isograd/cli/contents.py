"""The list of all that `isograd explain` can explain: rules one a line, all else one family a line."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from isograd.diagnosis.rules import RULES
from isograd.facts import Language, Text
from isograd.report.explanation_families import FAMILIES, Family, Kind
from isograd.report.explanations import Explanation, explained
from isograd.report.language import render

_WIDTH = 100
_RULES = Text("Rules", "규칙")
_KINDS: dict[Kind, Text] = {
    "remedy": Text("Remedies", "해결 방안"),
    "cause": Text("Causes", "원인"),
    "term": Text("Terms", "용어"),
}


def contents(language: Language) -> str:
    """The list, in lines of at most 100 columns."""
    lines = [render(_RULES, language)]
    width = max(len(rule.name) for rule in RULES)
    lines += [f"  {rule.code}  {rule.name:<{width}}  {render(rule.title, language)}" for rule in RULES]
    for kind, heading in _KINDS.items():
        families = [family for family in FAMILIES if family.kind == kind]
        lines += ["", render(heading, language), *_families(families, language)]
    return "\n".join(lines) + "\n"


def _families(families: Sequence[Family], language: Language) -> Iterator[str]:
    titles = [render(family.title, language) for family in families]
    indent = 4 + max(map(cell_len, titles))
    for family, title in zip(families, titles, strict=True):
        start = f"  {title}".ljust(indent - cell_len(title) + len(title))
        for line in _wrapped([_name(page, language) for page in explained(family)], indent):
            yield start + line
            start = " " * indent


def _name(page: Explanation, language: Language) -> str:
    """What to ask for: remedies and causes go by the names that reports and files hold, terms by the language's own."""
    return page.title.ko.partition(" (")[0] if language == "ko" and page.kind == "term" else page.name


def _wrapped(names: Sequence[str], indent: int) -> Iterator[str]:
    line = ""
    for name in names:
        if line and indent + cell_len(f"{line}, {name},") > _WIDTH:
            yield line + ","
            line = name
        else:
            line = f"{line}, {name}" if line else name
    yield line
