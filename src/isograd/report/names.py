"""Names from the user's model, made fit to be shown: no control characters, not too long, neighbours joined."""

import unicodedata
from collections.abc import Sequence

from rich.cells import cell_len

from isograd.facts import Language, Site

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}  # control, direction marks, lone surrogates, private, line breaks
_MANY_RUNS = 3
_HEAD_SHARE = 0.4  # the end of a module's path says more than its beginning


def plain_name(name: str) -> str:
    """The name without characters that act on a terminal instead of being seen.

    >>> plain_name("fc\\x1b[31m1\\n")
    'fc[31m1'
    """
    return "".join(character for character in name if unicodedata.category(character) not in _UNSEEN)


def shorten(name: str, width: int, ellipsis: str = "…") -> str:
    """The name, cut in its middle if it takes more than `width` columns.

    Args:
        name: to be shown.
        width: columns of a terminal; a Hangul syllable takes two.
        ellipsis: what stands for the part left out.

    Returns:
        At most `width` columns, if `width` is at least that of the ellipsis and two characters.

    >>> shorten("encoder.layers.11.attention.out_proj", 20)
    'encoder…ion.out_proj'
    """
    if cell_len(name) <= width:
        return name
    room = max(2, width - cell_len(ellipsis))
    tail_room = max(1, room - int(room * _HEAD_SHARE))
    head_room = max(1, room - tail_room)
    tail = _fitting(name[::-1], tail_room)[::-1]
    return _fitting(name, head_room) + ellipsis + tail


def _fitting(text: str, width: int) -> str:
    used = 0
    for index, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return text[:index]
    return text


def site_runs(named: Sequence[str], sites: Sequence[Site]) -> list[tuple[str, ...]]:
    """The named sites in execution order, neighbours together.

    Sites of other kinds between two named ones do not part them: normalisation layers lie between linear ones.

    Args:
        named: names of sites.
        sites: all sites of the network, in execution order.

    Returns:
        Runs of neighbours; names that the network does not have each stand alone at the end.
    """
    wanted = set(named)
    kinds = {site.kind for site in sites if site.name in wanted}
    runs: list[tuple[str, ...]] = []
    current: list[str] = []
    for site in sites:
        if site.kind not in kinds:
            continue
        if site.name in wanted:
            current.append(site.name)
        elif current:
            runs.append(tuple(current))
            current = []
    if current:
        runs.append(tuple(current))
    known = {site.name for site in sites}
    return runs + [(name,) for name in named if name not in known]


def where(named: Sequence[str], sites: Sequence[Site], language: Language, width: int) -> str:
    """The named sites in one short phrase, e.g. `layers.0 to layers.14, head`.

    Args:
        named: names of sites.
        sites: all sites of the network, in execution order.
        language: of the words between.
        width: columns that one name may take.
    """
    runs = site_runs(named, sites)
    phrases = [_phrase(run, language, width) for run in runs[:_MANY_RUNS]]
    left = sum(len(run) for run in runs[_MANY_RUNS:])
    if left:
        phrases.append(f"and {left} more" if language == "en" else f"외 {left}곳")
    return ", ".join(phrases)


def _phrase(run: tuple[str, ...], language: Language, width: int) -> str:
    names = [shorten(plain_name(name), width) for name in run]
    if len(names) < 3:
        return ", ".join(names)
    return f"{names[0]} to {names[-1]}" if language == "en" else f"{names[0]} ~ {names[-1]}"


def of_same_kind(named: Sequence[str], sites: Sequence[Site]) -> int:
    """How many sites there are of the kinds of the named ones, to say "8 of 10".

    Args:
        named: names of sites.
        sites: all sites of the network.
    """
    kinds = {site.kind for site in sites if site.name in set(named)}
    return sum(site.kind in kinds for site in sites)
