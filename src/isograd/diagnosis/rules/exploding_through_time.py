"""IG202, exploding gradient through time: on its way back through a sequence the gradient grows step by step."""

from isograd.diagnosis import attribution, evidence, levels, trends
from isograd.diagnosis.harm import clipping
from isograd.diagnosis.memory import Memory, memories
from isograd.diagnosis.outlook import outlook
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import Progress, progress
from isograd.diagnosis.rules.rule import Rule
from isograd.diagnosis.runaway import plainly_high
from isograd.facts import Cause, Evidence, Finding, Observed, Run, Severity, Text

HIDDEN_DECADES = 1.0
"""A clip that takes a factor of ten off hides something."""


def judge(observed: Observed, run: Run) -> tuple[Finding, ...]:
    """Finds a gradient that explodes on its way back through time.

    Args:
        observed: One network and what was seen of it.
        run: What was run.

    Returns:
        At most one finding, about the recurrent site that grows fastest.
    """
    done = progress(observed)
    judged = [(memory, _severity(observed, memory, done)) for memory in memories(observed)]
    grave = [(memory, severity) for memory, severity in judged if severity is not None]
    if not grave:
        return ()
    worst, severity = max(grave, key=lambda pair: pair[0].peak)
    bound, taken = clipping(observed)
    causes = _causes(observed, worst)
    sites = tuple(memory.site for memory, _ in grave)
    return (
        Finding(
            rule=RULE.code,
            problem="exploding",
            severity=severity,
            network=observed.network.name,
            sites=sites,
            first_step=worst.first_step,
            last_step=worst.last_step,
            summary=_summary(worst, done, bound if taken >= HIDDEN_DECADES else 0.0, taken),
            evidence=evidence.measured(
                (
                    evidence.decades("time_gain_decades", worst.peak, levels.PLAIN.error, worst.site),
                    evidence.decades("time_gain_at_start_decades", worst.early, levels.PLAIN.error, worst.site),
                    Evidence("sequence_length", float(worst.length), "time steps", None, worst.site),
                    evidence.share("clipped_steps_share", bound),
                    evidence.decades("clipped_decades", taken, HIDDEN_DECADES),
                    *evidence.loss(done),
                )
            ),
            causes=causes,
            remedies=prescribe(observed, causes, sites),
            advice=advise(observed, causes, sites),
        ),
    )


def _severity(observed: Observed, memory: Memory, done: Progress) -> Severity | None:
    if memory.peak < levels.PLAIN.warning:
        return None
    bound, taken = clipping(observed)
    hidden = bound >= 0.5 and taken >= HIDDEN_DECADES
    broken = bool((observed.steps.nonfinite & 15).any())
    leaps = trends.spikes(observed.steps.raw_log10).size >= 2
    large = memory.peak >= levels.PLAIN.error
    if large and (done.poor or broken):
        return "error"
    if (hidden or leaps) and (large or done.poor):
        return "error" if done.state in ("worse", "stuck") else "warning"
    if large and done.state in ("unknown", "unseen"):
        return "warning"
    return None


def _causes(observed: Observed, memory: Memory) -> tuple[Cause, ...]:
    began_well = memory.early < levels.PLAIN.warning / 2
    if began_well and plainly_high(observed):
        return attribution.shares({"learning-rate-too-high": 1.0})
    if began_well and memory.late > levels.PLAIN.error:
        # Training itself drove the recurrent weights up.
        return attribution.shares({"recurrence-expands": 0.55, "learning-rate-too-high": 0.45})
    return attribution.shares({"recurrence-expands": 0.8, "init-too-large": 0.2})


def _summary(memory: Memory, done: Progress, bound: float, taken: float) -> Text:
    values: dict[str, object] = {
        "site": memory.site,
        "length": memory.length,
        "decades": memory.peak,
        "outlook": outlook(done),
    }
    if bound:
        values |= {"percent": 100 * bound, "taken": taken}
        return Text(
            "Back through the {length} time steps of {site} the gradient grows by a factor of 10^{decades:.1f}. "
            "Clipping "
            "hides it: it acted on {percent:.0f} % of the steps and divided the gradient by 10^{taken:.1f}. {outlook}",
            "{site}의 {length}개 시점을 거슬러 가며 기울기가 10^{decades:.1f}배로 커집니다. 클리핑이 이를 가리고 "
            "있습니다. 전체 스텝의 {percent:.0f}%에서 작동하여 기울기를 10^{taken:.1f}분의 1로 줄였습니다. {outlook}",
            values,
        )
    return Text(
        "Back through the {length} time steps of {site} the gradient grows by a factor of 10^{decades:.1f}. {outlook}",
        "{site}의 {length}개 시점을 거슬러 가며 기울기가 10^{decades:.1f}배로 커집니다. {outlook}",
        values,
    )


RULE = Rule(
    code="IG202",
    name="exploding-through-time",
    problem="exploding",
    title=Text("Gradient explodes through time", "시간에 따른 기울기 폭주"),
    judge=judge,
)
