"""`isograd view`: the report of an earlier or still running run."""

import sys
from pathlib import Path
from typing import Any

import click

from isograd.cli.options import output_options, outputs
from isograd.errors import UsageError


@click.command()
@output_options
@click.argument("run_path", metavar="[RUN]", required=False)
def view(run_path: str | None, **rest: Any) -> int:
    """Print what was found in an earlier or still running RUN.

    RUN is its folder or the record in it; by default, the latest below .isograd/runs.
    """
    from isograd.cli.closing import print_diagnosis, status_for, write_findings, write_page
    from isograd.cli.folder import recorded_in
    from isograd.diagnosis import diagnose
    from isograd.record import read

    asked = outputs(**rest)
    place = recorded_in(_asked_for(run_path))
    record = read(place)
    diagnosis = diagnose(record)
    if asked.html is not None:
        write_page(record, diagnosis, asked, asked.html)
    if asked.json is not None:
        write_findings(record, diagnosis, asked, asked.json, sys.stdout)
    if not asked.quiet and asked.json != "-":
        page = place / "report.html"
        print_diagnosis(record, diagnosis, asked, sys.stdout, str(page) if page.is_file() else None)
    return status_for(diagnosis, asked)


def _asked_for(run_path: str | None) -> Path:
    if run_path is not None:
        return Path(run_path)
    from isograd.cli.folder import RUNS, latest

    found = latest()
    if found is None:
        raise UsageError(f"there is no run in {RUNS}; name one, or make one with: isograd run train.py")
    return found
