"""Ends of a program that a trial brings about."""


class Leave(SystemExit):
    """Leaves the program from within its training; a `SystemExit`, so that `except Exception` lets it pass.

    Python ends a program by it without a traceback, after the `finally` blocks on the way have run.
    """


class EnoughSteps(Leave):
    """The order's number of steps was taken."""


class Untreatable(Leave):
    """The network could not be treated; `Injection.untreatable` says why."""

    def __init__(self) -> None:
        super().__init__(1)
