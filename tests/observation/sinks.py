"""A sink that keeps everything in lists, for tests."""

from dataclasses import dataclass, field

import numpy as np

from isograd.facts import QUANTITIES, Event, Network, Run, StepRow, TimeProfile
from isograd.observation.session import Session


@dataclass
class ListSink:
    networks: dict[int, Network] = field(default_factory=dict)
    steps: list[tuple[int, StepRow]] = field(default_factory=list)
    readings: list[tuple[int, int, np.ndarray]] = field(default_factory=list)
    profiles: list[tuple[int, TimeProfile]] = field(default_factory=list)
    events: list[tuple[int, Event]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def network(self, index, network):
        self.networks[index] = network

    def step(self, network, row):
        self.steps.append((network, row))

    def reading(self, network, step, values):
        self.readings.append((network, step, values))

    def time_profile(self, network, profile):
        self.profiles.append((network, profile))

    def event(self, network, event):
        self.events.append((network, event))

    def run(self, run):
        self.runs.append(run)

    def names(self, network=0):
        return [site.name for site in self.networks[network].sites]

    def value(self, quantity, site, network=0, reading=0):
        taken = [values for index, _, values in self.readings if index == network]
        return float(taken[reading][self.names(network).index(site), QUANTITIES.index(quantity)])


def watched(train, budget=1.0, **options):
    """Runs `train()` under a session and returns what was seen; a fault of isograd fails the test."""
    sink = ListSink()
    session = Session(sink, budget, "test", **options)
    session.start()
    try:
        train()
    finally:
        session.stop("finished")
    assert session.fault == ""
    return sink
