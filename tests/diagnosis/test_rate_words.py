"""Changes of the learning rate read well with every optimizer, and with none."""

import math

import pytest
from builders import flat, observed

from isograd.diagnosis.prescriptions import prescribe
from isograd.diagnosis.prescriptions.rate_words import rate_words
from isograd.facts import Cause
from isograd.report.language import faults, render

CAUSES = ("learning-rate-too-high", "learning-rate-too-low", "loss-reduction", "adversary")


def told(cause: str, **of_the_run: object) -> str:
    (first, *_) = prescribe(observed(loss=flat(2.0), **of_the_run), (Cause(cause, 1.0),), ())
    assert faults(first.change) == ()
    assert "None" not in render(first.change, "ko")
    return render(first.change, "en")


@pytest.mark.parametrize("cause", CAUSES)
def test_without_an_optimizer_no_figure_is_made_up(cause: str) -> None:
    assert "nan" not in told(cause, rate=math.nan)


def test_an_adaptive_optimizer_is_not_sent_to_itself() -> None:
    assert told("learning-rate-too-low", rate=1e-5, optimizer="SGD") == (
        "Raise the learning rate from 1e-05 to about 0.001, or use torch.optim.Adam with lr=1e-3."
    )
    assert told("learning-rate-too-low", rate=1e-5, optimizer="Adam") == (
        "Raise the learning rate from 1e-05 to about 0.0001."
    )


def test_a_rate_that_moves_weights_by_their_whole_size_is_lowered_by_more_than_a_tenth() -> None:
    assert "from 1 to about 0.1." in told("learning-rate-too-high", rate=1.0, readings={"update_ratio": 0.01})
    assert "from 1 to about 0.0005." in told("learning-rate-too-high", rate=1.0, readings={"update_ratio": 37.0})


@pytest.mark.parametrize("rate", [0.1, math.nan])
@pytest.mark.parametrize("adaptive", [True, False])
def test_both_languages_have_the_same_fields(rate: float, adaptive: bool) -> None:
    assert all(faults(text) == () for text in rate_words(rate, adaptive).values())
