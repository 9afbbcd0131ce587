"""`isograd check`: a task before its first step."""

import sys
from typing import TYPE_CHECKING, Any

import click

from isograd.cli.options import Outputs, output_options, outputs

if TYPE_CHECKING:
    from isograd.facts import Checkup


@click.command(short_help="Check a network before its first step.")
@output_options
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the model and its batches.")
@click.argument("spec", metavar="SPEC")
def check(spec: str, seed: int, **rest: Any) -> int:
    """Check a network before the first step: forecast, one batch measured, the cause by experiment.

    SPEC is path/to/file.py:name or package.module:name; name is a function that returns an isograd.Task, or a mapping
    with its fields.
    """
    from isograd.observation.spec import load, parse

    asked = outputs(**rest)
    named = parse(spec)
    task = load(named)
    from isograd.diagnosis.checking import check as examine

    found = examine(task, seed, named.stem)
    return _report(found, asked)


def _report(found: "Checkup", asked: Outputs) -> int:
    """Prints and writes what was asked for; 3 if `--fail-on` applies."""
    from isograd.cli.closing import status_for, write_text
    from isograd.cli.console import write
    from isograd.diagnosis.rules import RULES
    from isograd.report.checkup.findings import checkup_json
    from isograd.report.checkup.page import checkup_html
    from isograd.report.checkup.terminal import render_checkup

    pages = {rule.code: rule.page(asked.language) for rule in RULES}
    page: str | None = None
    if asked.html is not None and write_text(asked.html, lambda: checkup_html(found, asked.language, pages), asked):
        page = asked.html
    if asked.json == "-":
        write(checkup_json(found, asked.language), sys.stdout)
    elif asked.json is not None:
        write_text(asked.json, lambda: checkup_json(found, asked.language), asked)
    if not asked.quiet:
        write(render_checkup(found, asked.language, stream=sys.stderr, report_path=page), sys.stderr)
    return status_for(found.diagnosis, asked)
