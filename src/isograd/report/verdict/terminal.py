"""A verdict on a terminal, in the order in which a sceptic asks.

Cured or not; what was wrong; what was changed; whether the mechanism is restored; by what it was judged; the effect
against every control; what else was tried; the change in the source; how to apply it.
"""

import os
import sys
from pathlib import Path
from typing import TextIO

from rich.cells import cell_len
from rich.console import Group, RenderableType

from isograd.facts import Language
from isograd.facts.verdict import Verdict
from isograd.report.catalogue import problem_title
from isograd.report.language import render
from isograd.report.numbers import count, duration
from isograd.report.terminal.paper import Paper, columns, paper, styled, written
from isograd.report.verdict.changes import told_changes
from isograd.report.verdict.source import change_block
from isograd.report.verdict.tables import proof_table, tried_table
from isograd.report.verdict.texts import (
    effect_words,
    figure_words,
    held_out_words,
    mechanism_words,
    plan_name,
    reasons_in,
    reasons_label,
)
from isograd.report.verdict.words import word

_STYLES = {
    "cured": "bold green",
    "not-cured": "bold red",
    "no-remedy-needed": "bold green",
    "not-a-gradient-problem": "bold yellow",
    "unknown": "bold yellow",
    "interrupted": "bold yellow",
}
_MOST_CHANGES = 4


def render_verdict(
    verdict: Verdict,
    language: Language,
    width: int | None = None,
    colour: bool | None = None,
    command: str = "",
    stream: TextIO | None = None,
    report_path: Path | str | None = None,
) -> str:
    """The verdict as text for a terminal.

    Args:
        verdict: What was concluded.
        language: Of the words; English where the stream cannot take Hangul.
        width: Columns; None asks the terminal.
        colour: None for colours on a terminal, unless `NO_COLOR` is set.
        command: That writes the change into the source; empty if that was done, or where there is none.
        stream: That the text is meant for, by default standard error.
        report_path: Of the HTML report, if one was written.

    Returns:
        Lines, each ended by a newline.
    """
    sheet = paper(language, width, colour, stream or sys.stderr, os.environ)
    parts: list[RenderableType] = [_head(verdict, sheet)]
    rows = _rows(verdict, sheet)
    if rows:
        parts.append(columns(*rows, wraps=1))
    for table in (proof_table(verdict, sheet), tried_table(verdict, sheet)):
        parts += [styled(""), *table] if table else []
    return written(parts, sheet) + change_block(verdict, sheet) + _foot(verdict, command, report_path, sheet)


def _head(verdict: Verdict, sheet: Paper) -> RenderableType:
    """The outcome, and what it took as far as there is room."""
    language, dot = sheet.language, f" {sheet.signs.dot} "
    line = styled("").append("isograd", "bold")
    line.append(f"  {word(verdict.outcome, language)}", _STYLES[verdict.outcome])
    time = duration(verdict.seconds, language)
    name = "one_training" if verdict.trials == 1 else "trainings"
    line.append(dot + word(name, language, count=count(verdict.trials), time=time))
    if verdict.trials > 1 and verdict.run_seconds == verdict.run_seconds:
        took = duration(verdict.run_seconds, language)
        each = dot + word("each", language, steps=count(verdict.steps), time=took)
        if cell_len(line.plain + each) <= sheet.width:
            line.append(each)
    return line


def _rows(verdict: Verdict, sheet: Paper) -> list[tuple[RenderableType, ...]]:
    language, arrow = sheet.language, sheet.signs.arrow
    rows: list[tuple[str, RenderableType]] = []
    if verdict.finding is not None:
        title = styled(sheet.clean(problem_title(verdict.finding.problem, language)), "bold")
        title.append(f"  {verdict.finding.rule}\n", "dim")
        title.append(sheet.clean(render(verdict.finding.summary, language)), "not bold")
        rows.append(("problem", title))
    if verdict.plan.doses:
        rows.append(("remedy" if verdict.outcome == "cured" else "best", _remedy(verdict, sheet)))
    if verdict.treated.values:
        rows.append(("mechanism", styled(sheet.clean(mechanism_words(verdict, arrow, language)))))
        rows.append(("metric", styled(sheet.clean(held_out_words(verdict, language)))))
        rows.append(("effect", styled(sheet.clean(effect_words(verdict, arrow, language)), "bold")))
    style = "" if verdict.outcome == "no-remedy-needed" else "yellow"
    for place, reason in enumerate(reasons_in(verdict, language)):
        rows.append(("" if place else reasons_label(verdict), styled(sheet.clean(reason), style)))
    return [(styled(f"  {word(name, language)}" if name else "", "cyan"), body) for name, body in rows]


def _remedy(verdict: Verdict, sheet: Paper) -> RenderableType:
    names = " + ".join(dose.remedy for dose in verdict.plan.doses)
    title = styled(sheet.clean(plan_name(verdict.plan, sheet.language)), "bold").append(f"  {names}", "not bold dim")
    told = told_changes(verdict.changes, sheet.language, sheet.signs.arrow)
    lines: list[RenderableType] = [title, *(styled(sheet.clean(line)) for line in told[:_MOST_CHANGES])]
    if len(told) > _MOST_CHANGES:
        lines.append(styled(f"{sheet.signs.ellipsis} +{len(told) - _MOST_CHANGES}", "dim"))
    lines += [styled(sheet.clean(line)) for line in figure_words(verdict.figures, sheet.language)]
    return Group(*lines)


def _foot(verdict: Verdict, command: str, report_path: Path | str | None, sheet: Paper) -> str:
    """How to apply the change, and where the report is; commands and paths stay on one line."""
    rows = []
    if command and verdict.can_be_applied:
        rows.append((word("write", sheet.language), command))
    if report_path is not None:
        rows.append((word("report", sheet.language), str(report_path)))
    if not rows:
        return ""
    room = max(cell_len(name) for name, _ in rows)
    lines = (f"{name}{' ' * (room - cell_len(name))}  {sheet.clean(said)}" for name, said in rows)
    return "\n" + "".join(f"{line}\n" for line in lines)
