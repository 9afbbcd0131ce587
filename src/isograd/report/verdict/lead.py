"""The head of a verdict's page: cured or not, by what, how sure that is."""

from isograd.facts import Language, Record
from isograd.facts.verdict import Verdict
from isograd.report.catalogue import problem_title
from isograd.report.checkup.texts import decades
from isograd.report.numbers import count, duration
from isograd.report.page.lead import Lead
from isograd.report.page.summary import Figure, key_figures
from isograd.report.page.summary import Verdict as Banner
from isograd.report.page.words import words
from isograd.report.verdict.source import trust
from isograd.report.verdict.texts import (
    capital,
    in_unit,
    known_mean,
    median,
    metric_words,
    plan_name,
    signed,
    size_words,
)
from isograd.report.verdict.words import word

_TONES = {
    "cured": "healthy",
    "not-cured": "failing",
    "no-remedy-needed": "healthy",
    "not-a-gradient-problem": "warning",
    "unknown": "unknown",
    "interrupted": "unknown",
}
"""Colour and sign of each outcome, as those of a run's health."""


def verdict_lead(verdict: Verdict, record: Record, language: Language) -> Lead:
    """Banner and key figures."""
    more = word(trust(verdict), language) if verdict.patch and verdict.outcome == "cured" else ""
    title = word(verdict.outcome, language)
    banner = Banner(_TONES[verdict.outcome], title, _sentence(verdict, language), f"{capital(more)}." if more else "")
    figures = (_trainings(verdict, language), *_measured(verdict, language))
    if not verdict.treated.values:
        figures = (*figures, *key_figures(record, language, words(language)))
    return Lead(word("kicker", language), banner, figures, word("of_unchanged", language))


def _sentence(verdict: Verdict, language: Language) -> str:
    remedy, proved = plan_name(verdict.plan, language), bool(verdict.treated.values)
    problem = problem_title(verdict.finding.problem, language) if verdict.finding is not None else ""
    if verdict.outcome == "no-remedy-needed":
        return word("left_alone", language)
    if verdict.outcome == "unknown":
        return word("unseen", language)
    if verdict.outcome == "not-a-gradient-problem":
        return word("elsewhere", language, problem=problem)
    if verdict.outcome == "interrupted":
        return word("so_far" if remedy else "nothing_yet", language, remedy=remedy)
    if not remedy or not proved:
        return word("nothing_helped", language, problem=problem)
    name = "cured_by" if verdict.outcome == "cured" else "refused"
    return word(name, language, problem=problem, remedy=remedy, effect=size_words(verdict, language))


def _trainings(verdict: Verdict, language: Language) -> Figure:
    time = word("in_time", language, time=duration(verdict.seconds, language))
    return Figure(word("trainings_figure", language), count(verdict.trials), time)


def _measured(verdict: Verdict, language: Language) -> tuple[Figure, ...]:
    """Metric, effect and gain; nothing without a proof."""
    if not verdict.treated.values:
        return ()
    means = [known_mean(arm, language) for arm in (verdict.baseline, verdict.treated)]
    effect = verdict.effect
    interval = word("effect_note", language, low=signed(effect.low), high=signed(effect.high))
    gains = [decades(median(arm.gains), language) for arm in (verdict.baseline, verdict.treated)]
    well = sum(not sick for sick in verdict.treated.sick)
    gone = word("gone", language, well=well, all=len(verdict.treated.sick))
    return (
        Figure(word("metric_figure", language), " → ".join(means), metric_words(verdict, language)),
        Figure(word("effect_figure", language), in_unit(effect, language), interval),
        Figure(word("gain_figure", language), " → ".join(gains), gone),
    )
