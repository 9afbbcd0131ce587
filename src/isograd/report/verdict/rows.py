"""The two tables of a verdict as cells, for the terminal and the page: arms of the proof, and what was tried."""

import math
from dataclasses import dataclass

from isograd.facts import Language
from isograd.facts.verdict import Arm, Attempt, Effect, Verdict
from isograd.report.checkup.texts import decades
from isograd.report.language import render
from isograd.report.numbers import count, plain
from isograd.report.verdict.texts import interval_words, mean_words, median
from isograd.report.verdict.words import word


@dataclass(frozen=True)
class ArmRow:
    """One way of training."""

    key: str
    """`treated`, `baseline`, `sham` or `reseed`."""
    arm: Arm
    """What its runs left."""
    name: str
    """What it is called."""
    mean: str
    """Mean of the metric."""
    values: str
    """The metric by seed."""
    gain: str
    """Median gain at the end; empty where none was seen."""
    sick: str
    """In how many runs the problem still was."""
    better: str
    """By how much the treated runs are better, with the interval; empty for these themselves."""


@dataclass(frozen=True)
class TriedRow:
    """One plan that was tried."""

    name: str
    """Its remedies, by their fixed names."""
    expected: str
    """Gain by forecast."""
    measured: str
    """Gain on one batch."""
    loss: str
    """Training loss at the end of its longest short run."""
    steps: str
    """Of that run."""
    note: str
    """Why it went no further."""
    chosen: bool
    """True if it is the plan that the verdict is about."""


def arm_rows(verdict: Verdict, language: Language) -> tuple[ArmRow, ...]:
    """The arms of the proof that were run, the treated one first."""
    none = Effect(math.nan, math.nan, math.nan)
    arms = (
        ("treated", verdict.treated, none),
        ("baseline", verdict.baseline, verdict.effect),
        ("sham", verdict.sham, verdict.against_sham),
        ("reseed", verdict.reseed, verdict.against_reseed),
    )
    if not verdict.treated.values:
        return ()
    return tuple(_arm(key, arm, effect, language) for key, arm, effect in arms if arm.values)


def _arm(key: str, arm: Arm, effect: Effect, language: Language) -> ArmRow:
    gain = median(arm.gains)
    sick = word("in_runs", language, count=sum(arm.sick), all=len(arm.sick))
    values = ", ".join(plain(value) if math.isfinite(value) else word("no_number", language) for value in arm.values)
    shown = "" if math.isnan(gain) else decades(gain, language)
    better = interval_words(effect, language)
    return ArmRow(key, arm, word(key, language), mean_words(arm, language, short=True), values, shown, sick, better)


def arm_head(verdict: Verdict, language: Language) -> tuple[str, str, str, str, str]:
    """Names of the columns: training, mean, gain, runs with the problem, better by."""
    better = "better_by_decades" if verdict.effect.unit == "decades" else "better_by"
    first, second, third, fourth = (word(name, language) for name in ("arm", "mean", "end_gain", "sick"))
    return first, second, third, fourth, word(better, language)


def tried_rows(verdict: Verdict, language: Language) -> tuple[TriedRow, ...]:
    """All plans that were tried, the best first."""
    names = tuple(dose.remedy for dose in verdict.plan.doses)
    return tuple(_tried(one, names, language) for one in verdict.tried)


def _tried(attempt: Attempt, chosen: tuple[str, ...], language: Language) -> TriedRow:
    plan = attempt.plan
    return TriedRow(
        plan.name,
        _gain(plan.expected_gain, language),
        _gain(plan.measured_gain, language),
        plain(attempt.loss) if math.isfinite(attempt.loss) else "",
        count(attempt.steps) if attempt.steps else "",
        render(attempt.note, language) if attempt.note is not None else "",
        tuple(dose.remedy for dose in plan.doses) == chosen,
    )


def _gain(gain: float, language: Language) -> str:
    return "" if math.isnan(gain) else decades(gain, language)
