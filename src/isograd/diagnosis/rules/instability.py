"""IG701, instability: the gradient passes, but the steps are too large: the loss rises, leaps or falls back."""

import math
from dataclasses import dataclass

import numpy as np

from isograd.diagnosis import attribution, evidence, levels, trends
from isograd.diagnosis.harm import Harm, harm
from isograd.diagnosis.outlook import outlook
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import Progress, progress
from isograd.diagnosis.rules.rule import Rule
from isograd.diagnosis.runaway import bad_batches, odd_inputs, plainly_high, rate_causes
from isograd.facts import Cause, Evidence, Finding, Observed, Run, Severity, Text

BLOW_UP = 3.0
"""A smoothed loss this many times its start has left the region it began in; healthy runs stay under twice."""
LOST_SHARE = 0.5
"""Half of what was gained is lost again: more than noise takes."""


@dataclass(frozen=True)
class Unrest:
    """What was unstable."""

    kind: str
    """`rising`, `blow-up`, `relapse`, `restless` or `spikes`."""
    severity: Severity
    """How grave."""
    steps: tuple[int, int]
    """First and last optimizer step."""
    count: int = 0
    """Leaps of the loss."""


def judge(observed: Observed, run: Run) -> tuple[Finding, ...]:
    """Finds training that diverges or leaps although gradients pass.

    Args:
        observed: One network and what was seen of it.
        run: What was run.

    Returns:
        One finding, or none.
    """
    done, hurt = progress(observed), harm(observed)
    unrest = _unrest(observed, done, hurt)
    if unrest is None:
        return ()
    causes = _causes(observed, done)
    return (
        Finding(
            rule=RULE.code,
            problem="instability",
            severity=unrest.severity,
            network=observed.network.name,
            sites=(),
            first_step=unrest.steps[0],
            last_step=unrest.steps[1],
            summary=_summary(unrest, done),
            evidence=evidence.measured(
                (
                    evidence.share("update_ratio", hurt.update_peak, levels.UPDATE_HIGH),
                    Evidence("loss_peak", done.peak, "", BLOW_UP * done.start),
                    Evidence("loss_best", done.best),
                    Evidence("loss_leaps", float(unrest.count), "steps", 0.0),
                    *evidence.loss(done),
                )
            ),
            causes=causes,
            remedies=prescribe(observed, causes, ()),
            advice=advise(observed, causes, ()),
        ),
    )


def _unrest(observed: Observed, done: Progress, hurt: Harm) -> Unrest | None:
    if done.state in ("unseen", "unknown") or done.seen < 10 or not np.all(observed.steps.loss[:1] >= 0):
        return None
    finite = np.isfinite(observed.steps.loss)
    loss, step = observed.steps.loss[finite], observed.steps.step[finite]
    smooth = trends.running_median(loss, 3)
    whole = (int(step[0]), int(step[-1]))
    if done.state == "worse" and _own_doing(observed, done, hurt):
        return Unrest("rising", "error", whole)
    high = np.flatnonzero(smooth > BLOW_UP * done.start + 5 * done.noise)
    severity = _of_blow_up(float(smooth.max()), done) if high.size else None
    if severity is not None:
        return Unrest("blow-up", severity, (int(step[high[0]]), int(step[high[-1]])))
    if _lost_again(done) and _own_doing(observed, done, hurt):
        return Unrest("relapse", "error", (int(step[int(smooth.argmin())]), whole[1]))
    if _thrown_about(observed, done, hurt):
        return Unrest("restless", "error", whole)
    if _wanders(observed, done, hurt):
        return Unrest("restless", "warning", whole)
    return _leaps(loss, step, done)


def _of_blow_up(peak: float, done: Progress) -> Severity | None:
    """How grave it is that the loss stood far above its start: an error where it gained nothing in the end."""
    if done.state in ("stuck", "weak"):
        return "error"
    return "warning" if peak > 30 * done.start and done.state == "learning" else None


def _lost_again(done: Progress) -> bool:
    """True if the loss had fallen plainly and gave most of that away."""
    gained = done.start - done.best
    lost = done.end - done.best
    return gained > 0.2 * done.start and lost > LOST_SHARE * gained + 3 * done.noise / math.sqrt(5)


def _thrown_about(observed: Observed, done: Progress, hurt: Harm) -> bool:
    """True if nothing is gained, and steps are large beside the weights: on average, or one as large as they are."""
    thrown = hurt.update_peak >= 1.0 and plainly_high(observed)
    large = thrown or max(hurt.travel / done.seen, hurt.update_median) >= levels.UPDATE_HIGH
    return done.poor and large and not attribution.decayed(observed)


def _wanders(observed: Observed, done: Progress, hurt: Harm) -> bool:
    """True if it learned at first and has wandered since, at a plainly high rate, by a tenth of the weights a step."""
    high = hurt.update_median >= levels.UPDATE_HIGH and plainly_high(observed) and levels.adaptive(observed.network)
    return high and done.end > 0.1 * done.start and (done.rest_share < 0.1 or done.state == "learning")


def _own_doing(observed: Observed, done: Progress, hurt: Harm) -> bool:
    """True if the steps made the loss rise; a goal that moves away by itself (a critic's) raises it slowly."""
    if not np.isnan(done.chance):
        return True
    return done.end > 10 * done.start or hurt.travel / done.seen > 0.02 or plainly_high(observed)


def _leaps(loss: trends.Series, step: np.ndarray[tuple[int], np.dtype[np.int64]], done: Progress) -> Unrest | None:
    """Leaps of the loss that matter: out of its recent past, and back up to where it began."""
    with np.errstate(divide="ignore"):
        leaps = trends.spikes(np.log10(np.maximum(loss, 1e-30)), factor_log10=0.5)
    leaps = leaps[loss[leaps] > 0.7 * done.start]
    if leaps.size == 0 or (leaps.size < 2 and loss[leaps[0]] < 10 * done.start):
        return None
    steps = (int(step[leaps[0]]), int(step[leaps[-1]]))
    return Unrest("spikes", "error" if done.poor else "warning", steps, int(leaps.size))


def _causes(observed: Observed, done: Progress) -> tuple[Cause, ...]:
    if bad_batches(observed) or odd_inputs(observed):
        return attribution.shares({"outlier-batch": 0.75, "learning-rate-too-high": 0.25})
    return rate_causes(observed, done)


def _summary(unrest: Unrest, done: Progress) -> Text:
    said = {
        "rising": Text("Training makes the loss larger.", "학습할수록 손실이 커집니다."),
        "blow-up": Text(
            "The loss blew up to {peak:.3g}, {factor:.1f} times its start.",
            "손실이 {peak:.3g}까지, 처음의 {factor:.1f}배로 치솟았습니다.",
            {"peak": done.peak, "factor": done.peak / max(done.start, 1e-30)},
        ),
        "relapse": Text(
            "The loss had come down to {best:.4g} and then lost most of what it had gained.",
            "손실이 {best:.4g}까지 내려갔다가 줄어든 만큼의 대부분을 다시 잃었습니다.",
            {"best": done.best},
        ),
        "restless": Text(
            "Each step moves the weights by a tenth of their size or more, and the loss gets nowhere.",
            "스텝마다 가중치가 크기의 10% 이상 움직이는데 손실은 나아지지 않습니다.",
        ),
        "spikes": Text(
            "The loss leapt {count} times back to where it began or beyond.",
            "손실이 {count}번이나 처음 수준 이상으로 튀어 올랐습니다.",
            {"count": unrest.count},
        ),
    }
    return Text("{what} {outlook}", "{what} {outlook}", {"what": said[unrest.kind], "outlook": outlook(done)})


RULE = Rule(
    code="IG701",
    name="instability",
    problem="instability",
    title=Text("Unstable training", "불안정한 학습"),
    judge=judge,
)
