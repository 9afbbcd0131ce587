"""A verdict as one HTML page: that of the untreated run, with the proof, what was tried, and the change in front."""

from collections.abc import Mapping
from types import MappingProxyType

from isograd.facts import Diagnosis, Language, Record
from isograd.facts.verdict import Verdict
from isograd.report.figures.seed_dots import SeedDots, Series, seed_dots
from isograd.report.page.document import render_html
from isograd.report.page.section import DiffLine, Section
from isograd.report.verdict.changes import told_changes
from isograd.report.verdict.lead import verdict_lead
from isograd.report.verdict.rows import arm_head, arm_rows, tried_rows
from isograd.report.verdict.source import trust
from isograd.report.verdict.texts import (
    capital,
    effect_words,
    figure_words,
    held_out_words,
    mechanism_words,
    metric_words,
    plan_name,
    reasons_in,
    reasons_label,
)
from isograd.report.verdict.words import word

_NO_PAGES: Mapping[str, str] = MappingProxyType({})
_KINDS = {"+": "added", "-": "removed", "@": "at"}
_ARROW = "→"


def verdict_html(
    verdict: Verdict,
    record: Record,
    diagnosis: Diagnosis,
    language: Language,
    pages: Mapping[str, str] = _NO_PAGES,
    command: str = "",
) -> str:
    """The verdict as one self-contained HTML page.

    Args:
        verdict: What was concluded.
        record: Of the untreated run.
        diagnosis: What was wrong with it.
        language: `en` or `ko`.
        pages: Markdown of the rules' pages by rule code.
        command: That writes the change into the source; empty if that was done, or where there is none.
    """
    sections = (
        _proof(verdict, language),
        *_tried(verdict, language),
        *_patch(verdict, language, command),
        *_by_hand(verdict, language),
    )
    return render_html(record, diagnosis, language, pages, sections, verdict_lead(verdict, record, language))


def _proof(verdict: Verdict, language: Language) -> Section:
    """What was changed, by what it was judged and what came of it; then the runs themselves."""
    found = arm_rows(verdict, language)
    title, facts = word("proof_title", language), _facts(verdict, language)
    if not found:
        return Section("proof", word("verdict_title", language), "", facts=facts, leads=True)
    training, mean, gain, sick, better = arm_head(verdict, language)
    head = (training, mean, word("values", language), gain, sick, better)
    rows = tuple((row.name, row.mean, row.values, row.gain, row.sick, row.better) for row in found)
    return Section(
        "proof",
        title,
        word("proof_caption", language),
        head,
        rows,
        frozenset((0,)),
        worded=frozenset((2,)),
        facts=facts,
        figure=_figure(verdict, language),
        leads=True,
    )


def _facts(verdict: Verdict, language: Language) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The rows of the terminal, as far as there is something to tell."""
    told: list[tuple[str, tuple[str, ...]]] = []
    if verdict.plan.doses:
        names = " + ".join(f"`{dose.remedy}`" for dose in verdict.plan.doses)
        changes = told_changes(verdict.changes, language, _ARROW)
        remedy = (f"{plan_name(verdict.plan, language)} ({names})", *changes, *figure_words(verdict.figures, language))
        told.append(("remedy" if verdict.outcome == "cured" else "best", remedy))
    if verdict.treated.values:
        told.append(("mechanism", (mechanism_words(verdict, _ARROW, language),)))
        told.append(("metric", (held_out_words(verdict, language),)))
        told.append(("effect", (effect_words(verdict, _ARROW, language),)))
    if verdict.reasons:
        told.append((reasons_label(verdict), tuple(reasons_in(verdict, language))))
    return tuple((word(name, language), lines) for name, lines in told)


def _figure(verdict: Verdict, language: Language) -> SeedDots | None:
    """Every run of the proof as a dot, but the reseed's: they are those of the unchanged training once more."""
    found = [row for row in arm_rows(verdict, language) if row.key != "reseed"]
    series = [Series(row.key, row.name, row.arm.values, row.values) for row in found]
    caption = word("seeds_caption", language)
    if any(value != value for one in series for value in one.values):
        caption = f"{caption} {word('seeds_missing', language)}"
    return seed_dots("seeds", word("seeds_title", language), caption, metric_words(verdict, language), series)


def _tried(verdict: Verdict, language: Language) -> tuple[Section, ...]:
    found = tried_rows(verdict, language)
    if not found:
        return ()
    head = tuple(word(name, language) for name in ("plan", "expected", "measured", "loss", "steps", "note"))
    rows = tuple((row.name, row.expected, row.measured, row.loss, row.steps, row.note) for row in found)
    marked = frozenset(place for place, row in enumerate(found) if row.chosen)
    title, caption = word("tried_title", language), word("tried_caption", language)
    worded = frozenset((len(head) - 1,))
    return (Section("remedies-tried", title, caption, head, rows, marked, worded, leads=True),)


def _patch(verdict: Verdict, language: Language, command: str) -> tuple[Section, ...]:
    if not verdict.patch:
        return ()
    sign = "✓" if verdict.patch_verified else "!"
    said = f"{sign} {capital(word(trust(verdict), language))}. {word('added', language)}."
    applied = command if verdict.can_be_applied else ""
    note, lines = word("apply_page", language), diff_lines(verdict.patch)
    return (Section("patch", word("patch", language), said, diff=lines, note=note, command=applied, leads=True),)


def _by_hand(verdict: Verdict, language: Language) -> tuple[Section, ...]:
    if not verdict.by_hand:
        return ()
    return (Section("by-hand", word("by_hand", language), "", code="\n".join(verdict.by_hand), leads=True),)


def diff_lines(diff: str) -> tuple[DiffLine, ...]:
    """The lines of a unified diff with what each is.

    >>> [line.kind for line in diff_lines("--- a/x\\n+++ b/x\\n@@ -1 +1 @@\\n-1\\n+2\\n 3")]
    ['at', 'at', 'at', 'removed', 'added', 'context']
    """
    return tuple(DiffLine(_kind(line), line) for line in diff.splitlines())


def _kind(line: str) -> str:
    return "at" if line.startswith(("--- ", "+++ ")) else _KINDS.get(line[:1], "context")
