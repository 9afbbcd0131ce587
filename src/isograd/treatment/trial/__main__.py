"""`python -m isograd.treatment.trial FOLDER`: runs the job in the folder in this very process."""

import sys
import time
from pathlib import Path

from isograd.treatment.trial.child import perform

perform(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else -1, time.time())
