"""Findings as the page shows them: every number and name already a word."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from isograd.facts import Cause, Diagnosis, Evidence, Finding, Language, Network, Record, Remedy
from isograd.report.catalogue import (
    cause_title,
    problem_title,
    quantity_title,
    quantity_value,
    remedy_change,
    remedy_title,
    severity_title,
)
from isograd.report.language import render
from isograd.report.names import of_same_kind, where
from isograd.report.numbers import count, percent
from isograd.report.page.markdown import markdown_to_html
from isograd.report.page.words import Say

MOST_SITES = 2
"""So many names stand in the line; where there are more, all are folded away below it."""
NAME_WIDTH = 48
"""Columns that one name may take in the line."""


@dataclass(frozen=True)
class EvidenceRow:
    """One line of the table of evidence."""

    quantity: str
    """What was measured."""
    measured: str
    """The number with its unit."""
    limit: str
    """What it is held against, or empty."""
    site: str
    """Where, or empty."""
    step: str
    """When, or empty."""


@dataclass(frozen=True)
class CauseRow:
    """One likely cause."""

    title: str
    """What it is called."""
    name: str
    """Its name in the vocabulary."""
    percent: float
    """Its share of the harm, 0..100."""
    share: str
    """The same, as a word."""
    how: str
    """How it was found."""


@dataclass(frozen=True)
class RemedyRow:
    """One thing to do."""

    title: str
    """What it is called."""
    name: str
    """Its name in the vocabulary."""
    change: str
    """What to change, or empty."""
    expected: str
    """What that should do, or empty."""


@dataclass(frozen=True)
class FindingView:
    """One finding."""

    anchor: str
    """Its place on the page."""
    rule: str
    """The rule's code."""
    severity: str
    """`error`, `warning` or `note`."""
    grave: str
    """The same, as a word."""
    title: str
    """The problem's name."""
    network: str
    """The network's name."""
    where: str
    """Its sites, in short."""
    sites: tuple[str, ...]
    """All its sites, if `where` leaves some out."""
    since: str
    """From which step to which."""
    summary: str
    """The finding in one or two sentences."""
    evidence: tuple[EvidenceRow, ...]
    """The numbers."""
    causes: tuple[CauseRow, ...]
    """Likely causes, largest first."""
    advice: tuple[str, ...]
    """What to do that is no remedy of the vocabulary; before the remedies."""
    remedies: tuple[RemedyRow, ...]
    """What to do, best first."""
    page: Markup | None
    """The rule's page."""


def finding_views(
    record: Record, diagnosis: Diagnosis, language: Language, say: Say, pages: Mapping[str, str]
) -> tuple[FindingView, ...]:
    """All findings of a diagnosis, in its order.

    Args:
        record: What the rules read; its networks say which layers are neighbours.
        diagnosis: What the rules found.
        language: Of the sentences.
        say: The page's words in the same language.
        pages: Markdown of the rules' pages, by code; a rule without one gets none.
    """
    networks = {observed.network.name: observed.network for observed in record.observed}
    return tuple(
        _view(finding, f"finding-{number}", _where(finding, networks, language, say), language, say, pages)
        for number, finding in enumerate(diagnosis.findings, start=1)
    )


def _view(
    finding: Finding, anchor: str, place: str, language: Language, say: Say, pages: Mapping[str, str]
) -> FindingView:
    return FindingView(
        anchor=anchor,
        rule=finding.rule,
        severity=finding.severity,
        grave=severity_title(finding.severity, language),
        title=problem_title(finding.problem, language),
        network=finding.network,
        where=place,
        sites=finding.sites if len(finding.sites) > MOST_SITES else (),
        since=since(finding, say),
        summary=render(finding.summary, language),
        evidence=tuple(_evidence(evidence, language) for evidence in finding.evidence),
        causes=tuple(_cause(cause, language, say) for cause in finding.causes),
        advice=tuple(render(text, language) for text in finding.advice),
        remedies=tuple(_remedy(remedy, language) for remedy in finding.remedies),
        page=markdown_to_html(pages[finding.rule]) if finding.rule in pages else None,
    )


def _where(finding: Finding, networks: Mapping[str, Network], language: Language, say: Say) -> str:
    if not finding.sites:
        return say("whole_network")
    known = networks.get(finding.network)
    sites = known.sites if known else ()
    place = where(finding.sites, sites, language, NAME_WIDTH)
    if len(finding.sites) <= MOST_SITES:
        return place
    return say("where_of", where=place, count=len(finding.sites), all=of_same_kind(finding.sites, sites))


def since(finding: Finding, say: Say) -> str:
    """The steps at which it was seen."""
    if finding.first_step == finding.last_step:
        return say("step_one", first=count(finding.first_step))
    return say("step_range", first=count(finding.first_step), last=count(finding.last_step))


def _evidence(evidence: Evidence, language: Language) -> EvidenceRow:
    return EvidenceRow(
        quantity=quantity_title(evidence.quantity, language),
        measured=quantity_value(evidence.value, evidence.unit, language, evidence.quantity),
        limit=""
        if evidence.limit is None
        else quantity_value(evidence.limit, evidence.unit, language, evidence.quantity),
        site=evidence.site or "",
        step="" if evidence.step is None else count(evidence.step),
    )


def _cause(cause: Cause, language: Language, say: Say) -> CauseRow:
    share = min(1.0, max(0.0, cause.share))
    return CauseRow(
        title=cause_title(cause.cause, language),
        name=cause.cause,
        percent=round(100 * share, 1),
        share=percent(share, language),
        how=say(f"how_{cause.how}"),
    )


def _remedy(remedy: Remedy, language: Language) -> RemedyRow:
    return RemedyRow(
        title=remedy_title(remedy.remedy, language),
        name=remedy.remedy,
        change=remedy_change(remedy, language),
        expected=render(remedy.expected, language) if remedy.expected else "",
    )
