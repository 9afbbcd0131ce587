"""As many trials at once as there is room for."""

import os

import pytest
import torch

from isograd.treatment.trial.process.concurrency import MOST_AT_ONCE, runs_at_once, threads_of, usable_processors


@pytest.mark.parametrize(("processors", "runs"), [(1, 1), (2, 2), (64, MOST_AT_ONCE)])
def test_one_a_processor_that_may_be_used(monkeypatch, processors, runs):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(processors)), raising=False)
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    assert usable_processors() == processors
    assert runs_at_once() == runs
    assert threads_of(runs) == processors // runs


def test_an_accelerator_is_not_shared(monkeypatch):
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    assert runs_at_once() == 1


def test_where_the_system_knows_no_affinity_all_processors_count(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_processors() == 1
    assert threads_of(4) == 1
