"""The health of a run without findings: healthy only as far as something was seen."""

from dataclasses import replace

import numpy as np
import pytest
from builders import falling, flat, observed, record

from isograd.diagnosis import diagnose
from isograd.facts import Observed, Record
from isograd.report.language import faults, render


def hidden(loss: np.ndarray, layers: int = 6) -> Observed:
    """As when all is compiled: weights are known by name, nothing lies on a chain, no gain was ever seen."""
    seen = observed(depth=layers, loss=loss, loss_name="", gain=np.nan, classes=1)
    sites = tuple(replace(site, on_chain=False) for site in seen.network.sites)
    return replace(seen, network=replace(seen.network, sites=sites))


def test_nothing_seen_and_a_loss_that_says_nothing_is_unknown() -> None:
    wandering = -5.0 + np.random.default_rng(0).standard_normal(200)
    diagnosis = diagnose(record(hidden(wandering)))
    assert (diagnosis.health, diagnosis.findings) == ("unknown", ())
    assert diagnosis.reason is not None
    assert "could not be seen" in diagnosis.reason.en
    assert faults(diagnosis.reason) == ()


def test_nothing_seen_but_a_loss_that_clearly_fell_is_healthy_by_its_loss() -> None:
    diagnosis = diagnose(record(hidden(falling(2.3, 0.1))))
    assert diagnosis.health == "healthy"
    assert diagnosis.reason is not None
    assert render(diagnosis.reason, "en").startswith("By its loss, which went from 2.")
    assert "could not be seen" in diagnosis.reason.en
    assert faults(diagnosis.reason) == ()


def test_the_way_counts_as_seen_if_one_network_shows_it() -> None:
    steady = -5.0 + np.random.default_rng(0).standard_normal(200)
    diagnosis = diagnose(record(observed(depth=6), hidden(steady, layers=4)))
    assert diagnosis.health == "healthy"
    assert "By its loss" not in (diagnosis.reason.en if diagnosis.reason else "")


def test_a_single_layer_hides_nothing() -> None:
    single = observed(depth=1, loss=-5.0 + np.random.default_rng(0).standard_normal(200), gain=np.nan, loss_name="")
    assert diagnose(record(single)).health == "healthy"


@pytest.mark.parametrize("seen", [(), (hidden(flat(1.0, steps=2)),)], ids=["no network", "two steps"])
def test_too_little_is_unknown_for_its_own_reason(seen: tuple[Observed, ...]) -> None:
    diagnosis = diagnose(Record(record().run, seen))
    assert diagnosis.health == "unknown"
    assert diagnosis.reason is not None
    assert "could not be seen" not in diagnosis.reason.en


def test_a_loss_that_rose_for_another_reason_is_not_told_as_if_it_had_gone_well() -> None:
    loss = np.concatenate([flat(0.09, 5), flat(0.25, 195)])  # a lucky first example, then that of guessing
    seen = observed(loss=loss, depth=4, loss_name="MseLoss", classes=1, readings={"update_ratio": 0.001})
    diagnosis = diagnose(record(seen))
    assert diagnosis.health == "healthy"
    assert diagnosis.reason is not None
    assert "rose from" in diagnosis.reason.en
    assert faults(diagnosis.reason) == ()
    assert "커졌지만" in render(diagnosis.reason, "ko")
