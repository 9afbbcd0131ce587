"""`isograd view`: the report of an earlier or still running run."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from isograd.cli.console import write
from isograd.cli.options import Outputs, output_options, outputs
from isograd.errors import RecordError, UsageError

if TYPE_CHECKING:
    from isograd.facts import Record


@click.command(short_help="Show what was found in a run.")
@click.option("--serve", "live", is_flag=True, help="Show the report as a live page for browsers on this machine.")
@click.option(
    "--port", type=click.IntRange(0, 65535), metavar="N", help="Port of the live page. [default: any that is free]"
)
@output_options
@click.argument("run_path", metavar="[RUN]", required=False)
def view(run_path: str | None, live: bool, port: int | None, **rest: Any) -> int:
    """Print what was found in an earlier or still running RUN.

    RUN is its folder or the record in it; by default, the latest below .isograd/runs.
    """
    from isograd.cli.closing import print_diagnosis, status_for, write_findings, write_page
    from isograd.cli.folder import recorded_in
    from isograd.diagnosis import diagnose

    asked = outputs(**rest)
    _check(live, port, asked)
    place = recorded_in(_asked_for(run_path))
    record = _read(place)
    diagnosis = diagnose(record)
    if asked.html is not None:
        write_page(record, diagnosis, asked, asked.html)
    if asked.json is not None:
        write_findings(record, diagnosis, asked, asked.json, sys.stdout)
    if live:
        return _serve(place, port or 0, asked)
    if not asked.quiet and asked.json != "-":
        page = place / "report.html"
        print_diagnosis(record, diagnosis, asked, sys.stdout, str(page) if page.is_file() else None)
    return status_for(diagnosis, asked)


def _read(place: Path) -> "Record":
    """The record; one of which damage has left nothing to judge is an error and no run in which nothing was trained."""
    from isograd.record import read
    from isograd.record.reader import DAMAGED

    record = read(place)
    damaged = any(note.startswith(DAMAGED) for note in record.run.notes)
    if damaged and not any(len(seen.steps.step) or len(seen.readings.step) for seen in record.observed):
        raise RecordError(f"The record of {place} is damaged and none of its steps can be read: name another run.")
    return record


def _check(live: bool, port: int | None, asked: Outputs) -> None:
    if port is not None and not live:
        raise UsageError(f"--port {port} is for the live page; add --serve")
    if live and asked.json == "-":
        raise UsageError("--serve prints the page's address where --json - would print the findings; give it a file")


def _serve(place: Path, port: int, asked: Outputs) -> int:
    """Serves the run's page until Ctrl-C."""
    from isograd.cli import sentences
    from isograd.cli.closing import say
    from isograd.cli.live_page import page_of
    from isograd.cli.serve import Server, serve

    server = Server(port, page_of(place, asked.language))
    write(f"{server.url}\n", sys.stdout)
    if not asked.quiet:
        say(sentences.serving(), asked)
    serve(server)
    return 0


def _asked_for(run_path: str | None) -> Path:
    if run_path is not None:
        return Path(run_path)
    from isograd.cli.folder import RUNS, latest

    found = latest()
    if found is None:
        raise UsageError(f"there is no run in {RUNS}; name one, or make one with: isograd run train.py")
    return found
