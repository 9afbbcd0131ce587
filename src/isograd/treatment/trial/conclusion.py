"""Turns what a trial's witness heard into its result."""

import math
from collections.abc import Sequence
from statistics import median

from isograd.diagnosis.afterwards import experiments
from isograd.diagnosis.engine import diagnose
from isograd.diagnosis.memory import memories
from isograd.facts import Record, RunStatus
from isograd.facts.experiment import as_event
from isograd.facts.treatment import Places
from isograd.facts.trial import Gains, Outlook, PrintedMetric, Result, Trained, TrialStatus
from isograd.facts.verdict import MetricKind
from isograd.report.findings import findings
from isograd.treatment.patient import Patient
from isograd.treatment.trial.hearing.ledger import curve, digest
from isograd.treatment.trial.hearing.witness import Witness
from isograd.treatment.trial.injection.prospects import outlooks
from isograd.treatment.trial.injection.roll import Network
from isograd.treatment.trial.injection.told import Told

NO_STEP, NO_OPTIMIZER = "no optimizer of the network took a step", "no optimizer was made"
"""What is said of a program that ended well and trained nothing."""


def conclude(
    witness: Witness,
    status: TrialStatus,
    error: str,
    metrics: Sequence[PrintedMetric] = (),
    score: float = math.nan,
    script: str = "",
) -> Result:
    """The result, but for what only the process knows: how long it took, which files were written."""
    network = witness.ordered()
    if network is None or not network.steps:
        status, error = "failed", error or _nothing(witness)
    record = _ended(witness, status, error)
    indices = witness.indices.get(network.key, []) if network is not None else []
    losses = [loss for index in indices for loss in witness.ledger.losses.get(index, [])]
    witness.evaluations.close()
    groups = network.groups if network is not None else []
    return Result(
        order=witness.order,
        status=status,
        error=error,
        train_seconds=sum(witness.ledger.seconds.get(index, 0.0) for index in indices),
        steps=network.steps if network is not None else 0,
        networks=tuple(_trained(one, witness, record) for one in witness.roll.networks.values()),
        losses=curve(losses),
        digest=digest(losses, [parameter for group in groups for parameter in group["params"]]),
        metrics=tuple(metrics),
        evaluations=tuple(witness.evaluations.passes),
        score=score,
        metric_kinds=_kinds(witness, losses, metrics, score),
        gains=_gains(record, indices),
        findings=findings(record, diagnose(record), "cure"),
        made=tuple(given.told() for given in witness.injection.made_here),
        places=_places(witness, network, script),
        outlooks=_outlooks(witness, network),
        warnings=_warnings(witness, record),
    )


def _nothing(witness: Witness) -> str:
    """Why there is nothing to tell of the network."""
    if witness.ordered() is not None:
        return NO_STEP
    made = ", ".join(f"{one.name} ({one.key})" for one in witness.roll.networks.values())
    wanted = witness.order.network
    return f"no optimizer of {wanted} was made; there are {made}" if made else NO_OPTIMIZER


def _ended(witness: Witness, status: TrialStatus, error: str) -> Record:
    """Ends the watching; the record, with experiments where they were ordered."""
    ends: dict[TrialStatus, RunStatus] = {"failed": "failed", "interrupted": "interrupted"}
    witness.session.stop(ends.get(status, "finished"), error)
    record = witness.writer.snapshot()
    if witness.order.explain:
        for index, experiment in experiments(record, witness.session.keepsakes()):
            witness.writer.event(index, as_event(experiment))
        record = witness.writer.snapshot()
    witness.writer.close()
    return record


def _trained(network: Network, witness: Witness, record: Record) -> Trained:
    names = [record.observed[i].network.name for i in witness.indices.get(network.key, []) if i < len(record.observed)]
    return Trained(network.key, names[0] if names else network.name, network.type, network.steps)


def _kinds(
    witness: Witness, losses: Sequence[float], metrics: Sequence[PrintedMetric], score: float
) -> tuple[MetricKind, ...]:
    seen: dict[MetricKind, bool] = {
        "printed": bool(metrics),
        "evaluate": not math.isnan(score),
        "evaluation-loss": bool(witness.evaluations.passes),
        "training-loss": bool(losses),
    }
    return tuple(kind for kind, there in seen.items() if there)


def _gains(record: Record, indices: Sequence[int]) -> Gains:
    """Of a network that was built again, that of its first form at first, of its latest at last."""
    found = [float(g) for i in indices if i < len(record.observed) for g in record.observed[i].steps.gain if g == g]
    late = [memory.late for i in indices if i < len(record.observed) for memory in memories(record.observed[i])]
    in_time = max((gain for gain in late if not math.isnan(gain)), key=abs, default=math.nan)
    first, middle, last = (found[0], median(found), found[-1]) if found else (math.nan,) * 3
    return Gains(first, middle, last, in_time)


def _places(witness: Witness, network: Network | None, script: str) -> Places | None:
    if network is None or witness.treated is None:
        return None
    optimizer, model = witness.treated
    return witness.recorder.places(optimizer, model, set(network.optimizers), script=script)


def _outlooks(witness: Witness, network: Network | None) -> tuple[Outlook, ...]:
    known = witness.tell(network) if network is not None else Told()
    calls = known.calls or tuple(witness.samples.calls)
    if witness.untrained is None:
        return ()
    targets = known.targets or tuple(witness.samples.targets)
    told = Patient(witness.untrained.fresh()[0], None, calls, targets, known.finding, known.observed)
    return outlooks(witness.untrained, witness.order.outlooks, told)


def _warnings(witness: Witness, record: Record) -> tuple[str, ...]:
    found = list(record.run.notes)
    if witness.writer.fault:
        found.append(witness.writer.fault)
    if witness.samples.unkept:
        found.append(f"calls of the network were not kept: an argument is a {witness.samples.unkept}")
    if witness.uncopied:
        found.append(f"plans were not looked at before training: {witness.uncopied}")
    return tuple(found)
