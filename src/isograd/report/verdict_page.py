"""A verdict as one HTML page: that of the untreated run, with the proof, what was tried, and the change in front."""

import math
from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Diagnosis, Language, Record
from isograd.facts.verdict import Arm, Verdict
from isograd.report.checkup_texts import decades
from isograd.report.language import render
from isograd.report.numbers import plain
from isograd.report.page import render_html
from isograd.report.page_section import Section
from isograd.report.verdict_texts import (
    control_words,
    effect_words,
    mechanism_words,
    median,
    metric_words,
    plan_name,
    word,
)

_NO_PAGES: Mapping[str, str] = MappingProxyType({})


def verdict_html(
    verdict: Verdict,
    record: Record,
    diagnosis: Diagnosis,
    language: Language,
    pages: Mapping[str, str] = _NO_PAGES,
) -> str:
    """The verdict as one self-contained HTML page.

    Args:
        verdict: What was concluded.
        record: Of the untreated run.
        diagnosis: What was wrong with it.
        language: `en` or `ko`.
        pages: Markdown of the rules' pages by rule code.
    """
    sections = (_proof(verdict, language), *_tried(verdict, language), *_patch(verdict, language))
    return render_html(record, diagnosis, language, pages, sections)


def _proof(verdict: Verdict, language: Language) -> Section:
    said = [word(verdict.outcome, language)]
    if verdict.plan.doses:
        said.append(plan_name(verdict.plan, language))
    title = f"{word('proof_title', language)}: {', '.join(said)}"
    sentences = [render(reason, language) for reason in verdict.reasons]
    rows: list[tuple[str, ...]] = []
    if verdict.treated.values:
        sentences += [mechanism_words(verdict, "→", language), effect_words(verdict, "→", language)]
        for name, effect in (("sham", verdict.against_sham), ("reseed", verdict.against_reseed)):
            sentences += [control_words(name, effect, language)] if not math.isnan(effect.mean) else []
        sentences += [metric_words(verdict, language), word("proof_caption", language)]
        arms = (("baseline", verdict.baseline), ("treated", verdict.treated), ("sham_arm", verdict.sham),
                ("reseed_arm", verdict.reseed))  # fmt: skip
        rows = [_arm(word(name, language), arm, language) for name, arm in arms if arm.values]
    head = tuple(word(name, language) for name in ("arm", "mean", "values", "end_gain"))
    text = ". ".join(sentence.rstrip(".") for sentence in sentences) + ("." if sentences else "")
    marked = frozenset((1,)) if rows else frozenset[int]()
    return Section("proof", title, text, head if rows else (), tuple(rows), marked, leads=True)


def _arm(name: str, arm: Arm, language: Language) -> tuple[str, ...]:
    gain = median(arm.gains)
    shown = "" if math.isnan(gain) else decades(gain, language)
    return name, plain(arm.mean), ", ".join(map(plain, arm.values)), shown


def _tried(verdict: Verdict, language: Language) -> tuple[Section, ...]:
    if not verdict.tried:
        return ()
    head = tuple(word(name, language) for name in ("plan", "expected", "measured", "loss", "steps", "note"))
    rows = tuple(
        (
            attempt.plan.name,
            "" if math.isnan(attempt.plan.expected_gain) else decades(attempt.plan.expected_gain, language),
            "" if math.isnan(attempt.plan.measured_gain) else decades(attempt.plan.measured_gain, language),
            "" if math.isnan(attempt.loss) else plain(attempt.loss),
            plain(attempt.steps) if attempt.steps else "",
            render(attempt.note, language) if attempt.note is not None else "",
        )
        for attempt in verdict.tried
    )
    marked = frozenset(n for n, attempt in enumerate(verdict.tried) if attempt.plan.doses == verdict.plan.doses)
    title, caption = word("tried_title", language), word("tried_caption", language)
    return (Section("remedies-tried", title, caption, head, rows, marked, leads=True),)


def _patch(verdict: Verdict, language: Language) -> tuple[Section, ...]:
    code = "\n".join((*([verdict.patch] if verdict.patch else []), *verdict.by_hand))
    if not code:
        return ()
    said = (
        "" if verdict.patch_verified is None else word("verified" if verdict.patch_verified else "unverified", language)
    )
    return (Section("patch", word("patch_title", language), said, code=code, leads=True),)
