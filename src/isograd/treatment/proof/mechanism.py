"""Whether treated runs have the mechanism restored: the finding is gone, and nothing as grave has come in its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isograd.facts import Finding, Text
from isograd.facts.trial import Result

WELL_SHARE = 0.8
"""Share of the treated runs in which the finding must be gone: four of five."""
FREE_SHARE = 0.5
"""More than this share of the treated runs must be free of other errors: a gradient that no longer explodes is no cure
where the network stands at the level of guessing."""


@dataclass(frozen=True)
class Mechanism:
    """What the treated runs of a plan still show."""

    count: int
    """Runs."""
    well: int
    """Runs that ended and show the finding no more."""
    free: int
    """Runs with no error of another kind."""
    rules: tuple[str, ...]
    """Rules of those errors."""

    @property
    def restored(self) -> bool:
        """True if the finding is gone in four of five runs, and most have no other error."""
        return self.well >= WELL_SHARE * self.count and self.free > FREE_SHARE * self.count

    @property
    def reason(self) -> Text | None:
        """Why it is not restored."""
        if self.restored:
            return None
        if self.well < WELL_SHARE * self.count:
            return Text(
                "the finding is gone in {well} of {all} treated runs only",
                "처방한 {all}회 중 {well}회에서만 문제가 사라졌습니다",
                {"well": self.well, "all": self.count},
            )
        return Text(
            "another error stands in its place in {others} of {all} treated runs: {rules}",
            "처방한 {all}회 중 {others}회에서 다른 오류가 대신 나타났습니다: {rules}",
            {"others": self.count - self.free, "all": self.count, "rules": ", ".join(self.rules)},
        )

    @property
    def doubt(self) -> Text | None:
        """What limits it where it is restored."""
        if not self.restored or self.free == self.count:
            return None
        return Text(
            "{others} of {all} treated runs show another error: {rules}",
            "처방한 {all}회 중 {others}회에는 다른 오류가 있습니다: {rules}",
            {"others": self.count - self.free, "all": self.count, "rules": ", ".join(self.rules)},
        )


def mechanism_of(treated: Sequence[Result], finding: Finding) -> Mechanism:
    """What treated runs still show.

    Args:
        treated: Runs with a plan.
        finding: What was to be cured.
    """
    others = [_other_errors(result, finding) for result in treated]
    return Mechanism(
        count=len(treated),
        well=sum(not is_sick(result, finding) for result in treated),
        free=sum(not rules for rules in others),
        rules=tuple(sorted({rule for rules in others for rule in rules})),
    )


def is_sick(result: Result, finding: Finding) -> bool:
    """Whether a run still shows the problem, or failed by itself."""
    if result.status == "failed":
        return True
    return any(
        one["problem"] == finding.problem and one["severity"] in ("error", "warning") for one in _findings(result)
    )


def _other_errors(result: Result, finding: Finding) -> set[str]:
    return {
        one["rule"] for one in _findings(result) if one["problem"] != finding.problem and one["severity"] == "error"
    }


def _findings(result: Result) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = result.findings.get("findings", ())
    return found
