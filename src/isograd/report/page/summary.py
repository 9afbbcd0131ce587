"""The head and the foot of the page: verdict, key figures, what was run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from isograd.facts import Diagnosis, Language, Record, Run
from isograd.report.catalogue import health_title
from isograd.report.language import render
from isograd.report.numbers import count, duration, factor, percent
from isograd.report.page.findings import FindingView
from isograd.report.page.words import Say

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Verdict:
    """The banner."""

    health: str
    """`healthy`, `warning`, `failing` or `unknown`; names the colour."""
    title: str
    """The health, in words."""
    sentence: str
    """What is wrong, or that nothing is."""
    more: str
    """How many further findings there are, or empty."""


@dataclass(frozen=True)
class Figure:
    """One key figure."""

    label: str
    """What it is."""
    value: str
    """The figure."""
    note: str
    """What belongs to it, smaller."""


@dataclass(frozen=True)
class Fact:
    """One line of the table of what was run."""

    label: str
    """What it is."""
    value: str
    """What it was."""
    code: bool = False
    """True if it is set as code."""


def verdict(
    record: Record, diagnosis: Diagnosis, findings: Sequence[FindingView], language: Language, say: Say
) -> Verdict:
    """The banner: the gravest finding in a line, else the diagnosis's own reason, else a plain sentence.

    A clean bill of a script that broke off says so with it, and no mere note speaks in its place.
    """
    title = health_title(diagnosis.health, language)
    if findings and diagnosis.health in ("warning", "failing"):
        others = len(findings) - 1
        more = {0: "", 1: say("and_more_one")}.get(others, say("and_more", count=others))
        return Verdict(diagnosis.health, title, _headline(findings[0], say), more)
    early = say("ended_early") if record.run.status in ("failed", "interrupted") else ""
    if diagnosis.reason:
        return Verdict(diagnosis.health, title, render(diagnosis.reason, language), early)
    known = "healthy" if diagnosis.health == "healthy" else "unknown"
    return Verdict(diagnosis.health, title, say(f"verdict_{known}"), early)


def _headline(finding: FindingView, say: Say) -> str:
    sentences = [say("verdict_finding", problem=finding.title, where=finding.where, since=finding.since)]
    if finding.causes:
        sentences.append(say("verdict_cause", cause=finding.causes[0].title))
    if finding.advice:
        sentences.append(say("verdict_advice", advice=finding.advice[0]))
    elif finding.remedies:
        sentences.append(say("verdict_remedy", remedy=finding.remedies[0].title))
    return " ".join(sentences)


def key_figures(record: Record, language: Language, say: Say) -> tuple[Figure, ...]:
    """Steps, networks, overhead, and G now and at its worst."""
    num_steps = max((len(observed.steps.step) for observed in record.observed), default=0)
    last = max((int(o.steps.step[-1]) + 1 for o in record.observed if len(o.steps.step)), default=num_steps)
    names = ", ".join(observed.network.name for observed in record.observed)
    return (
        Figure(say("steps"), count(last), say("in_time", time=duration(record.run.seconds, language))),
        Figure(say("networks"), count(len(record.observed)), names),
        Figure(say("overhead"), percent(record.run.overhead_share, language), say("of_run_time")),
        *_gains(record, language, say),
    )


def _gains(record: Record, language: Language, say: Say) -> tuple[Figure, ...]:
    latest: list[tuple[float, str]] = []
    worst: list[tuple[float, str]] = []
    for observed in record.observed:
        seen = np.flatnonzero(~np.isnan(observed.steps.gain))
        if len(seen) == 0:
            continue
        gains, step = observed.steps.gain[seen], observed.steps.step[seen]
        name = f"{observed.network.name}, " if len(record.observed) > 1 else ""
        extreme = int(np.argmax(np.abs(gains)))
        latest.append((float(gains[-1]), name + say("at_step", step=count(int(step[-1])))))
        worst.append((float(gains[extreme]), name + say("at_step", step=count(int(step[extreme])))))
    return tuple(
        Figure(say(label), *gain(*_farthest(values), language, say))
        for label, values in (("gain_now", latest), ("gain_worst", worst))
    )


def _farthest(values: list[tuple[float, str]]) -> tuple[float, str]:
    return max(values, key=lambda item: abs(item[0]), default=(float("nan"), ""))


def gain(value: float, note: str, language: Language, say: Say) -> tuple[str, str]:
    """G in words, with its note."""
    if np.isnan(value):
        return say("not_seen"), note
    if np.isneginf(value):
        return say("exact_zero"), note
    if np.isposinf(value):
        return say("non_finite"), note
    return factor(value, language), note


def signed(value: float, places: int = 1) -> str:
    """A number with so many decimal places, a true minus sign and no minus before zero.

    Example:
        >>> signed(-4.21), signed(-0.01), signed(3)
        ('−4.2', '0.0', '3.0')
    """
    return f"{round(value, places) + 0.0:,.{places}f}".replace("-", MINUS)


def run_facts(run: Run, language: Language, say: Say) -> tuple[Fact, ...]:
    """What was run, when, how long, how it ended, with what, at what cost."""
    command = Fact(say("command"), " ".join(run.command), code=True)
    ended = say(f"status_{run.status}")
    return (
        command if run.command else Fact(say("command"), say("from_python")),
        Fact(say("status"), f"{ended}: {run.error}" if run.error else ended),
        Fact(say("started"), started(run)),
        Fact(say("duration"), duration(run.seconds, language)),
        Fact(say("overhead"), f"{percent(run.overhead_share, language)} ({say('of_run_time')})"),
        Fact(say("versions"), ", ".join(f"{name} {version}" for name, version in run.versions.items())),
    )


def started(run: Run) -> str:
    """When the run began, to the minute and in UTC, so that a report reads the same everywhere."""
    return datetime.fromtimestamp(run.started, UTC).strftime("%Y-%m-%d %H:%M UTC")
