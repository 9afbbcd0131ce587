from dataclasses import replace

import numpy as np
import pytest
from tests.report.scenes import Scene, dead_relu, exploding_rnn, non_finite, readings, vanishing

from isograd.facts import Cause, Finding, Observed, Readings
from isograd.report.profile import profile, reading_index


def parts(scene: Scene) -> tuple[Finding, Observed]:
    return scene.diagnosis.findings[0], scene.record.observed[0]


def test_vanishing_is_drawn_by_depth_against_the_last_layer() -> None:
    drawn = profile(*parts(vanishing()))
    assert drawn is not None
    assert drawn.kind == "depth"
    np.testing.assert_allclose(drawn.values, np.linspace(-9.02, 0, 10), atol=1e-5)
    assert (drawn.first, drawn.last, drawn.step, drawn.length) == ("layers.0", "layers.18", 599, 10)


def test_only_sites_on_the_chain_are_drawn_by_depth() -> None:
    finding, observed = parts(vanishing())
    sites = tuple(replace(site, on_chain=index % 2 == 1) for index, site in enumerate(observed.network.sites))
    drawn = profile(finding, replace(observed, network=replace(observed.network, sites=sites)))
    assert drawn is not None
    assert drawn.first == "layers.2"
    assert drawn.length == 5


def test_what_is_about_time_is_drawn_by_lag_earliest_first() -> None:
    drawn = profile(*parts(exploding_rnn()))
    assert drawn is not None
    assert drawn.kind == "lag"
    np.testing.assert_allclose(drawn.values, 0.16 * np.arange(28)[::-1])
    assert (drawn.first, drawn.last, drawn.step) == ("27", "0", 280)


def test_time_is_left_out_where_the_finding_is_about_many_layers_and_no_recurrence() -> None:
    finding, observed = parts(exploding_rnn())
    about_depth = replace(finding, sites=("rnn", "head"), causes=(Cause("init-too-large", 1.0),))
    assert profile(about_depth, observed) is None  # two layers are no picture


def test_the_profile_of_the_time_of_the_finding_is_taken() -> None:
    finding, observed = parts(exploding_rnn())
    early, late = (replace(observed.times[0], step=step) for step in (100, 290))
    drawn = profile(finding, replace(observed, times=(early, late)))
    assert drawn is not None
    assert drawn.step == 100


def test_dead_units_are_drawn_as_shares_of_the_layers_that_were_measured() -> None:
    drawn = profile(*parts(dead_relu()))
    assert drawn is not None
    assert drawn.kind == "share"
    assert drawn.quantity == "dead_lasting_share"
    np.testing.assert_allclose(drawn.values, [0.2, 0.97, 1.0], atol=1e-6)


def test_the_second_choice_is_drawn_where_the_first_was_not_measured() -> None:
    finding, observed = parts(dead_relu())
    drawn = profile(
        finding, replace(observed, readings=readings([119], 4, dead_share=np.array([[0.1, 0.2, 0.3, 0.4]])))
    )
    assert drawn is not None
    assert drawn.quantity == "dead_share"


def test_nothing_is_drawn_where_nothing_was_measured() -> None:
    finding, observed = parts(vanishing())
    assert profile(finding, replace(observed, readings=readings([], 10))) is None
    assert profile(finding, replace(observed, readings=readings([5], 10))) is None
    assert profile(*parts(non_finite())) is None


def test_an_exact_zero_is_kept_and_a_zero_at_the_end_allows_no_ratio() -> None:
    finding, observed = parts(vanishing())
    profile_ = np.linspace(-9, 0, 10)[None]
    profile_[0, 0] = -np.inf
    drawn = profile(finding, replace(observed, readings=readings([5], 10, gradient_log10=profile_)))
    assert drawn is not None
    assert drawn.values[0] == -np.inf
    profile_[0, -1] = -np.inf
    assert profile(finding, replace(observed, readings=readings([5], 10, gradient_log10=profile_))) is None


@pytest.mark.parametrize(
    ("first", "last", "index"), [(0, 100, 3), (0, 45, 1), (41, 49, 1), (90, 90, 2), (0, 0, 0), (-5, -1, None)]
)
def test_the_last_reading_within_the_steps_or_the_last_before_them(first: int, last: int, index: int | None) -> None:
    taken = Readings(np.array([0, 40, 80, 100]), np.empty((4, 0, 0), np.float32))
    assert reading_index(taken, first, last) == index
