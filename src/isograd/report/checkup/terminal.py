"""A checkup on a terminal: the verdict, the findings, what was tried, forecast against measured, what to change."""

import math
import os
import sys
from pathlib import Path
from typing import TextIO

from rich.console import RenderableType
from rich.padding import Padding

from isograd.facts import Checkup, Forecast, Language
from isograd.report.catalogue import health_title
from isograd.report.checkup.join import join
from isograd.report.checkup.texts import bar, decades, tell
from isograd.report.figures.downsample import groups
from isograd.report.language import render
from isograd.report.names import shorten
from isograd.report.numbers import count
from isograd.report.run_notes import run_notes
from isograd.report.terminal.finding import finding_block
from isograd.report.terminal.paper import HEALTH_STYLES, Paper, columns, paper, styled, written
from isograd.report.tried import tried_block

_MOST_SITES = 12
_DEEPEST = 10_000


def render_checkup(
    checkup: Checkup,
    language: Language,
    width: int | None = None,
    colour: bool | None = None,
    report_path: Path | str | None = None,
    stream: TextIO | None = None,
) -> str:
    """The checkup as text for a terminal.

    Args:
        checkup: What was found.
        language: Of the words; English where the stream cannot take Hangul.
        width: Columns; None asks the terminal.
        colour: None for colours on a terminal, unless `NO_COLOR` is set.
        report_path: Of the HTML report, if one was written.
        stream: That the text is meant for, by default standard error.

    Returns:
        Lines, each ended by a newline.
    """
    sheet = paper(language, width, colour, stream or sys.stderr, os.environ)
    parts: list[RenderableType] = [*_head(checkup, sheet)]
    for finding in checkup.diagnosis.findings:
        parts += [styled(""), *finding_block(finding, checkup.record.observed[0], False, sheet)]
    for table in checkup.interventions:
        parts += [styled(""), *tried_block(table, sheet)]
    if checkup.forecast is not None and not math.isnan(checkup.forecast.gain):
        parts += [styled(""), *_forecast(checkup, checkup.forecast, sheet)]
    rows = [(tell("advice", sheet.language), render(checkup.advice, sheet.language))]
    rows += [(sheet.say("not_observed"), note) for note in run_notes(checkup.record.run, sheet.language)]
    rows += [(sheet.say("report"), str(report_path))] if report_path is not None else []
    cells = [(styled(name, "cyan"), styled(sheet.clean(text))) for name, text in rows]
    return written([*parts, styled(""), columns(*cells, wraps=1)], sheet)


def _head(checkup: Checkup, sheet: Paper) -> list[RenderableType]:
    network, health = checkup.record.observed[0].network, checkup.diagnosis.health
    line = styled("").append("isograd", "bold")
    line.append(f"  {sheet.clean(health_title(health, sheet.language))}", HEALTH_STYLES[health])
    line.append(f" {sheet.signs.dot} {tell('before', sheet.language)}")
    what = sheet.say("parameters", type=network.type, parameters=count(network.num_parameters))
    return [line, styled(f"  {what}, {sheet.say('layers', layers=len(network.sites))}")]


def _forecast(checkup: Checkup, forecast: Forecast, sheet: Paper) -> list[RenderableType]:
    language, seen = sheet.language, join(checkup)
    measured = float(checkup.record.observed[0].steps.gain[0])
    line = tell(
        "forecast_line" if math.isfinite(forecast.high - forecast.low) else "forecast_open",
        language,
        gain=decades(forecast.gain, language),
        low=decades(forecast.low, language),
        high=decades(forecast.high, language),
        measured=decades(measured, language),
    )
    if forecast.failing_depth < _DEEPEST:
        failed = forecast.failing_depth <= forecast.depth
        line += tell("failed_at" if failed else "fails_at", language, depth=forecast.failing_depth)
    if forecast.critical is not None:
        line += tell("critical", language, sigma_w=forecast.critical.sigma_w, sigma_b=forecast.critical.sigma_b)
    head = tuple(styled(tell(name, language), "dim") for name in ("layer", "expected", "bar", "measured"))
    rows: list[tuple[RenderableType, ...]] = [head]
    for index in groups(len(seen), _MOST_SITES):
        one = seen[index]
        name = shorten(sheet.clean(one.site), 32, sheet.signs.ellipsis)
        numbers = (decades(one.expected, language), bar(one.low, one.high, language), decades(one.measured, language))
        rows.append((styled(name), *(styled(text) for text in numbers)))
    title = styled(tell("forecast_title", language), "bold")
    lines: list[RenderableType] = [title, Padding(styled(sheet.clean(line)), (0, 0, 0, 2))]
    if not forecast.low <= measured <= forecast.high or not math.isfinite(forecast.high - forecast.low):
        # Where forecast and measurement part, or nothing bounds the forecast, what it assumed is worth reading.
        notes = (render(note, language) for note in forecast.notes)
        lines += [Padding(styled(sheet.clean(note), "dim"), (0, 0, 0, 2)) for note in notes]
    sick = bool(checkup.diagnosis.findings)
    return [*lines, Padding(columns(*rows), (0, 0, 0, 2))] if len(rows) > 1 and sick else lines
