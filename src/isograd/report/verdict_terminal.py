"""A verdict on a terminal: what was cured, by what, how sure that is, what was tried, and the change to make."""

import math
import os
import sys
from typing import TextIO

from rich.console import Group, RenderableType
from rich.padding import Padding

from isograd.facts import Language
from isograd.facts.verdict import Attempt, Verdict
from isograd.report.catalogue import problem_title
from isograd.report.checkup_texts import decades
from isograd.report.language import render
from isograd.report.names import shorten
from isograd.report.numbers import count, duration, plain
from isograd.report.paper import Paper, columns, paper, styled, written
from isograd.report.verdict_changes import told_changes
from isograd.report.verdict_texts import (
    control_words,
    effect_words,
    mechanism_words,
    metric_words,
    plan_name,
    word,
)

_STYLES = {
    "cured": "bold green",
    "not-cured": "bold red",
    "no-remedy-needed": "bold green",
    "not-a-gradient-problem": "bold yellow",
    "interrupted": "bold yellow",
}
_MOST_CHANGES = 4
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def render_verdict(
    verdict: Verdict,
    language: Language,
    width: int | None = None,
    colour: bool | None = None,
    command: str = "",
    stream: TextIO | None = None,
) -> str:
    """The verdict as text for a terminal.

    Args:
        verdict: What was concluded.
        language: Of the words; English where the stream cannot take Hangul.
        width: Columns; None asks the terminal.
        colour: None for colours on a terminal, unless `NO_COLOR` is set.
        command: What the user typed, to say how the change is applied; empty if it was, or where there is none.
        stream: That the text is meant for, by default standard error.

    Returns:
        Lines, each ended by a newline.
    """
    sheet = paper(language, width, colour, stream or sys.stderr, os.environ)
    parts: list[RenderableType] = [_head(verdict, sheet), columns(*_rows(verdict, sheet), wraps=1)]
    if verdict.tried:
        parts += [styled(""), styled(word("tried_title", sheet.language), "bold"), _tried(verdict.tried, sheet)]
    text = written(parts, sheet)
    return text + _change(verdict, sheet) + _apply(verdict, command, sheet)


def _head(verdict: Verdict, sheet: Paper) -> RenderableType:
    line = styled("").append("isograd", "bold")
    line.append(f"  {word(verdict.outcome, sheet.language)}", _STYLES[verdict.outcome])
    time = duration(verdict.seconds, sheet.language)
    name = "one_training" if verdict.trials == 1 else "trainings"
    line.append(f" {sheet.signs.dot} {word(name, sheet.language, count=count(verdict.trials), time=time)}")
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
        rows.append(("metric", styled(sheet.clean(metric_words(verdict, language)))))
        rows.append(("effect", styled(sheet.clean(effect_words(verdict, arrow, language)), "bold")))
        rows += [("", styled(sheet.clean(line))) for line in _controls(verdict, language)]
    label, style = ("why", "") if verdict.outcome == "no-remedy-needed" else ("reason", "yellow")
    for place, reason in enumerate(verdict.reasons):
        rows.append((label if place == 0 else "", styled(sheet.clean(render(reason, language)), style)))
    return [(styled(f"  {word(name, language)}" if name else "", "cyan"), body) for name, body in rows]


def _remedy(verdict: Verdict, sheet: Paper) -> RenderableType:
    names = " + ".join(dose.remedy for dose in verdict.plan.doses)
    lines: list[RenderableType] = [
        styled(sheet.clean(plan_name(verdict.plan, sheet.language)), "bold").append(f"  {names}", "dim")
    ]
    told = told_changes(verdict.changes, sheet.signs.arrow)
    lines += [styled(sheet.clean(line), "dim") for line in told[:_MOST_CHANGES]]
    more = len(told) - _MOST_CHANGES
    if more > 0:
        lines.append(styled(f"{sheet.signs.ellipsis} +{more}", "dim"))
    return Group(*lines)


def _controls(verdict: Verdict, language: Language) -> list[str]:
    pairs = (("sham", verdict.against_sham), ("reseed", verdict.against_reseed))
    return [control_words(name, effect, language) for name, effect in pairs if not math.isnan(effect.mean)]


def _tried(tried: tuple[Attempt, ...], sheet: Paper) -> RenderableType:
    language = sheet.language
    names = ("plan", "expected", "measured", "loss", "steps")
    rows: list[tuple[RenderableType, ...]] = [tuple(styled(word(name, language), "dim") for name in names)]
    for attempt in tried:
        note = render(attempt.note, language) if attempt.note is not None else ""
        rows.append(
            (
                styled(shorten(sheet.clean(attempt.plan.name), 44, sheet.signs.ellipsis)),
                styled(_gain(attempt.plan.expected_gain, language)),
                styled(_gain(attempt.plan.measured_gain, language)),
                styled("" if math.isnan(attempt.loss) else plain(attempt.loss)),
                styled(count(attempt.steps) if attempt.steps else ""),
                styled(sheet.clean(note), "dim"),
            )
        )
    return Padding(columns(*rows, wraps=5), (0, 0, 0, 2))


def _gain(gain: float, language: Language) -> str:
    return "" if math.isnan(gain) else decades(gain, language)


def _change(verdict: Verdict, sheet: Paper) -> str:
    """The diff and the lines to add, as they are: nothing is wrapped, so that they can be copied."""
    parts = []
    if verdict.patch:
        parts.append(_titled("patch", sheet) + "".join(_diff_line(line, sheet) for line in verdict.patch.splitlines()))
    if verdict.by_hand:
        lines = "\n".join(verdict.by_hand).splitlines()
        parts.append(_titled("by_hand", sheet) + "".join(f"{sheet.clean_line(line)}\n" for line in lines))
    if verdict.patch and verdict.patch_verified is not None:
        said = word("verified" if verdict.patch_verified else "unverified", sheet.language)
        sign = sheet.signs.right if verdict.patch_verified else sheet.signs.doubtful
        parts.append(
            written([styled(f"{sign} {sheet.clean(said)}", "green" if verdict.patch_verified else "yellow")], sheet)
        )
    return "".join(f"\n{part}" for part in parts)


def _titled(name: str, sheet: Paper) -> str:
    return written([styled(word(name, sheet.language), "bold")], sheet)


def _diff_line(line: str, sheet: Paper) -> str:
    style = _DIFF_STYLES.get(line[:1], "") if sheet.colour and not line.startswith(("+++", "---")) else ""
    clean = sheet.clean_line(line)
    codes = {"green": "\x1b[32m", "red": "\x1b[31m", "cyan": "\x1b[36m"}
    return f"{codes[style]}{clean}\x1b[0m\n" if style else f"{clean}\n"


def _apply(verdict: Verdict, command: str, sheet: Paper) -> str:
    if not command or not verdict.patch or verdict.outcome != "cured":
        return ""
    return f"\n{word('write', sheet.language)}  {sheet.clean(word('write_how', sheet.language, command=command))}\n"
