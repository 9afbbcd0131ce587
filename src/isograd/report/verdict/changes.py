"""What an edit changed, in few words: what was added, equal changes of several sites in one line."""

import re
from collections.abc import Sequence

from isograd.facts import Language
from isograd.facts.treatment import Change
from isograd.report.verdict.korean import in_korean

_CALL = re.compile(r"\b([A-Z]\w*)\(((?:[^()]|\([^()]*\))*)\)")
_COMMA = re.compile(r",\s*(?![^()]*\))")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])")
_DIGITS = re.compile(r"\d+")
_REMEDY = re.compile(r"^[a-z]+:[a-z-]+, ")
_SAID_BY_PLACE = re.compile(r"^(?:in|out)_(?:features|channels)=")
_DEFAULTS = frozenset(
    {
        "eps=1e-05", "eps=1e-06", "momentum=0.1", "affine=True", "elementwise_affine=True", "bias=True",
        "track_running_stats=True", "negative_slope=0.01", "alpha=1.0",
    }
)  # fmt: skip
"""Arguments that go without saying: torch's own defaults, and the small eps of normalisations."""


def told_changes(changes: Sequence[Change], language: Language, arrow: str = "->") -> list[str]:
    """A line for each kind of change, with the first and the last of its sites and the range of its numbers.

    Args:
        changes: What was done, in order.
        language: Of the words.
        arrow: From what was to what is.

    >>> added = "Linear(2, 2) + BatchNorm1d(2, eps=1e-05, affine=True)"
    >>> both = [Change(site, "Linear(2, 2)", added) for site in ("0", "2")]
    >>> told_changes([*both, Change("", "lr 1", "lr 2")], "en")
    ['0 … 2: + BatchNorm1d(2)', 'lr 1 -> lr 2']
    >>> told_changes([Change("0.bias", "std 0.2", "all 0"), Change("2.bias", "std 0.3", "all 0")], "en")
    ['0.bias … 2.bias: std 0.2 .. 0.3 -> all 0']
    """
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for change in changes:
        if change.before == change.after:
            continue  # as short as they are told, the two are alike
        what = _what(change, arrow)
        alike.setdefault((_DIGITS.sub("#", change.site), _NUMBER.sub("#", what)), []).append((change.site, what))
    lines = [f"{_span([site for site, _ in some])}{_joined([what for _, what in some])}" for some in alike.values()]
    return lines if language == "en" else [in_korean(line) for line in lines]


def _what(change: Change, arrow: str) -> str:
    before, after = _short(change.before), _REMEDY.sub("", _short(change.after))
    for joint in (" + ", ", "):
        if before and after.startswith(before + joint):
            return joint.strip(" ,") + " " * (joint == " + ") + after[len(before + joint) :]
    return f"{before} {arrow} {after.replace('->', arrow)}" if before else after


def _short(words: str) -> str:
    """Without the arguments of modules that go without saying."""
    return _CALL.sub(lambda found: f"{found[1]}({_telling(found[2])})", words)


def _telling(arguments: str) -> str:
    kept = [_SAID_BY_PLACE.sub("", one) for one in _COMMA.split(arguments) if one.strip() not in _DEFAULTS]
    return ", ".join(kept)


def _joined(alike: Sequence[str]) -> str:
    """Texts that differ in their numbers alone as one, with ranges where they differ."""
    columns = list(zip(*(_NUMBER.findall(text) for text in alike), strict=True))
    ranges = iter([_range(column) for column in columns])
    return _NUMBER.sub(lambda _: next(ranges), alike[0])


def _range(numbers: Sequence[str]) -> str:
    low, high = min(numbers, key=float), max(numbers, key=float)
    return low if float(low) == float(high) else f"{low} .. {high}"


def _span(sites: Sequence[str]) -> str:
    named = [site for site in dict.fromkeys(sites) if site]
    if not named:
        return ""
    return f"{named[0]}: " if len(named) == 1 else f"{named[0]} … {named[-1]}: "
