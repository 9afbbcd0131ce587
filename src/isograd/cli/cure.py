"""`isograd cure`: remedies tried against the unchanged training, proved or refused, and the change to make."""

import os
import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from isograd.cli.console import INTERRUPTED_STATUS, on_terminal, write
from isograd.cli.options import Outputs, output_options, outputs

if TYPE_CHECKING:
    from isograd.treatment.curing.options import Cured

_EPILOG = """Options after the script's name are the script's. The script is run many times; what it writes goes into
the folder of each trial, and nothing of yours is overwritten. Started again after it was broken off, the same command
goes on where it stopped."""


@click.command(
    short_help="Try remedies and prove which one works.",
    context_settings={"allow_interspersed_args": False},
    epilog=_EPILOG,
)
@click.option("-m", "as_module", is_flag=True, help="SUBJECT is the name of a module, as after python -m.")
@click.option("--metric", metavar="REGEX", help="Judge by the last number that matches in the script's output.")
@click.option("--lower", is_flag=True, help="Lower values of --metric are better. [default: higher]")
@click.option("--remedy", "remedies", multiple=True, metavar="NAME", help="Try this one only; NAME+NAME for both.")
@click.option("--seeds", type=click.IntRange(2, 50), default=5, show_default=True, help="Seeds of the proof.")
@click.option("--steps", type=click.IntRange(1), metavar="N", help="Steps of each run. [default: all]")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), metavar="M", help="Stop after so many minutes.")
@click.option("--trials", type=click.IntRange(1), metavar="N", help="Stop after so many runs.")
@click.option(
    "--parallel", type=click.IntRange(1), metavar="N", help="Runs at once. [default: the processors, at most 8]"
)
@click.option("--write", "apply", is_flag=True, help="Apply the change to your source if it is proved.")
@click.option("--fresh", is_flag=True, help="Forget what an earlier cure of the same command has tried.")
@click.option("--out", metavar="DIR", help="Folder of the trials. [default: .isograd/cures/<name>-<hash>]")
@output_options
@click.argument("subject", metavar="SUBJECT", type=click.UNPROCESSED)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
def cure(subject: str, args: tuple[str, ...], as_module: bool, **rest: Any) -> int:
    """Try remedies against the unchanged training and prove which one cures it.

    SUBJECT is a training script, or path/to/file.py:name or package.module:name where name is a function that returns
    an isograd.Task, or a mapping with its fields.
    """
    from isograd.cli.cure_options import options_of, subject_of

    apply: bool = rest.pop("apply")
    names = ("metric", "lower", "remedies", "seeds", "steps", "minutes", "trials", "parallel", "fresh", "out")
    wanted = {name: rest.pop(name) for name in names}
    asked = outputs(**rest)
    target = subject_of(subject, args, as_module)
    options = options_of(target, wanted)
    command = _writing(sys.argv[2:], 1 + len(args))
    from isograd.cli.cure_progress import progress
    from isograd.treatment.curing.cure import cure as heal

    live = not asked.quiet and on_terminal(sys.stderr)
    with progress(sys.stderr if not asked.quiet else None, live, asked.language) as tell:
        cured = heal(target, options, tell)
    return _report(cured, asked, command, apply)


def _writing(given: Sequence[str], tail: int) -> str:
    """The same command with `--write`, which takes up what was tried: `--fresh` would have all of it tried again.

    Args:
        given: Arguments of this command.
        tail: How many of them, from the subject on, are no options of ours.

    >>> _writing(["--fresh", "--lang", "ko", "train.py", "--fresh"], 2)
    'isograd cure --write --lang ko train.py --fresh'
    """
    options, rest = given[:-tail], given[-tail:]
    return shlex.join(["isograd", "cure", "--write", *(one for one in options if one != "--fresh"), *rest])


def _report(cured: "Cured", asked: Outputs, command: str, apply: bool) -> int:
    """Prints, writes what was asked for and the change; 130 if broken off, 3 if `--fail-on` applies, else 0."""
    from isograd.cli.closing import shown_path, status_for, write_text
    from isograd.diagnosis.rules import RULES
    from isograd.report.verdict.findings import verdict_json
    from isograd.report.verdict.page import verdict_html
    from isograd.report.verdict.terminal import render_verdict

    verdict = cured.verdict
    found = (verdict, cured.record, cured.diagnosis, asked.language)
    pages = {rule.code: rule.page(asked.language) for rule in RULES}
    shown = "" if apply else command
    for place in (str(cured.folder / "report.html"), asked.html):
        if place is not None:
            write_text(place, lambda: verdict_html(*found, pages, shown), asked)
    for place in (str(cured.folder / "findings.json"), None if asked.json == "-" else asked.json):
        if place is not None:
            write_text(place, lambda: verdict_json(*found), asked)
    if asked.json == "-":
        write(verdict_json(*found), sys.stdout)
    if not asked.quiet:
        report = shown_path(cured.folder / "report.html", os.getcwd())
        text = render_verdict(verdict, asked.language, command=shown, stream=sys.stderr, report_path=report)
        write(text, sys.stderr)
    if apply:
        _apply(cured, asked)
    if verdict.outcome == "interrupted":
        return INTERRUPTED_STATUS
    return 0 if verdict.outcome == "cured" else status_for(cured.diagnosis, asked)


def _apply(cured: "Cured", asked: Outputs) -> None:
    """Writes the change into the user's source, if it was proved and there is one."""
    from isograd.cli import sentences
    from isograd.cli.closing import say, shown_path
    from isograd.treatment.patch.writing import write as write_patch

    if cured.verdict.outcome != "cured" or cured.patch is None or not cured.patch.files:
        say(sentences.nothing_written(), asked)
        return
    if not cured.verdict.can_be_applied:
        say(sentences.not_the_same(), asked)
        return
    write_patch(cured.patch)
    for file in cured.patch.files:
        say(sentences.written(shown_path(file, os.getcwd())), asked)
