"""When a watched run has ended: the causes of what was found, by experiment on a pass that was kept of it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from isograd.diagnosis.engine import diagnose
from isograd.diagnosis.experiment import Explanation, explain
from isograd.errors import ObservationError
from isograd.facts import Finding, Record
from isograd.facts.experiment import Experiment
from isograd.observation.keepsake import Keepsake
from isograd.observation.undisturbed import undisturbed

EXPLAINED = {"IG101": (-1, False), "IG102": (-1, True), "IG201": (1, False), "IG202": (1, True)}
"""Rules whose causes experiments can find: (sign of the gain, through time)."""


def experiments(record: Record, keepsakes: Mapping[int, Keepsake]) -> Iterator[tuple[int, Experiment]]:
    """Makes experiments for every network whose gain was found to be sick and of which a pass was kept.

    Args:
        record: What was seen of the run.
        keepsakes: Passes by number of the network.

    Yields:
        Number of the network and what the experiments say; nothing where they find no cause of what was found.
    """
    if not keepsakes:
        return
    findings = [one for one in diagnose(record).findings if one.rule in EXPLAINED and one.severity != "note"]
    for index, keepsake in keepsakes.items():
        network = record.observed[index].network
        own = [finding for finding in findings if finding.network == network.name]
        found = _explained(keepsake, network.name) if own else None
        if found is None or found.table is None or not found.causes:
            continue
        if any(_is_of(found, finding) for finding in own):
            yield index, Experiment(keepsake.step, found.causes, replace(found.table, network=network.name))


def _explained(keepsake: Keepsake, name: str) -> Explanation | None:
    # Measuring puts random states back; the imports that experiments bring may draw from them, too.
    with undisturbed(()), keepsake.restored() as replay:
        try:
            return explain({name: replay.root}, replay.loss, replay.call)
        except ObservationError:  # inputs overwritten since, or the pass cannot be measured alone: then by rule
            return None


def _is_of(found: Explanation, finding: Finding) -> bool:
    """True if the experiments explain the same sickness as the finding tells of."""
    sign, through_time = EXPLAINED[finding.rule]
    return found.gauge.gain * sign > 0 and bool(found.gauge.site) == through_time
