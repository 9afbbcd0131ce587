"""Which smallest set of changes restores a gain, and what share each of them has in it.

Notation: N players (changes that can be made), v(S) the gain in decades with the changes S made, tol the |v| that
counts as healthy. S is sufficient if |v(S)| <= tol; it is minimal if no member can be left out. Several sufficient
single changes are a mismatch: each of them fixes what lies between them, and the least invasive is named first.
Shares are Shapley's, over -|v|, within the minimal set; an exact zero or a gain that is not finite has no logarithm,
and there the members share alike.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

Value = Callable[[frozenset[str]], float]
"""The gain with some changes made, in decades."""

RESIDUE = 0.1
"""A change that takes nine tenths of the decades away explains them: what is left is another, smaller matter."""
MOST_IN_FULL = 5
"""Up to so many players every pair is tried before sets are thinned out from all."""
WORSE = 0.5
"""Of several changes that suffice alone, one that leaves half a decade more than the best does not explain as much."""
LEAST_SHARE = 0.05
"""A member of a minimal set is needed, however little it restores by itself."""


@dataclass(frozen=True)
class Sufficiency:
    """What the trials say."""

    sets: tuple[tuple[str, ...], ...]
    """Minimal sufficient sets; several only if each is a single change; empty if nothing was needed or found."""
    shares: dict[str, float]
    """Of each member of the sets, 0..1, together 1; the first is to be named first."""


def sufficient_sets(players: Sequence[str], value: Value, tolerance: float) -> Sufficiency:
    """Finds the smallest sets of changes that restore the gain.

    Args:
        players: The changes, the least invasive first.
        value: Measures; asked at most once for each set if it remembers.
        tolerance: |gain| up to which it is healthy, in decades.

    >>> gains = {"": -16.2, "W": -7.7, "B": -16.1, "A": -4.7, "AW": -0.7, "AB": -4.6, "BW": -7.7, "ABW": -0.7}
    >>> found = sufficient_sets(("W", "B", "A"), lambda s: gains["".join(sorted(s))], 1.5)
    >>> found.sets, {name: round(share, 2) for name, share in found.shares.items()}
    ((('W', 'A'),), {'A': 0.6, 'W': 0.4})
    """
    before = value(frozenset())
    limit = _limit(before, tolerance)
    if _restored(before, tolerance) or not players:
        return Sufficiency((), {})
    alone = [player for player in players if _restored(value(frozenset((player,))), limit)]
    if alone:
        best = min(badness(value(frozenset((player,)))) for player in alone)
        equal = [player for player in alone if badness(value(frozenset((player,)))) <= best + WORSE]
        return Sufficiency(tuple((player,) for player in equal), dict.fromkeys(equal, 1.0 / len(equal)))
    if len(players) < 2 or not _restored(value(frozenset(players)), limit):
        return Sufficiency((), {})
    members = _smallest(players, value, limit)
    return Sufficiency((members,), _shapley(members, value, before))


def badness(gain: float) -> float:
    """How far from healthy, in decades; infinite for an exact zero or what is not finite."""
    return abs(gain) if math.isfinite(gain) else math.inf


def _limit(before: float, tolerance: float) -> float:
    return max(tolerance, RESIDUE * abs(before)) if math.isfinite(before) else tolerance


def _restored(gain: float, limit: float) -> bool:
    return badness(gain) <= limit


def _smallest(players: Sequence[str], value: Value, limit: float) -> tuple[str, ...]:
    """The least invasive pair that suffices, else what is left when all that can be spared is taken out of all."""
    if 2 < len(players) <= MOST_IN_FULL:
        for pair in sorted(combinations(players, 2), key=lambda two: sum(map(players.index, two))):
            if _restored(value(frozenset(pair)), limit):
                return pair
    members = list(players)
    for player in reversed(players):
        rest = [other for other in members if other != player]
        if _restored(value(frozenset(rest)), limit):
            members = rest
    return tuple(members)


def _shapley(members: Sequence[str], value: Value, before: float) -> dict[str, float]:
    if not math.isfinite(before) or len(members) > 3:
        return dict.fromkeys(members, 1.0 / len(members))
    worth = {player: _marginal(player, members, value) for player in members}
    whole = sum(max(w, 0.0) for w in worth.values())
    if not whole > 0:
        return dict.fromkeys(members, 1.0 / len(members))
    raised = {player: max(w / whole, LEAST_SHARE) for player, w in worth.items()}
    total = sum(raised.values())
    return {player: share / total for player, share in sorted(raised.items(), key=lambda item: -item[1])}


def _marginal(player: str, members: Sequence[str], value: Value) -> float:
    """Shapley's value: what the player restores, averaged over all orders in which the members may come."""
    others = [other for other in members if other != player]
    n, total = len(members), 0.0
    for size in range(n):
        weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
        for group in combinations(others, size):
            without, with_it = value(frozenset(group)), value(frozenset((*group, player)))
            total += weight * (min(badness(without), 1e3) - min(badness(with_it), 1e3))
    return total
