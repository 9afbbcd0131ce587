"""Lets isograd import its own parts while the script's folder stands first in `sys.path`."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


def own_path() -> tuple[str, ...]:
    """`sys.path` as isograd itself needs it: without the entry that Python puts in front for whatever it runs."""
    return tuple(sys.path if sys.flags.safe_path else sys.path[1:])


@contextmanager
def own_imports(path: Sequence[str]) -> Iterator[None]:
    """Within it, a `rich.py` or `jinja2.py` beside the script does not take the place of the library.

    Args:
        path: What `own_path` gave before the script started.
    """
    scripts = sys.path[:]
    sys.path[:] = path
    try:
        yield
    finally:
        sys.path[:] = scripts
