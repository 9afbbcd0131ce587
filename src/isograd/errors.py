"""Every error that isograd raises on purpose.

IsogradError                  one clear sentence: what was got, what was wanted, what to do
├── UsageError                the caller's words are off: an option, a path, a SPEC (exit status 2)
│   └── ScriptError           the training script cannot be started
├── RecordError               the record of a run cannot be read or written
└── ObservationError          the model or the loss cannot be observed
"""


class IsogradError(Exception):
    """Base of all errors that isograd raises on purpose; `str(error)` is one clear sentence."""


class UsageError(IsogradError):
    """What the caller asked for cannot be done; on the command line, exit status 2."""


class ScriptError(UsageError):
    """The training script cannot be started: it is missing, unreadable or no Python."""


class RecordError(IsogradError):
    """The record of a run is missing, foreign, damaged, too new, or cannot be written."""


class ObservationError(IsogradError):
    """The model, the batch or the loss cannot be observed."""
