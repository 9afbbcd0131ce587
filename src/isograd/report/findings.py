"""The findings file: what `--json` writes, after `findings.schema.json`."""

import json
from importlib.resources import files
from typing import Literal

import isograd
from isograd.facts import Cause, Diagnosis, Evidence, Finding, Language, Observed, Record, Remedy
from isograd.facts.experiment import experiments_of
from isograd.report.catalogue import remedy_change
from isograd.report.json_number import number
from isograd.report.language import render
from isograd.report.tried import tried_plain

Source = Literal["run", "check", "cure"]


def findings(
    record: Record, diagnosis: Diagnosis, source: Source = "run", language: Language = "en"
) -> dict[str, object]:
    """The findings as one JSON object.

    Args:
        record: what was seen.
        diagnosis: what the rules say about it.
        source: which command found it.
        language: of the sentences; names of the vocabulary are the same in all languages.

    Returns:
        An object that `json.dumps(..., allow_nan=False)` takes: what JSON cannot say as a number is a word.
    """
    return {
        "schema": "isograd.findings/1",
        "isograd": isograd.__version__,
        "source": source,
        "steps": sum(steps_seen(observed) for observed in record.observed),
        "models": [_model(observed) for observed in record.observed],
        "health": diagnosis.health,
        "findings": [_finding(finding, language) for finding in diagnosis.findings],
        "interventions": [
            tried_plain(one.table, language) for observed in record.observed for one in experiments_of(observed)
        ],
    }


def schema() -> dict[str, object]:
    """The JSON Schema of the findings file."""
    text = files("isograd.report").joinpath("findings.schema.json").read_text(encoding="utf-8")
    parsed: dict[str, object] = json.loads(text)
    return parsed


def steps_seen(observed: Observed) -> int:
    """Optimizer steps of one network; they are numbered from 0, and rows of old ones may have been thinned out."""
    numbers = observed.steps.step
    return int(numbers.max()) + 1 if numbers.size else 0


def _model(observed: Observed) -> dict[str, object]:
    network = observed.network
    return {
        "name": network.name,
        "type": network.type,
        "parameters": int(network.num_parameters),
        "sites": len(network.sites),
    }


def _finding(finding: Finding, language: Language) -> dict[str, object]:
    return {
        "rule": finding.rule,
        "problem": finding.problem,
        "severity": finding.severity,
        "sites": list(finding.sites),
        "first_step": int(finding.first_step),
        "last_step": int(finding.last_step),
        "summary": render(finding.summary, language),
        "evidence": [_evidence(evidence) for evidence in finding.evidence],
        "causes": [_cause(cause) for cause in finding.causes],
        "remedies": [_remedy(remedy, language) for remedy in finding.remedies],
        "advice": [render(text, language) for text in finding.advice],
    }


def _evidence(evidence: Evidence) -> dict[str, object]:
    return {
        "quantity": evidence.quantity,
        "value": number(evidence.value),
        "unit": evidence.unit,
        "limit": number(evidence.limit),
        "site": evidence.site,
        "step": None if evidence.step is None else int(evidence.step),
    }


def _cause(cause: Cause) -> dict[str, object]:
    return {"cause": cause.cause, "share": float(cause.share), "how": cause.how}


def _remedy(remedy: Remedy, language: Language) -> dict[str, object]:
    """The remedy with its change; an effect that nobody expects is left out rather than written as empty."""
    entry: dict[str, object] = {"remedy": remedy.remedy, "change": remedy_change(remedy, language)}
    if remedy.expected is not None:
        entry["expected"] = render(remedy.expected, language)
    return entry
