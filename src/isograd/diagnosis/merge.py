"""One fault in several like networks (seeds, folds, experts) is one finding."""

from collections.abc import Sequence
from dataclasses import replace

from isograd.diagnosis.upstream import GRAVITY, first_cause
from isograd.facts import Evidence, Finding, Record, Text


def merge(record: Record, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Merges findings of the same rule and first cause about networks of the same type.

    Args:
        record: For the networks' types.
        findings: Those of all networks.

    Returns:
        One finding a group: the gravest, which names the others.
    """
    types = {seen.network.name: (seen.network.type, len(seen.network.sites)) for seen in record.observed}
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.rule, first_cause(finding), types.get(finding.network))
        groups.setdefault(key, []).append(finding)
    return tuple(_merged(group) for group in groups.values())


def _merged(group: list[Finding]) -> Finding:
    gravest = min(group, key=lambda finding: GRAVITY[finding.severity])
    if len(group) == 1:
        return gravest
    others = len(group) - 1
    return replace(
        gravest,
        first_step=min(finding.first_step for finding in group),
        last_step=max(finding.last_step for finding in group),
        summary=Text(
            "{summary} The same holds for {others} more networks of this run.",
            "{summary} 이 실행의 다른 신경망 {others}개도 마찬가지입니다.",
            {"summary": gravest.summary, "others": others},
        ),
        evidence=(*gravest.evidence, Evidence("networks", float(len(group)))),
    )
