"""`python -m isograd.treatment.trial FOLDER PARENT`: runs the job in the folder in this very process."""

import sys
from pathlib import Path

from isograd.treatment.trial.process.child import perform
from isograd.treatment.trial.process.lifeline import die_with

die_with(int(sys.argv[2]))
perform(Path(sys.argv[1]))
