"""IG201, exploding gradient: over the layers the gradient grows beyond what training bears, openly or behind a clip."""

import math

from isograd.diagnosis import evidence, levels
from isograd.diagnosis.blame import growth_causes
from isograd.diagnosis.gain import Gain, gain
from isograd.diagnosis.harm import clipping
from isograd.diagnosis.layer_words import layer
from isograd.diagnosis.outlook import outlook
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import Progress, output_size, progress
from isograd.diagnosis.rules.rule import Rule
from isograd.facts import Evidence, Finding, Observed, Run, Severity, Text

HIDDEN_DECADES = 1.0
"""A clip that takes a factor of ten off nearly every step hides something."""
GIANT_OUTPUT = 30.0
"""Root mean square of the outputs at the first reading, beyond which the forward pass has exploded as well."""
HIDDEN_SHARE = 0.8
"""Nearly every step."""


def judge(observed: Observed, run: Run) -> tuple[Finding, ...]:
    """Finds a gradient that explodes over depth.

    Args:
        observed: One network and what was seen of it.
        run: What was run.

    Returns:
        One finding, or none.
    """
    found, done = gain(observed), progress(observed)
    bound, taken = clipping(observed)
    hidden = bound >= HIDDEN_SHARE and taken >= HIDDEN_DECADES
    severity = _severity(observed, found, done, hidden)
    if severity is None:
        return ()
    limit = levels.gain_levels(observed.network)
    worst = _worst(found)
    sites = found.above(limit.warning) or found.names[:-1] or found.names
    causes = growth_causes(observed, found)
    return (
        Finding(
            rule=RULE.code,
            problem="exploding",
            severity=severity,
            network=observed.network.name,
            sites=sites,
            first_step=found.first_step,
            last_step=found.last_step,
            summary=_summary(worst, found, done, bound if hidden else 0.0, taken),
            evidence=evidence.measured(
                (
                    evidence.decades("gain_decades", worst, limit.error),
                    evidence.decades("gain_at_start_decades", found.early, limit.error),
                    *_of_clipping(bound, taken),
                    *evidence.loss(done),
                )
            ),
            causes=causes,
            remedies=prescribe(observed, causes, sites),
            advice=advise(observed, causes, sites),
        ),
    )


def _worst(found: Gain) -> float:
    seen = [value for value in (found.early, found.late) if math.isfinite(value)]
    return max(seen, default=math.nan)


def _severity(observed: Observed, found: Gain, done: Progress, hidden: bool) -> Severity | None:
    limit = levels.gain_levels(observed.network)
    worst = _worst(found)
    if not worst >= limit.warning:
        return None
    harmed = done.poor or bool((observed.steps.nonfinite & 15).any())
    if found.start < limit.warning and (harmed or done.state == "unseen"):
        return None  # it passed well until the steps ran away: that is told by other rules
    if hidden:
        return "error" if harmed else "warning"
    if worst < limit.error:
        return "warning" if found.early >= limit.warning and done.state in ("stuck", "worse") else None
    if harmed or _giant(observed, found, done, limit):
        return "error"
    return _where_it_learns(found, done, limit)


def _where_it_learns(found: Gain, done: Progress, limit: levels.GainLevels) -> Severity | None:
    """A large gain without harm is told where nobody can say how the loss does, or where it is twice as large."""
    if done.state in ("unknown", "unseen"):
        return "warning" if found.late >= limit.error else None
    return "warning" if found.late >= 2 * limit.error and done.state == "learning" else None


def _giant(observed: Observed, found: Gain, done: Progress, limit: levels.GainLevels) -> bool:
    """The forward pass exploded as well: no sound start lies ten thousand times above where the loss ends."""
    if found.late >= limit.error and output_size(observed) > GIANT_OUTPUT:
        return True
    if not math.isnan(done.chance):
        return done.start > 30 * done.chance and done.end > 0.3 * done.chance
    return done.end > 0 and done.start / done.end > 1e4


def _of_clipping(bound: float, taken: float) -> tuple[Evidence, ...]:
    if bound == 0.0:
        return ()
    return (
        evidence.share("clipped_steps_share", bound, HIDDEN_SHARE),
        evidence.decades("clipped_decades", taken, HIDDEN_DECADES),
    )


def _summary(worst: float, found: Gain, done: Progress, bound: float, taken: float) -> Text:
    values: dict[str, object] = {
        "decades": worst,
        "first": layer(found.names[0]),
        "last": layer(found.names[-1]),
        "outlook": outlook(done),
        "percent": 100 * bound,
        "taken": taken,
    }
    if bound:
        return Text(
            "From {last} back to {first} the gradient grows by a factor of 10^{decades:.1f}. Clipping hides it: it "
            "bound "
            "on {percent:.0f} % of the steps and divided the gradient by 10^{taken:.1f}. {outlook}",
            "기울기가 {last}에서 {first}까지 거슬러 오며 10^{decades:.1f}배로 커집니다. 클리핑이 이를 가리고 "
            "있습니다. 전체 스텝의 {percent:.0f}%에서 작동하여 기울기를 10^{taken:.1f}분의 1로 줄였습니다. {outlook}",
            values,
        )
    values.pop("percent"), values.pop("taken")
    return Text(
        "From {last} back to {first} the gradient grows by a factor of 10^{decades:.1f}. {outlook}",
        "기울기가 {last}에서 {first}까지 거슬러 오며 10^{decades:.1f}배로 커집니다. {outlook}",
        values,
    )


RULE = Rule(
    code="IG201",
    name="exploding",
    problem="exploding",
    title=Text("Exploding gradient", "기울기 폭주"),
    judge=judge,
)
