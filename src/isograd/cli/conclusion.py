"""What follows when a watched script has ended: the report, or one sentence why there is none."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from isograd.cli import sentences
from isograd.cli.closing import print_diagnosis, say, shown_path, status_for, write_findings, write_page
from isograd.cli.watcher import Plan, Watcher, empty_record
from isograd.observation.runner import Outcome

if TYPE_CHECKING:
    from isograd.facts import Diagnosis, Record


@dataclass(frozen=True)
class Desk:
    """Where the user sat before the script could change it."""

    home: str
    """The working directory."""
    stdout: TextIO
    """For `--json -`."""
    stderr: TextIO
    """For all that isograd says."""


def conclude(plan: Plan, watcher: Watcher, outcome: Outcome, record: "Record | None", desk: Desk) -> int:
    """Diagnoses, prints, and writes what was asked for.

    Args:
        plan: What was watched.
        watcher: Has finished; knows where the record is.
        outcome: How the script ended.
        record: What was seen, None if watching never started.
        desk: Where to speak.

    Returns:
        3 if `--fail-on` applies, else 0.
    """
    if record is None or not any(len(seen.steps.step) for seen in record.observed):
        return _nothing_seen(plan, watcher, outcome, record, desk)
    from isograd.diagnosis import diagnose

    diagnosis = diagnose(record)
    report = _into_folder(plan, watcher, record, diagnosis, desk)
    _where_asked(plan, record, diagnosis, desk)
    if not plan.outputs.quiet:
        print_diagnosis(record, diagnosis, plan.outputs, desk.stderr, report)
    return status_for(diagnosis, plan.outputs)


def _into_folder(plan: Plan, watcher: Watcher, record: "Record", diagnosis: "Diagnosis", desk: Desk) -> str | None:
    """Writes report and findings beside the record; the report's path as the user would type it, if it is there."""
    if watcher.folder is None:
        return None
    write_findings(record, diagnosis, plan.outputs, str(watcher.folder / "findings.json"), desk.stdout)
    page = watcher.folder / "report.html"
    return shown_path(page, desk.home) if write_page(record, diagnosis, plan.outputs, str(page)) else None


def _where_asked(plan: Plan, record: "Record", diagnosis: "Diagnosis", desk: Desk) -> None:
    if plan.outputs.html is not None:
        write_page(record, diagnosis, plan.outputs, plan.outputs.html)
    if plan.outputs.json is not None:
        write_findings(record, diagnosis, plan.outputs, plan.outputs.json, desk.stdout)


def _nothing_seen(plan: Plan, watcher: Watcher, outcome: Outcome, record: "Record | None", desk: Desk) -> int:
    """One sentence, the files if they were asked for, and no litter."""
    watcher.discard()
    if plan.outputs.json is not None or plan.outputs.html is not None:
        from isograd.diagnosis import diagnose

        empty = record if record is not None else empty_record(plan.target, outcome)
        _where_asked(plan, empty, diagnose(empty), desk)
    if not plan.outputs.quiet and (record is not None or not watcher.saw_torch):
        name = plan.target.title
        failed = bool(outcome.status)
        sentence = sentences.no_torch(name) if record is None else sentences.no_step(name, failed)
        say(sentence, plan.outputs, desk.stderr)
    return 0
