"""The end of a run on a terminal: one line for a healthy run, else each finding from what to what to do."""

import os
import shlex
import sys
from pathlib import Path
from typing import TextIO

import numpy as np
from rich.cells import cell_len
from rich.console import RenderableType

from isograd.facts import Diagnosis, Language, Observed, Record
from isograd.facts.experiment import experiments_of
from isograd.report.catalogue import health_title
from isograd.report.findings import steps_seen
from isograd.report.language import render
from isograd.report.names import shorten
from isograd.report.numbers import count, duration, percent, plain
from isograd.report.run_notes import run_notes
from isograd.report.terminal.bars import chart, resample
from isograd.report.terminal.finding import finding_block, headline, place
from isograd.report.terminal.paper import HEALTH_STYLES, Paper, columns, paper, styled, written
from isograd.report.tried import tried_block

_IN_FULL = 3  # further findings take a line each: the report has them all
_LOSS_COLUMNS = 32
_NAMES = 3


def render_terminal(
    record: Record,
    diagnosis: Diagnosis,
    language: Language,
    width: int | None = None,
    colour: bool | None = None,
    report_path: Path | str | None = None,
    stream: TextIO | None = None,
) -> str:
    """The diagnosis as text for a terminal.

    Args:
        record: what was seen.
        diagnosis: what the rules say about it.
        language: of the words; English where the stream cannot take Hangul.
        width: columns; None asks the terminal, and takes 80 where there is none.
        colour: None for colours on a terminal, unless `NO_COLOR` is set.
        report_path: of the HTML report, if one was written.
        stream: that the text is meant for, by default standard error.

    Returns:
        Lines, each ended by a newline. A healthy run, or one without a verdict, takes one line.
    """
    sheet = paper(language, width, colour, stream or sys.stderr, os.environ)
    path = str(report_path) if report_path is not None else ""
    if diagnosis.health in ("healthy", "unknown") and all(item.severity == "note" for item in diagnosis.findings):
        return _one_line(record, diagnosis, path, sheet)
    parts: list[RenderableType] = [*_head(record, diagnosis, sheet), *_findings(record, diagnosis, sheet)]
    return written(parts, sheet) + _foot(record, diagnosis, path, sheet)


def _one_line(record: Record, diagnosis: Diagnosis, path: str, sheet: Paper) -> str:
    """The verdict and its reason; then, as far as the width allows, the figures; then where the report is."""
    health = diagnosis.health
    sign = sheet.signs.right if health == "healthy" else sheet.signs.noted
    verdict = f"{sign} isograd: {sheet.clean(health_title(health, sheet.language))}"
    reason = sheet.clean(render(diagnosis.reason, sheet.language)) if diagnosis.reason else ""
    must = [*([reason] if reason else []), *_reservations(record, diagnosis, sheet)]
    end = [f"{sheet.say('report')} {sheet.clean(path)}"] if path else []
    for figure in _figures(record, sheet):
        if cell_len(_in_line([verdict, *must, figure, *end], sheet)) <= sheet.width:
            must.append(figure)
    text = styled(verdict, HEALTH_STYLES[health])
    text.append(_in_line(["", *must, *end], sheet), style="not bold")
    wide = Paper(sheet.language, cell_len(text.plain) + 1, sheet.colour, sheet.encoding, sheet.signs)
    return written([text], wide)  # one line to copy, however long the path


def _in_line(parts: list[str], sheet: Paper) -> str:
    return f" {sheet.signs.dot} ".join(parts)


def _reservations(record: Record, diagnosis: Diagnosis, sheet: Paper) -> list[str]:
    """What a clean bill leaves out must be said with it."""
    notes, unseen = len(diagnosis.findings), len(record.run.notes)
    parts = [sheet.say("ended_early")] if record.run.status in ("failed", "interrupted") else []
    if unseen and diagnosis.health == "unknown":
        parts += [sheet.clean(note) for note in run_notes(record.run, sheet.language)]  # they may be why
    elif unseen:
        parts.append(sheet.say("one_unseen") if unseen == 1 else sheet.say("unseen", count=unseen))
    if notes:
        parts.append(sheet.say("one_note") if notes == 1 else sheet.say("notes", count=notes))
    return parts


def _figures(record: Record, sheet: Paper) -> list[str]:
    if not record.observed:
        return []
    steps = sum(steps_seen(observed) for observed in record.observed)
    return [_steps(steps, record, sheet), _overhead(record, sheet)]


def _steps(steps: int, record: Record, sheet: Paper) -> str:
    time = duration(record.run.seconds, sheet.language)
    networks = len(record.observed)
    if networks > 1:
        return sheet.say("networks_in", steps=count(steps), networks=networks, time=time)
    return sheet.say("one_step_in", time=time) if steps == 1 else sheet.say("steps_in", steps=count(steps), time=time)


def _overhead(record: Record, sheet: Paper) -> str:
    return sheet.say("overhead", share=percent(record.run.overhead_share, sheet.language))


def _head(record: Record, diagnosis: Diagnosis, sheet: Paper) -> list[RenderableType]:
    line = styled("").append("isograd", "bold")
    line.append(f"  {sheet.clean(health_title(diagnosis.health, sheet.language))}", HEALTH_STYLES[diagnosis.health])
    line.append(_in_line(["", *_figures(record, sheet)], sheet))
    parts: list[RenderableType] = [line]
    if record.run.status == "failed" and record.run.error:
        parts.append(styled(f"  {sheet.say('failed', error=record.run.error)}", "red"))
    if record.run.status == "interrupted":
        parts.append(styled(f"  {sheet.say('interrupted')}", "yellow"))
    return [*parts, columns(*(_network(observed, sheet) for observed in record.observed), wraps=1)]


def _network(observed: Observed, sheet: Paper) -> tuple[RenderableType, ...]:
    """What was trained, how, and how its loss went."""
    network = observed.network
    what = sheet.say("parameters", type=network.type, parameters=count(network.num_parameters))
    parts = [what, sheet.say("layers", layers=len(network.sites))]
    if network.num_frozen:
        parts.insert(1, sheet.say("frozen", count=count(network.num_frozen)))
    rate = network.settings.get("lr")
    if rate is not None:
        parts.append(sheet.say("optimizer", optimizer=network.optimizer, rate=plain(rate)))
    name = shorten(sheet.clean(network.name), 24, sheet.signs.ellipsis)
    lines = styled(", ".join(parts))
    loss = _loss(observed, sheet)
    if loss:
        lines.append(f"\n{loss}", style="dim")
    if network.unreached:
        lines.append(f"\n{sheet.say('unreached', names=_few(network.unreached, sheet))}", style="yellow")
    return styled(f"  {name}"), lines


def _few(names: tuple[str, ...], sheet: Paper) -> str:
    shown = ", ".join(shorten(sheet.clean(name), 28, sheet.signs.ellipsis) for name in names[:_NAMES])
    more = len(names) - _NAMES
    return sheet.say("and_more", names=shown, count=more) if more > 0 else shown


def _loss(observed: Observed, sheet: Paper) -> str:
    """The loss from first to last with a small curve that starts at zero, so that a flat loss looks flat."""
    loss = observed.steps.loss
    seen = loss[np.isfinite(loss)]
    if not seen.size:
        return ""
    ends = f"{sheet.say('loss')} {_four_digits(loss[0])} {sheet.signs.arrow} {_four_digits(loss[-1])}"
    if seen.size < 3:
        return ends
    low, high = min(0.0, float(seen.min())), float(seen.max())
    room = min(_LOSS_COLUMNS, sheet.width - 12)  # in a line of its own where the terminal is narrow
    curve = chart(resample(loss, room).tolist(), low, high, 1, sheet.signs)[0]
    return f"{ends}  {curve.rstrip()}"


def _four_digits(loss: float) -> str:
    """Trailing zeros stay: `2.303 -> 2.300` is a small change, `2.303 -> 2.3` looks like none."""
    return f"{loss:#.4g}" if np.isfinite(loss) and 1e-3 < abs(loss) < 1e4 else plain(float(loss))


def _findings(record: Record, diagnosis: Diagnosis, sheet: Paper) -> list[RenderableType]:
    networks = {observed.network.name: observed for observed in record.observed}
    named = len(networks) > 1
    parts: list[RenderableType] = []
    full = [finding for finding in diagnosis.findings if finding.severity != "note"][:_IN_FULL]
    for finding in full:
        parts += [styled(""), *finding_block(finding, networks.get(finding.network), named, sheet)]
    for table in (one.table for observed in record.observed for one in experiments_of(observed)):
        parts += [styled(""), *tried_block(table, sheet)]
    rest = [finding for finding in diagnosis.findings if finding not in full]
    if rest:
        parts.append(styled(""))
    for finding in rest:
        line = headline(finding, sheet)
        line.append(f"  {place(finding, networks.get(finding.network), named, sheet)}")
        parts.append(line)
    return parts


def _foot(record: Record, diagnosis: Diagnosis, path: str, sheet: Paper) -> str:
    """What was not observed, how to make sure, and where the report is; commands and paths stay on one line."""
    rows = [(sheet.say("not_observed"), sheet.clean(note)) for note in run_notes(record.run, sheet.language)]
    if record.run.command:
        command = sheet.clean(shlex.join(record.run.command))
        rows.append((sheet.say("again"), sheet.say("again_how", command=f"isograd run {command}")))
        if any(finding.remedies and finding.severity != "note" for finding in diagnosis.findings):
            rows.append((sheet.say("cure"), sheet.say("cure_how", command=f"isograd cure {command}")))
    if path:
        rows.append((sheet.say("report"), sheet.clean(path)))
    if not rows:
        return ""
    room = max(cell_len(name) for name, _ in rows)
    return "\n" + "".join(f"{name}{' ' * (room - cell_len(name) + 2)}{body}\n" for name, body in rows)
