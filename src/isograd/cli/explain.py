"""`isograd explain`: the page of a rule, a remedy, a cause or a term."""

import os
import sys

import click

from isograd.cli.console import on_terminal, write
from isograd.cli.options import Outputs, debug_option, language_option
from isograd.errors import UsageError


@click.command(short_help="Explain a rule, a remedy or a term.")
@language_option
@debug_option
@click.argument("name", metavar="[NAME]", nargs=-1)
def explain(name: tuple[str, ...], lang: str | None, debug: bool) -> int:
    """Print the page of a rule, a remedy, a cause or a term, or list them all.

    NAME is what it is called in a report, in English or Korean: IG101, vanishing, activation:relu, forget-gate,
    spectral radius, 기울기 소실.
    """
    from isograd.cli.topics import asked_for, nearest, topics

    language = Outputs(None, None, lang, False, "never", debug).language
    if not name:
        from isograd.cli.contents import contents

        write(contents(language), sys.stdout)
        return 0
    wanted, known = " ".join(name), topics()
    found = asked_for(wanted, known)
    if not found:
        meant = nearest(wanted, known)
        hint = f"did you mean {meant}?" if meant else "isograd explain without a name lists all that there is."
        raise UsageError(f"nothing is called {wanted!r}; {hint}")
    _print_page("\n\n".join(topic.page(language).strip() for topic in found) + "\n")
    return 0


def _print_page(page: str) -> None:
    """Prints Markdown as it is where a program reads it, and laid out where a person does."""
    if not on_terminal(sys.stdout):
        write(page, sys.stdout)
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console(no_color=True if os.environ.get("NO_COLOR") else None).print(Markdown(page))
