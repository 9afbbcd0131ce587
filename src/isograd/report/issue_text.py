"""The report as a few lines of plain text, to paste into an issue."""

from isograd.facts import Diagnosis, Language, Record
from isograd.report.page.findings import FindingView, finding_views
from isograd.report.page.summary import key_figures, run_facts, verdict
from isograd.report.page.words import words
from isograd.report.run_notes import run_notes


def issue_text(record: Record, diagnosis: Diagnosis, language: Language) -> str:
    """A summary that stands by itself: verdict, findings with evidence, causes and remedies, what was run.

    Args:
        record: What was seen.
        diagnosis: What the rules found.
        language: Of the text.

    Returns:
        Lines of Markdown that also read well as they are.
    """
    say = words(language)
    findings = finding_views(record, diagnosis, language, say, {})
    banner = verdict(record, diagnosis, findings, language, say)
    lines = [f"isograd: {banner.title}. {banner.sentence}", ""]
    for finding in findings:
        lines += [*_finding(finding, say("limit"), say("expected")), ""]
    for figure in key_figures(record, language, say):
        lines.append(f"- {figure.label}: {figure.value}" + (f" ({figure.note})" if figure.note else ""))
    for observed in record.observed:
        network = observed.network
        described = say(
            "what_it_is",
            type=network.type,
            parameters=network.num_parameters,
            sites=len(network.sites),
            optimizer=network.optimizer,
        )
        lines.append(f"- {network.name}: {described}")
    lines += [f"- {fact.label}: {fact.value}" for fact in run_facts(record.run, language, say)]
    lines += [f"- {note}" for note in run_notes(record.run, language)]
    return "\n".join(lines) + "\n"


def _finding(finding: FindingView, limit: str, expected: str) -> list[str]:
    lines = [f"## {finding.rule} {finding.title}: {finding.where}, {finding.since}", finding.summary]
    for row in finding.evidence:
        against = f" ({limit} {row.limit})" if row.limit else ""
        place = "".join(f", {word}" for word in (row.site, row.step) if word)
        lines.append(f"- {row.quantity}: {row.measured}{against}{place}")
    lines += [f"- {cause.title}: {cause.share}, {cause.how}" for cause in finding.causes]
    lines += [f"- {sentence}" for sentence in finding.advice]
    for remedy in finding.remedies:
        tail = f" ({expected}: {remedy.expected})" if remedy.expected else ""
        lines.append(f"- {remedy.title}: {remedy.change}{tail}" if remedy.change else f"- {remedy.title}{tail}")
    return lines
