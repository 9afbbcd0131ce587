"""The findings file of a cure: that of the untreated run, and the verdict beside it."""

import json

from isograd.facts import Diagnosis, Language, Record
from isograd.facts.treatment import Plan, Settings
from isograd.facts.verdict import Arm, Attempt, Effect, Verdict
from isograd.report.findings import findings
from isograd.report.json_number import number
from isograd.report.language import render


def verdict_findings(
    verdict: Verdict, record: Record, diagnosis: Diagnosis, language: Language = "en"
) -> dict[str, object]:
    """The findings of the untreated run and the verdict as one JSON object, after `findings.schema.json`.

    Args:
        verdict: What was concluded.
        record: Of the untreated run.
        diagnosis: What was wrong with it.
        language: Of the sentences.
    """
    return {**findings(record, diagnosis, "cure", language), "verdict": _verdict(verdict, language)}


def verdict_json(verdict: Verdict, record: Record, diagnosis: Diagnosis, language: Language = "en") -> str:
    """The same as text, ended by a newline."""
    found = verdict_findings(verdict, record, diagnosis, language)
    return json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _verdict(verdict: Verdict, language: Language) -> dict[str, object]:
    metric, repeated = verdict.metric, verdict.reproducibility
    return {
        "cured": verdict.outcome == "cured",
        "outcome": verdict.outcome,
        "remedies": [dose.remedy for dose in verdict.plan.doses],
        "plan": _plan(verdict.plan),
        "rule": verdict.finding.rule if verdict.finding is not None else None,
        "metric": None
        if metric is None
        else {"kind": metric.kind, "higher_is_better": metric.higher_is_better, "pattern": metric.pattern or None},
        "baseline": _arm(verdict.baseline),
        "treated": _arm(verdict.treated),
        "sham": _arm(verdict.sham),
        "reseed": _arm(verdict.reseed),
        "effect": _effect(verdict.effect),
        "effect_against_sham": _effect(verdict.against_sham),
        "effect_against_reseed": _effect(verdict.against_reseed),
        "seeds": len(verdict.treated.values),
        "steps": verdict.steps,
        "trials": verdict.trials,
        "seconds": float(verdict.seconds),
        "run_seconds": number(verdict.run_seconds),
        "changes": [{"site": c.site, "before": c.before, "after": c.after} for c in verdict.changes],
        "tried": [_attempt(attempt, language) for attempt in verdict.tried],
        "patch": verdict.patch,
        "patch_verified": verdict.patch_verified,
        "by_hand": list(verdict.by_hand),
        "reproducible": None if repeated is None else repeated.exact,
        "noise": None if repeated is None else number(repeated.noise),
        "reasons": [render(reason, language) for reason in verdict.reasons],
        "figures": {name: number(value) for name, value in verdict.figures.items()},
    }


def _plan(plan: Plan) -> list[dict[str, object]]:
    return [{"remedy": dose.remedy, "settings": _settings(dose.settings)} for dose in plan.doses]


def _settings(settings: Settings) -> dict[str, object]:
    return {name: number(value) if isinstance(value, float) else value for name, value in settings.items()}


def _arm(arm: Arm) -> dict[str, object]:
    return {
        "values": [number(value) for value in arm.values],
        "mean": number(arm.mean),
        "gains": [number(gain) for gain in arm.gains],
        "sick": list(arm.sick),
        "seconds": number(arm.seconds),
    }


def _effect(effect: Effect) -> dict[str, object]:
    return {"mean": number(effect.mean), "low": number(effect.low), "high": number(effect.high), "unit": effect.unit}


def _attempt(attempt: Attempt, language: Language) -> dict[str, object]:
    return {
        "remedies": [dose.remedy for dose in attempt.plan.doses],
        "expected_gain": number(attempt.plan.expected_gain),
        "measured_gain": number(attempt.plan.measured_gain),
        "loss": number(attempt.loss),
        "steps": attempt.steps,
        "note": render(attempt.note, language) if attempt.note is not None else None,
    }
