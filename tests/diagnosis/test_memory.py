"""What profiles through time say: the cell state first, memory in time steps, and risk apart from verdict."""

import math
from dataclasses import replace

import pytest
import torch
from builders import falling, flat, observed, record, through_time
from nets import Fused
from torch import nn
from torch.nn import functional as F

import isograd
from isograd.diagnosis.engine import diagnose
from isograd.diagnosis.memory import memories

LN10 = math.log(10)


def verdict(loss, times):
    return diagnose(record(observed(kind="recurrent", loss=loss, times=times)))


def at_steps(per_step, cell, *steps):
    return tuple(through_time(per_step, cell=cell, step=step) for step in steps)


def test_a_gated_cell_at_the_start_of_a_run_is_a_note():
    found = verdict(flat(LN10, 20), at_steps(-0.6, "LSTM", 0, 10))
    (finding,) = [one for one in found.findings if one.rule == "IG102"]
    assert finding.severity == "note"
    assert "this is a risk" in finding.summary.values["risk"].en
    assert found.health == "healthy"


@pytest.mark.parametrize(("cell", "severity"), [("RNN", "error"), ("LSTM", "error"), ("GRU", "error")])
def test_what_lasts_while_the_loss_stays_is_a_verdict(cell, severity):
    found = verdict(flat(LN10), at_steps(-0.5, cell, 0, 60, 120, 180))
    assert [one.severity for one in found.findings if one.rule == "IG102"] == [severity]


def test_a_plain_recurrence_at_the_start_is_no_mere_risk():
    found = verdict(flat(LN10, 20), at_steps(-0.6, "RNN", 0, 10))
    assert [one.severity for one in found.findings if one.rule == "IG102"] == ["error"]


def test_a_gated_cell_that_learns_within_a_few_steps_is_left_in_peace():
    assert verdict(falling(LN10, 0.05, 40), at_steps(-0.6, "GRU", 0, 30)).findings == ()


def test_of_two_states_the_cell_state_is_judged():
    hidden = tuple(replace(one, quantity="hidden") for one in at_steps(-0.9, "LSTM", 0, 100))
    cell = tuple(replace(one, quantity="cell") for one in at_steps(-0.01, "LSTM", 0, 100))
    (memory,) = memories(observed(kind="recurrent", times=(*hidden, *cell)))
    assert memory.late == pytest.approx(-0.49)
    assert verdict(flat(LN10), (*hidden, *cell)).findings[0].rule != "IG102"


def test_evidence_tells_the_memory_in_time_steps():
    found = verdict(flat(LN10), at_steps(-0.25, "RNN", 0, 100))
    (finding,) = [one for one in found.findings if one.rule == "IG102"]
    told = {one.quantity: (one.value, one.unit) for one in finding.evidence}
    assert told["memory_length_steps"] == (pytest.approx(1 / (0.25 * math.log(10))), "time steps")
    assert told["forgotten_lag_steps"] == (pytest.approx(8.0), "time steps")


def test_check_tells_the_memory_of_a_default_lstm():
    def batches(seed):
        generator = torch.Generator().manual_seed(seed)
        return [(torch.randn(8, 40, 8, generator=generator), torch.randint(0, 10, (8,), generator=generator))]

    found = isograd.check(
        isograd.Task(
            build=lambda seed: Fused(nn.LSTM),
            loss=lambda model, batch: F.cross_entropy(model(batch[0]), batch[1]),
            batches=batches,
            optimizer=torch.optim.Adam,
        )
    )
    (finding,) = found.diagnosis.findings
    told = {one.quantity: one.value for one in finding.evidence}
    assert finding.severity == "note"
    assert 1.0 < told["memory_length_steps"] < 2.5  # a forget gate of bias 0 keeps a half a step: 1.44 steps
    assert told["forgotten_lag_steps"] == pytest.approx(4.6 * told["memory_length_steps"], rel=0.5)
