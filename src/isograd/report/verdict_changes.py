"""What an edit changed, in few words: what was added, equal changes of several sites in one line."""

import re
from collections.abc import Sequence

from isograd.facts.treatment import Change

_ARGUMENTS = re.compile(r"\(([^()]*)\)")
_SAID_BY_NAME = ("eps=", "momentum=", "affine=", "bias=", "track_running_stats=", "elementwise_affine=", "batch_first=")


def told_changes(changes: Sequence[Change], arrow: str = "->") -> list[str]:
    """A line for each kind of change, with the first and the last of its sites.

    >>> added = "Linear(2, 2) + BatchNorm1d(2, eps=1e-05, affine=True)"
    >>> both = [Change(site, "Linear(2, 2)", added) for site in ("0", "2")]
    >>> told_changes([*both, Change("", "lr 1", "lr 2")])
    ['0 … 2: + BatchNorm1d(2)', 'lr 1 -> lr 2']
    """
    sites: dict[str, list[str]] = {}
    for change in changes:
        sites.setdefault(_what(change, arrow), []).append(change.site)
    return [f"{_span(where)}{what}" for what, where in sites.items()]


def _what(change: Change, arrow: str) -> str:
    before, after = _short(change.before), _short(change.after)
    if before and after.startswith(f"{before} + "):
        return after.removeprefix(f"{before} ")
    return f"{before} {arrow} {after}" if before else after


def _short(words: str) -> str:
    """Without the arguments of modules that go without saying."""
    return _ARGUMENTS.sub(lambda found: f"({_telling(found[1])})", words)


def _telling(arguments: str) -> str:
    return ", ".join(one for one in arguments.split(", ") if not one.startswith(_SAID_BY_NAME))


def _span(sites: Sequence[str]) -> str:
    named = [site for site in dict.fromkeys(sites) if site]
    if not named:
        return ""
    return f"{named[0]}: " if len(named) == 1 else f"{named[0]} … {named[-1]}: "
