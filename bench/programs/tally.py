"""Holds the findings of the trials against the labels: one verdict a trial, one rate with its interval a question."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from running import Trial

COUNTS = ("warning", "error")
"""Severities that count as an alarm; a note does not."""


@dataclass(frozen=True)
class Verdict:
    """What isograd said of one trial, beside its label."""

    program: str
    """Name of the program."""
    seed: int
    """Seed of the trial."""
    faulty: bool
    """What the label says."""
    wanted: str
    """Problem and cause of the label, or `healthy`."""
    health: str
    """What isograd said; `broken` if it wrote no findings file."""
    rule: str
    """Rule of the first alarm; empty if there is none."""
    problem: str
    """Problem of the first alarm; empty if there is none."""
    causes: tuple[str, ...]
    """Causes of the first alarm, largest share first."""
    alarmed: bool
    """True if there is a warning or an error."""
    right_problem: bool
    """The first alarm's problem is one of those that the label accepts."""
    cause_first: bool
    """Its first cause is one of those that the label accepts."""
    cause_two: bool
    """One of its first two causes is."""
    cause_exact: bool
    """Its first cause is the very fault that was planted."""
    faithful: bool | None
    """Standard output and exit status are those of plain Python."""


@dataclass(frozen=True)
class Rate:
    """k of n, with its Wilson interval at 95 %."""

    k: int
    """How many."""
    n: int
    """Of how many."""
    rate: float
    """k / n; nan if n is 0."""
    low: float
    """Lower end of the interval."""
    high: float
    """Upper end of the interval."""


def wilson(k: int, n: int, z: float = 1.959964) -> Rate:
    """The share k / n with its Wilson score interval.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if n == 0:
        return Rate(0, 0, math.nan, 0.0, 1.0)
    p = k / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Rate(k, n, p, max(0.0, centre - half), min(1.0, centre + half))


def judge(trial: Trial, label: Mapping[str, Any]) -> Verdict:
    """Hold one trial against its label; only the first (gravest) alarm can be right."""
    found = trial.findings or {}
    alarms: Sequence[Mapping[str, Any]] = [f for f in found.get("findings", ()) if f["severity"] in COUNTS]
    first = alarms[0] if alarms else {}
    causes = tuple(c["cause"] for c in first.get("causes", ()))
    problems = {label["problem"], *label["also"]}
    accepted = {label["cause"], *label["causes"]}
    faulty = label["health"] == "faulty"
    return Verdict(
        program=trial.program,
        seed=trial.seed,
        faulty=faulty,
        wanted=f"{label['problem']} / {label['cause']}" if faulty else "healthy",
        health=str(found.get("health", "broken")),
        rule=str(first.get("rule", "")),
        problem=str(first.get("problem", "")),
        causes=causes,
        alarmed=bool(alarms),
        right_problem=faulty and first.get("problem") in problems,
        cause_first=faulty and bool(accepted.intersection(causes[:1])),
        cause_two=faulty and bool(accepted.intersection(causes[:2])),
        cause_exact=faulty and causes[:1] == (label["cause"],),
        faithful=trial.faithful,
    )


def rate(verdicts: Iterable[Verdict], question: Callable[[Verdict], bool]) -> Rate:
    """The share of verdicts for which the answer is yes."""
    answers = [question(verdict) for verdict in verdicts]
    return wilson(sum(answers), len(answers))


def rates(verdicts: Sequence[Verdict]) -> dict[str, Rate]:
    """Every rate of the table, by name."""
    faulty = [v for v in verdicts if v.faulty]
    healthy = [v for v in verdicts if not v.faulty]
    compared = [v for v in verdicts if v.faithful is not None]
    return {
        "recall": rate(faulty, lambda v: v.alarmed),
        "right_problem": rate(faulty, lambda v: v.right_problem),
        "cause_first": rate(faulty, lambda v: v.cause_first),
        "cause_two": rate(faulty, lambda v: v.cause_two),
        "cause_exact": rate(faulty, lambda v: v.cause_exact),
        "false_alarm": rate(healthy, lambda v: v.alarmed),
        "unknown": rate(verdicts, lambda v: v.health == "unknown"),
        "broken": rate(verdicts, lambda v: v.health == "broken"),
        "faithful": rate(compared, lambda v: bool(v.faithful)),
    }
