"""IG101, vanishing gradient: over the layers the gradient shrinks beyond what training bears, and training shows it."""

import math

from isograd.diagnosis import attribution, evidence, levels
from isograd.diagnosis.blame import decay_causes
from isograd.diagnosis.gain import Gain, gain
from isograd.diagnosis.harm import Harm, harm
from isograd.diagnosis.layer_words import layer, span
from isograd.diagnosis.outlook import outlook
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import Progress, progress
from isograd.diagnosis.rules.rule import Rule
from isograd.facts import Finding, Observed, Run, Severity, Text


def judge(observed: Observed, run: Run) -> tuple[Finding, ...]:
    """Finds a gradient that vanishes over depth.

    Args:
        observed: One network and what was seen of it.
        run: What was run.

    Returns:
        One finding, or none.
    """
    found, done, hurt = gain(observed), progress(observed), harm(observed)
    severity = _severity(observed, found, done, hurt)
    if severity is None:
        return ()
    limit = levels.gain_levels(observed.network)
    sites = found.below(limit.warning) or found.names[:-1] or found.names
    causes = decay_causes(observed, found)
    return (
        Finding(
            rule=RULE.code,
            problem="vanishing",
            severity=severity,
            network=observed.network.name,
            sites=sites,
            first_step=found.first_step if not found.early > -limit.warning else _onset(observed, limit.warning),
            last_step=found.last_step,
            summary=_summary(found, sites, done),
            evidence=evidence.measured(
                (
                    evidence.decades("gain_decades", found.late, -limit.error),
                    evidence.decades("gain_at_start_decades", found.early, -limit.error),
                    evidence.decades("gain_per_layer_decades", _per_layer(found), -0.15),
                    evidence.share("input_dependent_share", hurt.output_share, levels.COLLAPSED_SHARE),
                    evidence.share("update_ratio", hurt.update_median, 1e-4),
                    *evidence.loss(done),
                )
            ),
            causes=causes,
            remedies=prescribe(observed, causes, sites),
            advice=advise(observed, causes, sites),
        ),
    )


def _severity(observed: Observed, found: Gain, done: Progress, hurt: Harm) -> Severity | None:
    limit = levels.gain_levels(observed.network)
    if not found.late <= -limit.warning or found.final > -limit.warning:
        return None
    if found.late == -math.inf:
        return _of_exact_zero(observed, found, done)
    beyond = found.late <= -limit.error
    if done.good and not (hurt.collapsed and done.rest_share < 0.05):
        far = found.late <= -2 * limit.error and done.state == "learning" and done.late_share < 0.1
        return "warning" if far and not _pure_scale(observed, hurt) else None
    return _of_poor_training(observed, done, hurt, beyond)


def _of_poor_training(observed: Observed, done: Progress, hurt: Harm, beyond: bool) -> Severity | None:
    """Where the loss does not fall, or nobody can say: the gain may be why, unless the optimizer takes it out again."""
    unknown = done.state in ("unknown", "unseen")
    if _pure_scale(observed, hurt):
        return "warning" if beyond and not unknown else None
    if unknown:
        return "warning" if beyond else None
    if beyond:
        return "error"
    # A gain that some networks bear is confirmed by a loss that stays, and a few steps do not tell that from noise.
    return "warning" if done.state != "weak" and done.seen >= levels.ENOUGH_STEPS else None


def _of_exact_zero(observed: Observed, found: Gain, done: Progress) -> Severity | None:
    """An exact zero is no decay: it counts unless the units below are dead, which is another rule's finding."""
    dead = observed.readings.column("dead_share") if observed.readings.step.size else None
    silent = dead is not None and bool((dead[-1] >= 0.99).any())
    whole = bool((found.level == -math.inf).any())  # a layer called many times may be zero in its first call alone
    if done.good or not whole or silent or attribution.constant_weights(observed):
        return None
    return "error" if done.poor else "warning"


def _pure_scale(observed: Observed, hurt: Harm) -> bool:
    """True if only the scale is small and the optimizer divides by it: layers move alike, outputs heed the input."""
    if not levels.adaptive(observed.network):
        return False
    floored = hurt.epsilon_floor > levels.EPSILON_FLOOR
    return hurt.update_spread < 1.0 and hurt.output_share > 0.1 and not floored


def _per_layer(found: Gain) -> float:
    return found.late / found.num_layers if found.num_layers else math.nan


def _onset(observed: Observed, limit: float) -> int:
    low = observed.steps.gain <= -limit
    return int(observed.steps.step[low.argmax()]) if low.any() else 0


def _summary(found: Gain, sites: tuple[str, ...], done: Progress) -> Text:
    if found.late == -math.inf:
        return Text(
            "No gradient at all arrives at {where}: it is exactly zero there. {outlook}",
            "{where}에는 기울기가 전혀 도달하지 않습니다(정확히 0). {outlook}",
            {"where": span(sites), "outlook": outlook(done)},
        )
    return Text(
        "Of the gradient that reaches the last layer, one part in 10^{decades:.1f} arrives at {first}; "
        f"{{where}} hardly {'learns' if len(sites) == 1 else 'learn'}. {{outlook}}",
        "마지막 층에 닿은 기울기의 10^{decades:.1f}분의 1만 {first}에 도달하여 {where}[은/는] 거의 학습되지 "
        "않습니다. {outlook}",
        {"decades": -found.late, "first": layer(found.names[0]), "where": span(sites), "outlook": outlook(done)},
    )


RULE = Rule(
    code="IG101",
    name="vanishing",
    problem="vanishing",
    title=Text("Vanishing gradient", "기울기 소실"),
    judge=judge,
)
