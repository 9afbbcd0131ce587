"""The findings file of a check: that of a run with no step, and what was forecast and tried beside it."""

import json

from isograd.facts import Checkup, Forecast, Language
from isograd.report.findings import findings
from isograd.report.json_number import number
from isograd.report.language import render
from isograd.report.tried import tried_plain


def checkup_findings(checkup: Checkup, language: Language = "en") -> dict[str, object]:
    """The findings as one JSON object, after `findings.schema.json`.

    Args:
        checkup: What was found.
        language: Of the sentences.
    """
    return {
        **findings(checkup.record, checkup.diagnosis, "check", language),
        "steps": 0,
        "advice": render(checkup.advice, language),
        "forecast": None if checkup.forecast is None else _forecast(checkup.forecast, language),
        "interventions": [tried_plain(table, language) for table in checkup.interventions],
    }


def checkup_json(checkup: Checkup, language: Language = "en") -> str:
    """The same as text, ended by a newline."""
    return json.dumps(checkup_findings(checkup, language), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _forecast(forecast: Forecast, language: Language) -> dict[str, object]:
    critical = forecast.critical
    return {
        "gain": number(forecast.gain),
        "low": number(forecast.low),
        "high": number(forecast.high),
        "depth": forecast.depth,
        "failing_depth": number(forecast.failing_depth),
        "critical": None
        if critical is None
        else {"activation": critical.activation, "sigma_w": critical.sigma_w, "sigma_b": critical.sigma_b},
        "sites": [
            {"site": s.site.name, "rho": number(s.rho), "gain": number(s.gain), "low": number(s.low),
             "high": number(s.high)}
            for s in forecast.sites
        ],
        "notes": [render(note, language) for note in forecast.notes],
    }  # fmt: skip
