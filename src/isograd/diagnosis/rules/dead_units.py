"""IG301, dead units: units behind a rectifier that no example wakes, so that no gradient passes them or moves them."""

from dataclasses import dataclass

import numpy as np

from isograd.diagnosis import activations, attribution, evidence, levels
from isograd.diagnosis.gain import gain, late_median
from isograd.diagnosis.layer_words import layer, span
from isograd.diagnosis.outlook import outlook
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import Progress, progress
from isograd.diagnosis.rules.rule import Rule
from isograd.diagnosis.runaway import rate_causes
from isograd.facts import Cause, Finding, Observed, Run, Severity, Text

NARROW = 10
"""A layer of so few units can be born dead by chance alone."""
SAME_INPUT = 1e-6
"""Share of the input's energy that depends on the example, below which all examples are one."""
ALL = 0.999
"""Share from which a whole layer counts as dead."""
NEAR_GUESSING = 0.9
"""A loss above this share of that of guessing shows that nothing was learnt."""
FEW_UNITS = 4
"""Fewer units than this are too weak as evidence."""


@dataclass(frozen=True)
class Silence:
    """The dead share of one site."""

    index: int
    """Its index among the sites."""
    name: str
    """Its name."""
    late: float
    """Share of its units dead over the last readings."""
    birth: float
    """Share of its units silent at the first reading."""
    on_chain: bool
    """True if every gradient passes here."""


def judge(observed: Observed, run: Run) -> tuple[Finding, ...]:
    """Finds layers whose rectified units have died.

    Args:
        observed: One network and what was seen of it.
        run: What was run.

    Returns:
        One finding, or none.
    """
    done = progress(observed)
    silent = [one for one in _silences(observed, done) if one.late >= levels.DEAD_WARNING]
    if not silent or attribution.first_site(observed, "input_share") < SAME_INPUT:
        return ()  # units that differ on no example because no example differs are not dead
    worst = max(silent, key=lambda one: (one.on_chain, one.late))
    severity = _severity(worst, done)
    if severity is None:
        return ()
    causes = _causes(observed, silent, worst, done)
    sites = tuple(one.name for one in silent)
    return (
        Finding(
            rule=RULE.code,
            problem="dead-units",
            severity=severity,
            network=observed.network.name,
            sites=sites,
            first_step=_onset(observed, worst),
            last_step=int(observed.readings.step[-1]),
            summary=Text(
                "{percent:.0f} % of the units after {worst} are silent on every example ({where} affected): no "
                "gradient "
                "passes them. {outlook}",
                "{worst} 뒤의 뉴런 {percent:.0f}%[이/가] 어떤 샘플에도 반응하지 않아(해당 층: {where}) 기울기가 "
                "지나가지 "
                "못합니다. {outlook}",
                {
                    "percent": 100 * worst.late,
                    "worst": layer(worst.name),
                    "where": span(sites),
                    "outlook": outlook(done),
                },
            ),
            evidence=evidence.measured(
                (
                    *(evidence.share("dead_share", one.late, levels.DEAD_WARNING, one.name) for one in silent[:8]),
                    evidence.share("dead_at_start_share", worst.birth, levels.DEAD_WARNING, worst.name),
                    *evidence.loss(done),
                )
            ),
            causes=causes,
            remedies=prescribe(observed, causes, sites),
            advice=advise(observed, causes, sites),
        ),
    )


def _died_unseen(observed: Observed, done: Progress) -> bool:
    """True if after the last reading the gradient of a rectified chain became exactly zero for good.

    Behind a rectifier that is a proof: some layer passes nothing, on any example.
    """
    found = gain(observed)
    early = observed.readings.step[-1] < 0.5 * observed.steps.step[-1]
    return bool(early and done.poor and found.final == -np.inf and np.isfinite(found.early))


def _silences(observed: Observed, done: Progress) -> list[Silence]:
    readings = observed.readings
    if readings.step.size == 0:
        return []
    once, lasting = readings.column("dead_share"), readings.column("dead_lasting_share")
    # Lasting already spans several readings, so the last one that has it counts; without one, what most readings say.
    last = np.array([column[np.isfinite(column)][-1] if np.isfinite(column).any() else np.nan for column in lasting.T])
    now = late_median(once, 0.34)
    late = np.where(np.isnan(last), now, last)
    if _died_unseen(observed, done):
        late = now = np.where(np.isnan(late), late, 1.0)
    found = []
    for s, site in enumerate(observed.network.sites):
        if not activations.is_rectifier(site.activation) or np.isnan(late[s]):
            continue
        if site.units < FEW_UNITS and late[s] < 1.0:
            continue  # of three units one or two say little; all of them say all
        found.append(Silence(s, site.name, min(late[s], now[s]), float(once[0, s]), site.on_chain))
    return found


def _severity(worst: Silence, done: Progress) -> Severity | None:
    at_guessing = np.isfinite(done.chance) and done.end > NEAR_GUESSING * done.chance
    if worst.on_chain and (worst.late >= ALL or (worst.late >= levels.DEAD_ERROR and at_guessing)):
        return "error"  # the output no longer depends on the input, whatever the loss fell from
    if done.state == "learned":
        return None
    gone = worst.late >= levels.DEAD_ERROR
    if done.state in ("learning", "unknown", "unseen"):
        return "warning" if worst.late >= 0.95 and worst.on_chain else None
    if gone or (worst.late >= 0.75 and done.state != "weak"):
        return "error"
    return "warning" if worst.on_chain and worst.late >= 0.6 else None


def _causes(observed: Observed, silent: list[Silence], worst: Silence, done: Progress) -> tuple[Cause, ...]:
    if worst.birth < 0.6 * worst.late:
        return rate_causes(observed, done)
    first = min(silent, key=lambda one: one.index)
    if first.name in attribution.constant_weights(observed):
        return (Cause("zero-init", 1.0),)
    units = observed.network.sites[first.index].units
    if units <= NARROW and observed.network.depth >= 6:
        return attribution.shares({"dead-at-birth": 0.7, "negative-bias": 0.3})
    if attribution.first_site(observed, "input_rms") > 3 * levels.INPUT_LARGE:
        return attribution.shares({"input-scale": 0.7, "dead-at-birth": 0.3})
    return attribution.shares({"negative-bias": 0.75, "dead-at-birth": 0.25})


def _onset(observed: Observed, worst: Silence) -> int:
    dead = observed.readings.column("dead_share")[:, worst.index] >= levels.DEAD_WARNING
    return int(observed.readings.step[dead.argmax()]) if dead.any() else int(observed.readings.step[0])


RULE = Rule(
    code="IG301",
    name="dead-units",
    problem="dead-units",
    title=Text("Dead units", "죽은 뉴런"),
    judge=judge,
)
