"""IG401, saturation: bounded activations pushed to their flat ends, where slope and gradient are lost."""

from dataclasses import dataclass

import numpy as np

from isograd.diagnosis import activations, attribution, evidence, levels
from isograd.diagnosis.gain import late_median
from isograd.diagnosis.layer_words import layer, span
from isograd.diagnosis.outlook import outlook
from isograd.diagnosis.prescriptions import advise, prescribe
from isograd.diagnosis.progress import Progress, loss_family, progress
from isograd.diagnosis.rules.rule import Rule
from isograd.facts import Cause, Finding, Observed, Run, Severity, Text


@dataclass(frozen=True)
class Flat:
    """The saturated share of one site."""

    index: int
    """Its index among the sites."""
    name: str
    """Its name."""
    late: float
    """Share of its entries saturated over the last half."""
    birth: float
    """The same at the first reading."""
    softmax: bool
    """True for a softmax, e.g. of attention."""


def judge(observed: Observed, run: Run) -> tuple[Finding, ...]:
    """Finds layers whose bounded activations are saturated.

    Args:
        observed: One network and what was seen of it.
        run: What was run.

    Returns:
        One finding, or none.
    """
    done = progress(observed)
    flat = _flat_sites(observed)
    if not flat:
        return ()
    worst = max(flat, key=lambda one: one.late)
    severity = _severity(worst, done)
    if severity is None:
        return ()
    causes = _causes(observed, flat)
    sites = tuple(one.name for one in flat)
    return (
        Finding(
            rule=RULE.code,
            problem="saturation",
            severity=severity,
            network=observed.network.name,
            sites=sites,
            first_step=_onset(observed, worst),
            last_step=int(observed.readings.step[-1]),
            summary=Text(
                "{percent:.0f} % of the outputs after {worst} sit on the flat ends of the activation ({where} "
                "affected), "
                "where it passes no gradient. {outlook}",
                "{worst} 뒤 출력의 {percent:.0f}%[이/가] 활성화 함수의 포화 구간에 있어(해당 층: {where}) 기울기를 "
                "전달하지 "
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
                    *(evidence.share("saturation_share", one.late, levels.SATURATION, one.name) for one in flat[:8]),
                    evidence.share("saturation_at_start_share", worst.birth, levels.SATURATION, worst.name),
                    *evidence.loss(done),
                )
            ),
            causes=causes,
            remedies=prescribe(observed, causes, sites),
            advice=advise(observed, causes, sites),
        ),
    )


def _flat_sites(observed: Observed) -> list[Flat]:
    if observed.readings.step.size == 0:
        return []
    values = observed.readings.column("saturation_share")
    late = late_median(values)
    output = _output_index(observed)
    bounded_output = loss_family(observed.network.loss) != "regression"
    found = []
    for s, site in enumerate(observed.network.sites):
        if not activations.is_squashing(site.activation) or np.isnan(late[s]) or late[s] < levels.SATURATION:
            continue
        if s == output and bounded_output:
            continue  # a sure classifier has saturated outputs: that is what it was trained for
        softmax = activations.canonical(site.activation) == "softmax"
        found.append(Flat(s, site.name, float(late[s]), float(values[0, s]), softmax))
    return found


def _output_index(observed: Observed) -> int:
    weights = [s for s, site in enumerate(observed.network.sites) if site.kind in ("weight", "recurrent")]
    return weights[-1] if weights else -1


def _severity(worst: Flat, done: Progress) -> Severity | None:
    if done.state in ("learned", "unknown", "unseen"):
        return None
    if done.state == "learning":
        return "warning" if worst.late >= 0.9 and done.late_share < 0.1 and not worst.softmax else None
    if worst.softmax and worst.late < 0.8:
        return None
    return "error" if worst.late >= 0.75 or done.state in ("stuck", "worse") else "warning"


def _causes(observed: Observed, flat: list[Flat]) -> tuple[Cause, ...]:
    if all(one.softmax for one in flat):
        return (Cause("attention-scale", 1.0),)
    first = min((one for one in flat if not one.softmax), key=lambda one: one.index)
    if first.birth < 0.6 * first.late:
        return attribution.shares({"learning-rate-too-high": 1.0})
    size = _first_value(observed, "input_rms", first.index)
    if observed.network.sites[first.index].kind == "recurrent":
        # The state is bounded; what goes into the layer from outside is measured at its first site.
        size = max(size, attribution.first_site(observed, "input_rms"))
    scale = _first_value(observed, "weight_scale", first.index)
    # z has the size input_rms * sigma_w: whichever of the two is the further above 1 is to blame.
    excess = {
        "input-scale": max(0.0, np.log10(max(size, 1e-9))),
        "init-too-large": max(0.0, np.log10(max(scale, 1e-9))),
    }
    if not any(excess.values()):
        excess["init-too-large"] = 1.0
    return attribution.shares(excess)


def _first_value(observed: Observed, quantity: str, site: int) -> float:
    values = observed.readings.column(quantity)[:, site]
    seen = values[np.isfinite(values)]
    return float(seen[0]) if seen.size else 1.0


def _onset(observed: Observed, worst: Flat) -> int:
    high = observed.readings.column("saturation_share")[:, worst.index] >= levels.SATURATION
    return int(observed.readings.step[high.argmax()]) if high.any() else int(observed.readings.step[0])


RULE = Rule(
    code="IG401",
    name="saturation",
    problem="saturation",
    title=Text("Saturated activations", "활성화 함수의 포화"),
    judge=judge,
)
