"""Running trials of a training, unmodified script or task, under an order, and telling what came of each."""

from isograd.treatment.trial.launching import run_trial, run_trials
from isograd.treatment.trial.subject import Subject

__all__ = ["Subject", "run_trial", "run_trials"]
