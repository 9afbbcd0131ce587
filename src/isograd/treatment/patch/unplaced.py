"""Why a change has no place in the source."""


class Unplaced(Exception):  # noqa: N818  # a reason, not a fault: it never leaves this package
    """`str` is a clause that says why, e.g. `the file has changed since it was run`."""
