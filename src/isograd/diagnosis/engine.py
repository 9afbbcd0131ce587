"""All rules on a record: findings, what explains what, and the health of the run."""

from collections.abc import Sequence

import numpy as np

from isograd.diagnosis import levels
from isograd.diagnosis.company import in_company, outplayed, spare
from isograd.diagnosis.experiments import with_experiments
from isograd.diagnosis.gain import gain
from isograd.diagnosis.merge import merge
from isograd.diagnosis.progress import progress
from isograd.diagnosis.rules import RULES, Rule
from isograd.diagnosis.upstream import GRAVITY, resolve
from isograd.facts import Diagnosis, Finding, Health, Observed, Record, Text


def diagnose(record: Record, rules: Sequence[Rule] = RULES) -> Diagnosis:
    """Judges a run.

    Args:
        record: All that was seen of it.
        rules: Which rules to ask; add one of your own with `rules=(*RULES, mine)`.

    Returns:
        The findings, gravest first, and the health that follows from them: `failing` with an error, `warning` with a
        warning, `unknown` if fewer than three steps were seen, else `healthy`.
    """
    order = {rule.code: place for place, rule in enumerate(rules)}
    game = in_company(record)
    told: list[Finding] = []
    lost = outplayed(record) if game else {}
    for seen in record.observed:
        if seen.network.name in lost:
            told.append(lost[seen.network.name])
            continue
        own = tuple(finding for rule in rules for finding in rule.judge(seen, record.run))
        told.extend(resolve(spare(own) if game else own))
    merged = merge(record, with_experiments(record, told))
    findings = tuple(sorted(merged, key=lambda one: (GRAVITY[one.severity], order.get(one.rule, len(order)))))
    health = _health(record, findings)
    return Diagnosis(health, findings, _reason(record, health))


def _health(record: Record, findings: tuple[Finding, ...]) -> Health:
    severities = {finding.severity for finding in findings}
    if "error" in severities:
        return "failing"
    if "warning" in severities:
        return "warning"
    return "unknown" if _longest(record) < levels.FEW_STEPS else "healthy"


def _longest(record: Record) -> int:
    return max((int(seen.steps.step.size) for seen in record.observed), default=0)


def _reason(record: Record, health: Health) -> Text | None:
    if health == "unknown":
        return _why_unknown(record)
    return _how_healthy(max(record.observed, key=lambda seen: seen.steps.step.size)) if health == "healthy" else None


def _why_unknown(record: Record) -> Text:
    if not record.observed:
        return Text(
            "No optimizer took a step that isograd could see: nothing was trained, or not with torch.optim.",
            "isograd가 관찰할 수 있는 옵티마이저 스텝이 없었습니다. 학습이 없었거나 torch.optim을 쓰지 않았습니다.",
        )
    return Text(
        "Only {steps} optimizer steps were seen; a verdict takes at least {least}.",
        "옵티마이저 스텝이 {steps}번뿐이었습니다. 판정하려면 적어도 {least}번이 필요합니다.",
        {"steps": _longest(record), "least": levels.FEW_STEPS},
    )


def _how_healthy(seen: Observed) -> Text:
    found, done = gain(seen), progress(seen)
    values: dict[str, object] = {"steps": int(seen.steps.step.size), "start": done.start, "end": done.end}
    if not np.isfinite(found.late) or done.state == "unseen":
        return Text(
            "Nothing was found in {steps} steps.",
            "{steps}개 스텝에서 이상을 찾지 못했습니다.",
            {"steps": values["steps"]},
        )
    return Text(
        "The gradient keeps its size over {layers} layers ({gain:+.1f} decades in all), and over {steps} steps the "
        "loss "
        "went from {start:.4g} to {end:.4g}.",
        "기울기가 {layers}개 층에 걸쳐 크기를 유지하고(전체 10^{gain:.1f}배), {steps}개 스텝 동안 손실이 "
        "{start:.4g}에서 {end:.4g}[으로/로] 변했습니다.",
        values | {"layers": len(found.chain), "gain": found.late},
    )
