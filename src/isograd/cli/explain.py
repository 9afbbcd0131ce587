"""`isograd explain`: the page of a rule."""

import os
import sys
from typing import TYPE_CHECKING

import click

from isograd.cli.console import on_terminal, write
from isograd.cli.options import Outputs, debug_option, language_option
from isograd.errors import UsageError

if TYPE_CHECKING:
    from isograd.diagnosis.rules import Rule


@click.command()
@language_option
@debug_option
@click.argument("name", metavar="[RULE]", required=False)
def explain(name: str | None, lang: str | None, debug: bool) -> int:
    """Print the page of a RULE, or list all rules.

    RULE is its code, its name, or the problem that it finds.
    """
    from isograd.diagnosis.rules import RULES

    language = Outputs(None, None, lang, False, "never", debug).language
    if name is None:
        from isograd.report.language import render

        width = max(len(rule.name) for rule in RULES)
        write(
            "".join(f"{rule.code}  {rule.name:<{width}}  {render(rule.title, language)}\n" for rule in RULES),
            sys.stdout,
        )
        return 0
    pages = [rule.page(language).strip() for rule in _named(name, RULES)]
    _print_page("\n\n".join(pages) + "\n")
    return 0


def _named(name: str, rules: "tuple[Rule, ...]") -> "list[Rule]":
    """The rule of that code or name, else all that find that problem."""
    wanted = name.strip().lower().replace(" ", "-").replace("_", "-")
    for names in (lambda rule: (rule.code.lower(), rule.name.lower()), lambda rule: (rule.problem,)):
        found = [rule for rule in rules if wanted in names(rule)]
        if found:
            return found
    import difflib

    known = [word for rule in rules for word in (rule.code, rule.name, rule.problem)]
    close = difflib.get_close_matches(wanted, [word.lower() for word in known], n=1)
    meant = next((word for word in known if close and word.lower() == close[0]), None)
    hint = f"did you mean {meant}?" if meant else "isograd explain without a name lists all rules."
    raise UsageError(f"there is no rule {name!r}; {hint}")


def _print_page(page: str) -> None:
    """Prints Markdown as it is where a program reads it, and laid out where a person does."""
    if not on_terminal(sys.stdout):
        write(page, sys.stdout)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console(no_color=True if os.environ.get("NO_COLOR") else None).print(Markdown(page))
