"""Writes the pages of the rules, and their lists, from the rules themselves: `python docs/rules.py`.

The same texts are printed by `isograd explain` and shown in the report, so they are kept beside the rules' code and
only copied here. A test holds the copies against them.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from isograd.diagnosis.rules import RULES, Rule
from isograd.facts import Language
from isograd.report.catalogue import problem_title
from isograd.report.language import render

DOCS = Path(__file__).resolve().parent
LANGUAGES: tuple[Language, ...] = ("en", "ko")
NOTE = "<!-- Made from the rule's own page by docs/rules.py; change that one. -->\n\n"
HEADS: Mapping[Language, str] = MappingProxyType(
    {
        "en": "# The rules\n\nWhat isograd looks for, in the order in which equally grave findings are told.\n\n"
        "| code | name | title | problem |\n|---|---|---|---|\n",
        "ko": "# 규칙\n\nisograd가 찾는 것의 목록입니다. 심각도가 같은 진단은 이 순서로 보고합니다.\n\n"
        "| 코드 | 이름 | 제목 | 문제 |\n|---|---|---|---|\n",
    }
)


def pages() -> Iterator[tuple[Path, str]]:
    """Every generated file with its text."""
    for language in LANGUAGES:
        folder = DOCS / language / "rules"
        for rule in RULES:
            yield folder / f"{rule.code}.md", NOTE + rule.page(language).strip() + "\n"
        rows = "".join(_row(rule, language) for rule in RULES)
        yield folder / "README.md", NOTE + HEADS[language] + rows


def _row(rule: Rule, language: Language) -> str:
    problem = f"{problem_title(rule.problem, language)} (`{rule.problem}`)"
    return f"| [{rule.code}]({rule.code}.md) | `{rule.name}` | {render(rule.title, language)} | {problem} |\n"


def main() -> None:
    """Writes them all."""
    for path, text in pages():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
